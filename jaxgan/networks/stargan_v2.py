"""The networks of StarGAN v2: images in the style of another domain, drawn from a latent or taken from an image.

Choi et al., StarGAN v2: Diverse Image Synthesis for Multiple Domains, 2020, section 2 and appendix. Domains are
conditions `[B, K]`, one-hot as those of `conditions.labels`. The generator is the authors' for animal faces; that for
human faces adds what a network for landmarks sees, which is not here.
"""

import math
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.adain import AdaptiveInstanceNorm
from jaxgan.networks.layers.instance_norm import InstanceNorm
from jaxgan.networks.layers.linear import NOTHING, Conv, Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.resampling import downsample, upsample
from jaxgan.networks.layers.sides import halved, size_of

kernel_init = nn.initializers.he_normal()


class StarGANv2Generator(nn.Module):
    """Images `[B, H, W, C]` and styles `[B, S]`, as the condition, to images `[B, H, W, channels]`, not bounded.

    Residual blocks with instance normalisation down to the smallest feature map, each doubling the channels from
    `width` up to `channel_max`, and two more; then as many with `AdaptiveInstanceNorm` back. Each sum of a block is
    divided by √2.

    Raises:
        ValueError: when called, unless both sides are multiples of 2^halvings and there is a style.

    Examples:
        >>> generator = jaxgan.networks.StarGANv2Generator(channels=3, width=8, channel_max=8, halvings=2)
        >>> shape(generator, images, jnp.zeros([2, 6]))
        (2, 32, 32, 3)
    """

    channels: int = 3
    width: int = 64
    """Channels next to the image: the authors' 2^14 over the side."""
    channel_max: int = 512
    halvings: int = 4
    """Number of times that the sides are halved: 4 from 256 to 16 pixels."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width source"],
        condition: Float[Array, "batch style"],
        *,
        train: bool,
    ) -> Float[Array, "batch height width channels"]:
        """Translate each image."""
        halved(size_of(x), self.halvings)
        require(
            condition is not None and condition.ndim == 2,
            "the condition must be styles [B, S], such as those of StarGANv2Mapping",
        )
        widths = [min(self.width * 2**i, self.channel_max) for i in range(self.halvings + 1)]
        x = Conv(widths[0], 3, 1, kernel_init=kernel_init, dtype=self.dtype)(x, train=train)
        for width in widths[1:]:
            x = DownBlock(width, normalised=True, dtype=self.dtype)(x, train=train)
        for _ in range(2):
            x = DownBlock(widths[-1], normalised=True, down=False, dtype=self.dtype)(x, train=train)
        for _ in range(2):
            x = StyledBlock(widths[-1], up=False, dtype=self.dtype)(x, condition, train=train)
        for width in reversed(widths[:-1]):
            x = StyledBlock(width, dtype=self.dtype)(x, condition, train=train)
        x = nn.leaky_relu(InstanceNorm()(x), 0.2)
        return at_least_float32(Conv(self.channels, 1, 1, kernel_init=kernel_init, dtype=self.dtype)(x, train=train))


class StarGANv2(nn.Module):
    """All of StarGAN v2 but its discriminator: latents `[B, Z]` and a condition to images `[B, H, W, C]`.

    The condition has `source` `[B, H, W, C]`, the images, `of` `[B, K]`, their domains, and `to` `[B, K]`, those of the
    samples, one-hot: see `jaxgan.games.restyled.Restyling`. It is what `terms.style_reconstruction` and
    `terms.style_cycle` ask for.
    """

    channels: int = 3
    width: int = 64
    channel_max: int = 512
    halvings: int = 4
    style_size: int = 64
    hidden: int = 512
    mapping_rate: float = 1.0
    """How many times as far as the others the mapping moves in a step of Adam: its parameters are held divided by this,
    which is the same but for Adam's ε."""
    dtype: Computed = None

    def setup(self) -> None:
        """Make the three networks."""
        by, widths = self.mapping_rate, (self.width, self.channel_max)
        self.generator = StarGANv2Generator(self.channels, *widths, self.halvings, self.dtype)
        self.encoder = StarGANv2StyleEncoder(self.style_size, *widths, self.dtype)
        scaled = nn.map_variables(
            StarGANv2Mapping,
            "params",
            lambda held: jax.tree.map(lambda leaf: by * leaf, held),
            lambda used: jax.tree.map(lambda leaf: leaf / by, used),
            init=True,
            mutable=self.is_initializing(),
        )
        self.mapping = scaled(self.style_size, self.hidden)

    def __call__(self, x: Float[Array, "batch latent"], condition: Any, *, train: bool) -> Float[Array, "batch ..."]:
        """Translate each source."""
        if self.is_initializing():
            self.encoder(condition.source, condition.of, train=train)
        return self.generator(condition.source, self.style(x, condition, train=train), train=train)

    def style(
        self, latent: Float[Array, "batch latent"], condition: Any, *, train: bool
    ) -> Float[Array, "batch style"]:
        """Draw a style of the new domain."""
        return self.mapping(latent, condition.to, train=train)

    def read(self, images: Float[Array, "batch ..."], condition: Any, *, train: bool) -> Float[Array, "batch style"]:
        """The style of images of the new domain."""
        return self.encoder(images, condition.to, train=train)

    def back(self, images: Float[Array, "batch ..."], condition: Any, *, train: bool) -> Float[Array, "batch ..."]:
        """Images in the style of their sources."""
        return self.generator(images, self.encoder(condition.source, condition.of, train=train), train=train)


