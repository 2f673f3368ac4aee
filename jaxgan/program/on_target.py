"""What a step needs on hardware that is not there, and which settings fit if it needs too much."""

import os
from dataclasses import replace
from typing import Any, NamedTuple

import jax
from rich.console import Console

from jaxgan import targets
from jaxgan.data import Dataset
from jaxgan.errors import UserError
from jaxgan.experiment import Experiment
from jaxgan.observe.requests import any_batch
from jaxgan.options import changed, leaves
from jaxgan.program.inputs import is_resident
from jaxgan.program.program import Program
from jaxgan.recipes.making import made
from jaxgan.recipes.recipe import Recipe
from jaxgan.targets import Compiled, OutOfMemory, Target

MIB, GIB = 2**20, 2**30


class Case(NamedTuple):
    """One way to run a recipe on a target."""

    recipe: Recipe
    program: Program
    target: Target


def describe(console: Console, case: Case, experiment: Experiment) -> dict[str, Any]:
    """Compile the step for the target and print what it needs.

    Args:
        console: to print on.
        case: recipe, program and target.
        experiment: experiment of the recipe.

    Returns:
        What was found, as `Compiled` and `targets.Bound` have it; `fits`, whether it fits the device.
    """
    target, program, resident = case.target, case.program, _resident(case.program, experiment)
    used = 1 if program.wrapper == "jit" else len(target.devices)
    effort = jax.config.values["jax_exec_time_optimization_effort"]
    how = f"compiled with an effort of {effort:g}" if effort else "compiled"
    console.print(f"target: {target.name}, {used} x {target.card.name} ({program.wrapper}); {how}, not run")
    if used < len(target.devices):
        console.print(f"  wrapper=jit uses 1 of {len(target.devices)} devices; the others use all")
    try:
        compiled = _compiled(case, experiment)
    except OutOfMemory as error:
        console.print(f"memory: it does not fit: {error}")
        console.print("\n".join(what_fits(case, experiment, resident)))
        return {"fits": False}
    peak, most = compiled.peak + resident, usable(target)
    fits = peak <= most
    console.print(
        f"memory of each device: {_size(peak)} of {_size(most)} that can be used: state {_size(compiled.state)}, "
        f"batch {_size(compiled.batch)}, activations {_size(compiled.activations)}, data set {_size(resident)}"
    )
    counts, limit = compiled.counts, targets.bound(compiled, target.card, precision=_precision(case.recipe))
    console.print(
        f"one step on each device: {counts.operations / 1e9:,.2f} GFLOP of products, {counts.traffic / 1e6:,.1f} MB to "
        f"and from its memory, {counts.kernels} kernels ({counts.convolutions} convolutions, {counts.transposes} that "
        f"only move elements)"
    )
    sent = [f"{one.number} {kind} of {one.bytes / 1e6:,.2f} MB" for kind, one in counts.collectives.items()]
    console.print(f"between devices: {', '.join(sent) or 'nothing'}")
    console.print(
        f"bound: {limit.milliseconds:,.3f} ms a step, {1e3 * program.batch_size / limit.milliseconds:,.0f} rows/s, set "
        f"by {limit.name} ({target.card.source}); a bound from the card's peaks, not a measurement"
    )
    if not fits:
        console.print("it does not fit")
        console.print("\n".join(what_fits(case, experiment, resident)))
    return {"fits": fits, "bound": limit._asdict(), **compiled._asdict(), "counts": counts._asdict()}


def what_fits(case: Case, experiment: Experiment, resident: int = 0) -> list[str]:
    """A line for each setting that needs less memory and fits the device.

    Args:
        case: what does not fit.
        experiment: experiment of the recipe.
        resident: bytes of a data set that lies on every device.
    """
    lines = []
    for group in _alternatives(case):
        for words, other in group.items():
            try:
                peak = _compiled(other, made(other.recipe, experiment.data, other.program)).peak + resident
            except UserError:  # it needs too much as well, or the batch cannot be split so
                continue
            if peak <= usable(other.target):
                lines.append(f"  {words} fits: {_size(peak)} of each device")
                break
    return lines or ["  nor does any smaller batch"]


def _alternatives(case: Case) -> list[dict[str, Case]]:
    """Groups of settings that need less memory; the first that fits is the choice of each group."""
    options, groups = leaves(case.recipe), []
    if options.get("remat") is False:
        groups.append({"--remat": case._replace(recipe=changed(case.recipe, remat=True))})
    if options.get("accumulate") == 1:
        parts = {n: changed(case.recipe, accumulate=n) for n in (2, 4, 8, 16)}
        groups.append({f"--accumulate {n}": case._replace(recipe=recipe) for n, recipe in parts.items()})
    if case.program.wrapper in ("pmap", "sharded") and len(case.target.devices) > 1:
        split = replace(case.program, wrapper="fully_sharded")
        groups.append({"--wrapper fully_sharded": case._replace(program=split)})
    size, smaller = case.program.batch_size, {}
    while size % 2 == 0:
        size //= 2
        smaller[f"--batch-size {size}"] = case._replace(program=replace(case.program, batch_size=size))
    return [*groups, smaller]


def _compiled(case: Case, experiment: Experiment) -> Compiled:
    batch = any_batch(experiment, case.program.batch_size)
    return targets.compile_for(case.target, experiment.algorithm, batch, wrapper=case.program.wrapper)


def _resident(program: Program, experiment: Experiment) -> int:
    """Bytes of a data set that lies on every device."""
    dataset = experiment.data
    if not isinstance(dataset, Dataset) or not is_resident(program, dataset):
        return 0
    return (1 + dataset.mirror) * sum(leaf.nbytes for leaf in jax.tree.leaves((dataset.real, dataset.condition)))


def usable(target: Target) -> float:
    """Usable memory in bytes: on a GPU, JAX uses three quarters by default."""
    share = float(os.environ.get("XLA_PYTHON_CLIENT_MEM_FRACTION", 0.75)) if target.platform == "gpu" else 1.0
    return share * target.card.memory


def _precision(recipe: Recipe) -> str:
    return str(leaves(recipe).get("precision", "float32"))


def _size(count: float) -> str:
    return f"{count / GIB:,.1f} GiB" if count >= GIB else f"{count / MIB:,.1f} MiB"
