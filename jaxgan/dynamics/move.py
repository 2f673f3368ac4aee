"""One optimizer step of one player."""

import optax
from jaxtyping import PyTree

from jaxgan.core import Info, Players


def check_optimizers(optimizers: Players) -> None:
    """Raise `TypeError` unless `optimizers` is `Players` of two optax optimizers."""
    if not isinstance(optimizers, Players) or not all(hasattr(o, "init") and hasattr(o, "update") for o in optimizers):
        raise TypeError(f"optimizers must be Players(generator, discriminator) of optax optimizers, got {optimizers!r}")


def init_optimizers(optimizers: Players, params: Players) -> Players:
    """The memory of both optimizers."""
    return Players(*(optimizer.init(p) for optimizer, p in zip(optimizers, params, strict=True)))


def move(
    optimizer: optax.GradientTransformation, gradient: PyTree, memory: optax.OptState, params: PyTree
) -> tuple[PyTree, optax.OptState]:
    """Apply `optimizer` once: `(params, memory)` after the step."""
    updates, memory = optimizer.update(gradient, memory, params)
    return optax.apply_updates(params, updates), memory


def gradient_norms(gradients: Players) -> Info:
    """Euclidean norm of each player's whole gradient, as info."""
    return {
        "gradient_norm_generator": optax.tree.norm(gradients.generator),
        "gradient_norm_discriminator": optax.tree.norm(gradients.discriminator),
    }
