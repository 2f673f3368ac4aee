"""Packs of several rows, which the discriminator judges together."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require


def packed(x: Float[Array, "batch ..."], m: int) -> Float[Array, "packs ..."]:
    """Concatenate each m consecutive rows along their last axis: `[B, ..., C]` to `[B/m, ..., m·C]`.

    Consecutive rows lie on one device where m divides the rows of each, so one device and many pack the same.

    Raises:
        ValueError: if m does not divide the rows.

    Reference:
        Lin et al., [PacGAN: The power of two samples in generative adversarial
        networks](https://arxiv.org/abs/1712.04086), 2018, section 2.
    """
    if m == 1:
        return x
    rows, *middle, features = x.shape
    require(rows % m == 0, f"pack={m} does not divide the {rows} rows that the discriminator gets on each device")
    return jnp.moveaxis(x.reshape(-1, m, *middle, features), 1, -2).reshape(-1, *middle, m * features)


def unpacked(x: Float[Array, "packs ..."], m: int) -> Float[Array, "batch ..."]:
    """The rows of which `packed` made the packs: `[B/m, ..., m·C]` to `[B, ..., C]`."""
    if m == 1:
        return x
    packs, *middle, features = x.shape
    rows = jnp.moveaxis(x.reshape(packs, *middle, m, features // m), -2, 1)
    return rows.reshape(packs * m, *middle, features // m)
