"""Read an exported generator, without its recipe or its data."""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import export
from jaxtyping import Array, Float, Int, PyTree

from jaxgan.checks import require
from jaxgan.errors import InputError, NotFoundError
from jaxgan.export import inputs

ABOUT = "export.json"
GENERATOR = "generator.jaxexport"
LATENTS = "latents.jaxexport"
FORMAT = 1


class Generator(NamedTuple):
    """An exported generator."""

    about: dict[str, Any]
    """Content of `export.json`: inputs, output, classes, recipe, figures, versions."""
    program: export.Exported
    draw: export.Exported | None
    """Program that draws latents; None if samples are made without latents."""

    def latents(self, n: int, *, seed: int = 0, truncation: float | None = None) -> Float[Array, "n size"]:
        """Rows of latents. Row i depends only on the seed and on i.

        Args:
            n: at least 1.
            seed: seed of all rows.
            truncation: where latents are truncated: the bound of each number, above 0.

        Raises:
            ValueError: if the samples are made of no latents, or an argument does not fit.
        """
        require(isinstance(n, int) and n >= 1, f"n must be a whole number of at least 1, got {n!r}")
        if self.draw is None:
            raise InputError("the samples are made of no latents")
        given: dict[str, Any] = {"index": np.arange(n, dtype=np.int32), "seed": np.int32(seed)}
        if "truncation" in inputs.named(self.draw):
            require(truncation is None or truncation > 0, f"truncation must be above 0, got {truncation}")
            given["truncation"] = np.float32(math.inf if truncation is None else truncation)
        return self.draw.call(**given)

    def __call__(
        self,
        latents: Float[Array, "n size"] | None = None,
        *,
        labels: Int[Any, "n"] | None = None,
        condition: Any = None,
        seed: int = 0,
        truncation: float | None = None,
    ) -> PyTree:
        """One sample for each row of the inputs, as the network makes it: images in [-1, 1].

        Args:
            latents: `[n, size]`, where samples are made of latents, see `latents` of this object.
            labels: `[n]`, if samples are conditioned on classes.
            condition: rows `[n, ...]`, or a tuple of such, where samples are asked for by them.
            seed: seed of what the networks draw by themselves.
            truncation: ψ of StyleGAN2, where it is an input: 1 truncates nothing.

        Raises:
            ValueError: if something is missing or too much, or a shape does not fit.
        """
        wanted = self.inputs
        given: dict[str, Any] = {"latents": latents, "labels": labels, **inputs.conditions(wanted, condition)}
        given |= {"truncation": 1.0 if truncation is None and "truncation" in wanted else truncation, "seed": seed}
        arrays = inputs.checked("generator", wanted, given)
        inputs.check_labels(arrays, self.about)
        return self.program.call(**arrays)

    @property
    def inputs(self) -> dict[str, Any]:
        """Shape and dtype of each input by its name; `rows` is any number of them."""
        return inputs.named(self.program)


def load_generator(path: str | Path) -> Generator:
    """Read what `jaxgan export` has written. The recipe, its file and its data are not needed.

        generator = jaxgan.load_generator("runs/00000-digits/export")
        images = generator(generator.latents(16), labels=[0] * 16)

    Args:
        path: path of the folder.

    Raises:
        FileNotFoundError: if there is no such folder or file.
        ValueError: if it is no export, one of a later version, or damaged.
    """
    folder = Path(path)
    about = read_about(folder)
    draws = (folder / LATENTS).is_file()
    return Generator(about, read_program(folder / GENERATOR), read_program(folder / LATENTS) if draws else None)


def read_about(folder: Path) -> dict[str, Any]:
    """Read `export.json`.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it is damaged, or of a later version.
    """
    if not (folder / ABOUT).is_file():
        raise NotFoundError(f"{folder} is no exported generator: it has no {ABOUT}, which jaxgan export writes")
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        version = about["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / ABOUT} cannot be read: {error}") from error
    require(version == FORMAT, f"{folder} has format {version!r}; this version reads {FORMAT}")
    return about


def read_program(path: Path) -> export.Exported:
    """Read an exported program.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it cannot be read.
    """
    if not path.is_file():
        raise NotFoundError(f"{path} is missing")
    try:
        return export.deserialize(bytearray(path.read_bytes()))
    except ImportError as error:
        raise InputError("exported programs are read by flatbuffers: pip install 'jaxgan[export]'") from error
    except Exception as error:  # whatever a parser of bytes raises
        raise InputError(f"{path} cannot be read by jax {jax.__version__}: {error}") from error
