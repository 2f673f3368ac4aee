"""Resampling of images by 2 with a separable FIR filter, zeros outside the image.

Shifted sums alone, whose derivatives of any order are shifted sums too.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require

BILINEAR = (1.0, 3.0, 3.0, 1.0)
"""Taps of bilinear interpolation by 2 with the pixels' centres kept in place."""


def upsample(
    x: Float[Array, "batch height width channels"], taps: Sequence[float] = BILINEAR
) -> Float[Array, "batch height_out width_out channels"]:
    """`[B, H, W, C] -> [B, 2H, 2W, C]`: zeros between the pixels, then the filter f = taps / Σ taps along each side.

        y[j] = 2 · Σₖ f[k] · z[j + (n − 1)//2 − k],    z[2i] = x[i], elsewhere 0,    n the number of taps.

    Away from the border an image of one value keeps it, if the even and the odd taps have the same sum.

    Raises:
        ValueError: unless the taps have a sum other than 0.
    """
    return _upsample(x, _normalized(taps))


def downsample(
    x: Float[Array, "batch height width channels"], taps: Sequence[float] = BILINEAR
) -> Float[Array, "batch height_out width_out channels"]:
    """`[B, H, W, C] -> [B, H/2, W/2, C]`: the filter f = taps / Σ taps along each side, then every second pixel.

        y[i] = Σₖ f[k] · x[2i + k − (n − 1)//2],    n the number of taps:

    a quarter of the transpose of `upsample`.

    Raises:
        ValueError: if a side is odd, or the taps have no sum other than 0.
    """
    batch, height, width, channels = x.shape
    require(height % 2 == 0 and width % 2 == 0, f"only even sides can be halved, got images of shape {x.shape}")
    half = jax.ShapeDtypeStruct((batch, height // 2, width // 2, channels), x.dtype)
    filters = _normalized(taps)
    return jax.linear_transpose(lambda y: _upsample(y, filters), half)(x)[0] / 4


def blur(
    x: Float[Array, "batch height width channels"], taps: Sequence[float] = BILINEAR
) -> Float[Array, "batch height width channels"]:
    """The filter alone: y[j] = Σₖ f[k] · x[j + k − (n − 1)//2] along each side, f = taps / Σ taps.

    Raises:
        ValueError: unless the taps have a sum other than 0.
    """
    filters = _normalized(taps)
    before = (len(filters) - 1) // 2
    for axis in (1, 2):
        terms = [tap * _shifted(x, k - before, axis) for k, tap in enumerate(filters)]
        x = sum(terms[1:], terms[0])
    return x


def bordered(
    x: Float[Array, "batch height width channels"], pixels: int
) -> Float[Array, "batch height_out width_out channels"]:
    """`[B, H, W, C] -> [B, H + 2·pixels, W + 2·pixels, C]`: zeros around the image, which a filter then fills.

    A convolution after a filter needs what the filter spreads beyond the image: add the border, filter, and convolve
    without padding.
    """
    return jnp.pad(x, ((0, 0), (pixels, pixels), (pixels, pixels), (0, 0)))


def _upsample(x: Array, filters: list[float]) -> Array:
    before = (len(filters) - 1) // 2
    for axis in (1, 2):
        phases = []
        for phase in (0, 1):
            taps = range((phase + before) % 2, len(filters), 2)
            terms = [2 * filters[k] * _shifted(x, (phase + before - k) // 2, axis) for k in taps]
            phases.append(sum(terms[1:], terms[0]) if terms else jnp.zeros_like(x))
        shape = [2 * side if i == axis else side for i, side in enumerate(x.shape)]
        x = jnp.stack(phases, axis=axis + 1).reshape(shape)
    return x


def _shifted(x: Array, places: int, axis: int) -> Array:
    """y[i] = x[i + places] along `axis`, 0 where that lies outside."""
    ends = [(-places, places, 0) if i == axis else (0, 0, 0) for i in range(x.ndim)]
    return lax.pad(x, jnp.zeros((), x.dtype), ends)


def _normalized(taps: Sequence[float]) -> list[float]:
    total = sum(taps)
    require(total != 0, f"taps must have a sum other than 0, got {tuple(taps)}")
    return [float(tap) / total for tap in taps]
