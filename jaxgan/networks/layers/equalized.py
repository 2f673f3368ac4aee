"""Layers with equalised learning rate: all kernels start with one variance, and are scaled when they are used."""

import math

import flax.linen as nn
from flax.linen.dtypes import promote_dtype
from jaxtyping import Array, Float

from jaxgan.networks.layers.convolution import conv
from jaxgan.networks.layers.fir import blur, bordered, downsample
from jaxgan.networks.layers.precision import Computed


class EqualizedDense(nn.Module):
    """`[B, C] -> [B, features]`: x·W·gain·m/√C + m·b, m the `lr_multiplier`, W ~ N(0, 1/m²).

    Adam, whose steps do not know the scale of a parameter, then moves every layer at the same pace, and m times slower
    than others those with m < 1.

    Reference:
        Karras et al., [Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), 2018, section 4.1; the
        multiplier: [A Style-Based Generator Architecture](https://arxiv.org/abs/1812.04948), 2019, appendix C.
    """

    features: int
    use_bias: bool = True
    gain: float = 1.0
    lr_multiplier: float = 1.0
    bias_init: float = 0.0
    """Initial value of what the bias adds."""
    dtype: Computed = None

    @nn.compact
    def __call__(self, x: Float[Array, "batch channels"]) -> Float[Array, "batch features"]:
        """Apply the affine map."""
        kernel = equalized_kernel(self, (x.shape[-1], self.features), self.gain, self.lr_multiplier)
        if not self.use_bias:
            x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
            return x @ kernel
        start = nn.initializers.constant(self.bias_init / self.lr_multiplier)
        bias = self.param("bias", start, (self.features,)) * self.lr_multiplier
        x, kernel, bias = promote_dtype(x, kernel, bias, dtype=self.dtype)
        return x @ kernel + bias


class EqualizedConv(nn.Module):
    """`[B, H, W, C] -> [B, H, W, features]`: convolution by W·gain/√(kernel_size²·C), W ~ N(0, 1).

    With `down`, `[B, H/2, W/2, features]`: `fir.blur`, then the convolution at every second pixel. The image is padded
    once, before the filter, so that the kernel sees what the filter spreads beyond the image.

    Reference:
        Karras et al., [Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), 2018, section 4.1.
    """

    features: int
    kernel_size: int = 3
    """Odd."""
    down: bool = False
    """Halve the sides, which must be even then."""
    use_bias: bool = True
    gain: float = 1.0
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"]
    ) -> Float[Array, "batch height_out width_out features"]:
        """Convolve."""
        kernel = equalized_kernel(self, (self.kernel_size, self.kernel_size, x.shape[-1], self.features), self.gain)
        bias = self.param("bias", nn.initializers.zeros, (self.features,)) if self.use_bias else None
        x, kernel, bias = promote_dtype(x, kernel, bias, dtype=self.dtype)
        y = _conv_down(x, kernel) if self.down else conv(x, kernel)
        return y if bias is None else y + bias


def _conv_down(x: Array, kernel: Array) -> Array:
    if kernel.shape[0] == 1:
        return conv(downsample(x), kernel)
    return conv(blur(bordered(x, kernel.shape[0] // 2)), kernel, stride=2, padding=((0, 0), (0, 0)))


def equalized_kernel(
    module: nn.Module, shape: tuple[int, ...], gain: float = 1.0, lr_multiplier: float = 1.0
) -> Float[Array, "..."]:
    """The parameter "kernel" of the module, `[..., inputs, outputs]`, times gain · lr_multiplier / √(fan in)."""
    kernel = module.param("kernel", nn.initializers.normal(1 / lr_multiplier), shape)
    return kernel * (gain * lr_multiplier / math.sqrt(math.prod(shape[:-1])))
