"""Convolution and transposed convolution, in the formulation that is fast where they run."""

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.devices import only_platform, platform
from jaxgan.networks.layers.products import conv_by_products

IMAGES = ("NHWC", "HWIO", "NHWC")
Padding = Literal["SAME"] | Sequence[tuple[int, int]]


def conv(
    x: Float[Array, "batch height width inputs"],
    kernel: Float[Array, "rows columns inputs_of_group outputs"],
    stride: int = 1,
    padding: Padding = "SAME",
    groups: int = 1,
    dilation: int = 1,
) -> Float[Array, "batch height_out width_out outputs"]:
    """`lax.conv_general_dilated(x, kernel, (stride, stride), padding)` of images, channels last, in their dtype.

    Of `groups`, each a share of the channels and of the features, every one sees its own channels alone.

    The native convolution on GPU and TPU; on the CPU the matrix products of `products.py`, whose derivatives of every
    order are matrix products again, as fast inside a loop or branch as outside. Rounding differs. In a process that has
    no accelerator the matrix products alone are traced, see `jaxgan.devices.compiling_for`.

    Args:
        x: `[B, H, W, C]`.
        kernel: `[rows, columns, C/groups, features]`.
        stride: at least 1, of both sides.
        padding: "SAME", or zeros before and after as `((top, bottom), (left, right))`; negative ones crop.
        groups: at least 1, a divisor of C and of the features.
        dilation: distance of neighbouring taps of the kernel, at least 1; 1 with a stride.

    Raises:
        ValueError: if the stride or the dilation is below 1 or both are above, the channels differ, the groups do not
            divide them or the padded image is smaller than the kernel.
    """
    require(isinstance(stride, int) and stride >= 1, f"stride must be a whole number of at least 1, got {stride!r}")
    require(
        isinstance(groups, int) and groups >= 1 and x.shape[-1] % groups == kernel.shape[-1] % groups == 0,
        f"groups must divide the {x.shape[-1]} channels and the {kernel.shape[-1]} features, got {groups!r}",
    )
    require(
        isinstance(dilation, int) and dilation >= 1 and 1 in (stride, dilation),
        f"dilation must be a whole number of at least 1, and 1 with a stride; got {dilation!r} with stride {stride}",
    )
    _check_channels(x, kernel, groups)
    sides, taps = x.shape[1:3], tuple(dilation * (size - 1) + 1 for size in kernel.shape[:2])
    if padding == "SAME":
        pads = tuple(lax.padtype_to_pads(sides, taps, (stride, stride), "SAME"))
    else:
        pads = tuple((low, high) for low, high in padding)
    for side, size, (low, high) in zip(sides, taps, pads, strict=True):
        require(side + low + high >= size, f"padding {pads} of an image {sides} leaves less than the kernel, {taps}")
    return _conv(x, kernel, _How(stride, pads, groups, dilation))


def conv_transpose(
    x: Float[Array, "batch height width inputs"],
    kernel: Float[Array, "rows columns inputs outputs"],
    stride: int = 2,
    padding: Padding = "SAME",
) -> Float[Array, "batch height_out width_out outputs"]:
    """`lax.conv_transpose(x, kernel, (stride, stride), padding)` of images, channels last: sides times the stride.

    The transpose, in the sense of linear algebra, of `conv` with the kernel turned by half a circle.

    Args:
        x: `[B, H, W, C]`.
        kernel: `[rows, columns, C, features]`.
        stride: at least 1, of both sides.
        padding: "SAME", or zeros around the input after it is spread out, `((top, bottom), (left, right))`.

    Raises:
        ValueError: if the stride is below 1, the channels differ or nothing is left.
    """
    require(isinstance(stride, int) and stride >= 1, f"stride must be a whole number of at least 1, got {stride!r}")
    _check_channels(x, kernel)
    taps = kernel.shape[:2]
    pads = [same_padding(size, stride) for size in taps] if padding == "SAME" else list(padding)
    rows, columns = (
        (side - 1) * stride + low + high + 2 - size
        for side, size, (low, high) in zip(x.shape[1:3], taps, pads, strict=True)
    )
    require(rows >= 1 and columns >= 1, f"padding {pads} leaves nothing of an image of shape {x.shape}")
    if platform() == "onnx":
        return lax.conv_general_dilated(x, kernel, (1, 1), pads, (stride, stride), dimension_numbers=IMAGES)
    inverse = tuple((size - 1 - low, size - 1 - high) for size, (low, high) in zip(taps, pads, strict=True))
    turned = kernel[::-1, ::-1].swapaxes(2, 3)
    image = jax.ShapeDtypeStruct((x.shape[0], rows, columns, kernel.shape[3]), x.dtype)
    return jax.linear_transpose(lambda y: _conv(y, turned, _How(stride, inverse)), image)(x)[0]


class _How(NamedTuple):
    """What a convolution is, but for its arrays."""

    stride: int
    pads: tuple[tuple[int, int], ...]
    groups: int = 1
    dilation: int = 1


def _conv(x: Array, kernel: Array, how: _How) -> Array:
    if platform() == "onnx":
        return _conv_with_zeros_alone(x, kernel, how)
    return _conv_on(x, kernel, how, platform() == "gpu", only_platform())


@partial(jax.jit, static_argnums=(2, 3, 4))
def _conv_on(x: Array, kernel: Array, how: _How, whole: bool, only: str | None) -> Array:
    products, library = partial(conv_by_products, **how._asdict()), partial(_conv_by_library, how=how, whole=whole)
    if only is not None:
        return (products if only == "cpu" else library)(x, kernel)
    return lax.platform_dependent(x, kernel, cpu=products, default=library)


def _conv_by_library(x: Array, kernel: Array, how: _How, whole: bool) -> Array:
    """XLA's own convolution.

    On a GPU, a barrier keeps the kernel whole. XLA calls cuDNN for the gradient by the input only where it finds that a
    kernel is turned; where what the kernel is made of (its norm divided out, say) moves between, it multiplies by the
    zeros between the places instead, which is 4 times the work at stride 2.
    """
    return lax.conv_general_dilated(
        x,
        lax.optimization_barrier(kernel) if whole else kernel,
        window_strides=(how.stride, how.stride),
        padding=how.pads,
        rhs_dilation=(how.dilation, how.dilation),
        dimension_numbers=IMAGES,
        feature_group_count=how.groups,
    )


def _conv_with_zeros_alone(x: Array, kernel: Array, how: _How) -> Array:
    """XLA's own convolution; negative padding, which ONNX does not have, is cropped before it."""
    crops = [(min(low, 0), min(high, 0), 0) for low, high in how.pads]
    if any(low or high for low, high, _ in crops):
        x = lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), *crops, (0, 0, 0)])
    zeros = tuple((max(low, 0), max(high, 0)) for low, high in how.pads)
    return _conv_by_library(x, kernel, how._replace(pads=zeros), whole=False)


def same_padding(size: int, stride: int) -> tuple[int, int]:
    """The padding "SAME" of `lax.conv_transpose`."""
    total = size + stride - 2
    low = size - 1 if stride > size - 1 else -(-total // 2)
    return low, total - low


def _check_channels(x: Array, kernel: Array, groups: int = 1) -> None:
    taken = kernel.shape[2] * groups
    require(
        x.shape[-1] == taken,
        f"kernel of shape {kernel.shape} takes {taken} channels, but the images have shape {x.shape}",
    )
