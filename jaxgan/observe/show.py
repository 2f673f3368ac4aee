"""Show samples in a notebook, or save them as a picture."""

import base64
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxgan import notebook
from jaxgan.checks import described, require
from jaxgan.data.media import Medium, View, clips, of
from jaxgan.errors import InputError, InputTypeError

KINDS = {".png": "image/png", ".gif": "image/gif", ".wav": "audio/wav"}
"""What a browser shows or plays."""


class Picture(NamedTuple):
    """Samples to look at or listen to. A notebook shows it as the value of a cell."""

    medium: Medium
    samples: np.ndarray
    """Decoded rows."""
    view: View
    cell: int | None = None
    """Number of the cell that has shown it already."""

    def save(self, path: str | Path) -> Path:
        """Save a PNG, or a GIF of clips. Sounds also get a WAV file, and tokens a text file, beside it.

        Returns:
            The file: `path` with the suffix of its kind.
        """
        path = Path(path)
        return self.medium.save(path.with_suffix("") if path.suffix in KINDS else path, self.samples, self.view)

    def __repr__(self) -> str:
        return f"Picture({self.medium.name}, {len(self.samples)} rows)"

    def _repr_html_(self) -> str:
        with tempfile.TemporaryDirectory() as folder:
            self.save(Path(folder) / "samples")
            return "".join(map(element, sorted(Path(folder).iterdir())))

    def _ipython_display_(self) -> None:
        """Show it, unless it is the value of the cell that has just shown it."""
        from IPython.display import HTML, display

        shell = notebook.shell()
        if shell is None:
            print(repr(self))
        elif shell.execution_count != self.cell:
            display(HTML(self._repr_html_()))


def show(
    samples: Any, *, medium: Medium | None = None, columns: int = 8, data: Any | None = None, title: str = ""
) -> Picture:
    """Show samples: images as a grid, points as a cloud, clips in motion, sounds with a player, tokens as lines.

    A notebook shows them at once. Elsewhere, save what is returned: `jaxgan.show(images).save("samples.png")`.

    Args:
        samples: `[N, H, W, C]` images in [-1, 1], `[N, F, H, W, C]` clips of images, `[N, D]` points; integers are
            decoded as the rows of a data set are. The first eight rows of a grid are shown, or the first 2,500 points.
        medium: what they are, from `jaxgan.data.media`; needed for sounds and tokens. Tokens are `[N, T]` integers, or
            scores `[N, T, V]`, as generators make them.
        columns: columns of a grid.
        data: rows of the data in the same form, which a cloud of points shows behind the samples.
        title: title of a diagram; grids of images have none.

    Raises:
        TypeError: if `samples` or `data` is no array of numbers, or `medium` no medium.
        ValueError: if they have no rows, a shape that says of no medium, or not the shape of the given one, or if some
            numbers are not finite.

    Examples:
        >>> jaxgan.show(np.zeros([16, 8, 8, 1]), columns=4)
        Picture(images, 16 rows)
    """
    require(isinstance(columns, int) and columns >= 1, f"columns must be a whole number of at least 1, got {columns!r}")
    if not isinstance(medium, Medium | None):
        raise InputTypeError(f"medium must be one of jaxgan.data.media, got {described(medium)}")
    rows = numbers("samples", samples)
    if medium is None:
        require(
            rows.ndim != 3,
            f"samples of shape {rows.shape} need a medium, such as jaxgan.data.media.sound(16000); images are "
            f"[N, H, W, C], gray ones too",
        )
        try:
            medium = clips() if rows.ndim == 5 else of(rows)
        except InputError as error:
            raise InputError(f"samples: {error}") from None
    most = medium.shown(columns)
    seen = decoded("samples", rows[:most], medium)
    around = None if data is None else decoded("data", numbers("data", data)[:most], medium)
    require(
        around is None or around.shape[1:] == seen.shape[1:],
        f"data must have rows like those of samples, {list(seen.shape[1:])}, "
        f"got {[] if around is None else list(around.shape[1:])}",
    )
    bad = int((~np.isfinite(seen.reshape(len(seen), -1))).any(axis=1).sum())
    require(bad == 0, f"samples hold numbers that are not finite, in {bad} of {len(seen)} rows: has the run diverged?")
    shell = notebook.shell()
    view = View(columns, around, title)
    picture = Picture(medium, seen, view, None if shell is None else shell.execution_count)
    if shell is not None:
        from IPython.display import HTML, display

        display(HTML(picture._repr_html_()))
    return picture


def numbers(what: str, given: Any) -> np.ndarray:
    """An array of at least one row; floats of any precision become float32.

    Raises:
        TypeError: if it is something else.
        ValueError: if it has no rows.
    """
    if not hasattr(given, "__array__"):
        raise InputTypeError(f"{what} must be an array, got {described(given)}")
    rows = np.asarray(given)
    require(rows.ndim > 1 and rows.size > 0, f"{what} must be rows [N, ...], got shape {rows.shape}")
    if np.issubdtype(rows.dtype, np.integer):
        return rows
    if rows.dtype != bool and not jnp.issubdtype(rows.dtype, jnp.floating):
        raise InputTypeError(f"{what} must be an array of real numbers, got {rows.dtype}")
    return rows.astype(np.float32)


def decoded(what: str, rows: np.ndarray, medium: Medium) -> np.ndarray:
    """Rows as networks see them; integers are decoded.

    Raises:
        ValueError: if they are not rows of that medium.
    """
    scores = medium.vocabulary is not None and rows.ndim == 3
    if np.issubdtype(rows.dtype, np.integer) and not scores:
        stored = rows if medium.vocabulary is None else rows.astype(np.int32)
        medium.check(what, stored)
        return medium.decode(stored)
    size = rows.shape[-1] if medium.vocabulary is None else len(medium.vocabulary)
    require(
        medium.vocabulary is None or (scores and rows.shape[-1] == size),
        f"{what} must be tokens [N, T] of integers, or scores [N, T, {size}]; got {rows.dtype} of shape {rows.shape}",
    )
    medium.check(what, medium.encode(np.zeros_like(rows)))
    return rows


def element(file: Path) -> str:
    """HTML with a file in it; empty for files that a browser does not show."""
    if file.suffix not in KINDS:
        return ""
    source = f"data:{KINDS[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()}"
    if file.suffix == ".wav":
        return f'<div><audio controls src="{source}"></audio></div>'
    return f'<div><img alt="samples" src="{source}"></div>'
