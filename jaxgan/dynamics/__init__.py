"""How the players move: rules that take any game, each around any pair of optax optimizers."""

from jaxgan.dynamics.alternating import alternating as alternating
from jaxgan.dynamics.simultaneous import simultaneous as simultaneous
