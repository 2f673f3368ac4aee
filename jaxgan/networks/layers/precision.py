"""The policy of mixed precision: layers and networks compute in `dtype`; everything that decides the training is wider.

Parameters, batch statistics, spectral vectors, samples and logits are float32, and with them losses, penalties and
optimizers. `dtype` None computes in the type of the inputs and parameters. That is float32 in name: unless
`jax.default_matmul_precision("highest")` is set, its products take TensorFloat-32 on GPUs that have it, 10 bits of
mantissa instead of 23, and bfloat16 on TPUs, 7 bits.

Reference:
    Micikevicius et al., [Mixed Precision Training](https://arxiv.org/abs/1710.03740), 2018; Kalamkar et al., [A Study
    of BFLOAT16 for Deep Learning Training](https://arxiv.org/abs/1905.12322), 2019.
"""

import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float

Computed = DTypeLike | None
"""The floating-point type of a computation; None: that of its inputs and parameters."""


def at_least_float32(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """`x` in float32, or as it is if that is wider."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))
