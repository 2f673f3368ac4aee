"""The discriminator of SRGAN and ESRGAN, in the manner of VGG.

Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network, 2017, figure 4; the
kernels and layers are those of ESRGAN's program.
"""

import flax.linen as nn
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.linear import Conv, Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.sides import height_and_width, size_of

kernel_init = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")
SMALLEST = 4
"""Pixels of the shorter side at which the convolutions end."""


class VGGDiscriminator(nn.Module):
    """Images `[B, H, W, C]` to logits `[B]`.

    A 3×3 convolution and a 4×4 one of stride 2, again and again until the shorter side has 4 pixels, with channels that
    double from `width` up to 8 times that; two dense layers, the first of 100 units. Leaky ReLU (slope 0.2) follows all
    but the last, and batch normalisation all convolutions but the first. What the convolutions make is sown as
    features.

    Raises:
        ValueError: when called, unless halving the shorter side gives 4 pixels after some times, and the longer side
            can be halved as often.

    Examples:
        >>> shape(jaxgan.networks.VGGDiscriminator(width=8, hidden=8), images)
        (2,)
    """

    width: int = 64
    hidden: int = 100
    """Units of the first dense layer."""
    dtype: Computed = None
    """Dtype of the convolutions and of what lies between them, see `layers.precision`."""

    @nn.compact
    def __call__(self, x: Float[Array, "batch height width channels"], *, train: bool) -> Float[Array, "batch"]:
        """Judge each image."""
        height, width = height_and_width(size_of(x))
        shorter, longer = sorted((height, width))
        halvings = (shorter // SMALLEST).bit_length() - 1
        fits = halvings >= 1 and shorter == SMALLEST << halvings and longer % (1 << halvings) == 0
        require(fits, f"images must have sides of 4 pixels, doubled at least once, got {height} by {width}")
        for i in range(halvings):
            features = self.width * min(2**i, 8)
            for size, stride in ((3, 1), (4, 2)):
                first = i == 0 and size == 3
                x = Conv(features, size, stride, use_bias=first, kernel_init=kernel_init, dtype=self.dtype)(
                    x, train=train
                )
                x = nn.leaky_relu(x if first else batch_norm(train=train, dtype=self.dtype)(x), 0.2)
        x = at_least_float32(x).reshape(x.shape[0], -1)
        self.sow("intermediates", "features", x)
        x = nn.leaky_relu(Dense(self.hidden, kernel_init=kernel_init)(x, train=train), 0.2)
        return Dense(1, kernel_init=kernel_init)(x, train=train)[:, 0]
