"""The networks of HiFi-GAN: a generator, and the multi-period and multi-scale discriminators.

Kong et al., HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech Synthesis, 2020, section 2
and appendix A; layers and first weights are those of the authors' program.
"""

import math
from functools import partial
from typing import Any, Literal, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxgan.checks import require, require_choice
from jaxgan.networks.layers.linear import Initializer
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.waveform import Conv1D, ConvTranspose1D, KernelNorm

SLOPE = 0.1
"""That of leaky ReLU, but for the last one of the generator, which has 0.01."""
kernel_init = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")
kernel_init_transposed = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform", in_axis=-1, out_axis=-2)
"""PyTorch's: uniform within ±1/√n, n the inputs times the taps, or, transposed, the features times the taps. The
authors' program draws smaller kernels beside weight normalisation, where they are lost."""


class Blocks(NamedTuple):
    """Residual blocks that follow each upsampling; the mean of all goes on."""

    kernel_sizes: tuple[int, ...]
    dilations: tuple[tuple[int, ...], ...]
    """Those of the convolutions of each block."""
    double: bool
    """Whether a convolution without dilation follows each."""


V1 = Blocks((3, 7, 11), ((1, 3, 5),) * 3, True)
V3 = Blocks((3, 5, 7), ((1, 2), (2, 6), (3, 12)), False)
BLOCKS: dict[Literal["v1", "v3"], Blocks] = {"v1": V1, "v3": V3}
"""Those of V1 and V2, which differ in width, and of V3."""

PERIOD_LAYERS = ((1, 3), (4, 3), (16, 3), (32, 3), (32, 1))
"""Multiple of the width, and stride, of the layers for a period."""
SCALE_LAYERS = (
    (1, 15, 1, 1),
    (1, 41, 2, 4),
    (2, 41, 2, 16),
    (4, 41, 4, 16),
    (8, 41, 4, 16),
    (8, 41, 1, 16),
    (8, 5, 1, 1),
)
"""Multiple of the width, taps, stride and groups of the layers for a scale."""


