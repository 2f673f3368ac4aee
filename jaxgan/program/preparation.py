"""Make a run ready: load the data, check everything that can be checked, make or reopen its folder."""

import contextlib
import errno
import json
import os
from dataclasses import asdict, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Key

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import GANState
from jaxgan.data.doubts import doubts as doubts_of
from jaxgan.errors import InputTypeError
from jaxgan.execution.layout import AnyStep
from jaxgan.experiment import Experiment
from jaxgan.failures import MODULE
from jaxgan.files import json_text
from jaxgan.observe.evaluator import Evaluator
from jaxgan.observe.requests import example, request
from jaxgan.options import leaves
from jaxgan.program import processes
from jaxgan.program.holding_out import HeldOut, hold_out
from jaxgan.program.inheritance import check_fits, inherited, parent_at
from jaxgan.program.inputs import Data, steps_of_a_call
from jaxgan.program.placement import Placement, placement
from jaxgan.program.program import FREE, Program
from jaxgan.program.start import check_start, keep_start
from jaxgan.recipes.making import checked, dataset_of, made, shape_of
from jaxgan.recipes.recipe import DataShape, Recipe
from jaxgan.runs import checkpoints, run_folder, same_data
from jaxgan.runs.run_folder import Run

SKIPPED_SHOWN = 10


class Session(NamedTuple):
    """A run that is ready to start: everything has been checked, the step has not been compiled."""

    run: Run
    experiment: Experiment
    step: AnyStep
    """The wrapped step."""
    state: GANState
    key: Key[Array, "..."]
    """Key of the run; in a sweep, one key for each member."""
    placement: Placement
    notes: list[str]
    """Notes for the start: skipped files, damaged checkpoints."""
    evaluator: Evaluator | None
    """Evaluator of a run that is evaluated while it trains."""
    lock: contextlib.AbstractContextManager[Any]
    """Lock on the run's folder, of the process that writes it."""
    held_out: HeldOut | None = None
    """Rows to train on and held-out rows, if some are held out."""

    @property
    def dataset(self) -> Data:
        """Data to train on."""
        if self.held_out is not None:
            return self.held_out.training
        assert isinstance(self.experiment.data, data.Dataset | data.IterableDataset)
        return self.experiment.data


class Source(NamedTuple):
    """The data of a run."""

    dataset: Data
    of: DataShape
    rows: int | None
    """Number of rows; None if the data are endless."""
    described: dict[str, Any]
    """Result of `data.describe`, with `doubts`, see `jaxgan.data.doubts`."""
    notes: list[str]
    """Notes about doubts, and about skipped files."""


@processes.all_or_none()
def prepare(
    what: Recipe | Experiment,
    program: Program,
    *,
    name: str,
    out: Path,
    resume: Path | None = None,
    dataset: Data | None = None,
    start: GANState | None = None,
    parent: Path | None = None,
) -> Session:
    """Load the data, check the experiment, and make or reopen the run's folder.

    Of several processes each does all of it but the last; the first makes the folder, which the others must see too.

    Args:
        what: a recipe, or an experiment that a program has made.
        program: how it is run; must agree with the saved one when resuming, as the recipe must.
        name: for the folder.
        out: folder of run folders.
        resume: the run to go on with, from its newest whole checkpoint, or from the start if it has none yet. Its data
            may lie elsewhere now, as long as rows and conditions are the same.
        dataset: to train on, instead of the one that the recipe loads.
        start: the state that a new run begins with.
        parent: the run, export or file whose weights a new run begins with, as far as they fit.

    Raises:
        ValueError: if the recipe does not fit the data, the devices, or the run to resume, or `start` the recipe.
        TypeError: if `start` is no state.
        FileNotFoundError: if data or run is missing.
    """
    begins = start is not None or parent is not None
    require(not begins or resume is None, "start is for a new run: a run that is resumed has its own state")
    require(start is None or parent is None, "start and parent exclude each other")
    saved = None if resume is None else run_folder.load(resume)
    recipe = None if isinstance(what, Experiment) else what
    if saved is not None:
        check_resume(saved, recipe, program)
    else:
        check_writable(out)
    weights = None if parent is None else parent_at(parent)
    source = loaded(what, program, dataset)
    experiment = checked(what) if isinstance(what, Experiment) else made(what, source.dataset, program)
    where = placement(program.wrapper)
    check_split(program, where, begins=begins)
    check_division(program.batch_size, where.shares(), experiment.parts)
    check_labels(experiment, source.dataset)
    check_processes(what, program, source)
    key = jax.random.key(program.seed)
    rows = example(source.dataset, program.batch_size, program.seed)
    if weights is not None:
        check_fits(weights, jax.eval_shape(experiment.algorithm.init, key, rows))
    held_out = hold_out(source.dataset, program.held_out, batch_size=program.batch_size, seed=program.seed)
    training = source.dataset if held_out is None else held_out.training
    step = where.compile(steps_of_a_call(program, experiment.algorithm.step, training))
    state = where.first_state(experiment.algorithm.init, key, rows)
    note = ""
    if weights is not None:
        start, note = inherited(weights, state)
    if start is not None:
        state = check_start(start, state, program)
        note = note or f"begins with a state of step {int(state.step)} that a program passed"
    check_samples(experiment, source.dataset, state)
    evaluator = None
    if program.evaluate_every and where.leads:
        evaluator = Evaluator(experiment, program)
        evaluator.check(program.evaluate_metrics, program.evaluate_samples)
    new, notes = Run(out, name, recipe, program, source.of, source.rows, source.described), source.notes
    lock: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if not where.leads:
        run, state = followed(new, state)
    elif saved is not None:
        run, state, notes, lock = reopened(saved, source, program, recipe, state, extendable=experiment.extendable)
    else:
        if start is None:
            run = run_folder.create(new)
        else:
            run = run_folder.create(new, partial(keep_start, state=state, parent=parent))
            notes = [*notes, note]
        lock = run_folder.Lock(run.folder)
    meet(where, run, state)
    return Session(run, experiment, step, state, key, where, notes, evaluator, lock, held_out)


