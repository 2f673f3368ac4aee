"""First state of a new run, if a program passes one."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from jaxgan.checks import described, require
from jaxgan.core import GANState
from jaxgan.diagnostics import Watch
from jaxgan.errors import InputTypeError
from jaxgan.program.program import Program
from jaxgan.runs import checkpoints, run_folder, watch_note
from jaxgan.runs.run_folder import Run

NAMED = 5
"""Largest number of differences to name."""


def check_start(start: Any, like: GANState, program: Program) -> GANState:
    """Copy `start` to one device, for a run whose own first state would be `like`.

    Raises:
        TypeError: if it is no state of an algorithm.
        ValueError: if it has another structure, is not finite, or its step is not one at which the run can begin.
    """
    if not isinstance(start, GANState):
        has_one = ": pass its .state" if hasattr(start, "state") else ""
        raise InputTypeError(
            f"start must be a GANState, such as jaxgan.open(RUN).state; got {described(start)}{has_one}"
        )
    found = _differences(start, like)
    more = f"\n  and {len(found) - NAMED} more" if len(found) > NAMED else ""
    require(
        not found,
        "start has another structure than a state of this algorithm:\n  "
        + "\n  ".join(found[:NAMED])
        + f"{more}\njaxgan.carry_over(start, algorithm.init(key, batch)).state takes what fits",
    )
    device = jax.local_devices()[0]
    leaves = zip(jax.tree.leaves(start), jax.tree.leaves(like), strict=True)
    copies = [jnp.array(jax.device_put(leaf, device), dtype=own.dtype) for leaf, own in leaves]
    state = jax.tree.unflatten(jax.tree.structure(like), copies)
    step, steps, call = int(state.step), program.steps, program.steps_per_call
    require(
        0 <= step < steps,
        f"start is a state of step {step}, and steps={steps} counts from step 0: ask for more steps, or start "
        f"anew by start._replace(step=0)",
    )
    require(step % call == 0, f"start is a state of step {step}, which is not a multiple of steps_per_call={call}")
    require(checkpoints.is_finite(state), "start is not finite")
    return state


def keep_start(run: Run, state: GANState, parent: Path | None = None) -> None:
    """Write the first state of a run as its first checkpoint, so that it starts there again if it is killed, and the
    name of its parent."""
    if parent is not None:
        run_folder.save_config(run, more={"parent": str(parent.resolve())})
    notes = {watch_note.FILE: watch_note.text(run, int(state.step), Watch(), looked=False)}
    with checkpoints.manager(run.checkpoints) as manager:
        checkpoints.save(manager, state, every=run.program.checkpoint_every, notes=notes)


def _differences(start: PyTree, like: PyTree) -> list[str]:
    """Differences because of which one state cannot replace another, one array each."""
    came, own = _kinds(start), _kinds(like)
    paths = dict.fromkeys([*own, *came])
    return [
        f"{path}: {came.get(path, 'missing')}, must be {own.get(path, 'absent')}"
        for path in paths
        if came.get(path) != own.get(path)
    ]


def _kinds(tree: PyTree) -> dict[str, str]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path): f"{jnp.result_type(x)}{list(jnp.shape(x))}" for path, x in leaves}
