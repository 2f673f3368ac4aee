"""Initial weights of a new run from another run, an export, or a file."""

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
from jaxgan.export.weights import named_arrays, read_safetensors
from jaxgan.observe.stored import experiment_of, stored
from jaxgan.runs import run_folder

NAMED = 5
"""Number of arrays that a note names."""
Weights = dict[str, np.ndarray]


class Inherited(NamedTuple):
    """The first state, with the weights that fitted."""

    state: GANState
    note: str
    """Which weights were taken, which are new, and which were not used."""


def inherited(parent: Path, like: GANState) -> Inherited:
    """The state `like` at step 0, with all arrays of the parent that have the same name and shape.

    Both the generator and its average begin as the averaged generator of the parent. The memory of the optimizers is
    new.

    Args:
        parent: folder of a run or of an export, or a `.safetensors` file of a generator, as `jaxgan export` or one of
            the programs in `export.others` names its arrays.
        like: what the run would begin with.

    Raises:
        FileNotFoundError: if there is no such run, export or file.
        ValueError: if it cannot be read, or nothing in it fits.
    """
    generator, discriminator = _offered(parent)
    judge: Any = {"params": like.params.discriminator, "variables": like.variables.discriminator}
    made, judge = _filled("generator", like.average, generator), _filled("discriminator", judge, discriminator)
    require(bool(made.taken), f"nothing in {parent} fits the generator: {_some(made.new)} would be new")
    average: Average = made.tree
    state = like._replace(
        params=Players(average.params, judge.tree["params"]),
        variables=Players(average.variables, judge.tree["variables"]),
        average=average,
    )
    parts = [f"begins with {len(made.taken) + len(judge.taken)} arrays of {parent}"]
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
        fits = name in offered and (offered[name].shape, offered[name].dtype) == (value.shape, value.dtype)
        (taken if fits else new).append(f"{player}.{name}")
        leaves.append(offered[name] if fits else value)
    left = [f"{player}.{name}" for name in offered if f"{player}.{name}" not in set(taken)]
    return _Filled(jax.tree.unflatten(jax.tree.structure(like), leaves), taken, new, left)


def _offered(parent: Path) -> tuple[Weights, Weights]:
    """Weights of the averaged generator, and of the discriminator if there is one."""
    if parent.suffix == ".safetensors":
        return under_our_names(read_safetensors(parent))
    if (parent / ABOUT).is_file():
        judge = parent / "discriminator.safetensors"
        return read_safetensors(parent / "generator.safetensors"), read_safetensors(judge) if judge.exists() else {}
    if not parent.exists():
        raise NotFoundError(f"there is no {parent}")
    run = run_folder.load(parent)
    state = jax.device_get(stored(run, experiment_of(run)))
    judged = {"params": state.params.discriminator, "variables": state.variables.discriminator}
    return named_arrays(state.average), named_arrays(judged)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