def meet(where: Placement, run: Run, state: GANState) -> None:
    """Wait until all processes are ready; the first tells the others its folder and from which step the run goes on."""
    if where.leads:
        processes.exchange(json_text([str(run.folder.absolute()), int(state.step)]))
    processes.exchange("")


def followed(new: Run, state: GANState, file: str = "config.json") -> tuple[Run, GANState]:
    """The run that the first process made or reopened, and the state from which it continues.

    Raises:
        ValueError: if this process does not see its folder.
    """
    folder, step = json.loads(processes.exchange("")[0])
    run = new._replace(folder=Path(folder))
    require(
        run_folder.is_run(run.folder, file),
        f"there is no {folder} here: --out must be a folder that all processes share",
    )
    if step == int(state.step):
        return run, state
    with checkpoints.manager(run.checkpoints) as manager:
        return run, checkpoints.restore(manager, state, step=step).state


def reopened(
    saved: Run,
    source: Source,
    program: Program,
    recipe: Recipe | None,
    state: GANState,
    *,
    extendable: bool,
    file: str = "config.json",
) -> tuple[Run, GANState, list[str], run_folder.Lock]:
    """The saved run that continues, its newest state, notes, and the lock on its folder.

    Raises:
        ValueError: if it is not to go on like this.
    """
    lock = run_folder.Lock(saved.folder)
    try:
        other = other_data(saved, source)
        require(not other, f"cannot resume {saved.folder}: " + "\n".join(other))
        require(
            extendable or saved.program.steps == program.steps,
            f"cannot resume {saved.folder} with steps={program.steps}: its schedules end at the "
            f"{saved.program.steps} steps with which it began",
        )
        state, notes = restored(saved, state, steps=program.steps)
    except BaseException:
        lock.__exit__()
        raise
    run = saved._replace(recipe=recipe, program=program, source=saved.source or source.described)
    run_folder.record_resume(run, int(state.step), file)
    return run, state, [*source.notes, *doubts(saved, source), *notes], lock


def loaded(what: Recipe | Experiment, program: Program, dataset: Data | None = None) -> Source:
    """The data set of a recipe, or the one that was passed, checked against the batch size.

    Raises:
        ValueError: if the data do not fit the program.
        TypeError: if the recipe makes something else.
        FileNotFoundError: if they are missing.
    """
    if dataset is None:
        dataset = dataset_of(what, program)
    if not isinstance(dataset, data.Dataset | data.IterableDataset):
        raise InputTypeError(f"{type(what).__name__}: data must be a jaxgan.data.Dataset, got {type(dataset).__name__}")
    dataset.check_batch_size(program.batch_size)
    rows = len(dataset) if isinstance(dataset, data.Dataset) else None
    found = doubts_of(dataset)
    notes = [*dataset.origin.notes, *_skipped(dataset), *found]
    return Source(dataset, shape_of(dataset), rows, {**data.describe(dataset), "doubts": found}, notes)


