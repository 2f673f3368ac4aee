"""What a sweep trains: every combination of the swept numbers, each with every seed."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.errors import ConcretizationTypeError, TracerBoolConversionError
from jaxtyping import Array, Key

from jaxgan.algorithms import WARMUP
from jaxgan.checks import require
from jaxgan.core import Algorithm
from jaxgan.data.dataset import Dataset
from jaxgan.data.iterable import IterableDataset
from jaxgan.errors import InputError
from jaxgan.execution import population
from jaxgan.experiment import Experiment
from jaxgan.names import nearest
from jaxgan.options import changed, choices, every_name, leaves
from jaxgan.program.program import SEEDS, Program
from jaxgan.recipes.making import made
from jaxgan.recipes.recipe import Recipe

RATE = "rate"
"""Name that sweeps the learning rates of both players together."""
MOST = 100_000
"""Largest number of members."""
BOTH_RATES = ("generator_rate", "discriminator_rate")


def swept(recipe: Recipe) -> list[str]:
    """Options that can be swept: those of the recipe that take fractions. Other options change the compiled program."""
    names = [name for name, value in leaves(recipe).items() if isinstance(value, float)]
    return [*([RATE] if set(BOTH_RATES) <= set(names) else []), *names]


class Axis(NamedTuple):
    """A swept hyper-parameter."""

    name: str
    values: tuple[float, ...]
    """Two or more increasing values."""

    def fields(self, recipe: Recipe) -> tuple[str, ...]:
        """Options of the recipe."""
        return BOTH_RATES if self.name == RATE and RATE not in leaves(recipe) else (self.name,)

    def __str__(self) -> str:
        return f"{self.name}={','.join(f'{value:g}' for value in self.values)}"


def axis(text: str, recipe: Recipe) -> Axis:
    """Read an axis from `NAME=VALUE,VALUE,...`, in any order, or from `NAME=FROM:TO:COUNT`, that many values of even
    ratios.

    Raises:
        ValueError: if the recipe has no such number, or the values are not two or more different numbers.
    """
    name, equals, rest = text.partition("=")
    require(equals == "=", f"over must be NAME=VALUE,VALUE,... or NAME=FROM:TO:COUNT, got {text!r}")
    names = swept(recipe)
    if name not in names:
        near = nearest(name.replace("_", "-"), [one.replace("_", "-") for one in names]).replace("-", "_")
        there = f"; there are {', '.join(names)}"
        known = name in {*leaves(recipe), *choices(recipe), *every_name(Program)}
        none = f"over takes fractions, which one compiled step can take, and {name} is none{there}"
        raise InputError(none if known else f"over: there is no option {name!r}{near or there}")
    try:
        values = _even_ratios(*rest.split(":")) if ":" in rest else sorted(map(float, rest.split(",")))
    except (ValueError, TypeError, OverflowError):
        allowed = "VALUE,VALUE,... or FROM:TO:COUNT, from and to above 0"
        raise InputError(f"over {name} must be {allowed}, got {rest!r}") from None
    require(len(set(values)) == len(values) >= 2, f"over {name} must be two or more different numbers, got {rest!r}")
    return Axis(name, tuple(values))


def _even_ratios(first: str, last: str, count: str) -> list[float]:
    values = np.geomspace(float(first), float(last), min(int(count), MOST + 1))
    return [float(f"{value:.6g}") for value in values]


@dataclass(frozen=True)
class Sweep:
    """A population of one recipe: member i has setting i // seeds and seed i % seeds.

    Seed s of a setting is the run that `jaxgan train` makes of it with `--seed SEED + s`, SEED being the program's, but
    for the order of the data, which all members share: that of SEED.
    """

    recipe: Recipe
    program: Program
    axes: tuple[Axis, ...]
    seeds: int

    def __post_init__(self) -> None:
        require(self.seeds >= 1, f"seeds must be at least 1, got {self.seeds}")
        members = self.members()
        require(members <= MOST, f"a sweep has at most {MOST:,} runs, and settings × seeds are {members:,}")
        last = self.program.seed + self.seeds - 1
        require(last < SEEDS, f"seed + seeds - 1 must be less than {SEEDS}, got {last}")
        fields = [field for axis in self.axes for field in axis.fields(self.recipe)]
        twice = sorted({field for field in fields if fields.count(field) > 1})
        require(not twice, f"over names {', '.join(twice)} twice")
        wrapper = self.program.wrapper
        require(wrapper == "jit", f"a sweep spreads members, not batches, over devices: wrapper={wrapper} must be jit")
        every = self.program.evaluate_every
        require(every == 0, f"a sweep is not evaluated while it trains: evaluate_every={every} must be 0")
        share = self.program.held_out
        require(share == 0, f"a sweep has no detectors, and nothing is held out for them: held_out={share} must be 0")
        self._check_decays()
        for axis in self.axes:
            for value in axis.values:
                changed(self.recipe, **dict.fromkeys(axis.fields(self.recipe), value))  # checks it

    def _check_decays(self) -> None:
        """Raise `ValueError` if two swept decays of the average give the same run, because neither is ever reached."""
        options, steps = leaves(self.recipe), self.program.steps
        warmup = WARMUP if options.get("ema_warmup") is None else options["ema_warmup"]
        highest = steps / (warmup + steps - 1)
        for name, values in self.axes:
            require(
                name != "ema_decay" or "burn_in" in options or options["ema_start"] > 0 or values[-2] < highest,
                f"over ema_decay: {values[-2]} and {values[-1]} are the same run: the warm-up of the average keeps the "
                f"decay below {highest:.6g} for all {steps} steps; --ema-warmup 1 turns it off",
            )

    def settings(self) -> list[tuple[float, ...]]:
        """The values of the axes in each setting, the last axis running fastest; one empty setting without axes."""
        return list(itertools.product(*(axis.values for axis in self.axes)))

    def members(self) -> int:
        """Number of members."""
        return math.prod(len(axis.values) for axis in self.axes) * self.seeds

    def alone(self, data: Dataset | IterableDataset) -> list[Experiment]:
        """The experiment of each setting by itself."""
        fields = [axis.fields(self.recipe) for axis in self.axes]
        return [
            made(changed(self.recipe, **_fields(fields, setting)), data, self.program) for setting in self.settings()
        ]

    def keys(self) -> Key[Array, "members"]:
        """The random key of each member, for the calls of the population."""
        seeds = self.program.seed + jnp.arange(self.seeds)
        return jnp.tile(jax.vmap(jax.random.key)(seeds), len(self.settings()))

    def experiment(self, data: Dataset | IterableDataset) -> Experiment:
        """The population, on these data.

        Raises:
            ValueError: if the data do not fit the recipe, or a swept number cannot be traced.
        """
        one = made(self.recipe, data, self.program)  # checks what the population looks at only while it is traced
        columns = np.repeat(np.array(self.settings(), np.float32), self.seeds, axis=0)

        def member(row: Array) -> Algorithm:
            traced = _fields([axis.fields(self.recipe) for axis in self.axes], row)
            try:
                return changed(self.recipe, **traced).experiment(data, self.program.steps).algorithm
            except (TracerBoolConversionError, ConcretizationTypeError) as error:
                raise InputError(
                    f"over {spelled(self.axes)}: this recipe looks at the value while it builds the game, so that it "
                    f"cannot be swept in one program: {str(error).splitlines()[0]}"
                ) from error

        return one._replace(algorithm=population(member, columns))


def _fields(axes: Sequence[Sequence[str]], values: Sequence[Any] | Array) -> dict[str, Any]:
    """Options of a setting, from the fields of each axis and its value."""
    return {field: values[i] for i, fields in enumerate(axes) for field in fields}


def changes(saved: Sweep, asked: Sweep) -> list[str]:
    """Differences because of which `asked` cannot continue `saved`, one line each."""
    lines = []
    if saved.seeds != asked.seeds:
        lines.append(f"seeds: saved {saved.seeds}, now {asked.seeds}")
    if saved.axes != asked.axes:
        lines.append(f"over: saved {spelled(saved.axes)}, now {spelled(asked.axes)}")
    return lines


def spelled(axes: Sequence[Axis]) -> str:
    """The axes in the form of the command line."""
    return " ".join(map(str, axes)) or "nothing"
