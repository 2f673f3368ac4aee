"""Read the experiment and the states of a run."""

from pathlib import Path
from typing import Literal, NamedTuple

import jax

from jaxgan.checks import require
from jaxgan.core import GANState
from jaxgan.data.dataset import Dataset
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment
from jaxgan.observe.requests import any_batch
from jaxgan.power_averages import PowerAverages, exponent, reconstructed, snapshots_of
from jaxgan.program.program import Program
from jaxgan.recipes.making import dataset_of, made, shape_of
from jaxgan.recipes.recipe import Recipe
from jaxgan.runs import checkpoints, run_folder
from jaxgan.runs.best import Best
from jaxgan.runs.run_folder import Run

Checkpoint = Literal["latest", "best"]


class Opened(NamedTuple):
    """A run that was read from its folder."""

    recipe: Recipe
    program: Program
    experiment: Experiment
    """Experiment of the run. Its data are loaded only if their shape is not enough."""
    state: GANState
    folder: Path

    def __repr__(self) -> str:
        recipe = type(self.recipe).__name__
        return f"Opened(recipe={recipe}(...), step={int(self.state.step)}, folder={str(self.folder)!r})"


def open(folder: str | Path, *, step: int | None = None, checkpoint: Checkpoint = "latest") -> Opened:
    """Read a run: its experiment and one of its states.

        run = jaxgan.open("runs/00000-digits")
        samples = run.experiment.algorithm.sample(run.state, jax.random.key(0), 16)

    Args:
        folder: folder of the run.
        step: step of a kept checkpoint; None: the newest.
        checkpoint: "best" takes the state of the best evaluation.

    Raises:
        FileNotFoundError: if there is no run, or no such state.
        ValueError: if it cannot be read, or a program passed its experiment.
    """
    run = run_folder.load(Path(folder))
    experiment = experiment_of(run)
    state = stored(run, experiment, step=step, checkpoint=checkpoint)
    assert run.recipe is not None
    return Opened(run.recipe, run.program, experiment, state, run.folder)


def recipe_of(run: Run) -> Recipe:
    """The recipe of a run.

    Raises:
        ValueError: if a program passed its experiment.
    """
    if run.recipe is None:
        raise InputError(
            f"{run.folder} was trained on an Experiment that a program passed, so that it cannot be built again from "
            f"the folder alone. Put it into a recipe's file, see jaxgan train FILE.py"
        )
    return run.recipe


def experiment_of(run: Run) -> Experiment:
    """Experiment of a run. Its data are loaded only if samples need more than their shape."""
    recipe = recipe_of(run)
    if run.of.is_whole():
        experiment = made(recipe, run.of, run.program)
        if experiment.conditional != "rows":
            return experiment
    return made(recipe, dataset_of(recipe, run.program), run.program)


def stored(
    run: Run,
    experiment: Experiment,
    *,
    step: int | None = None,
    checkpoint: Checkpoint = "latest",
    ema: float | None = None,
) -> GANState:
    """A saved state of a run: the newest, that of a step, or the best.

    With `ema`, its average is that of another length, from all kept checkpoints up to its step, see
    `jaxgan.power_averaged`.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if none can be read, both `step` and `checkpoint` say which, or `ema` is given and the run has kept
            no averages for it.
    """
    check_checkpoint(step, checkpoint)
    like = jax.eval_shape(experiment.algorithm.init, jax.random.key(0), any_batch(experiment))
    with checkpoints.manager(run.checkpoints) as manager:
        latest = checkpoint == "latest"
        state = checkpoints.restore(manager, like, step=step).state if latest else Best(run.best).restore(like)
        if ema is None:
            return state
        require(
            isinstance(state.memory, PowerAverages) and int(state.step) > 0,
            f"ema={ema} needs averages that {run.folder} has not kept: train with --ema-lengths 0.05 0.1",
        )
        earlier = [number for number in sorted(manager.all_steps()) if 0 < number < int(state.step)]
        whole = [number for number in earlier if checkpoints.newest_whole(manager, [number])[0] is not None]
        states = [*(checkpoints.restore(manager, like, step=number).state for number in whole), state]
    snapshots = [snapshot for each in states for snapshot in snapshots_of(jax.device_get(each))]
    return state._replace(average=reconstructed(snapshots, int(state.step), ema))


def check_checkpoint(step: int | None, checkpoint: Checkpoint) -> None:
    """Raise `ValueError` if both arguments name a state."""
    require(step is None or checkpoint == "latest", f"step={step} and checkpoint={checkpoint} exclude each other")


def check_ema(ema: float | None) -> None:
    """Raise `ValueError` if the length of an average is out of range."""
    if ema is not None:
        exponent(ema)


def check_same_shape(run: Run, dataset: Dataset) -> None:
    """Raise `ValueError` unless the data have the shape and the classes of those of the run."""
    now = shape_of(dataset)
    require(
        now.is_like(run.of),
        f"{run.folder} was trained on rows of shape {run.of.shape} with {run.of.num_classes or 'no'} classes; "
        f"{dataset.name} has {now.shape} with {now.num_classes or 'no'} classes",
    )