def check_writable(out: Path) -> None:
    """Raise `OSError` if run folders cannot be made there, before anything is loaded or compiled."""
    above = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if not above.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(above))
    if not os.access(above, os.W_OK | os.X_OK):
        read_only = hasattr(os, "statvfs") and os.statvfs(above).f_flag & os.ST_RDONLY
        reason = errno.EROFS if read_only else errno.EACCES
        raise OSError(reason, os.strerror(reason), str(above))


def check_resume(saved: Run, recipe: Recipe | None, program: Program) -> None:
    """Raise `ValueError` if a run would continue with changed options that must not change."""
    changed = differences(asdict(saved.program), asdict(program), FREE | {"steps"})
    if type(saved.recipe) is not type(recipe) and not _same_file(saved.recipe, recipe):
        names = (type(one).__name__ if one is not None else "an experiment" for one in (saved.recipe, recipe))
        changed.insert(0, "recipe: saved {}, now {}".format(*names))
    elif saved.recipe is not None:
        changed = differences(flat(saved.recipe), flat(recipe), where_data_are(saved.recipe)) + changed
    require(not changed, f"cannot resume {saved.folder}, the configuration differs:\n  " + "\n  ".join(changed))


def where_data_are(recipe: Recipe) -> frozenset[str]:
    """Options that may change as long as the rows are the same: those of the recipe's `PLACE`, and of its groups."""
    names: set[str] = set()
    for name in getattr(recipe, "PLACE", ()):
        value = getattr(recipe, name)
        names |= {name, *(leaves(value) if is_dataclass(value) else ())}
    return frozenset(names - {"dequantize"})


def flat(options: Any) -> dict[str, Any]:
    """Options and choices by their names."""
    from jaxgan.options import chosen

    return {**chosen(options), **leaves(options)}


def differences(saved: dict[str, Any], asked: dict[str, Any], free: frozenset[str]) -> list[str]:
    """Differences between options because of which a run cannot continue, one line each."""
    names = [name for name in dict.fromkeys([*saved, *asked]) if name not in free]
    pairs = [(name, saved.get(name), asked.get(name)) for name in names]
    return [f"{name}: saved {old!r}, now {new!r}" for name, old, new in pairs if old != new]


