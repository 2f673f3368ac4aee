"""Langevin sampling with a Metropolis correction."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

Rows = Float[Array, "n size"]


def langevin(
    log_density: Callable[[Rows], Float[Array, "n"]],
    start: Rows,
    keys: Key[Array, "n"],
    *,
    steps: int,
    rate: float,
) -> tuple[Rows, Float[Array, ""]]:
    """Ends of n chains that leave the density exp(log_density(z)) as it is.

    Each step proposes z' = z + ε/2 · ∇log p(z) + √ε · n with standard normal n, and accepts it with probability

        min(1, p(z') q(z | z') / (p(z) q(z' | z))),    q(z' | z) the normal density of the proposal.

    A generator with discriminator D and prior p₀ has log p(z) = log p₀(z) + D(G(z)), if D's logit is log p_data/p_G.

    Args:
        log_density: of rows, up to a constant; a row's value must not depend on the others.
        start: first row of each chain.
        keys: one key for each chain. The end of a chain depends on its start and its key alone.
        steps: steps of each chain.
        rate: ε, above 0. Larger steps are accepted more rarely.

    Returns:
        The last rows, and the share of accepted steps.

    Reference:
        Che et al., [Your GAN is Secretly an Energy-based Model and You Should Use Discriminator Driven Latent
        Sampling](https://arxiv.org/abs/2003.06060), 2020, algorithm 1; Roberts & Tweedie, Exponential Convergence of
        Langevin Distributions and Their Discrete Approximations, 1996, for the correction.
    """

    def value_and_drift(z: Rows) -> tuple[Array, Rows]:
        value, pullback = jax.vjp(log_density, z)
        return value, rate / 2 * pullback(jnp.ones_like(value))[0]

    def step(carry: tuple[Rows, Array, Rows], i: Array) -> tuple[tuple[Rows, Array, Rows], Array]:
        z, value, drift = carry
        own = jax.vmap(lambda key: jax.random.split(jax.random.fold_in(key, i)))(keys)
        noise = jax.vmap(lambda key: jax.random.normal(key, z.shape[1:]))(own[:, 0])
        proposal = z + drift + jnp.sqrt(rate) * noise
        new, back = value_and_drift(proposal)
        there, here = jnp.sum(noise**2, axis=1) / 2, jnp.sum((z - proposal - back) ** 2, axis=1) / (2 * rate)
        accept = jnp.log(jax.vmap(jax.random.uniform)(own[:, 1])) < new - value + there - here
        kept = accept[:, None]
        carry = jnp.where(kept, proposal, z), jnp.where(accept, new, value), jnp.where(kept, back, drift)
        return carry, jnp.mean(accept)

    (z, *_), accepted = jax.lax.scan(step, (start, *value_and_drift(start)), jnp.arange(steps))
    return z, jnp.mean(accepted)
