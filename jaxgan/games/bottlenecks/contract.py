"""What a bottleneck is."""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Float, Key, PyTree

from jaxgan.core import Info, Turn

Encoded = Float[Array, "batch rows columns size"]


class Bottleneck(NamedTuple):
    """What is between the encoder and the decoder.

    Examples:
        A bottleneck that rounds each number to −1, 0 or 1, with the straight-through derivative (finite scalar
        quantization, Mentzer et al., 2023, with three levels):

        >>> def rounded(parameters, encoded, turn):
        ...     bounded = jnp.tanh(encoded)
        ...     return bounded + jax.lax.stop_gradient(jnp.round(bounded) - bounded), None
        >>> bottleneck = jaxgan.bottlenecks.Bottleneck(
        ...     init=lambda key, size: {}, apply=rounded, loss=lambda kept, numbers: (jnp.zeros(()), {})
        ... )
        >>> print(bottleneck.apply({}, jnp.full((1, 1, 1, 2), 2.0), None)[0])
        [[[[1. 1.]]]]
    """

    init: Callable[[Key[Array, ""], int], PyTree]
    """`(key, size) -> parameters`, for an encoder that makes maps `[B, h, w, size]`."""
    apply: Callable[[PyTree, Encoded, Turn | None], tuple[Float[Array, "batch rows columns code"], PyTree]]
    """`(parameters, encoded, turn) -> (codes, kept)`: what the decoder is given, and what `loss` needs, with one entry
    a row. The turn is None for samples."""
    loss: Callable[[PyTree, int], tuple[Float[Array, ""], Info]]
    """`(kept, numbers) -> (loss, info)`, where an image has so many numbers; the loss of all rows is added to the
    generator's."""
