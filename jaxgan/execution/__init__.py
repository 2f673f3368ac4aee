"""Where a step runs: one device, several devices, several steps per call, a population.

Examples:
    >>> game = jaxgan.gan(
    ...     jaxgan.networks.MLPGenerator(output_shape=(2,), hidden=(8,), squash=False),
    ...     jaxgan.networks.MLPDiscriminator(hidden=(8,)),
    ...     loss=jaxgan.losses.hinge(),
    ...     latent_size=4,
    ... )
    >>> rule = jaxgan.dynamics.simultaneous(jaxgan.Players(optax.sgd(0.1), optax.sgd(0.1)))
    >>> algorithm = jaxgan.algorithm(game, rule)
    >>> key, batch = jax.random.key(0), jaxgan.Batch(jnp.zeros([4, 2]))
"""

from jaxgan.execution.layout import Step
from jaxgan.execution.population import population
from jaxgan.execution.repeated import repeated
from jaxgan.execution.wrappers import fully_sharded, jitted, pmapped, sharded, spread, state_shardings

__all__ = [
    "Step",
    "fully_sharded",
    "jitted",
    "pmapped",
    "population",
    "repeated",
    "sharded",
    "spread",
    "state_shardings",
]
