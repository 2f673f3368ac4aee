"""The networks of StyleGAN2, for images of 4 or 7 pixels doubled any number of times.

Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020 (figure 2d, the skip generator and the
residual discriminator of figure 7); mapping network, mixing and truncation: A Style-Based Generator Architecture for
Generative Adversarial Networks, 2019; conditions: Training Generative Adversarial Networks with Limited Data, 2020.
The regulariser of the generator is `jaxgan.terms.path_length`.
"""

import math

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan import devices
from jaxgan.checks import require, require_number
from jaxgan.networks.layers.equalized import EqualizedConv, EqualizedDense, equalized_kernel
from jaxgan.networks.layers.fir import upsample
from jaxgan.networks.layers.minibatch_stddev import minibatch_stddev
from jaxgan.networks.layers.modulated import modulated_conv
from jaxgan.networks.layers.pixel_norm import pixel_norm
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.rows import draw_rows
from jaxgan.networks.layers.sides import ImageSize, halved, height_and_width, size_of


def stages(image_size: ImageSize, channel_base: int, channel_max: int) -> list[tuple[int, int, int]]:
    """Height, width and channels of each feature map, the smallest first.

    There are min(channel_base // side, channel_max) channels, where the side is the shorter one.

    Raises:
        ValueError: unless the shorter side is 4 or 7 doubled any number of times, the longer can be halved as often,
            and every map has a channel.
    """
    side = min(height_and_width(image_size))
    odd = side
    while odd >= 8 and odd % 2 == 0:
        odd //= 2
    shorter = "image_size" if isinstance(image_size, int) else "the shorter side of image_size"
    require(odd in (4, 7), f"{shorter} must be 4 or 7 times a power of two, got {image_size!r}")
    require(
        channel_base >= side and channel_max >= 1,
        f"channel_base must be at least image_size={image_size} and channel_max at least 1, "
        f"got {channel_base} and {channel_max}",
    )
    doublings = (side // odd).bit_length() - 1
    height, width = halved(image_size, doublings)
    factors = [2**i for i in range(doublings + 1)]
    return [(height * i, width * i, min(channel_base // (odd * i), channel_max)) for i in factors]


class StyleGAN2Generator(nn.Module):
    """Latent `[B, Z]` to images `[B, height, width, channels]`, not bounded.

    The mapping network makes a style w of each latent, the synthesis network an image of one style for each layer. In
    training mode, a share `mixing` of the rows takes w of a second, normal latent from a random layer on, every
    convolution adds noise of its own to every row, and the mean of w moves by 0.005 towards that of the batch. In
    evaluation mode, w becomes mean + truncation · (w − mean) in the first `truncation_layers` layers, and the noise is
    the same for every row and call. In the place of latents it takes styles `[B, layers, style_size]` as they are,
    layers = 2 · number of feature maps.

    Raises:
        ValueError: on construction, if an argument is out of range.

    Examples:
        >>> generator = jaxgan.networks.StyleGAN2Generator(
        ...     image_size=16, channels=3, style_size=8, mapping_layers=2, channel_base=128, channel_max=8
        ... )
        >>> shape(generator, latents)
        (2, 16, 16, 3)
    """

    image_size: ImageSize = 256
    """Pixels a side, or (height, width); the longer side is halved as often as the shorter."""
    channels: int = 3
    style_size: int = 512
    mapping_layers: int = 8
    channel_base: int = 32768
    channel_max: int = 512
    mixing: float = 0.9
    """Probability of style mixing, in [0, 1]."""
    truncation: float = 1.0
    """ψ ≥ 0 of evaluation mode: below 1 samples are more alike and more typical. `module.clone(truncation=0.7)`."""
    truncation_layers: int | None = None
    """Number of first layers to truncate, which make the coarse structure; None for all."""
    dtype: Computed = None
    """Dtype of the synthesis network, see `layers.precision`."""

    def __post_init__(self) -> None:
        maps = stages(self.image_size, self.channel_base, self.channel_max)
        for name in ("style_size", "mapping_layers"):
            value = getattr(self, name)
            require(
                isinstance(value, int) and value >= 1, f"{name} must be a whole number of at least 1, got {value!r}"
            )
        require_number("mixing", self.mixing, at_least=0)
        require(self.mixing <= 1, f"mixing must be at most 1, got {self.mixing}")
        require_number("truncation", self.truncation, at_least=0)
        number, most = self.truncation_layers, 2 * len(maps)
        require(
            number is None or (isinstance(number, int) and 1 <= number <= most),
            f"truncation_layers must be a whole number from 1 to {most} at {self.image_size} pixels, got {number!r}",
        )
        super().__post_init__()

    def setup(self) -> None:
        """Make both networks and the mean style."""
        maps = stages(self.image_size, self.channel_base, self.channel_max)
        self.layers = 2 * len(maps)
        self.mapping = Mapping(self.style_size, self.mapping_layers)
        self.synthesis = Synthesis(maps, self.channels, self.dtype)
        self.mean_style = self.variable("averages", "mean_style", jnp.zeros, (self.style_size,))

    def __call__(
        self,
        latent: Float[Array, "batch size"] | Float[Array, "batch layers size"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch height width channels"]:
        """Make one image for each row."""
        if latent.ndim == 3:
            return self.synthesis(latent, train=train)
        styles = self.styles(latent, condition, train=train)
        mean = self.mean_style
        if not train:
            truncated = jnp.arange(self.layers) < (self.truncation_layers or self.layers)
            psi = jnp.where(truncated, self.truncation, 1.0)[:, None]
            styles = styles + (1 - psi) * (mean.value - styles)
        elif not self.is_initializing():
            mean.value += 0.005 * (devices.average(jnp.mean(styles[:, 0], axis=0)) - mean.value)
        return self.synthesis(styles, train=train)

    def styles(
        self,
        latent: Float[Array, "batch size"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool = False,
    ) -> Float[Array, "batch layers style"]:
        """The style w of each latent, once for each layer: `module.apply(variables, latent, method="styles")`.

        In training mode some rows are mixed; nothing is truncated.
        """
        styles = self._repeated(latent, condition)
        if not train or self.mixing == 0:
            return styles

        def draw(key: Array) -> tuple[Array, Array]:
            key_latent, key_mixed, key_first = jax.random.split(key, 3)
            first = jax.random.randint(key_first, (), 1, self.layers)
            mixed = jax.random.bernoulli(key_mixed, self.mixing)
            return jax.random.normal(key_latent, latent.shape[1:]), jnp.where(mixed, first, self.layers)

        second, first = draw_rows(self, latent.shape[0], draw)
        kept = jnp.arange(self.layers)[None, :] < first[:, None]
        return jnp.where(kept[:, :, None], styles, self._repeated(second, condition))

    def _repeated(self, latent: Array, condition: Array | None) -> Array:
        w = self.mapping(latent, condition)
        return jnp.broadcast_to(w[:, None], (w.shape[0], self.layers, w.shape[1]))


class Mapping(nn.Module):
    """Latents `[B, Z]`, normalised to length √Z, to styles `[B, size]`: dense layers at a hundredth of the rate.

    A condition `[B, K]` is embedded linearly in `size` numbers, normalised in the same way and appended to the latent;
    without a latent it is mapped alone.
    """

    size: int
    depth: int

    @nn.compact
    def __call__(
        self, latent: Float[Array, "batch latent"] | None, condition: Float[Array, "batch classes"] | None
    ) -> Float[Array, "batch size"]:
        """Map."""
        parts = [] if latent is None else [pixel_norm(latent)]
        if condition is not None:
            parts.append(pixel_norm(EqualizedDense(self.size, name="embedding")(condition)))
        x = jnp.concatenate(parts, axis=1)
        for _ in range(self.depth):
            x = _activated(EqualizedDense(self.size, lr_multiplier=0.01)(x))
        return x


class Synthesis(nn.Module):
    """Styles `[B, layers, W]` to images: a learned feature map, two styled convolutions at every further size.

    Each size adds its colours to those of the size before, upsampled.
    """

    maps: list[tuple[int, int, int]]
    channels: int
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, styles: Float[Array, "batch layers size"], *, train: bool
    ) -> Float[Array, "batch height width channels"]:
        """Draw."""
        *sides, features = self.maps[0]
        start = self.param("start", nn.initializers.normal(1.0), (*sides, features))
        x = jnp.broadcast_to(start, (styles.shape[0], *start.shape)).astype(self.dtype or start.dtype)
        x = StyledConv(features, 0)(x, styles[:, 0], train=train)
        image = Colours(self.channels)(x, styles[:, 1])
        for i, (_, _, features) in enumerate(self.maps[1:], start=1):
            x = StyledConv(features, 2 * i - 1, up=True)(x, styles[:, 2 * i - 1], train=train)
            x = StyledConv(features, 2 * i)(x, styles[:, 2 * i], train=train)
            image = upsample(image) + Colours(self.channels)(x, styles[:, 2 * i + 1])
        return image


class StyledConv(nn.Module):
    """3×3 convolution modulated by an affine map of the style, noise of a learned strength, bias, leaky ReLU."""

    features: int
    layer: int
    """Its number, which chooses the noise of evaluation mode."""
    up: bool = False
    """Double the sides first."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width inputs"], w: Float[Array, "batch size"], *, train: bool
    ) -> Float[Array, "batch height_out width_out features"]:
        """Convolve in the dtype of x."""
        style = EqualizedDense(x.shape[-1], bias_init=1.0, name="affine")(w)
        kernel = equalized_kernel(self, (3, 3, x.shape[-1], self.features))
        strength = self.param("noise", nn.initializers.zeros, ())
        bias = self.param("bias", nn.initializers.zeros, (self.features,))
        x = modulated_conv(x, kernel, style, up=self.up)
        shape = (*x.shape[1:3], 1)
        if train:
            noise = draw_rows(self, x.shape[0], lambda key: jax.random.normal(key, shape))
        else:
            with jax.ensure_compile_time_eval():
                noise = jax.random.normal(jax.random.key(self.layer), (1, *shape))
        return _activated(x + (strength * noise + bias).astype(x.dtype))


class Colours(nn.Module):
    """1×1 convolution to colours in float32, modulated and not demodulated."""

    channels: int

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width inputs"], w: Float[Array, "batch size"]
    ) -> Float[Array, "batch height width channels"]:
        """Convolve."""
        style = EqualizedDense(x.shape[-1], bias_init=1.0, name="affine")(w)
        kernel = equalized_kernel(self, (1, 1, x.shape[-1], self.channels))
        bias = self.param("bias", nn.initializers.zeros, (self.channels,))
        return at_least_float32(modulated_conv(x, kernel, style, demodulate=False)) + bias


class StyleGAN2Discriminator(nn.Module):
    """Images `[B, H, W, C]`, the shorter side 4 or 7 pixels doubled any number of times, to logits `[B]`.

    Blocks down to the smallest feature map, minibatch standard deviation, a convolution and two dense layers, of which
    the first is sown as features. Without a condition the second makes the logit. With a condition `[B, K]` it makes
    as many numbers as there are features; the logit is their inner product with the mapped condition (see `Mapping`),
    over the root of their number: projection (Miyato & Koyama, cGANs with Projection Discriminator, 2018) without the
    term that sees no condition.

    Raises:
        ValueError: when called, for images of another size, or if `group_size` does not divide the rows, see
            `layers.minibatch_stddev`.

    Examples:
        >>> shape(jaxgan.networks.StyleGAN2Discriminator(channel_base=128, channel_max=8), jnp.zeros([2, 16, 16, 3]))
        (2,)
    """

    channel_base: int = 32768
    channel_max: int = 512
    group_size: int = 4
    """Rows of a group of minibatch standard deviation; 1 appends a constant."""
    residual: bool = True
    """Residual blocks; False: the two convolutions of each alone."""
    mapping_layers: int = 8
    """Layers of the mapping network of the condition."""
    dtype: Computed = None
    """Dtype of the convolutions, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch"]:
        """Judge each image."""
        widths = [features for *_, features in stages(size_of(x), self.channel_base, self.channel_max)]
        x = _activated(EqualizedConv(widths[-1], 1, dtype=self.dtype)(x))
        for width in reversed(widths[:-1]):
            y = _activated(EqualizedConv(x.shape[-1], dtype=self.dtype)(x))
            y = _activated(EqualizedConv(width, down=True, dtype=self.dtype)(y))
            if self.residual:
                y = (EqualizedConv(width, 1, down=True, use_bias=False, dtype=self.dtype)(x) + y) / math.sqrt(2)
            x = y
        x = minibatch_stddev(x, self.group_size)
        x = _activated(EqualizedConv(widths[0], dtype=self.dtype)(x))
        features = _activated(EqualizedDense(widths[0])(at_least_float32(x).reshape(x.shape[0], -1)))
        self.sow("intermediates", "features", features)
        if condition is None:
            return EqualizedDense(1)(features)[:, 0]
        mapped = Mapping(widths[0], self.mapping_layers)(None, condition)
        return jnp.sum(EqualizedDense(widths[0])(features) * mapped, axis=1) / math.sqrt(widths[0])


def _activated(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Leaky ReLU of slope 0.2, times √2, which about keeps the variance."""
    return nn.leaky_relu(x, 0.2) * math.sqrt(2)
