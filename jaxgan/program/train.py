"""The training program as a function, for notebooks and scripts."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jaxgan import data
from jaxgan.core import Algorithm, GANState
from jaxgan.program import loop
from jaxgan.program.preparation import prepare
from jaxgan.recipes.config import Config
from jaxgan.runs import run_folder
from jaxgan.runs.log import Show


class Trained(NamedTuple):
    """What a run leaves in the hands of its caller."""

    state: GANState
    """Its step is short of `config.steps` if the run was stopped."""
    algorithm: Algorithm
    """`algorithm.sample(state, key, n)` draws from the averaged generator."""
    folder: Path
    """Of the run."""


def train(
    config: Config,
    *,
    dataset: data.Dataset | data.IterableDataset | None = None,
    out: str | Path = "runs",
    name: str = "run",
    resume: str | Path | None = None,
    callbacks: Sequence[loop.Callback] = (),
    show: Show = "auto",
) -> Trained:
    """Train as `jaxgan train` does, with the same run folder.

    Ctrl-C stops it after the step it is in, with a checkpoint, and returns.

    Args:
        config: such as `dataclasses.replace(jaxgan.preset("digits"), steps=500)`.
        dataset: from `jaxgan.data.load`, which also takes arrays and iterables of `Batch`; `config.data` is then only
            its name. None loads what `config.data` says.
        out: folder of run folders.
        name: of the new run's folder, after its number.
        resume: the folder of a run to go on with, or "newest": the newest in `out` of that name.
        callbacks: each is called with a `Progress` every `config.log_every` steps; one that returns True stops the run.
        show: what to print, see `Show`.

    Raises:
        ValueError: if the configuration does not fit the data, the devices or the run to resume.
        FileNotFoundError: if data or run is missing.
        FloatingPointError: if a loss is not finite; the checkpoints before stay.
    """
    before = run_folder.newest(Path(out), name) if resume == "newest" else resume
    session = prepare(
        config, preset=name, out=Path(out), resume=None if before is None else Path(before), dataset=dataset
    )
    state = loop.run_session(session, callbacks=callbacks, show=show)
    return Trained(state, session.algorithm, session.run.folder)
