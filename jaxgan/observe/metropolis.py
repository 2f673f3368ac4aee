"""Independent Metropolis-Hastings sampling: proposals that a generator makes, accepted by a density ratio."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

Rows = Float[Array, "n size"]


def metropolis(
    propose: Callable[[Key[Array, ""]], Float[Array, "size"]],
    log_ratio: Callable[[Rows], Float[Array, "n"]],
    start: Rows,
    keys: Key[Array, "n"],
    *,
    steps: int,
) -> tuple[Rows, Float[Array, ""]]:
    """Ends of n chains that leave the density p_proposal(z) · exp(log_ratio(z)) as it is.

    Each step draws a proposal z' for each chain and accepts it with probability

        min(1, exp(log_ratio(z') − log_ratio(z))).

    The normalising constant of the density cancels. A generator with discriminator D has log_ratio(z) = D(G(z)), if D's
    logit is log p_data/p_G.

    Args:
        propose: draws one row from its key.
        log_ratio: of rows; a row's value must not depend on the others.
        start: first row of each chain.
        keys: one key for each chain. The end of a chain depends on its start and its key alone.
        steps: proposals for each chain.

    Returns:
        The last rows, and the share of accepted proposals.

    Reference:
        Turner et al., [Metropolis-Hastings Generative Adversarial Networks](https://arxiv.org/abs/1811.11357), 2019,
        equation 2 and algorithm 1 (there with a calibrated discriminator and chains that start at data).
    """

    def step(carry: tuple[Rows, Array], i: Array) -> tuple[tuple[Rows, Array], Array]:
        z, value = carry
        own = jax.vmap(lambda key: jax.random.split(jax.random.fold_in(key, i)))(keys)
        proposal = jax.vmap(propose)(own[:, 0])
        proposed = log_ratio(proposal)
        accept = jnp.log(jax.vmap(jax.random.uniform)(own[:, 1])) < proposed - value
        return (jnp.where(accept[:, None], proposal, z), jnp.where(accept, proposed, value)), jnp.mean(accept)

    (z, _), accepted = jax.lax.scan(step, (start, log_ratio(start)), jnp.arange(steps))
    return z, jnp.mean(accepted)
