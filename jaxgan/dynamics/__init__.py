"""How the players move: rules that take any game, most of them around any pair of optax optimizers.

Examples:
    >>> from jaxgan.networks import Network
    >>> point = Network(lambda key, z, c: (jnp.array(1.0), {}), lambda p, v, z, c, *, train, key: (p + 0 * z, v))
    >>> slope = Network(lambda key, x, c: (jnp.array(1.0), {}), lambda p, v, x, c, *, train, key: (p * x[:, 0], v))
    >>> bilinear = jaxgan.gan(point, slope, loss=jaxgan.losses.wasserstein(), latent_size=1)
    >>> batch, key = jaxgan.Batch(jnp.zeros([1, 1])), jax.random.key(0)
    >>> def after(rule, steps=1):
    ...     algorithm = jaxgan.algorithm(bilinear, rule)
    ...     state = algorithm.init(key, batch)
    ...     for _ in range(steps):
    ...         state, _ = algorithm.step(state, batch, key)
    ...     print(np.round(np.stack(state.params), 3))
    >>> optimizers = jaxgan.Players(optax.sgd(0.5), optax.sgd(0.5))
"""

from jaxgan.dynamics.alternating import alternating
from jaxgan.dynamics.competitive import competitive
from jaxgan.dynamics.consensus import consensus
from jaxgan.dynamics.extragradient import extragradient
from jaxgan.dynamics.lookahead import lookahead
from jaxgan.dynamics.optimistic import optimistic
from jaxgan.dynamics.past_extragradient import past_extragradient
from jaxgan.dynamics.pretrained import pretrained
from jaxgan.dynamics.runge_kutta import runge_kutta
from jaxgan.dynamics.simultaneous import simultaneous
from jaxgan.dynamics.symplectic_adjustment import symplectic_adjustment
from jaxgan.dynamics.unrolled import unrolled

__all__ = [
    "alternating",
    "competitive",
    "consensus",
    "extragradient",
    "lookahead",
    "optimistic",
    "past_extragradient",
    "pretrained",
    "runge_kutta",
    "simultaneous",
    "symplectic_adjustment",
    "unrolled",
]
