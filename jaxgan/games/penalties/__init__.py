"""Penalties on the discriminator: functions `(critic, real, fake, turn) -> scalar`, added to its loss.

`critic: [B, ...] -> [B, ...]` is the discriminator with its parameters, condition and variables inside. It runs in
training mode, so batch normalisation normalises by the statistics of the batch it is given, and the statistics it would
move are dropped. Weights are numbers, traced numbers, or schedules of the step (any optax schedule).

A penalty of your own is such a function; copy one of these. What acts on parameters alone belongs to the optimizer, see
`jaxgan.optimizers`; what acts on logits alone is a loss, see `jaxgan.losses`.
"""

from jaxgan.games.penalties.consistency import balanced_consistency as balanced_consistency
from jaxgan.games.penalties.consistency import consistency as consistency
from jaxgan.games.penalties.consistency import flip_and_shift as flip_and_shift
from jaxgan.games.penalties.contract import Critic as Critic
from jaxgan.games.penalties.contract import Penalty as Penalty
from jaxgan.games.penalties.every import every as every
from jaxgan.games.penalties.gradient import dragan as dragan
from jaxgan.games.penalties.gradient import gradient_penalty as gradient_penalty
from jaxgan.games.penalties.gradient import one_sided as one_sided
from jaxgan.games.penalties.gradient import r1 as r1
from jaxgan.games.penalties.gradient import r2 as r2
from jaxgan.games.penalties.gradient import squared_gradient_norm as squared_gradient_norm
from jaxgan.games.penalties.gradient import zero_centered as zero_centered
