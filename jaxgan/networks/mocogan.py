"""The networks of MoCoGAN: clips whose frames share what is seen and differ by a recurrent code of their motion.

Tulyakov et al., MoCoGAN: Decomposing Motion and Content for Video Generation, 2018; the layers are those of the
authors' program.
"""

import math
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.dcgan import DCGANGenerator, kernel_init
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.clips import Conv3D
from jaxgan.networks.layers.linear import Conv, Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.rows import draw_rows
from jaxgan.networks.layers.sides import ImageSize

IMAGE_LAYERS = 3
"""Layers that see a frame alone, before its logits."""
WINDOW = 4
"""Frames in a window of each convolution over time, and pixels a side at which these end."""


class MoCoGANGenerator(nn.Module):
    """Latent `[B, content_size + (frames + 1)·motion_size]` to clips `[B, frames, height, width, channels]` in [-1, 1].

    The first numbers of a latent are the code of the content, which all frames share. The next are the state with
    which a gated recurrent unit begins, and the noise that it is given in each frame; its states are the codes of
    motion. Each frame is made of both codes by one DCGAN, whose batch normalisation sees all frames of all clips.

    Raises:
        ValueError: on construction, for an image size without a layout; when called, for latents of another size.

    Examples:
        >>> make = jaxgan.networks.MoCoGANGenerator(frames=3, image_size=16, content_size=5, motion_size=1, width=4)
        >>> shape(make, jnp.zeros([2, make.latent_size]))
        (2, 3, 16, 16, 1)
    """

    frames: int = 16
    image_size: ImageSize = 64
    channels: int = 1
    content_size: int = 50
    motion_size: int = 10
    width: int = 64
    dtype: Computed = None
    """Dtype of the convolutions, see `layers.precision`."""

    def __post_init__(self) -> None:
        require(
            isinstance(self.frames, int) and self.frames >= 1,
            f"frames must be a whole number of at least 1, got {self.frames!r}",
        )
        DCGANGenerator(self.image_size, parent=None)
        super().__post_init__()

    @property
    def latent_size(self) -> int:
        """Numbers in a latent."""
        return self.content_size + (self.frames + 1) * self.motion_size

    @nn.compact
    def __call__(
        self, latent: Float[Array, "batch size"], *, train: bool
    ) -> Float[Array, "batch times height width channels"]:
        """Make one clip for each row."""
        require(
            latent.shape[-1] == self.latent_size,
            f"latents must have {self.latent_size} numbers, got shape {latent.shape}",
        )
        rows = latent.shape[0]
        content, codes = jnp.split(latent, [self.content_size], axis=1)
        codes = codes.reshape(rows, self.frames + 1, self.motion_size)
        unit = nn.RNN(nn.GRUCell(self.motion_size))
        motion: Any = unit(codes[:, 1:], initial_carry=codes[:, 0])
        content = jnp.broadcast_to(content[:, None], (rows, self.frames, self.content_size))
        both = jnp.concatenate([content, motion], axis=2).reshape(rows * self.frames, -1)
        images = DCGANGenerator(self.image_size, self.channels, self.width, self.dtype)(both, train=train)
        return images.reshape(rows, self.frames, *images.shape[1:])


class MoCoGANDiscriminator(nn.Module):
    """Clips `[B, T, H, W, C]` to logits `[B, patches + 1]`: of the patches of one frame, then of the whole clip.

    In training mode each row has a frame of its own, drawn at random; in evaluation mode it is the one in the middle.
    Three 4×4 convolutions of stride 2, and a fourth that makes the logits, see it alone. Convolutions of 4 frames by
    4×4 pixels, of stride 2 over places and 1 over time, see the whole clip until a side has 4 pixels; one dense layer
    makes the logit, which is the authors' convolution where 4 frames are left. All double the channels from `width`,
    with leaky ReLU (slope 0.2) and, after the first, batch normalisation. The last feature maps of the clip are sown
    as features.

    Raises:
        ValueError: when called with clips that are smaller than 16 pixels or shorter than the convolutions.

    Examples:
        >>> judge = jaxgan.networks.MoCoGANDiscriminator(width=4)
        >>> judge.logits(frames=16, height=64, width=64)
        (16, 1)
        >>> shape(judge, jnp.zeros([2, 16, 64, 64, 1]))
        (2, 17)
    """

    width: int = 64
    batch_norm: bool = True
    """Without it, layers have biases."""
    dtype: Computed = None
    """Dtype of everything but the logits, see `layers.precision`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch times height width channels"], *, train: bool
    ) -> Float[Array, "batch logits"]:
        """Judge a frame of each clip, and the clip."""
        require(x.ndim == 5, f"expected clips [B, T, H, W, C], got shape {x.shape}")
        rows, frames = x.shape[:2]
        self.logits(*x.shape[1:4])
        place = jnp.full((rows,), frames // 2)
        if train:
            place = draw_rows(self, rows, lambda key: jax.random.randint(key, (), 0, frames))
        frame = jnp.einsum("btijc,bt->bijc", x, jax.nn.one_hot(place, frames, dtype=x.dtype))
        return jnp.concatenate([self._of_frame(frame, train), self._of_motion(x, train)], axis=1)

    def _of_frame(self, x: Array, train: bool) -> Float[Array, "batch images"]:
        for i in range(IMAGE_LAYERS):
            x = self._activated(Conv(self.width << i, **self._shared())(x, train=train), i, train)
        logits = Conv(1, use_bias=not self.batch_norm, kernel_init=kernel_init)(at_least_float32(x), train=train)
        return logits.reshape(x.shape[0], -1)

    def _of_motion(self, x: Array, train: bool) -> Float[Array, "batch 1"]:
        for i in range(layers(min(x.shape[2:4]))):
            x = self._activated(Conv3D(self.width << i, **self._shared())(x), i, train)
        x = at_least_float32(x)
        flat = x.reshape(x.shape[0], -1)
        self.sow("intermediates", "features", flat)
        return Dense(1, use_bias=not self.batch_norm, kernel_init=kernel_init)(flat, train=train)

    def _shared(self) -> dict[str, Any]:
        return {"use_bias": not self.batch_norm, "kernel_init": kernel_init, "dtype": self.dtype}

    def _activated(self, x: Array, layer: int, train: bool) -> Array:
        normalised = self.batch_norm and layer > 0
        return nn.leaky_relu(batch_norm(train=train, dtype=self.dtype)(x) if normalised else x, 0.2)

    @nn.nowrap
    def logits(self, frames: int, height: int, width: int) -> tuple[int, int]:
        """Number of logits of a frame and of the clip, for `losses.by_scale`.

        Raises:
            ValueError: for clips that are too small or too short.
        """
        count, side = layers(min(height, width)), 1 << (IMAGE_LAYERS + 1)
        least = (WINDOW - 1) * count + 1
        require(
            min(height, width) >= side and frames >= least,
            f"clips of {height} by {width} pixels must have at least {least} frames, and {side} pixels a side; got "
            f"{frames} frames",
        )
        return math.prod(-(-each // side) for each in (height, width)), 1


def layers(side: int) -> int:
    """How often a side is halved until it has at most 4 pixels."""
    return max(0, math.ceil(math.log2(side / WINDOW)))
