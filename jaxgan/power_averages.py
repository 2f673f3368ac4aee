"""Averages of the generator from which an average of any length can be made after training."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, PyTree

from jaxgan import devices
from jaxgan.checks import require
from jaxgan.core import Algorithm, Average, Batch, GANState, Info

LONGEST = 0.28
"""Lengths are below that of γ = 0, which weighs all steps alike: 1/√12."""


class PowerAverages(NamedTuple):
    """Memory of such an algorithm."""

    memory: PyTree
    """Memory of the rule."""
    lengths: Float[Array, "averages"]
    averages: tuple[Average, ...]
    """One for each length."""


class Snapshot(NamedTuple):
    """An average at a step."""

    step: int
    length: float
    average: PyTree


def exponent(length: float) -> float:
    """Exponent γ of the weights p(τ) ∝ τ^γ, τ in [0, t], whose standard deviation is `length` · t.

    It is the largest root of (γ + 1) / ((γ + 2)² (γ + 3)) = length².

    Args:
        length: in (0, 0.28).

    Raises:
        ValueError: if it is out of range.

    Reference:
        Karras et al., [Analyzing and Improving the Training Dynamics of Diffusion
        Models](https://arxiv.org/abs/2312.02696), 2024, appendix C, algorithm 2.
    """
    require(0 < length < LONGEST, f"the length of an average must be above 0 and below {LONGEST}, got {length}")
    inverse = 1 / length**2
    return float(np.roots([1, 7, 16 - inverse, 12 - inverse]).real.max())


def power_averaged(algorithm: Algorithm, lengths: Sequence[float] = (0.05, 0.1)) -> Algorithm:
    """The algorithm, which also keeps averages of the generator's parameters and floating-point variables,

        average(t) = β·average(t − 1) + (1 − β)·current,    β = (1 − 1/t)^(γ + 1),    t = 1, 2, ...

    They weigh step τ by about τ^γ: the initial weights do not count, and the average covers a constant share of the
    steps so far. `reconstructed` combines those of several checkpoints. `sample` draws from the same average as before.

        algorithm = jaxgan.power_averaged(jaxgan.algorithm(game, dynamics))

    Args:
        algorithm: any.
        lengths: standard deviation of the weights over the number of steps, each in (0, 0.28). Each costs the memory of
            a generator.

    Raises:
        ValueError: if there is no length, or one is out of range.

    Reference:
        Karras et al., [Analyzing and Improving the Training Dynamics of Diffusion
        Models](https://arxiv.org/abs/2312.02696), 2024, equation 3 and appendix C.

    Examples:
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.MLPGenerator(output_shape=(2,), hidden=(8,)),
        ...     jaxgan.networks.MLPDiscriminator(hidden=(8,)),
        ...     loss=jaxgan.losses.hinge(),
        ...     latent_size=4,
        ... )
        >>> rule = jaxgan.dynamics.simultaneous(jaxgan.Players(optax.sgd(0.1), optax.sgd(0.1)))
        >>> algorithm = jaxgan.power_averaged(jaxgan.algorithm(game, rule), lengths=(0.05, 0.1))
    """
    require(len(lengths) > 0, "lengths must hold at least one number")
    powers = [exponent(length) + 1 for length in lengths]

    def init(key: Key[Array, ""], batch: Batch) -> GANState:
        state = algorithm.init(key, batch)
        averages = tuple(jax.tree.map(jnp.copy, _current(state)) for _ in powers)
        return state._replace(memory=PowerAverages(state.memory, jnp.array(lengths, jnp.float32), averages))

    def step(state: GANState, batch: Batch, key: Key[Array, ""]) -> tuple[GANState, Info]:
        before: PowerAverages = state.memory
        moved, info = algorithm.step(state._replace(memory=before.memory), batch, key)
        current = _current(moved)
        averages = tuple(
            jax.tree.map(partial(_mixed, (1 - 1 / moved.step) ** power), average, current, is_leaf=devices.is_kept)
            for power, average in zip(powers, before.averages, strict=True)
        )
        return moved._replace(memory=before._replace(memory=moved.memory, averages=averages)), info

    def sample(state: GANState, *arguments: Any, **named: Any) -> PyTree:
        return algorithm.sample(state, *arguments, **named)

    return Algorithm(init, step, sample, algorithm.game)


def coefficients(
    steps: Sequence[int], lengths: Sequence[float], step: int, length: float
) -> Float[np.ndarray, "snapshots"]:
    """Weights with sum 1 of averages, whose sum is nearest to the average of a length at a step.

    They minimise the squared distance of the weights of steps τ: with the inner products of the densities,

        ∫ pᵢ pⱼ dτ = (γᵢ + 1)(γⱼ + 1) / (γᵢ + γⱼ + 1) · m^(γᵢ + γⱼ + 1) / (tᵢ^(γᵢ + 1) tⱼ^(γⱼ + 1)),    m = min(tᵢ, tⱼ),

    they solve a linear system.

    Args:
        steps: tᵢ of each average.
        lengths: length of each average.
        step: t of the average to make.
        length: its length.

    Reference:
        [Karras et al., 2024](https://arxiv.org/abs/2312.02696), equation 151 and algorithm 3.
    """
    times, powers = np.array(steps, np.float64), np.array([exponent(each) for each in lengths])
    products = _inner(times[:, None], powers[:, None], times, powers)
    target = _inner(times, powers, np.float64(step), np.float64(exponent(length)))
    found = np.linalg.lstsq(products, target, rcond=None)[0]
    return found / found.sum()


def reconstructed(snapshots: Sequence[Snapshot], step: int, length: float) -> PyTree:
    """The average of a length at a step, from averages at several steps; what is not averaged is of the last one.

    Args:
        snapshots: in order of their steps, at least one.
        step: step of the average to make.
        length: its length, in (0, 0.28).

    Raises:
        ValueError: if a length is out of range.
    """
    weights = coefficients([each.step for each in snapshots], [each.length for each in snapshots], step, length)

    def combined(*leaves: Any) -> Any:
        if devices.is_kept(leaves[-1]) or not np.issubdtype(np.asarray(leaves[-1]).dtype, np.floating):
            return leaves[-1]
        return sum(w * np.asarray(x, np.float64) for w, x in zip(weights, leaves, strict=True)).astype(leaves[-1].dtype)

    return jax.tree.map(combined, *(each.average for each in snapshots), is_leaf=devices.is_kept)


def snapshots_of(state: GANState) -> list[Snapshot]:
    """The averages of a state."""
    kept: PowerAverages = state.memory
    pairs = zip(kept.lengths.tolist(), kept.averages, strict=True)
    return [Snapshot(int(state.step), length, average) for length, average in pairs]


def _inner(t: Any, gamma: Any, other_t: Any, other_gamma: Any) -> Float[np.ndarray, "..."]:
    """Inner product of two densities, with quotients of steps alone raised to powers."""
    shorter = np.minimum(t, other_t)
    quotients = (shorter / t) ** (gamma + 1) * (shorter / other_t) ** (other_gamma + 1)
    return (gamma + 1) * (other_gamma + 1) / (gamma + other_gamma + 1) * quotients / shorter


def _current(state: GANState) -> Average:
    return Average(state.params.generator, state.variables.generator)


def _mixed(decay: Float[Array, ""], average: Any, current: Any) -> Any:
    if devices.is_kept(current) or not jnp.issubdtype(current.dtype, jnp.inexact):
        return current
    return (current + decay * (average - current)).astype(current.dtype)
