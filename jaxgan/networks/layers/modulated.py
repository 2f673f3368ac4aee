"""Convolution whose kernel is scaled by a style, a different one for each row."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxgan.networks.layers.convolution import conv
from jaxgan.networks.layers.fir import bordered, upsample


def modulated_conv(
    x: Float[Array, "batch height width inputs"],
    kernel: Float[Array, "rows columns inputs outputs"],
    style: Float[Array, "batch inputs"],
    *,
    demodulate: bool = True,
    up: bool = False,
) -> Float[Array, "batch height_out width_out outputs"]:
    """Convolve row b with the kernel w'ₖᵢₒ = s_bi·wₖᵢₒ, divided if demodulated by √(Σₖᵢ w'² + 1e-8), k the places.

    Computed as one convolution for the whole batch: inputs times s, convolved with w, and outputs divided by the same
    root, which is (s²·Σₖ w²)ᵢₒ summed over i.

    Args:
        x: `[B, H, W, I]`.
        kernel: `[rows, columns, I, O]`.
        style: s, `[B, I]`.
        demodulate: whether outputs are brought back to the scale of the inputs.
        up: double the sides by `fir.upsample` before the convolution. The image is padded once, before the filter, so
            that the kernel sees what the filter spreads beyond the image.

    Returns:
        `[B, H, W, O]`, with `up` `[B, 2H, 2W, O]`, in the dtype of x; style and root are computed in their own.

    Reference:
        Karras et al., [Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958), 2020,
        equations 1-3; the order of operations, section 2.2 and appendix B.
    """
    x, kernel_of_x = x * style[:, None, None, :].astype(x.dtype), kernel.astype(x.dtype)
    y = _conv_up(x, kernel_of_x) if up else conv(x, kernel_of_x)
    if not demodulate:
        return y
    scale = lax.rsqrt(style**2 @ jnp.sum(kernel**2, axis=(0, 1)) + 1e-8)
    return y * scale[:, None, None, :].astype(x.dtype)


def _conv_up(x: Array, kernel: Array) -> Array:
    needed = kernel.shape[0] // 2
    border = -(-needed // 2)
    crop = (needed - 2 * border, needed - 2 * border)
    return conv(upsample(bordered(x, border)), kernel, padding=(crop, crop))
