"""The U-Net of pix2pix: images to images of the same size, with a skip at every size on the way.

Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017, section 3.2.1 and appendix 6.1.1.
"""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxgan.checks import require, require_choice, require_number
from jaxgan.networks.layers.dropout import Dropout
from jaxgan.networks.layers.linear import Conv, ConvTranspose
from jaxgan.networks.layers.normalization import NORMS, Norm, normalized
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.rows import STREAM
from jaxgan.networks.layers.sides import halved, height_and_width, size_of
from jaxgan.networks.layers.small_kernels import SMALL_KERNELS

kernel_init = SMALL_KERNELS["normal"]


class UNetGenerator(nn.Module):
    """Images `[B, H, W, C]` to images `[B, H, W, channels]` in [-1, 1].

    The source is the condition if there is one, and the input is then a latent that is not used; without a condition
    the source is the input. The first is `jaxgan.gan(condition=conditions.like(shape))`, the second a game such as
    CycleGAN's.

    4×4 convolutions of stride 2, each halving the sides and doubling the channels from `width` up to 8 times that, with
    leaky ReLU (slope 0.2) before each but the first; then as many 4×4 transposed convolutions back, each with ReLU
    before it. From the second on, their input has the channels of the map of the same size on the way down too. Every
    layer is normalised but the first, that to the smallest map and the last. Dropout follows the first three layers on
    the way back, and tanh the last.

    With batch normalisation no layer but the last has a bias, as in the authors' PyTorch program. Otherwise those
    that nothing normalises have one.

    Raises:
        ValueError: on construction, if an argument is out of range; when called, unless both sides are multiples of
            2^depth, or if there is dropout in sampling and no random key.

    Examples:
        >>> shape(jaxgan.networks.UNetGenerator(channels=3, width=8, depth=5), latents, images)
        (2, 32, 32, 3)
    """

    channels: int = 3
    width: int = 64
    depth: int | None = None
    """Number of times that the sides are halved, at least 1; None: as often as both sides can be, at most 8. Set it for
    a network that should translate images of several sizes."""
    norm: Norm = "batch"
    """With one image in a batch, as in the paper, "batch" is "instance" in training with a learned scale and shift."""
    dropout: float = 0.5
    """Share in [0, 1)."""
    sampling_dropout: bool = False
    """Use dropout in evaluation mode too: the paper's only source of noise. It needs a random key."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        require_choice("norm", self.norm, NORMS)
        require_number("dropout", self.dropout, at_least=0, below=1)
        require(
            self.depth is None or (isinstance(self.depth, int) and self.depth >= 1),
            f"depth must be None or a whole number of at least 1, got {self.depth!r}",
        )
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch ..."],
        condition: Float[Array, "batch height width source"] | None = None,
        *,
        train: bool,
        key: Key[Array, ""] | None = None,
    ) -> Float[Array, "batch height width channels"]:
        """Translate each image. `key` stands here so that `networks.linen` passes random streams in evaluation mode."""
        x = x if condition is None else condition
        depth, use_bias = self._depth(x), self.norm != "batch"
        drop = train or self.sampling_dropout
        require(
            not self.sampling_dropout or self.has_rng(STREAM) or self.has_rng("dropout"),
            "sampling_dropout=True needs a random key in evaluation mode too",
        )
        features, skips = [self.width * min(2**i, 8) for i in range(depth)], []
        for i, width in enumerate(features):
            plain = i in (0, depth - 1)
            x = x if i == 0 else nn.leaky_relu(x, 0.2)
            x = Conv(width, use_bias=plain and use_bias, kernel_init=kernel_init, dtype=self.dtype)(x, train=train)
            x = x if plain else normalized(x, self.norm, train=train, dtype=self.dtype)
            skips.append(x)
        x = skips.pop()
        for i, skip in reversed(list(enumerate(skips))):
            x = ConvTranspose(features[i], use_bias=self.norm == "none", kernel_init=kernel_init, dtype=self.dtype)(
                nn.relu(x)
            )
            x = normalized(x, self.norm, train=train, dtype=self.dtype)
            if i > depth - 5:
                x = Dropout(self.dropout)(x, train=drop)
            x = jnp.concatenate([skip, x], axis=-1)
        x = ConvTranspose(self.channels, kernel_init=kernel_init, dtype=self.dtype)(nn.relu(x))
        return jnp.tanh(at_least_float32(x))

    def _depth(self, x: Array) -> int:
        size = size_of(x)
        if self.depth is not None:
            halved(size, self.depth)
            return self.depth
        height, width = height_and_width(size)
        common = height | width
        times = min(8, (common & -common).bit_length() - 1)
        require(times >= 1, f"both sides must be even, got images of {height} by {width} pixels")
        return times
