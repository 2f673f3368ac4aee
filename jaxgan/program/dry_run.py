"""Description of a run, without running it."""

import math
from collections.abc import Iterator
from typing import Any

import jax
from jaxtyping import PyTree
from rich.console import Group
from rich.table import Table

from jaxgan import standard_files
from jaxgan.core import Algorithm, Batch, GANState
from jaxgan.data.dataset import Dataset
from jaxgan.experiment import Experiment
from jaxgan.observe.requests import any_batch
from jaxgan.program import on_target
from jaxgan.program.preparation import flat
from jaxgan.program.program import Program
from jaxgan.recipes.recipe import Recipe
from jaxgan.targets import Target


def describe(
    recipe: Recipe,
    program: Program,
    experiment: Experiment,
    *,
    rows: int | None,
    note: str = "",
    target: Target | None = None,
) -> dict[str, Any]:
    """Print the options, the parameters of both players, operations and memory of a step.

    The step is compiled, for one device of this machine or for the target, to ask the compiler about its memory; it is
    not run.

    Args:
        recipe: what is trained.
        program: how it is run.
        experiment: experiment of the recipe.
        rows: number of rows of the data set, None if it has no end or is not there.
        note: about the data.
        target: other hardware, see `jaxgan.targets`.

    Returns:
        What was found: `parameters` of both players, `flops` (None where the compiler does not say), `state_bytes`,
        `step_bytes`; of a target `sizes` of both players and what `on_target.describe` returns.

    Raises:
        ValueError: if the recipe does not fit the data, or the batch the devices.
    """
    console = standard_files.console(soft_wrap=True)
    algorithm, of = experiment.algorithm, experiment.data
    if rows is not None and isinstance(of, Dataset):
        of.check_batch_size(program.batch_size)
    batch = any_batch(experiment, program.batch_size)
    key = jax.eval_shape(lambda: jax.random.key(0))
    state: GANState = jax.eval_shape(algorithm.init, key, batch)
    console.print(_options(recipe, program))
    many = "no data set at hand" if rows is None else f"{rows:,} rows"
    console.print(f"data: {many} of {of.shape}, classes: {of.num_classes}{note}")
    console.print(Group(*(_parameters(name, tree) for name, tree in state.params._asdict().items())))
    parameters = {name: _size(tree) for name, tree in state.params._asdict().items()}
    if target is not None:
        return {**on_target.describe(console, on_target.Case(recipe, program, target), experiment), "sizes": parameters}
    flops, step_bytes = cost(algorithm, state, batch, key)
    found = {
        "parameters": parameters,
        "flops": flops,
        "state_bytes": sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(state)),
        "step_bytes": step_bytes,
    }
    per_step = (
        "unknown" if flops is None else f"{flops / 1e9:,.2f} GFLOP, {flops / 1e6 / program.batch_size:,.1f} M a row"
    )
    console.print(f"one step: {per_step} (the compiler's count)")
    console.print(
        f"memory: state {found['state_bytes'] / 2**20:,.1f} MiB, a step {found['step_bytes'] / 2**20:,.1f} MiB in all "
        f"on one {jax.devices()[0].device_kind} (the compiler's estimate), and the data set if it is resident"
    )
    return found


def cost(algorithm: Algorithm, state: GANState, batch: Batch, key: PyTree) -> tuple[float | None, int]:
    """Operations of a step and its memory in bytes, from the compiler; this takes as long as a compilation."""
    compiled = jax.jit(algorithm.step, donate_argnums=0).lower(state, batch, key).compile()
    memory: Any = compiled.memory_analysis()
    held = memory.argument_size_in_bytes + memory.output_size_in_bytes - memory.alias_size_in_bytes
    return (compiled.cost_analysis() or {}).get("flops"), held + memory.temp_size_in_bytes


def _options(recipe: Recipe, program: Program) -> Table:
    table = Table(title="configuration", show_header=False, title_justify="left")
    for name, value in {**flat(recipe), **flat(program)}.items():
        table.add_row(name, str(value))
    return table


def _parameters(player: str, tree: PyTree) -> Table:
    table = Table(title=f"{player}: {_size(tree):,} parameters", title_justify="left")
    table.add_column("parameter")
    table.add_column("shape", justify="right")
    table.add_column("size", justify="right")
    for path, leaf in _leaves(tree):
        table.add_row(path, " × ".join(map(str, leaf.shape)) or "scalar", f"{leaf.size:,}")
    return table


def _leaves(tree: PyTree) -> Iterator[tuple[str, jax.ShapeDtypeStruct]]:
    for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        yield jax.tree_util.keystr(path, simple=True, separator="/"), leaf


def _size(tree: PyTree) -> int:
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(tree))
