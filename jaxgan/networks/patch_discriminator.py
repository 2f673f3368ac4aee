"""PatchGAN: discriminators that judge each patch of an image, at one scale or at several.

Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017, section 3.2.2 and appendix 6.1.2.
Several scales: Wang et al., High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs, 2018
(pix2pixHD), section 3.2.
"""

import math
from typing import Any, Literal

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice
from jaxgan.networks.layers.antialiased import blurred_half
from jaxgan.networks.layers.linear import Conv, SpectralNorm
from jaxgan.networks.layers.normalization import NORMS, Norm, normalized
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.sides import height_and_width, size_of
from jaxgan.networks.layers.small_kernels import SMALL_KERNELS, SmallKernels


class PatchDiscriminator(nn.Module):
    """Images `[B, H, W, C]` to logits `[B, h, w]`, one for each of the patches, which overlap.

    A condition is an image `[B, H, W, K]`, whose channels follow those of the image. `layers` 4×4 convolutions of
    stride 2 and one of stride 1 double the channels from `width` up to 8 times that; each has leaky ReLU (slope 0.2)
    and, after the first, normalisation. A 4×4 convolution of stride 1 makes the logits, in float32. All pad one zero,
    so h = ⌊H / 2^layers⌋ − 2. The side of a patch is 16, 34, 70, 142, 286 pixels for 1 to 5 layers. With `layers` 0
    there are two layers and the logits, all 1×1: each pixel is judged alone (the PixelGAN of the paper).

    What follows each leaky ReLU is sown as features. Layers before a normalisation have no bias.

    Raises:
        ValueError: on construction, if an argument is out of range; when called, for images that are too small, or a
            condition that is no image of their size.

    Examples:
        >>> shape(jaxgan.networks.PatchDiscriminator(layers=2, width=8), images)  # one logit for each patch
        (2, 6, 6)
    """

    layers: int = 3
    """Convolutions of stride 2; 3 is the paper's PatchGAN of 70×70 pixels."""
    width: int = 64
    norm: Norm = "instance"
    """That of CycleGAN and pix2pixHD; the paper's is "batch"."""
    spectral_norm: SpectralNorm = False
    """Divide every kernel by its largest singular value."""
    dtype: Computed = None
    """Dtype of everything but the logits, see `layers.precision`."""
    padding: Literal[1, 2] = 1
    """Zeros at each border of every layer with 4×4 convolutions; 2 in the programs of pix2pixHD and SPADE."""
    spectral_ends: bool = True
    """Whether `spectral_norm` also holds for the first layer and the logits; not so in SPADE's program."""
    antialias: bool = False
    """Convolve with stride 1 and blur before every second pixel is dropped, as in CUT's program (see
    `layers.antialiased`). With 3 layers, patches then have sides of 84 pixels."""
    kernel_init: SmallKernels = "normal"
    """Distribution of the first kernels, see `layers.small_kernels`."""

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, NORMS)
        require_choice("kernel_init", self.kernel_init, tuple(SMALL_KERNELS))
        require_choice("padding", self.padding, (1, 2))
        require(
            isinstance(self.layers, int) and self.layers >= 0,
            f"layers must be a whole number of at least 0, got {self.layers!r}",
        )
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch height width source"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch rows columns"]:
        """Judge each patch."""
        x = beside(x, condition)
        smallest, least = min(height_and_width(size_of(x))), 3 << self.layers
        require(
            self.layers == 0 or self.padding == 2 or smallest >= least,
            f"{self.layers} layers need images of at least {least} pixels a side, got {x.shape[1]} by {x.shape[2]}",
        )
        size, pad = (4, (self.padding,) * 2) if self.layers else (1, (0, 0))
        shared: dict[str, Any] = {"kernel_init": SMALL_KERNELS[self.kernel_init], "padding": (pad, pad)}
        at_ends = self.spectral_norm and self.spectral_ends
        for i in range(max(self.layers, 1) + 1):
            features, halves = self.width * min(2**i, 8), i < self.layers
            stride = 2 if halves and not self.antialias else 1
            norm: Norm = self.norm if i else "none"
            spectral = self.spectral_norm if i else at_ends
            layer = Conv(
                features, size, stride, use_bias=norm == "none", spectral_norm=spectral, dtype=self.dtype, **shared
            )
            x = layer(x, train=train)
            x = nn.leaky_relu(normalized(x, norm, train=train, dtype=self.dtype), 0.2)
            self.sow("intermediates", "features", at_least_float32(x))
            x = blurred_half(x) if halves and self.antialias else x
        return Conv(1, size, 1, spectral_norm=at_ends, **shared)(at_least_float32(x), train=train)[..., 0]

    @nn.nowrap
    def patches(self, height: int, width: int) -> int:
        """Number of logits of an image."""
        return math.prod(self._rows(side) for side in (height, width))

    @nn.nowrap
    def _rows(self, side: int) -> int:
        if not self.layers:
            return side
        for stride in (2,) * self.layers + (1, 1):
            side = (side + 2 * self.padding - 4) // stride + 1
        return side