def check_division(batch_size: int, devices: int, parts: int) -> None:
    """Raise `ValueError` unless devices and parts of a step divide the batch."""
    unit = devices * parts
    near = " or ".join(str(size) for size in (batch_size // unit * unit, (batch_size // unit + 1) * unit) if size > 0)
    require(
        batch_size % unit == 0,
        f"batch_size={batch_size} must be divisible by {devices} devices × {parts} parts of a step "
        f"(such as discriminator_steps + generator_parts), as {near} is",
    )


def check_processes(what: Recipe | Experiment, program: Program, source: Source) -> None:
    """Raise `ValueError` if several processes cannot train this, or if they would train different runs."""
    count = jax.process_count()
    if count == 1:
        return
    require(
        program.on_divergence != "rollback",
        f"on_divergence=rollback is for one process; {count} processes need stop or continue",
    )
    require(
        isinstance(source.dataset, data.Dataset),
        f"{count} processes need a data set with rows, of which each reads its own; {source.dataset.name} is an "
        f"iterable of batches",
    )
    options = {
        name: value
        for name, value in flat(program).items()
        if name not in ("cache_dir", "inception_weights", "transformer_weights")
    }
    if not isinstance(what, Experiment):
        places = where_data_are(what)
        options |= {name: value for name, value in flat(what).items() if name not in places}
    fingerprint = source.described.get("fingerprint")
    processes.require_same({**options, "shape": source.of, "rows": source.rows, "content of the rows": fingerprint})


def check_split(program: Program, where: Placement, *, begins: bool) -> None:
    """Raise `ValueError` if something needs the whole state in a process that has only a part of it."""
    needs = [name for name, given in (("start", begins), ("held_out", program.held_out > 0)) if given]
    require(
        not needs or where.processes == 1 or where.wrapper != "fully_sharded",
        f"{' and '.join(needs)} with wrapper=fully_sharded need one process, not {where.processes}",
    )


def check_labels(experiment: Experiment, dataset: Data) -> None:
    """Raise `ValueError` if a game needs classes and some rows have none."""
    labels = dataset.labels if isinstance(dataset, data.Dataset) else dataset.first.condition
    told = experiment.conditional == "classes" and not experiment.unlabelled
    if told and dataset.num_classes is not None and labels is not None:
        require(
            int(np.min(labels)) >= 0,
            f"{dataset.name} has rows with label -1, which stands for none: a conditional run then needs label_dropout "
            f"above 0",
        )


def check_samples(experiment: Experiment, dataset: Data, state: GANState) -> None:
    """Trace two samples, so that errors in drawing show now.

    Raises:
        ValueError: if samples are asked for by class, but do not depend on it.
    """
    rows = example(dataset, 2, 0)
    count = jax.tree.leaves(rows)[0].shape[0]
    by_class = experiment.conditional == "classes"

    def draw(state: GANState, labels: Any) -> Any:
        asked = request(experiment, rows, labels)
        return experiment.view(rows, experiment.algorithm.sample(state, jax.random.key(0), count, asked))

    program = jax.make_jaxpr(draw)(state, np.zeros(count, np.int32) if by_class else None).jaxpr
    require(
        not by_class or is_used(program, program.invars[-1]),
        'Experiment.conditional is "classes", but the samples do not depend on a class: pass num_classes to '
        'jaxgan.gan, or take "nothing"',
    )


def is_used(program: Any, variable: Any) -> bool:
    """Whether a traced program computes something from a variable, or returns it. Calls of functions are opened."""
    if variable in program.outvars:
        return True
    for equation in program.eqns:
        for i, each in enumerate(equation.invars):
            if each is variable:
                inner = equation.params["jaxpr"].jaxpr if equation.primitive.name in ("jit", "pjit") else None
                if inner is None or is_used(inner, inner.invars[i]):
                    return True
    return False


def other_data(run: Run, source: Source) -> list[str]:
    """Differences in the data because of which a saved run cannot continue, one line each."""
    if not run.of.is_like(source.of) or run.rows != source.rows:
        return [f"data set: saved {run.rows} rows of {run.of.shape}, now {source.rows} rows of {source.of.shape}"]
    other = same_data.likeness(run.source, source.described) == "other"
    return [same_data.difference(run.source, source.described)] if other else []


def doubts(run: Run, source: Source) -> list[str]:
    """Notes about the data of a saved run that continues."""
    otherwise = same_data.likeness(run.source, source.described) == "decoded otherwise"
    return [same_data.doubt(run.source, source.described)] if otherwise else []


def restored(run: Run, like: GANState, *, steps: int) -> tuple[GANState, list[str]]:
    """The newest undamaged state of a run, or `like` if it has none, and notes about the others.

    Raises:
        ValueError: if none of the checkpoints is whole, or the run has taken more than `steps` steps already.
    """
    notes = []
    if run_folder.rollbacks(run).damaged:
        notes.append(f"{run.folder / 'rollbacks.json'} cannot be read: the run counts as never rolled back")
    with checkpoints.manager(run.checkpoints) as manager:
        if not manager.all_steps():
            return like, [*notes, f"{run.folder} has no checkpoint yet: it starts again at step 0"]
        state, damaged = checkpoints.restore(manager, like)
        done = int(state.step)
        require(done <= steps, f"steps={steps} is less than the {done} steps that {run.folder} has taken")
        for step, reason in damaged:
            aside = checkpoints.set_aside(manager, step)
            notes.append(
                f"the checkpoint of step {step} is damaged ({reason}): moved to {aside}, going on from step {done}"
            )
    return state, notes


def _same_file(saved: Recipe | None, now: Recipe | None) -> bool:
    """Whether two recipes from files have one class: the run has a copy of the file, which is loaded separately."""
    if saved is None or now is None:
        return False
    names = {type(one).__name__ for one in (saved, now)}
    return len(names) == 1 and all(type(one).__module__.startswith(MODULE) for one in (saved, now))


def _skipped(dataset: Data) -> list[str]:
    if not isinstance(dataset, data.Dataset) or not dataset.skipped:
        return []
    first = "\n".join(f"  {name}: {reason}" for name, reason in dataset.skipped[:SKIPPED_SHOWN])
    more = len(dataset.skipped) - SKIPPED_SHOWN
    rest = f"\n  and {more} more" if more > 0 else ""
    count = len(dataset.skipped)
    words = "1 file cannot be used and is" if count == 1 else f"{count} files cannot be used and are"
    return [f"{words} left out:\n{first}{rest}"]
