"""How the players move: rules that take any game, most of them around any pair of optax optimizers."""

from jaxgan.dynamics.alternating import alternating as alternating
from jaxgan.dynamics.competitive import competitive as competitive
from jaxgan.dynamics.consensus import consensus as consensus
from jaxgan.dynamics.extragradient import extragradient as extragradient
from jaxgan.dynamics.lookahead import lookahead as lookahead
from jaxgan.dynamics.optimistic import optimistic as optimistic
from jaxgan.dynamics.past_extragradient import past_extragradient as past_extragradient
from jaxgan.dynamics.runge_kutta import runge_kutta as runge_kutta
from jaxgan.dynamics.simultaneous import simultaneous as simultaneous
from jaxgan.dynamics.symplectic_adjustment import symplectic_adjustment as symplectic_adjustment
from jaxgan.dynamics.unrolled import unrolled as unrolled
