"""What a sweep trains: every combination of the swept numbers, each with every seed."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Key

from jaxgan.algorithms import WARMUP
from jaxgan.checks import require, require_choice
from jaxgan.core import Algorithm
from jaxgan.errors import InputError
from jaxgan.execution import population
from jaxgan.recipes.build import build
from jaxgan.recipes.config import SEEDS, Config, DataShape, differences

RATE = "rate"
"""Sweeps the learning rates of both players together."""
SWEPT = (
    RATE,
    "generator_rate",
    "discriminator_rate",
    "b1",
    "b2",
    "r1",
    "r2",
    "gradient_penalty",
    "label_smoothing",
    "ema_decay",
)
"""What can be swept: numbers that may be traced. Anything else changes the program, and needs a run of its own."""


class Axis(NamedTuple):
    """A swept hyper-parameter."""

    name: str
    values: tuple[float, ...]
    """Two or more, rising."""

    def fields(self) -> tuple[str, ...]:
        """Of the configuration."""
        return ("generator_rate", "discriminator_rate") if self.name == RATE else (self.name,)

    def __str__(self) -> str:
        return f"{self.name}={','.join(f'{value:g}' for value in self.values)}"


def axis(text: str) -> Axis:
    """From `NAME=VALUE,VALUE,...`, in any order, or `NAME=FROM:TO:COUNT`, so many values of even ratios.

    Raises:
        ValueError: if the name is none of `SWEPT`, or the values are not two or more different numbers.
    """
    name, equals, rest = text.partition("=")
    require(equals == "=", f"over must be NAME=VALUE,VALUE,... or NAME=FROM:TO:COUNT, got {text!r}")
    require_choice("over", name, SWEPT)
    try:
        values = _even_ratios(*rest.split(":")) if ":" in rest else sorted(map(float, rest.split(",")))
    except (ValueError, TypeError):
        allowed = "VALUE,VALUE,... or FROM:TO:COUNT, from and to above 0"
        raise InputError(f"over {name} must be {allowed}, got {rest!r}") from None
    require(len(set(values)) == len(values) >= 2, f"over {name} must be two or more different numbers, got {rest!r}")
    return Axis(name, tuple(values))


def _even_ratios(first: str, last: str, count: str) -> list[float]:
    return [float(f"{value:.6g}") for value in np.geomspace(float(first), float(last), int(count))]


@dataclass(frozen=True)
class Sweep:
    """A population of one configuration: member i has setting i // seeds and seed i % seeds.

    Seed s of a setting is the run that `jaxgan train` makes of it with `--seed config.seed + s`, but for the order of
    the data, which all members share: that of `config.seed`.
    """

    config: Config
    axes: tuple[Axis, ...]
    seeds: int

    def __post_init__(self) -> None:
        require(self.seeds >= 1, f"seeds must be at least 1, got {self.seeds}")
        last = self.config.seed + self.seeds - 1
        require(last < SEEDS, f"seed + seeds - 1 must be less than {SEEDS}, got {last}")
        fields = [field for axis in self.axes for field in axis.fields()]
        twice = sorted({field for field in fields if fields.count(field) > 1})
        require(not twice, f"over names {', '.join(twice)} twice")
        wrapper = self.config.wrapper
        require(wrapper == "jit", f"a sweep spreads members, not batches, over devices: wrapper={wrapper} must be jit")
        every = self.config.evaluate_every
        require(every == 0, f"a sweep is not evaluated while it trains: evaluate_every={every} must be 0")
        self._check_decays()
        for axis in self.axes:
            for value in axis.values:
                Config.from_json(self.config.to_json() | dict.fromkeys(axis.fields(), value))  # checks it

    def _check_decays(self) -> None:
        """Raise `ValueError` if two swept decays of the average are one run, because neither is ever reached."""
        config = self.config
        warmup = WARMUP if config.ema_warmup is None else config.ema_warmup
        highest = config.steps / (warmup + config.steps - 1)
        for name, values in self.axes:
            require(
                name != "ema_decay" or config.burn_in > 0 or config.ema_start > 0 or values[-2] < highest,
                f"over ema_decay: {values[-2]} and {values[-1]} are the same run: the warm-up of the average keeps the "
                f"decay below {highest:.6g} for all {config.steps} steps; --ema-warmup 1 turns it off",
            )

    def settings(self) -> list[tuple[float, ...]]:
        """The values of the axes in each setting, the last axis running fastest; one empty setting without axes."""
        return list(itertools.product(*(axis.values for axis in self.axes)))

    def members(self) -> int:
        """Their number."""
        return len(self.settings()) * self.seeds

    def keys(self) -> Key[Array, "members"]:
        """The random key of each member, for the calls of the population."""
        seeds = self.config.seed + jnp.arange(self.seeds)
        return jnp.tile(jax.vmap(jax.random.key)(seeds), len(self.settings()))

    def algorithm(self, of: DataShape) -> Algorithm:
        """The population.

        Raises:
            ValueError: if the data do not fit the configuration.
        """
        build(self.config, of)  # checks what the population looks at only while it is traced
        columns = np.repeat(np.array(self.settings(), np.float32), self.seeds, axis=0)

        def member(row: Array) -> Algorithm:
            traced = {field: row[i] for i, axis in enumerate(self.axes) for field in axis.fields()}
            return build(self.config, of, traced)

        return population(member, columns)


def changes(saved: Sweep, asked: Sweep, also_free: Collection[str] = ()) -> list[str]:
    """What keeps `asked` from going on where `saved` stopped, a line each, see `differences`."""
    lines = differences(saved.config, asked.config, also_free)
    if saved.seeds != asked.seeds:
        lines.append(f"seeds: saved {saved.seeds}, now {asked.seeds}")
    if saved.axes != asked.axes:
        lines.append(f"over: saved {spelled(saved.axes)}, now {spelled(asked.axes)}")
    return lines


def spelled(axes: Sequence[Axis]) -> str:
    """The axes as they are asked for."""
    return " ".join(map(str, axes)) or "nothing"
