"""The residual translator of CycleGAN: images to images of the same size.

Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017, section 4 and
appendix 7.2, after Johnson et al., Perceptual Losses for Real-Time Style Transfer and Super-Resolution, 2016. With
`halvings` 4 and `norm` "instance" it is the global generator of pix2pixHD (Wang et al., High-Resolution Image Synthesis
and Semantic Manipulation with Conditional GANs, 2018, appendix). With `antialias` and `kernel_init` "glorot" it is the
translator of the program of CUT (Park et al., Contrastive Learning for Unpaired Image-to-Image Translation, 2020).
"""

from functools import partial
from typing import Any

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice
from jaxgan.networks.layers.antialiased import blurred_double, blurred_half
from jaxgan.networks.layers.linear import Conv, ConvTranspose
from jaxgan.networks.layers.normalization import NORMS, Norm, normalized
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.residual import Layer
from jaxgan.networks.layers.sides import halved, size_of
from jaxgan.networks.layers.small_kernels import SMALL_KERNELS, SmallKernels

ONE = ((1, 1), (1, 1))
"""One zero at each border."""


class ResNetTranslator(nn.Module):
    """Images `[B, H, W, C]` to images `[B, H, W, channels]` in [-1, 1].

    The source is the condition if there is one, and the input is then a latent that is not used; without a condition
    the source is the input, see `UNetGenerator`.

    A 7×7 convolution to `width` channels, 3×3 convolutions of stride 2 that double the channels, residual blocks
    x + norm(W₂ * relu(norm(W₁ * x))) of 3×3 convolutions, 3×3 transposed convolutions of stride 2 that halve the
    channels, each with normalisation and ReLU, and a 7×7 convolution with tanh. The 7×7 convolutions and those of the
    blocks mirror the image at its border; the others add zeros.

    Feature maps are sown as "maps": the source, what comes of each convolution that doubles the channels, and of each
    block.

    Layers before a normalisation have no bias: instance normalisation would take it away again. The authors' program
    has those biases, so it counts more parameters for the same functions.

    Raises:
        ValueError: on construction, if an argument is out of range; when called, unless both sides are multiples of
            2^halvings and there are at least 2 pixels a side after the halvings.

    Examples:
        >>> translator = jaxgan.networks.ResNetTranslator(channels=3, width=8, blocks=1)
        >>> shape(translator, latents, images)
        (2, 32, 32, 3)
    """

    channels: int = 3
    width: int = 64
    blocks: int = 9
    """Residual blocks: 9 in the paper from 256 pixels on, 6 below."""
    halvings: int = 2
    """Number of times that the sides are halved before the blocks."""
    norm: Norm = "instance"
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""
    antialias: bool = False
    """Convolve with stride 1 and blur before every second pixel is dropped; on the way back, interpolate, then convolve
    with stride 1 (see `layers.antialiased`)."""
    kernel_init: SmallKernels = "normal"
    """Distribution of the first kernels, see `layers.small_kernels`."""

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, NORMS)
        require_choice("kernel_init", self.kernel_init, tuple(SMALL_KERNELS))
        for name in ("blocks", "halvings"):
            value = getattr(self, name)
            require(
                isinstance(value, int) and value >= 0, f"{name} must be a whole number of at least 0, got {value!r}"
            )
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch ..."],
        condition: Float[Array, "batch height width source"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch height width channels"]:
        """Translate each image."""
        x = x if condition is None else condition
        smallest = halved(size_of(x), self.halvings)
        require(
            min(smallest) >= 2,
            f"both sides must be at least {2 << self.halvings} pixels with {self.halvings} halvings, "
            f"got images of {x.shape[1]} by {x.shape[2]}",
        )
        shared: dict[str, Any] = {"use_bias": self.norm == "none", "dtype": self.dtype}
        shared["kernel_init"] = SMALL_KERNELS[self.kernel_init]
        mirrored: Layer = partial(Conv, stride=1, padding="REFLECT", **shared)
        self.sow("intermediates", "maps", x)
        norm = partial(normalized, norm=self.norm, train=train, dtype=self.dtype)
        x = nn.relu(norm(mirrored(self.width, 7)(x, train=train)))
        for i in range(1, self.halvings + 1):
            x = Conv(self.width * 2**i, 3, 1 if self.antialias else 2, padding=ONE, **shared)(x, train=train)
            self.sow("intermediates", "maps", x)
            x = nn.relu(norm(x))
            x = blurred_half(x) if self.antialias else x
        for _ in range(self.blocks):
            y = nn.relu(norm(mirrored(x.shape[-1], 3)(x, train=train)))
            x = x + norm(mirrored(x.shape[-1], 3)(y, train=train))
            self.sow("intermediates", "maps", x)
        for i in reversed(range(self.halvings)):
            if self.antialias:
                x = Conv(self.width * 2**i, 3, 1, padding=ONE, **shared)(blurred_double(x), train=train)
            else:
                x = ConvTranspose(self.width * 2**i, 3, padding=((1, 2), (1, 2)), **shared)(x)
            x = nn.relu(norm(x))
        x = mirrored(self.channels, 7, use_bias=True)(x, train=train)
        return jnp.tanh(at_least_float32(x))