class StarGANv2Mapping(nn.Module):
    """Latents `[B, Z]` and domains `[B, K]` to styles `[B, style_size]`.

    Four dense layers with ReLU for all domains, three and a linear one for each.

    Examples:
        >>> mapping = jaxgan.networks.StarGANv2Mapping(style_size=6, hidden=8)
        >>> shape(mapping, latents, labels)
        (2, 6)
    """

    style_size: int = 64
    hidden: int = 512
    """Units of each layer but the last."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch latent"], condition: Float[Array, "batch domains"], *, train: bool
    ) -> Float[Array, "batch style"]:
        """Draw a style for each row."""
        for _ in range(4):
            x = nn.relu(Dense(self.hidden, kernel_init=kernel_init)(x, train=train))
        y = jnp.broadcast_to(x[:, None], (x.shape[0], condition.shape[1], x.shape[1]))
        for _ in range(3):
            y = nn.relu(DomainDense(self.hidden)(y))
        return jnp.einsum("bks,bk->bs", DomainDense(self.style_size)(y), condition)


class StarGANv2StyleEncoder(nn.Module):
    """Images `[B, H, W, C]` and domains `[B, K]` to styles `[B, style_size]`: `features_of`, a linear layer for each.

    Raises:
        ValueError: when called, unless the images are squares whose side is 4 doubled at least once.

    Examples:
        >>> encoder = jaxgan.networks.StarGANv2StyleEncoder(style_size=6, width=8, channel_max=8)
        >>> shape(encoder, images, labels)
        (2, 6)
    """

    style_size: int = 64
    width: int = 64
    channel_max: int = 512
    dtype: Computed = None
    """Dtype of the convolutions, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch domains"],
        *,
        train: bool,
    ) -> Float[Array, "batch style"]:
        """Read the style of each image."""
        x = features_of(x, self.width, self.channel_max, train, self.dtype)
        y = jnp.broadcast_to(x[:, None], (x.shape[0], condition.shape[1], x.shape[1]))
        return jnp.einsum("bks,bk->bs", DomainDense(self.style_size)(y), condition)


