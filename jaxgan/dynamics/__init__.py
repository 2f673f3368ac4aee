"""How the players move: rules that take any game, most of them around any pair of optax optimizers."""

from jaxgan.dynamics.alternating import alternating
from jaxgan.dynamics.competitive import competitive
from jaxgan.dynamics.consensus import consensus
from jaxgan.dynamics.extragradient import extragradient
from jaxgan.dynamics.lookahead import lookahead
from jaxgan.dynamics.optimistic import optimistic
from jaxgan.dynamics.past_extragradient import past_extragradient
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
    "runge_kutta",
    "simultaneous",
    "symplectic_adjustment",
    "unrolled",
]
