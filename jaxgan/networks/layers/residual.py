"""Residual blocks of images, and how the networks of several papers stack them."""

from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice
from jaxgan.networks.layers.attention import check_attention
from jaxgan.networks.layers.resampling import downsample, upsample

Layer = Callable[..., nn.Module]
"""Makes a layer: the rest of its configuration is the caller's."""


class Layout(NamedTuple):
    """The stacks of blocks of a generator and a discriminator for one image size, channels in multiples of a width."""

    side: int
    """Of the generator's smallest feature map."""
    first: int
    """Channels of that map."""
    up: tuple[int, ...]
    """Channels after each block of the generator; each doubles the sides."""
    down: tuple[int, ...]
    """Channels after each of the discriminator's first blocks; each halves the sides."""
    flat: tuple[int, ...]
    """Channels after each of the discriminator's further blocks."""

    def up_sides(self) -> tuple[int, ...]:
        """Sides after each block of the generator."""
        return tuple(self.side * 2 ** (i + 1) for i in range(len(self.up)))

    def down_sides(self) -> tuple[int, ...]:
        """Sides after each of the discriminator's blocks that halve them."""
        image = self.side * 2 ** len(self.up)
        return tuple(image // 2 ** (i + 1) for i in range(len(self.down)))


def layout_of(
    x: Float[Array, "batch height width channels"], layouts: dict[int, Layout], attention: tuple[int, ...]
) -> Layout:
    """The discriminator's layout for these images.

    Raises:
        ValueError: unless they are square, of a side in `layouts`, and attention is where there are feature maps.
    """
    require(x.ndim == 4 and x.shape[1] == x.shape[2], f"expected square images [B, H, W, C], got shape {x.shape}")
    require_choice("image_size", x.shape[1], tuple(layouts))
    layout = layouts[x.shape[1]]
    check_attention(attention, layout.down_sides())
    return layout


class UpBlock(nn.Module):
    """`[B, H, W, C] -> [B, 2H, 2W, features]`: norm, ReLU, upsample, 3×3, norm, ReLU, 3×3, beside a 1×1 shortcut.

    The shortcut convolves before it upsamples, which gives the same as the published order for a quarter of the work.

    Reference:
        Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, appendix B; Gulrajani et al.,
        Improved Training of Wasserstein GANs, 2017, appendix F.
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