class StarGANv2Discriminator(nn.Module):
    """Images `[B, H, W, C]` and domains `[B, K]` to logits `[B]`, those of the row's domain.

    `features_of`, which are sown as features, and a linear layer with a logit for each domain.

    Raises:
        ValueError: when called, unless the images are squares whose side is 4 doubled at least once.

    Examples:
        >>> shape(jaxgan.networks.StarGANv2Discriminator(width=8, channel_max=8), images, labels)
        (2,)
    """

    width: int = 64
    channel_max: int = 512
    dtype: Computed = None
    """Dtype of the convolutions, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch domains"],
        *,
        train: bool,
    ) -> Float[Array, "batch"]:
        """Judge each image."""
        features = features_of(x, self.width, self.channel_max, train, self.dtype)
        self.sow("intermediates", "features", features)
        logits = Dense(condition.shape[1], kernel_init=kernel_init)(features, train=train)
        return jnp.sum(logits * condition, axis=1)


def features_of(
    x: Float[Array, "batch height width channels"], width: int, most: int, train: bool, dtype: Computed
) -> Float[Array, "batch features"]:
    """Residual blocks down to 4×4 places, leaky ReLU, a 4×4 convolution to one place and leaky ReLU, in float32.

    Call it inside the compact method of a module.

    Raises:
        ValueError: unless the images are squares whose side is 4 doubled at least once.
    """
    side = size_of(x)
    require(
        isinstance(side, int) and side >= 8 and side & (side - 1) == 0,
        f"images must be squares whose side is a power of two of at least 8, got {x.shape[1]} by {x.shape[2]}",
    )
    x = Conv(width, 3, 1, kernel_init=kernel_init, dtype=dtype)(x, train=train)
    while x.shape[1] > 4:
        width = min(2 * width, most)
        x = DownBlock(width, dtype=dtype)(x, train=train)
    last = Conv(width, 4, 1, padding=NOTHING, kernel_init=kernel_init, dtype=dtype)
    x = nn.leaky_relu(last(nn.leaky_relu(x, 0.2), train=train), 0.2)
    return at_least_float32(x[:, 0, 0])


class DownBlock(nn.Module):
    """`[B, H, W, C] -> [B, H/2, W/2, features]`: two times leaky ReLU and 3×3, averaged between, beside a shortcut.

    The sum over √2. The shortcut is the average and, where the channels change, a 1×1 convolution.
    """

    features: int
    normalised: bool = False
    """`InstanceNorm` before each leaky ReLU."""
    down: bool = True
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height_out width_out features"]:
        """Add."""

        def convolved(y: Array, features: int, use_bias: bool) -> Array:
            y = nn.leaky_relu(InstanceNorm()(y) if self.normalised else y, 0.2)
            return Conv(features, 3, 1, use_bias=use_bias, kernel_init=kernel_init, dtype=self.dtype)(y, train=train)

        y = convolved(x, x.shape[-1], not self.normalised)
        if self.down:
            x, y = downsample(x), downsample(y)
        return (_shortcut(x, self.features, train, self.dtype) + convolved(y, self.features, True)) / math.sqrt(2)


class StyledBlock(nn.Module):
    """`[B, H, W, C] -> [B, 2H, 2W, features]`: two times AdaIN, leaky ReLU and 3×3, doubled after the first leaky ReLU.

    The sum with a shortcut, over √2.
    """

    features: int
    up: bool = True
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], style: Float[Array, "batch style"], *, train: bool
    ) -> Float[Array, "batch height_out width_out features"]:
        """Add."""
        y = nn.leaky_relu(AdaptiveInstanceNorm(kernel_init)(x, style, train=train), 0.2)
        if self.up:
            x, y = upsample(x), upsample(y)
        first = Conv(self.features, 3, 1, use_bias=False, kernel_init=kernel_init, dtype=self.dtype)
        y = AdaptiveInstanceNorm(kernel_init)(first(y, train=train), style, train=train)
        second = Conv(self.features, 3, 1, kernel_init=kernel_init, dtype=self.dtype)
        y = second(nn.leaky_relu(y, 0.2), train=train)
        return (_shortcut(x, self.features, train, self.dtype) + y) / math.sqrt(2)


class DomainDense(nn.Module):
    """`[B, K, C] -> [B, K, features]`: an affine map of its own for each of K domains."""

    features: int

    @nn.compact
    def __call__(self, x: Float[Array, "batch domains channels"]) -> Float[Array, "batch domains features"]:
        """Map."""
        shape = (*x.shape[1:], self.features)
        kernel = self.param("kernel", nn.initializers.he_normal(batch_axis=0), shape)
        bias = self.param("bias", nn.initializers.zeros, (x.shape[1], self.features))
        return jnp.einsum("bki,kio->bko", x, kernel) + bias


def _shortcut(x: Array, features: int, train: bool, dtype: Computed) -> Array:
    if x.shape[-1] == features:
        return x
    return Conv(features, 1, 1, use_bias=False, kernel_init=kernel_init, dtype=dtype)(x, train=train)
