"""What an augmentation is, and what it becomes when it has variables."""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Info, Turn

Probability = float | Float[Array, ""]
Image = Float[Array, "height width channels"]
Rows = Float[Array, "batch ..."]
Transform = Callable[[Key[Array, ""], Array], Array]
"""`(key, image) -> image` of one row, of the same shape; differentiable in the image."""


class Augmentation(NamedTuple):
    """A transform with variables. `jaxgan.gan` takes a transform or an `Augmentation`, and keeps the variables with
    those of the discriminator."""

    init: Callable[[], PyTree]
    """`() -> variables`, the same on every device; an empty tree if there are none."""
    mix: Callable[[PyTree, Rows, Rows, Turn], Rows] | None
    """`(variables, real, fake, turn) -> real`: the rows that the discriminator sees as real; None keeps the real
    rows."""
    transform: Callable[[PyTree, Key[Array, ""], Array, Int[Array, ""]], Array] | None
    """`(variables, key, image, step) -> image` of one row, for real rows and samples alike; None for no transform."""
    update: Callable[[PyTree, Float[Array, "batch ..."], Turn], tuple[PyTree, Info]]
    """`(variables, real_logits, turn) -> (variables, info)`, with the discriminator's newest logits."""


def augmentation(augment: Transform | Augmentation | None) -> Augmentation:
    """Turn a plain transform into an `Augmentation` without variables, and None into one without effect; return an
    `Augmentation` unchanged.

    Raises:
        ValueError: if it is none of these.

    Examples:
        >>> flip = lambda key, image: image[:, ::-1]
        >>> augmentation = jaxgan.augmentation.augmentation(flip)
    """
    if isinstance(augment, Augmentation):
        return augment
    require(
        augment is None or callable(augment),
        f"augment must be None, a function (key, image) -> image, or an augmentation.Augmentation; got {augment!r}",
    )
    transform = None if augment is None else lambda variables, key, image, step: augment(key, image)
    return Augmentation(lambda: (), None, transform, lambda variables, logits, turn: (variables, {}))


def check_image(image: Array) -> None:
    """Raise `ValueError` unless this is one image `[H, W, C]`."""
    require(image.ndim == 3, f"augment needs images [B, H, W, C], got rows of shape {image.shape}")
