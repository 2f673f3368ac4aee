"""Residual blocks of images, and how the networks of several papers stack them."""

from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn
from jaxtyping import Array, Float

from jaxgan.networks.layers.attention import check_attention
from jaxgan.networks.layers.resampling import downsample, upsample
from jaxgan.networks.layers.sides import ImageSize, chosen, halved, size_of

Layer = Callable[..., nn.Module]
"""Makes a layer: the rest of its configuration is the caller's."""


class Layout(NamedTuple):
    """The stacks of blocks of a generator and a discriminator for images of one shorter side.

    Channels are multiples of a width.
    """

    side: int
    """Shorter side of the generator's smallest feature map."""
    first: int
    """Channels of that map."""
    up: tuple[int, ...]
    """Channels after each block of the generator; each doubles the sides."""
    down: tuple[int, ...]
    """Channels after each of the discriminator's first blocks; each halves the sides."""
    flat: tuple[int, ...]
    """Channels after each of the discriminator's further blocks."""

    def up_sides(self) -> tuple[int, ...]:
        """Shorter sides after each block of the generator."""
        return tuple(self.side * 2 ** (i + 1) for i in range(len(self.up)))

    def down_sides(self) -> tuple[int, ...]:
        """Shorter sides after each of the discriminator's blocks that halve them."""
        image = self.side * 2 ** len(self.up)
        return tuple(image // 2 ** (i + 1) for i in range(len(self.down)))


def layout_at(image_size: ImageSize, layouts: dict[int, Layout]) -> Layout:
    """The layout for images of this size: that of the shorter side.

    Raises:
        ValueError: if the shorter side is not in `layouts`, or the longer cannot be halved as often.
    """
    layout = chosen(image_size, layouts)
    halved(image_size, max(len(layout.up), len(layout.down)))
    return layout


def layout_of(
    x: Float[Array, "batch height width channels"], layouts: dict[int, Layout], attention: tuple[int, ...]
) -> Layout:
    """The discriminator's layout for these images.

    Raises:
        ValueError: as `layout_at`, and unless attention is where there are feature maps.
    """
    layout = layout_at(size_of(x), layouts)
    check_attention(attention, layout.down_sides())
    return layout


class UpBlock(nn.Module):
    """`[B, H, W, C] -> [B, 2H, 2W, features]`: norm, ReLU, upsample, 3×3, norm, ReLU, 3×3, beside a 1×1 shortcut.

    The shortcut convolves before it upsamples, which gives the same as the published order for a quarter of the work.

    Reference:
        Miyato et al., [Spectral Normalization for Generative Adversarial Networks](https://arxiv.org/abs/1802.05957),
        2018, appendix B; Gulrajani et al., [Improved Training of Wasserstein GANs](https://arxiv.org/abs/1704.00028),
        2017, appendix F.
    """

    features: int
    conv: Layer
    """Called with its channels and `kernel_size`."""
    norm: Layer
    """Called with nothing; its layer is called with the images, the condition and `train`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch size"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch 2*height 2*width features"]:
        """Add."""
        h = nn.relu(self.norm()(x, condition, train=train))
        h = self.conv(self.features, kernel_size=3)(upsample(h), train=train)
        h = nn.relu(self.norm()(h, condition, train=train))
        h = self.conv(self.features, kernel_size=3)(h, train=train)
        return h + upsample(self.conv(self.features, kernel_size=1)(x, train=train))


class DownBlock(nn.Module):
    """`[B, H, W, C] -> [B, H/2, W/2, features]`: ReLU, 3×3, ReLU, 3×3, average, beside a shortcut.

    The shortcut is the average, then a 1×1 convolution: the same as the other way around. Where neither sides nor
    channels change it is x.
    """

    features: int
    conv: Layer
    """Called with its channels and `kernel_size`."""
    norm: Layer | None = None
    """Before each ReLU, called with nothing."""
    first: bool = False
    """x is the image: there is nothing before the first convolution."""
    down: bool = True
    """False: the sides stay."""
    wide: bool = False
    """`features` channels between the convolutions, as in BigGAN, instead of C."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height_out width_out features"]:
        """Add."""

        def activate(h: Array) -> Array:
            return nn.relu(h if self.norm is None else self.norm()(h))

        hidden = self.features if self.wide or self.first else x.shape[-1]
        h = self.conv(hidden, kernel_size=3)(x if self.first else activate(x), train=train)
        h = self.conv(self.features, kernel_size=3)(activate(h), train=train)
        if self.down:
            h, x = downsample(h), downsample(x)
        if self.down or x.shape[-1] != self.features:
            x = self.conv(self.features, kernel_size=1)(x, train=train)
        return h + x
