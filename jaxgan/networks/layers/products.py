"""Convolution as matrix products in plain JAX, so that every derivative is made of matrix products too.

On the CPU, XLA's own derivatives of a convolution are slow for some shapes and slower by tens of times inside a loop.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float


class Minimal(NamedTuple):
    """Two neighbouring outputs of a filter of n taps by n + 1 products instead of 2n: F(2, n).

    Each is a linear map, given the rows and returning as many as there are products (outputs: two).
    """

    inputs: Callable[[Array, Array, Array, Array], tuple[Array, ...]]
    taps: Callable[..., tuple[Array, ...]]
    outputs: Callable[..., tuple[Array, Array]]


MINIMAL = {
    2: Minimal(
        lambda a, b, c, _: (a - b, b, b - c),
        lambda f, g: (f, f + g, g),
        lambda p, q, r: (p + q, q - r),
    ),
    3: Minimal(
        lambda a, b, c, d: (a - c, b + c, c - b, b - d),
        lambda f, g, h: (f, (f + g + h) / 2, (f - g + h) / 2, h),
        lambda p, q, r, s: (p + q + r, q - r - s),
    ),
}


def conv_by_products(
    x: Float[Array, "batch height width inputs"],
    kernel: Float[Array, "rows columns inputs_of_group outputs"],
    stride: int,
    pads: tuple[tuple[int, int], ...],
    groups: int = 1,
    dilation: int = 1,
) -> Float[Array, "batch height_out width_out outputs"]:
    """The convolution, in `groups` of channels, each apart from the others, with taps `dilation` places apart.

    It is computed in float32 at least, whatever the dtype of x.
    """
    if groups == 1:
        return _conv(x, kernel, stride, pads, dilation, few=16)
    x, kernel = (jnp.moveaxis(a.reshape(*a.shape[:3], groups, -1), 3, 0) for a in (x, kernel))
    y = jax.vmap(lambda a, b: _conv(a, b, stride, pads, dilation, few=3))(x, kernel)
    y = jnp.moveaxis(y, 0, 3)
    return y.reshape(*y.shape[:3], -1)


def _conv(x: Array, kernel: Array, stride: int, pads: tuple[tuple[int, int], ...], dilation: int, few: int) -> Array:
    """The convolution of stride 1 over blocks of stride × stride pixels, their pixels side by side as channels.

    It is computed by minimal filtering on tiles of 2×2 outputs where that takes fewer multiplications (16 to 9 for a
    kernel of 4×4 and stride 2, 36 to 16 for 3×3 and stride 1), else, and for channels of `few` or less, as the product
    of all windows with the kernel.

    Reference:
        Lavin & Gray, [Fast Algorithms for Convolutional Neural Networks](https://arxiv.org/abs/1509.09308), 2016,
        section 4.
    """
    dtype, precise = x.dtype, jnp.promote_types(x.dtype, jnp.float32)
    sizes = tuple(dilation * (size - 1) + 1 for size in kernel.shape[:2])
    out = [(side + sum(pad) - size) // stride + 1 for side, pad, size in zip(x.shape[1:3], pads, sizes, strict=True)]
    taps = [-(-size // stride) for size in kernel.shape[:2]]
    blocks = _kernel_blocks(kernel.astype(precise), stride, taps)
    tiles = [-(-side // 2) for side in out]
    direct, minimal = taps[0] * taps[1] * out[0] * out[1], (taps[0] + 1) * (taps[1] + 1) * tiles[0] * tiles[1]
    square = taps[0] == taps[1] and dilation == 1
    fast = square and taps[0] in MINIMAL and minimal < direct and blocks.shape[2] > few
    needed = [2 * (n + 1) for n in tiles] if fast else [n + dilation * (k - 1) for n, k in zip(out, taps, strict=True)]
    ends = [(low, stride * n - side - low) for n, side, (low, _) in zip(needed, x.shape[1:3], pads, strict=True)]
    padding = [(0, 0, 0), *((low, high, 0) for low, high in ends), (0, 0, 0)]
    padded = lax.pad(x.astype(precise), jnp.zeros((), precise), padding)
    y = _minimal(padded, blocks, stride, tiles) if fast else _windows(padded, blocks, stride, dilation, out)
    return y[:, : out[0], : out[1]].astype(dtype)


def _kernel_blocks(kernel: Array, stride: int, taps: list[int]) -> Array:
    """`[rows, columns, C, features]` to `[taps, taps, stride·stride·C, features]`."""
    ends = [(0, n * stride - size) for n, size in zip(taps, kernel.shape, strict=False)]
    kernel = jnp.pad(kernel, (*ends, (0, 0), (0, 0)))
    kernel = kernel.reshape(taps[0], stride, taps[1], stride, *kernel.shape[2:])
    return kernel.transpose(0, 2, 1, 3, 4, 5).reshape(*taps, -1, kernel.shape[-1])


def _windows(x: Array, blocks: Array, stride: int, dilation: int, out: list[int]) -> Array:
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // stride, stride, width // stride, stride, channels)
    x = x.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height // stride, width // stride, -1)
    shifts = [(dilation * i, dilation * j) for i in range(blocks.shape[0]) for j in range(blocks.shape[1])]
    windows = jnp.concatenate([x[:, i : i + out[0], j : j + out[1]] for i, j in shifts], axis=-1)
    return _product(windows, blocks.reshape(-1, blocks.shape[-1]))


def _minimal(x: Array, blocks: Array, stride: int, tiles: list[int]) -> Array:
    inputs, taps, outputs = MINIMAL[blocks.shape[0]]
    batch, *_, channels = x.shape
    x = x.reshape(batch, tiles[0] + 1, 2, stride, tiles[1] + 1, 2, stride, channels)

    def side_by_side(x: Array) -> Array:
        return x.transpose(0, 1, 3, 2, 4, 5).reshape(batch, *tiles, -1)

    tiled = [[side_by_side(part) for part in inputs(*_four(rows, 3))] for rows in inputs(*_four(x, 1))]
    kernels = [taps(*row) for row in zip(*(taps(*column) for column in blocks.swapaxes(0, 1)), strict=True)]
    columns = [
        jnp.stack(outputs(*(_product(a, b) for a, b in zip(*row, strict=True))), axis=3)
        for row in zip(tiled, kernels, strict=True)
    ]
    y = jnp.stack(outputs(*columns), axis=2)
    return y.reshape(batch, 2 * tiles[0], 2 * tiles[1], -1)


def _four(x: Array, axis: int) -> tuple[Array, Array, Array, Array]:
    """Split pairs `[..., n + 1, 2, ...]` along `axis`, each with the next pair, into four arrays `[..., n, ...]`."""
    one, two = (lax.index_in_dim(x, i, axis + 1, keepdims=False) for i in (0, 1))
    n = one.shape[axis] - 1
    ends = [(0, n), (1, n + 1)]
    first, third = (lax.slice_in_dim(one, *end, axis=axis) for end in ends)
    second, fourth = (lax.slice_in_dim(two, *end, axis=axis) for end in ends)
    return first, second, third, fourth


def _product(x: Array, matrix: Array) -> Array:
    """x·W over the last axis. As a product of two matrices, for XLA transposes anything else first."""
    return (x.reshape(-1, x.shape[-1]) @ matrix).reshape(*x.shape[:-1], -1)
