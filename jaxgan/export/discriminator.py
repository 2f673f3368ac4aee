"""Read an exported discriminator, without its recipe or its data."""

from pathlib import Path
from typing import Any, NamedTuple

from jax import export
from jaxtyping import Array, Float, Int

from jaxgan.checks import require
from jaxgan.errors import NotFoundError
from jaxgan.export import inputs
from jaxgan.export.generator import read_about, read_program

DISCRIMINATOR = "discriminator.jaxexport"


class Discriminator(NamedTuple):
    """An exported discriminator."""

    about: dict[str, Any]
    """Content of `export.json`; its part `discriminator` has the inputs and the output."""
    program: export.Exported

    def __call__(
        self, samples: Float[Any, "n ..."], *, labels: Int[Any, "n"] | None = None, condition: Any = None
    ) -> Float[Array, "n"]:
        """One logit for each row, high on real data, in evaluation mode: without augmentation and noise.

        Args:
            samples: rows as the generator makes them: images in [-1, 1].
            labels: `[n]`, if the discriminator is given classes.
            condition: rows `[n, ...]`, or a tuple of such, if the discriminator is given them.

        Raises:
            ValueError: if something is missing or too much, or a shape does not fit.
        """
        given = {"samples": samples, "labels": labels, **inputs.conditions(self.inputs, condition)}
        arrays = inputs.checked("discriminator", self.inputs, given)
        inputs.check_labels(arrays, self.about)
        rows, group = len(arrays["samples"]), self.about["discriminator"]["group"]
        require(
            rows >= 1 and rows % group == 0,
            f"samples must have a multiple of {group} rows, got {rows}"
            + (f": the network sees groups of {group}" if group > 1 else ""),
        )
        return self.program.call(**arrays)

    @property
    def inputs(self) -> dict[str, Any]:
        """Shape and dtype of each input by its name; the leading axis is any number of rows."""
        return inputs.named(self.program)


def load_discriminator(path: str | Path) -> Discriminator:
    """Read the discriminator that `jaxgan export --both` has written. The recipe and its data are not needed.

        discriminator = jaxgan.load_discriminator("runs/00000-digits/export")
        logits = discriminator(images, labels=[0] * 16)

    Args:
        path: path of the folder.

    Raises:
        FileNotFoundError: if there is no such folder, or it has no discriminator.
        ValueError: if it is no export, one of a later version, or damaged.
    """
    folder = Path(path)
    about = read_about(folder)
    if not isinstance(about.get("discriminator"), dict):
        raise NotFoundError(
            f"{folder} has no program of a discriminator, which jaxgan export --both writes"
            + (f": {about['discriminator']}" if about.get("discriminator") else "")
        )
    return Discriminator(about, read_program(folder / DISCRIMINATOR))