class HiFiGANGenerator(nn.Module):
    """Mel spectrograms `[B, frames, bands]` to waveforms `[B, Π upsampling · frames, 1]` in [-1, 1].

    The spectrogram is the condition, and the input a latent that is not used. A convolution of 7 taps to `width`
    channels, then transposed convolutions of 2u taps and stride u for each factor u, which halve the channels and are
    followed by the mean of residual blocks of dilated convolutions, then 7 taps and tanh. All kernels have weight
    normalisation.

    Raises:
        ValueError: on construction, if a factor is odd or the width cannot be halved so often; when called, without a
            spectrogram.

    Examples:
        >>> vocoder = jaxgan.networks.HiFiGANGenerator(width=8, upsampling=(4, 4))
        >>> shape(vocoder, latents, jnp.zeros([2, 16, 20]))
        (2, 256, 1)
    """

    width: int = 256
    """Channels before the first upsampling: 512 in V1, 128 in V2, 256 in V3."""
    upsampling: tuple[int, ...] = (8, 8, 4)
    """Factors, all even: (8, 8, 2, 2) in V1 and V2, (8, 8, 4) in V3."""
    blocks: Literal["v1", "v3"] = "v3"
    """v1: kernels of 3, 7 and 11 taps with dilations 1, 3 and 5, each followed by one without; v3: 3, 5 and 7 taps with
    dilations (1, 2), (2, 6) and (3, 12)."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        require_choice("blocks", self.blocks, tuple(BLOCKS))
        require(
            len(self.upsampling) >= 1 and all(isinstance(u, int) and u >= 2 and u % 2 == 0 for u in self.upsampling),
            f"upsampling must be even factors of at least 2, such as (8, 8, 4), got {self.upsampling}",
        )
        least = 2 ** len(self.upsampling)
        require(
            isinstance(self.width, int) and self.width >= least and self.width % least == 0,
            f"width must be a multiple of {least}, to be halved {len(self.upsampling)} times, got {self.width!r}",
        )
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch ..."],
        condition: Float[Array, "batch frames bands"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch times 1"]:
        """Make the waveform of each spectrogram."""
        x = x if condition is None else condition
        require(x.ndim == 3, f"expected spectrograms [B, frames, bands], got shape {x.shape}")
        x = conv(self.width, 7, fan_in=7 * x.shape[-1], dtype=self.dtype)(x)
        for i, factor in enumerate(self.upsampling, 1):
            features = self.width >> i
            bias = uniform_bias(2 * factor * features)
            up = ConvTranspose1D(
                features, 2 * factor, factor, kernel_init_transposed, self.dtype, bias, weight_norm=True
            )
            x = up(nn.leaky_relu(x, SLOPE))
            kind = BLOCKS[self.blocks]
            x = sum(
                (self._block(x, *each, kind.double) for each in zip(kind.kernel_sizes, kind.dilations, strict=True)),
                jnp.zeros((), x.dtype),
            ) / len(kind.kernel_sizes)
        x = nn.leaky_relu(x, 0.01)
        return jnp.tanh(at_least_float32(conv(1, 7, fan_in=7 * x.shape[-1], dtype=self.dtype)(x)))

    def _block(self, x: Array, size: int, dilations: tuple[int, ...], double: bool) -> Array:
        layer = partial(conv, x.shape[-1], size, fan_in=size * x.shape[-1], dtype=self.dtype)
        for dilation in dilations:
            y = layer(dilation=dilation)(nn.leaky_relu(x, SLOPE))
            x = x + (layer()(nn.leaky_relu(y, SLOPE)) if double else y)
        return x


class HiFiGANDiscriminator(nn.Module):
    """Waveforms `[B, T, 1]` to logits `[B, places]`: the multi-period and the multi-scale discriminator in one.

    For period p the waveform is taken as p waveforms, each of every p-th sample, which go through convolutions of 5
    taps and stride 3. For scale k it is averaged k times over 4 samples at every second place, and goes through long
    convolutions in groups. Kernels have weight normalisation, those of the first scale spectral normalisation. What
    comes of each layer is sown as features, the logits among them. With `losses.by_scale` and `places` all periods and
    scales weigh alike. The condition is not looked at.

    Raises:
        ValueError: on construction, without a period or scale; when called, unless there are waveforms of one channel
            that are longer than the longest period.

    Examples:
        >>> network = jaxgan.networks.HiFiGANDiscriminator((2, 3), scales=1, period_width=1, scale_width=16)
        >>> shape(network, jnp.zeros([2, 256, 1])), network.places(256)
        ((2, 14), (4, 6, 4))
    """

    periods: tuple[int, ...] = (2, 3, 5, 7, 11)
    scales: int = 3
    period_width: int = 32
    """Channels of the first layer for a period, which grow to 32 times that."""
    scale_width: int = 128
    """Channels of the first layer for a scale, which grow to 8 times that; a multiple of 16."""
    dtype: Computed = None
    """Dtype of everything but the logits, see `layers.precision`."""

    def __post_init__(self) -> None:
        require(
            all(isinstance(p, int) and p >= 1 for p in self.periods),
            f"periods must be whole numbers of at least 1, got {self.periods}",
        )
        require(
            isinstance(self.scales, int) and self.scales >= 0 and self.scales + len(self.periods) > 0,
            f"there must be a period or a scale, got periods={self.periods} and scales={self.scales!r}",
        )
        require(
            self.scales == 0 or self.scale_width % 16 == 0,
            f"scale_width must be a multiple of 16, the number of groups, got {self.scale_width}",
        )
        super().__post_init__()

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch times 1"], condition: Array | None = None, *, train: bool
    ) -> Float[Array, "batch places"]:
        """Judge each waveform, for all periods and then for all scales."""
        longest = max(self.periods, default=1)
        require(
            x.ndim == 3 and x.shape[2] == 1 and x.shape[1] > longest,
            f"expected waveforms [B, T, 1] with T above {longest}, got shape {x.shape}",
        )
        logits = [self._of_period(x, period) for period in self.periods]
        for i in range(self.scales):
            if i > 0:
                x = nn.avg_pool(x, (4,), (2,), ((2, 2),), count_include_pad=True)
            logits.append(self._of_scale(x, "spectral" if i == 0 else "weight", train))
        return jnp.concatenate(logits, axis=1)

    def _of_period(self, x: Array, period: int) -> Array:
        batch, times, _ = x.shape
        x = jnp.pad(x, ((0, 0), (0, -times % period), (0, 0)), mode="reflect")
        x = x.reshape(batch, -1, period).swapaxes(1, 2).reshape(batch * period, -1, 1)
        for multiple, stride in PERIOD_LAYERS:
            layer = conv(self.period_width * multiple, 5, stride, fan_in=5 * x.shape[-1], dtype=self.dtype)
            x = nn.leaky_relu(layer(x), SLOPE)
            self._show(x, batch)
        x = conv(1, 3, fan_in=3 * x.shape[-1])(at_least_float32(x))
        return self._show(x, batch)

    def _of_scale(self, x: Array, norm: KernelNorm, train: bool) -> Array:
        batch = x.shape[0]
        for multiple, size, stride, groups in SCALE_LAYERS:
            fan_in = size * x.shape[-1] // groups
            layer = conv(
                self.scale_width * multiple, size, stride, fan_in=fan_in, groups=groups, norm=norm, dtype=self.dtype
            )
            x = nn.leaky_relu(layer(x, train=train), SLOPE)
            self._show(x, batch)
        x = conv(1, 3, fan_in=3 * x.shape[-1], norm=norm)(at_least_float32(x), train=train)
        return self._show(x, batch)

    def _show(self, x: Array, batch: int) -> Array:
        """Sow what a layer makes of each waveform, in one row, and return it."""
        row = at_least_float32(x).reshape(batch, -1)
        self.sow("intermediates", "features", row)
        return row

    @nn.nowrap
    def places(self, length: int) -> tuple[int, ...]:
        """Number of logits for each period and each scale of a waveform of this length, for `losses.by_scale`."""
        counts = []
        for period in self.periods:
            size = -(-length // period)
            for _, stride in PERIOD_LAYERS:
                size = _strided(size, stride)
            counts.append(period * size)
        for i in range(self.scales):
            size = length
            for _ in range(i):
                size = size // 2 + 1
            for _, _, stride, _ in SCALE_LAYERS:
                size = _strided(size, stride)
            counts.append(size)
        return tuple(counts)


def conv(
    features: int,
    size: int,
    stride: int = 1,
    *,
    fan_in: int,
    dilation: int = 1,
    groups: int = 1,
    norm: KernelNorm = "weight",
    dtype: Computed = None,
) -> Conv1D:
    """A convolution as PyTorch makes it, padded with zeros by half its reach, of odd size."""
    pad = dilation * (size - 1) // 2
    options: dict[str, Any] = {"groups": groups, "dilation": dilation, "kernel_norm": norm}
    return Conv1D(
        features, size, stride, kernel_init, dtype, bias_init=uniform_bias(fan_in), padding=(pad, pad), **options
    )


def uniform_bias(fan_in: int) -> Initializer:
    """PyTorch's first biases: uniform within ±1/√fan_in."""

    def init(key: Key[Array, ""], shape: tuple[int, ...], dtype: Any = jnp.float32) -> Array:
        return jax.random.uniform(key, shape, dtype, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    return init


def _strided(size: int, stride: int) -> int:
    """Places of a convolution that is padded by half an odd kernel."""
    return (size - 1) // stride + 1
