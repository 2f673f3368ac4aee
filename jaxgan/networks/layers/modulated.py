"""Convolution whose kernel is scaled by a style, a different one for each row."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxgan.networks.layers.convolution import conv


def modulated_conv(
    x: Float[Array, "batch height width inputs"],
    kernel: Float[Array, "rows columns inputs outputs"],
    style: Float[Array, "batch inputs"],
    *,
    demodulate: bool = True,
) -> Float[Array, "batch height width outputs"]:
    """Convolve row b with the kernel w'ₖᵢₒ = s_bi·wₖᵢₒ, divided if demodulated by √(Σₖᵢ w'² + 1e-8), k the places.

    Computed as one convolution for the whole batch: inputs times s, convolved with w, and outputs divided by the same
    root, which is (s²·Σₖ w²)ᵢₒ summed over i.

    Args:
        x: `[B, H, W, I]`.
        kernel: `[rows, columns, I, O]`.
        style: s, `[B, I]`.
        demodulate: whether outputs are brought back to the scale of the inputs.

    Returns:
        `[B, H, W, O]`, in the dtype of x; style and root are computed in their own.

    Reference:
        Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, equations 1-3; the order of
        operations, section 2.2 and appendix B.
    """
    y = conv(x * style[:, None, None, :].astype(x.dtype), kernel.astype(x.dtype))
    if not demodulate:
        return y
    scale = lax.rsqrt(style**2 @ jnp.sum(kernel**2, axis=(0, 1)) + 1e-8)
    return y * scale[:, None, None, :].astype(x.dtype)
