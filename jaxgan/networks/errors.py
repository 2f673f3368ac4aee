"""What the errors of a network say of its input."""

from collections.abc import Iterator
from contextlib import contextmanager

import jax
import jax.numpy as jnp
from jaxtyping import PyTree


@contextmanager
def errors_of(player: str, x: PyTree, condition: PyTree) -> Iterator[None]:
    """Add the shapes of the input to errors that a network raises.

    Args:
        player: the network's name in a game, such as "generator".
        x: its input.
        condition: its condition, or None.
    """
    try:
        yield
    except Exception as error:
        shapes = [jax.tree.map(jnp.shape, given) for given in (x, condition)]
        error.add_note(f"The {player} raised this. Its input has shape {shapes[0]}, its condition {shapes[1]}.")
        raise
