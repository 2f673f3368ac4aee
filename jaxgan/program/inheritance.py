"""Initial weights of a new run from another run, an export, or a file."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import PyTree

from jaxgan.checks import require
from jaxgan.core import Average, GANState, Players
from jaxgan.errors import NotFoundError
from jaxgan.export.generator import ABOUT
from jaxgan.export.others import under_our_names
from jaxgan.export.weights import named_arrays, named_leaves, read_safetensors
from jaxgan.observe.stored import experiment_of, stored
from jaxgan.runs import run_folder

NAMED = 5
"""Number of arrays that a note names."""
Weights = dict[str, np.ndarray]


class Parent(NamedTuple):
    """Weights with which a run can begin."""

    path: Path
    generator: Weights
    """Weights of the averaged generator."""
    discriminator: Weights
    """Empty if there are none."""


class Inherited(NamedTuple):
    """The first state, with the weights that fitted."""

    state: GANState
    note: str
    """Which weights were taken, which are new, and which were not used."""


def parent_at(path: Path) -> Parent:
    """Read the weights of a run, of an export, or of a file.

    Args:
        path: folder of a run or of an export, or a `.safetensors` file of a generator, as `jaxgan export` or one of
            the programs in `export.others` names its arrays.

    Raises:
        FileNotFoundError: if there is no such run, export or file.
        ValueError: if it cannot be read.
    """
    if path.suffix == ".safetensors":
        return Parent(path, *under_our_names(read_safetensors(path)))
    if (path / ABOUT).is_file():
        judge = path / "discriminator.safetensors"
        weights = read_safetensors(judge) if judge.exists() else {}
        return Parent(path, read_safetensors(path / "generator.safetensors"), weights)
    if not path.exists():
        raise NotFoundError(f"there is no {path}")
    run = run_folder.load(path)
    state = jax.device_get(stored(run, experiment_of(run)))
    judged = {"params": state.params.discriminator, "variables": state.variables.discriminator}
    return Parent(path, named_arrays(state.average), named_arrays(judged))


def check_fits(parent: Parent, like: GANState) -> None:
    """Raise `ValueError` if nothing of the parent fits the generator of a state, of which the shapes are enough."""
    own, offered = named_leaves(like.average), parent.generator
    require(
        any(_fits(offered[name], own[name]) for name in own.keys() & offered.keys()),
        f"nothing in {parent.path} fits the generator. Arrays with the name and shape of one of the generator are "
        f"taken.\n  There are: {_shapes(offered, own)}\n  The generator has: {_shapes(own, offered)}",
    )


def inherited(parent: Parent, like: GANState) -> Inherited:
    """The state `like` at step 0, with all arrays of the parent that have the same name and shape.

    Both the generator and its average begin as the averaged generator of the parent. The memory of the optimizers is
    new.
    """
    judge: Any = {"params": like.params.discriminator, "variables": like.variables.discriminator}
    made = _filled("generator", like.average, parent.generator)
    judge = _filled("discriminator", judge, parent.discriminator)
    average: Average = made.tree
    state = like._replace(
        params=Players(average.params, judge.tree["params"]),
        variables=Players(average.variables, judge.tree["variables"]),
        average=average,
    )
    parts = [f"begins with {len(made.taken) + len(judge.taken)} arrays of {parent.path}"]
    for words, names in (("are new", made.new + judge.new), ("of its own find no place", made.left + judge.left)):
        parts += [f"{len(names)} {words}: {_some(names)}"] if names else []
    return Inherited(state, "; ".join(parts))


class _Filled(NamedTuple):
    tree: Any
    taken: list[str]
    new: list[str]
    left: list[str]


def _filled(player: str, like: PyTree, offered: Weights) -> _Filled:
    own, leaves = named_arrays(like), []
    taken: list[str] = []
    new: list[str] = []
    for name, value in own.items():
        fits = name in offered and _fits(offered[name], value)
        (taken if fits else new).append(f"{player}.{name}")
        leaves.append(offered[name] if fits else value)
    left = [f"{player}.{name}" for name in offered if f"{player}.{name}" not in set(taken)]
    return _Filled(jax.tree.unflatten(jax.tree.structure(like), leaves), taken, new, left)


def _fits(one: Any, other: Any) -> bool:
    return (one.shape, one.dtype) == (other.shape, other.dtype)


def _shapes(arrays: dict[str, Any], others: Collection[str]) -> str:
    """Names and shapes; the names that both have come first."""
    names = sorted(arrays, key=lambda name: name not in others)
    return _some([f"{name} {arrays[name].dtype}{list(arrays[name].shape)}" for name in names]) or "no arrays"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
