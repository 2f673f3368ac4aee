"""Weight normalisation of a kernel."""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float, Key


def weight_normalized(module: nn.Module, kernel: Float[Array, "..."], axis: int = -1) -> Float[Array, "..."]:
    """g·v / ‖v‖ of each slice v of the kernel along `axis`, with the length g as a parameter "scale" of the module.

    The first lengths are those of the kernel, which is then the first weight.

    Args:
        axis: axis of the slices: the last one, of the features, or another, as programs in PyTorch have it in
            transposed convolutions, where each input channel has a length.

    Reference:
        Salimans & Kingma, [Weight Normalization](https://arxiv.org/abs/1602.07868), 2016, equation 2.
    """
    others = tuple(i for i in range(kernel.ndim) if i != axis % kernel.ndim)

    def lengths(_: Key[Array, ""]) -> Float[Array, "..."]:
        return jnp.linalg.norm(kernel, axis=others, keepdims=True)

    scale = module.param("scale", lengths)
    return scale * kernel / jnp.linalg.norm(kernel, axis=others, keepdims=True)
