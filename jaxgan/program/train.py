"""The training program as a function, for notebooks and scripts."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from jaxgan import data
from jaxgan.checks import described
from jaxgan.configuration import Configuration
from jaxgan.core import Algorithm, GANState
from jaxgan.errors import InputTypeError
from jaxgan.experiment import Experiment
from jaxgan.observe.stored import Opened
from jaxgan.program import run
from jaxgan.program.loop import Callback
from jaxgan.program.preparation import prepare
from jaxgan.program.program import Program
from jaxgan.recipes import files
from jaxgan.recipes.recipe import Recipe
from jaxgan.runs import run_folder
from jaxgan.runs.log import Show


class Trained(NamedTuple):
    """Result of a run for its caller."""

    state: GANState
    """State at the end; its step is below `program.steps` if the run was stopped."""
    algorithm: Algorithm
    """`algorithm.sample(state, key, n)` draws from the averaged generator."""
    folder: Path
    """Folder of the run."""

    def __repr__(self) -> str:
        return f"Trained(step={int(self.state.step)}, folder={str(self.folder)!r})"

    def _repr_html_(self) -> str:
        """HTML for notebooks, with the newest picture."""
        pictures = sorted((self.folder / "samples").glob("step-*.png"))
        content = base64.b64encode(pictures[-1].read_bytes()).decode() if pictures else ""
        image = f'<br><img alt="samples" src="data:image/png;base64,{content}">' if content else ""
        return f"{escape(repr(self))}{image}"


def train(
    what: Configuration | Recipe | Experiment,
    program: Program | None = None,
    *,
    dataset: data.Dataset | data.IterableDataset | None = None,
    out: str | Path = "runs",
    name: str = "run",
    resume: str | Path | None = None,
    start: GANState | None = None,
    callbacks: Sequence[Callback] = (),
    show: Show = "auto",
) -> Trained:
    """Train like `jaxgan train`, with the same run folder.

        trained = jaxgan.train(jaxgan.preset("digits").replace(steps=500))
        trained = jaxgan.train(MyRecipe(width=32), jaxgan.Program(steps=500))
        trained = jaxgan.train(jaxgan.Experiment(dataset, algorithm), jaxgan.Program(steps=500))

    Ctrl-C stops it after the step it is in, with a checkpoint, and returns.

    Args:
        what: a preset, a recipe, or an experiment.
        program: how it is run; a preset has its own.
        dataset: from `jaxgan.data.load`, to train on in the place of what the recipe loads.
        out: folder of run folders.
        name: name of the new run's folder, after its number.
        resume: the folder of a run to go on with, or "newest": the newest in `out` of that name.
        start: a state that the new run begins with instead of its own, whole: parameters, averages, memory of the
            optimizers, and the step, which says where schedules and the order of the data are. The run takes the steps
            that are left up to `program.steps`, the very ones that the state would have taken. Pass
            `state._replace(step=0)` to begin anew at step 0 with what it has learned; `jaxgan.carry_over` makes one of
            a state of another structure.
        callbacks: each is called with a `Progress` every `program.log_every` steps; True stops the run.
        show: what to print, see `Show`.

    Raises:
        ValueError: if the recipe does not fit the data, the devices or the run to resume; if `start` has another
            structure than a state of the algorithm, or is not below `program.steps`.
        TypeError: if `what` is none of the three, `start` is no state, or `callbacks` are no list of functions.
        FileNotFoundError: if data or run is missing.
        FloatingPointError: if a loss is not finite; the checkpoints before stay.
    """
    recipe: Recipe | Experiment
    if isinstance(what, str):
        raise InputTypeError(f"what is trained must be a preset, a recipe or an Experiment; write preset({what!r})")
    if isinstance(what, Opened):
        raise InputTypeError("what is trained must be a recipe; of a run that was read back, pass run.recipe")
    if callable(callbacks) or not all(callable(each) for each in callbacks):
        raise InputTypeError(f"callbacks must be a list of functions (progress), got {described(callbacks)}")
    if isinstance(what, Configuration):
        if program is not None:
            raise InputTypeError("program is part of a preset: change it by preset.replace(steps=...)")
        recipe, program = what.recipe, what.program
    else:
        recipe = what
    if not isinstance(recipe, Experiment):
        files.check(recipe, "what is trained")
    before = run_folder.newest(Path(out), name) if resume == "newest" else resume
    session = prepare(
        recipe,
        program or Program(),
        name=name,
        out=Path(out),
        resume=None if before is None else Path(before),
        dataset=dataset,
        start=start,
    )
    state = run.run_session(session, callbacks=callbacks, show=show)
    return Trained(state, session.experiment.algorithm, session.run.folder)
