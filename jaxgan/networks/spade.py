"""The generator of SPADE (GauGAN): maps of labels to images, with the map told to every normalisation.

Park et al., Semantic Image Synthesis with Spatially-Adaptive Normalization, 2019, section 3 and appendix A.
"""

from collections.abc import Callable
from functools import partial

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice
from jaxgan.networks.layers.linear import Conv, Dense, SpectralNorm
from jaxgan.networks.layers.normalization import Norm
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.resampling import upsample
from jaxgan.networks.layers.sides import halved, size_of
from jaxgan.networks.layers.spade import SpatiallyAdaptiveNorm, shrunk

kernel_init = nn.initializers.variance_scaling(0.02**2, "fan_avg", "normal")


class SPADEGenerator(nn.Module):
    """Maps `[B, H, W, K]`, such as labels one-hot, to images `[B, H, W, channels]` in [-1, 1].

    The map is the condition if there is one, else the input. The smallest feature map is a 3×3 convolution of the map
    at its sides or, with `from_latent`, a dense layer of the input, which is a latent `[B, Z]` then. After one residual
    block, nearest-neighbour upsampling and a block for each doubling, of which the first has two, with
    width·min(16, 2^(doublings left)) channels. Leaky ReLU (slope 0.2), a 3×3 convolution and tanh make the image.

    Raises:
        ValueError: on construction, if an argument is out of range; when called, unless both sides are multiples of
            2^doublings, or with `from_latent` and no condition.

    Examples:
        >>> generator = jaxgan.networks.SPADEGenerator(channels=3, width=4, doublings=2, hidden=8)
        >>> shape(generator, latents, images)
        (2, 32, 32, 3)
    """

    channels: int = 3
    width: int = 64
    doublings: int = 5
    """Number of times that the image's sides are halved for the smallest feature map."""
    from_latent: bool = False
    """Draw different images from one map, as the paper's does with an encoder of styles."""
    spectral_norm: SpectralNorm = True
    """Apply spectral norm to the blocks' convolutions, but not to those inside the normalisation."""
    norm: Norm = "batch"
    """What the maps scale and shift."""
    hidden: int = 128
    """Channels inside each normalisation."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, ("batch", "instance"))
        require(
            isinstance(self.doublings, int) and self.doublings >= 1,
            f"doublings must be a whole number of at least 1, got {self.doublings!r}",
        )
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch ..."],
        condition: Float[Array, "batch height width labels"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch height width channels"]:
        """Make one image for each map."""
        require(condition is not None or not self.from_latent, "from_latent=True needs a map as the condition")
        labels = x if condition is None else condition
        height, width = halved(size_of(labels), self.doublings)
        features = [self.width * min(16, 2**i) for i in reversed(range(self.doublings))]
        if self.from_latent:
            x = Dense(height * width * features[0], kernel_init=kernel_init, dtype=self.dtype)(x, train=train)
            x = x.reshape(-1, height, width, features[0])
        else:
            first = Conv(features[0], 3, 1, kernel_init=kernel_init, dtype=self.dtype)
            x = first(shrunk(labels, height, width), train=train)
        norm = partial(SpatiallyAdaptiveNorm, self.hidden, self.norm, kernel_init, self.dtype)
        block = partial(SPADEBlock, norm=norm, spectral_norm=self.spectral_norm, dtype=self.dtype)
        x = block(features[0])(x, labels, train=train)
        for i, wide in enumerate(features):
            x = block(wide)(upsample(x), labels, train=train)
            if i == 0:
                x = block(wide)(x, labels, train=train)
        last = Conv(self.channels, 3, 1, kernel_init=kernel_init, dtype=self.dtype)
        return jnp.tanh(at_least_float32(last(nn.leaky_relu(x, 0.2), train=train)))


class SPADEBlock(nn.Module):
    """`[B, H, W, C] -> [B, H, W, features]`: two times norm, leaky ReLU and 3×3, beside x or norm and 1×1 of it.

    There are min(C, features) channels between the two.
    """

    features: int
    norm: Callable[..., nn.Module]
    """Called with nothing; its layer is called with the feature map, the map of labels and `train`."""
    spectral_norm: SpectralNorm = True
    dtype: Computed = None

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        labels: Float[Array, "batch rows columns labels"],
        *,
        train: bool,
    ) -> Float[Array, "batch height width features"]:
        """Add."""
        conv = partial(Conv, stride=1, kernel_init=kernel_init, spectral_norm=self.spectral_norm, dtype=self.dtype)
        middle = min(x.shape[-1], self.features)
        y = nn.leaky_relu(self.norm()(x, labels, train=train), 0.2)
        y = conv(middle, 3, use_bias=False)(y, train=train)
        y = nn.leaky_relu(self.norm()(y, labels, train=train), 0.2)
        y = conv(self.features, 3)(y, train=train)
        if x.shape[-1] != self.features:
            x = conv(self.features, 1, use_bias=False)(self.norm()(x, labels, train=train), train=train)
        return x + y
