"""Spectral normalisation of a kernel."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require


def spectrally_normalized(
    module: nn.Module, kernel: Float[Array, "..."], train: bool, iterations: int = 1
) -> Float[Array, "..."]:
    """W / σ(W), with W the kernel reshaped to `[inputs, outputs]` and σ its largest singular value.

    σ is estimated by power iterations from the vector u kept in the collection "spectral": v = Wu/‖Wu‖, σ = ‖Wᵀv‖,
    u ← Wᵀv/σ; in training mode u is kept. Unlike the reference, no gradient is stopped in u and v: the derivative is
    that of the computed function, to any order; at convergence both agree. A kernel of zeros has no direction: its
    result is NaN.

    Args:
        iterations: at least 1.

    Raises:
        ValueError: if `iterations` is below 1.

    Reference:
        Miyato et al., [Spectral Normalization for Generative Adversarial Networks](https://arxiv.org/abs/1802.05957),
        2018, algorithm 1.
    """
    require(iterations >= 1, f"spectral_norm must be a number of power iterations, at least 0, got {iterations}")
    matrix = kernel.reshape(-1, kernel.shape[-1])

    def start() -> Float[Array, "outputs"]:
        return _unit(jax.random.normal(module.make_rng("params"), (matrix.shape[1],), matrix.dtype))

    u = module.variable("spectral", "u", start)
    moved = matrix.T @ _unit(matrix @ u.value)
    for _ in range(iterations - 1):
        moved = matrix.T @ _unit(matrix @ _unit(moved))
    if train and not module.is_initializing():
        u.value = _unit(moved)
    return kernel / jnp.linalg.norm(moved)


def _unit(x: Float[Array, "n"]) -> Float[Array, "n"]:
    return x / (jnp.linalg.norm(x) + jnp.finfo(x.dtype).tiny)
