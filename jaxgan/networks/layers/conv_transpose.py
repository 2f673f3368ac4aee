"""The 4×4 transposed convolution of stride 2, in the formulation that is fast where it runs."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

IMAGES = ("NHWC", "HWIO", "NHWC")


def conv_transpose(
    x: Float[Array, "batch height width inputs"], kernel: Float[Array, "4 4 inputs outputs"]
) -> Float[Array, "batch 2*height 2*width outputs"]:
    """`lax.conv_transpose(x, kernel, (2, 2), "SAME")`.

    On the CPU the kernel gradient of that primitive takes a path many times slower than the arithmetic needs, so
    there the same function is written as a 3×3 convolution to one group of channels for each of the four output
    phases, interleaved afterwards.
    """
    return lax.platform_dependent(x, kernel, cpu=_by_phases, default=_native)


def _native(x: Array, kernel: Array) -> Array:
    return lax.conv_transpose(x, kernel, (2, 2), "SAME", dimension_numbers=IMAGES)


def _by_phases(x: Array, kernel: Array) -> Array:
    """Output row 2i + p sees the input rows i + p − 1 and i + p, through the kernel rows p and p + 2."""
    batch, height, width, inputs = x.shape
    outputs = kernel.shape[-1]
    taps = kernel.reshape(2, 2, 2, 2, inputs, outputs)  # tap row, phase row, tap column, phase column, ...
    phases = [[jnp.pad(taps[:, p, :, q], ((p, 1 - p), (q, 1 - q), (0, 0), (0, 0))) for q in (0, 1)] for p in (0, 1)]
    together = jnp.stack([jnp.stack(row, axis=3) for row in phases], axis=3).reshape(3, 3, inputs, 4 * outputs)
    y = lax.conv_general_dilated(x, together, (1, 1), "SAME", dimension_numbers=IMAGES)
    y = y.reshape(batch, height, width, 2, 2, outputs).transpose(0, 1, 3, 2, 4, 5)
    return y.reshape(batch, 2 * height, 2 * width, outputs)
