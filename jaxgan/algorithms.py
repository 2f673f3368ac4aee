"""Join a game and its dynamics into one training algorithm, with the average of the generator."""

from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, PyTree

from jaxgan import devices
from jaxgan.arguments import named
from jaxgan.checks import require_choice, require_key, require_number
from jaxgan.core import Algorithm, Average, Batch, Dynamics, Game, GANState, Info, Players, Turn, stream
from jaxgan.games.protocol import check_batch, check_parts, check_start, check_step, is_traced
from jaxgan.games.weight import Weight, at

WARMUP = 10.0
"""Warm-up of the generator's average, where its decay is a number."""


def algorithm(
    game: Game,
    dynamics: Dynamics,
    *,
    ema_decay: Weight | Literal["uniform"] = 0.999,
    ema_warmup: float | None = None,
) -> Algorithm:
    """Join what the players want to how they move.

    The generator's parameters and floating-point variables (batch statistics) are averaged after every step,

        average ← d·average + (1 − d)·current,    d = min(ema_decay, (1 + t) / (ema_warmup + t)),

    where t counts finished steps from 0. The warm-up lets the average forget the initial weights early on. With
    `ema_decay="uniform"`, d = t / (1 + t): the mean of what every step so far has left, the initial weights not
    counted; there is no warm-up then.

    Args:
        game: what each player wants, see `jaxgan.gan`.
        dynamics: how they move, see `jaxgan.dynamics`.
        ema_decay: in [0, 1), where 0 follows the current generator, a schedule of t, or "uniform". May be traced.
        ema_warmup: at least 1; 1 turns the warm-up off. None: 10 for a number; no warm-up for a schedule, which says
            all by itself.

    Raises:
        ValueError: if an argument is out of range.
        TypeError: from each of the functions, if its key is not a typed key; from `sample`, if latents are given to a
            game whose `sample` takes none.

    Reference:
        Yazıcı et al., [The Unusual Effectiveness of Averaging in GAN Training](https://arxiv.org/abs/1806.04498), 2019,
        for both averages.

    Examples:
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.MLPGenerator(output_shape=(2,), hidden=(8,), squash=False),
        ...     jaxgan.networks.MLPDiscriminator(hidden=(8,)),
        ...     loss=jaxgan.losses.hinge(),
        ...     latent_size=4,
        ... )
        >>> rule = jaxgan.dynamics.alternating(jaxgan.Players(optax.adam(1e-3), optax.adam(1e-3)))
        >>> algorithm = jaxgan.algorithm(game, rule, ema_decay=0.999)
        >>> state = algorithm.init(jax.random.key(0), jaxgan.Batch(jnp.zeros([4, 2])))
        >>> algorithm.sample(state, jax.random.key(1), 16).shape
        (16, 2)
    """
    check_parts(game, dynamics)
    if isinstance(ema_decay, str):
        require_choice("ema_decay", ema_decay, ("uniform",))
    else:
        require_number("ema_decay", ema_decay, at_least=0, below=1)
    warmup = ema_warmup if ema_warmup is not None else 1.0 if callable(ema_decay) else WARMUP
    require_number("ema_warmup", warmup, at_least=1)

    def init(key: Key[Array, ""], batch: Batch) -> GANState:
        require_key(key)
        check_batch(batch)
        params, variables = game.init(stream(key, "init"), batch)  # steps fold their numbers into the key itself
        check_start(params, variables)
        average, memory = prepare(params, Average(params.generator, variables.generator))
        state = GANState(jnp.zeros((), jnp.int32), params, variables, average, memory)
        if not is_traced(batch):
            check_step(game, step, state, batch, key)
        return state

    @jax.jit
    def prepare(params: Players, current: Average) -> tuple[Average, PyTree]:
        return jax.tree.map(jnp.copy, current), dynamics.init(params)

    def step(state: GANState, batch: Batch, key: Key[Array, ""]) -> tuple[GANState, Info]:
        require_key(key)
        turn = Turn(batch, jax.random.fold_in(key, state.step), state.step)
        params, variables, memory, info = dynamics.update(game, state.params, state.variables, state.memory, turn)
        variables = devices.average(variables)
        t = state.step
        decay = t / (1 + t) if isinstance(ema_decay, str) else jnp.minimum(at(ema_decay, t), (1 + t) / (warmup + t))
        current = Average(params.generator, variables.generator)
        average = jax.tree.map(partial(_mix, decay), state.average, current, is_leaf=devices.is_kept)
        return GANState(state.step + 1, params, variables, average, memory), devices.average(info)

    def sample(state: GANState, key: Key[Array, ""], n: int, condition: Any = None, latent: Any = None) -> PyTree:
        require_key(key)
        given = () if latent is None else (latent,)
        average, step = state.average, named(game.sample, step=jnp.asarray(state.step))
        return game.sample(average.params, average.variables, key, n, condition, *given, **step)

    return Algorithm(init, step, sample, game)


def _mix(decay: Float[Array, ""], average: Any, current: Any) -> Any:
    if devices.is_kept(current) or not jnp.issubdtype(current.dtype, jnp.inexact):
        return current
    return (current + decay * (average - current)).astype(current.dtype)