class MultiScalePatchDiscriminator(nn.Module):
    """Images `[B, H, W, C]` to logits `[B, patches]`: a `PatchDiscriminator` of its own for each scale.

    The first sees the images, each further one those of the one before, with half the sides: means of 3×3 pixels at
    every second place, without what lies outside. The logits of all patches follow each other, the largest scale first.
    A mean over them weighs each scale by its number of patches; with `losses.by_scale` all scales weigh alike, as in
    pix2pixHD.

    Raises:
        ValueError: as `PatchDiscriminator`; on construction, if `scales` is below 1.

    Examples:
        >>> shape(jaxgan.networks.MultiScalePatchDiscriminator(scales=2, layers=1, width=8), images)  # 14² + 6² patches
        (2, 232)
    """

    scales: int = 3
    layers: int = 3
    width: int = 64
    norm: Norm = "instance"
    spectral_norm: SpectralNorm = False
    dtype: Computed = None
    padding: Literal[1, 2] = 1
    spectral_ends: bool = True

    def __post_init__(self) -> None:
        require(
            isinstance(self.scales, int) and self.scales >= 1,
            f"scales must be a whole number of at least 1, got {self.scales!r}",
        )
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch height width source"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch patches"]:
        """Judge each patch."""
        x, logits = beside(x, condition), []
        for i in range(self.scales):
            if i > 0:
                x = nn.avg_pool(x, (3, 3), (2, 2), ((1, 1), (1, 1)), count_include_pad=False)
            logits.append(PatchDiscriminator(*self._of_each())(x, train=train).reshape(x.shape[0], -1))
        return jnp.concatenate(logits, axis=1)

    @nn.nowrap
    def patches(self, height: int, width: int) -> tuple[int, ...]:
        """Number of logits of an image at each scale, for `losses.by_scale`."""
        judge = PatchDiscriminator(*self._of_each(), parent=None)
        sides = [(-(-height >> i), -(-width >> i)) for i in range(self.scales)]
        return tuple(judge.patches(*each) for each in sides)

    @nn.nowrap
    def _of_each(self) -> tuple[Any, ...]:
        """Options of the discriminator of each scale."""
        ends = (self.padding, self.spectral_ends)
        return self.layers, self.width, self.norm, self.spectral_norm, self.dtype, *ends


def beside(
    x: Float[Array, "batch height width channels"], condition: Float[Array, "batch height width source"] | None
) -> Float[Array, "batch height width both"]:
    """The images with the channels of their condition, if there is one.

    Raises:
        ValueError: unless the condition is images of the same size.
    """
    if condition is None:
        return x
    require(
        condition.ndim == 4 and condition.shape[:3] == x.shape[:3],
        f"the condition must be images of {list(x.shape[:3])} and any channels, got shape {list(condition.shape)}",
    )
    return jnp.concatenate([x, condition], axis=-1)
