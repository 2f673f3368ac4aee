"""Train: from a configuration to a folder with a trained state, numbers and pictures."""

import math
import time
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import Algorithm, Batch, GANState, Info
from jaxgan.data.mixtures import MIXTURES
from jaxgan.execution.layout import Step
from jaxgan.metrics.modes import mode_coverage
from jaxgan.training import checkpoints, pictures, run_folder
from jaxgan.training.build import DataShape, build, compile_step
from jaxgan.training.config import Config, differences
from jaxgan.training.interruption import Interruption
from jaxgan.training.log import Log
from jaxgan.training.run_folder import Run

POINTS = 2500


class Session(NamedTuple):
    """A run that is ready to start: everything has been checked, the step has not been compiled."""

    run: Run
    dataset: data.Dataset
    algorithm: Algorithm
    step: Step
    state: GANState


def prepare(config: Config, *, preset: str, out: Path, resume: Path | None = None) -> Session:
    """Load the data, check the configuration, and make or reopen the run's folder.

    Args:
        config: of the run; must agree with the saved one when resuming.
        preset: name for the folder.
        out: folder of run folders.
        resume: the run to go on with, from its newest checkpoint.

    Raises:
        ValueError: if the configuration does not fit the data, the devices, or the run to resume.
        FileNotFoundError: if data, run or checkpoint is missing.
    """
    dataset = data.load(config.data, image_size=config.image_size, data_dir=config.data_dir, split=config.split)
    dataset.check_batch_size(config.batch_size)
    of = DataShape(dataset.shape, dataset.num_classes)
    algorithm = build(config, of)
    step = compile_step(config, algorithm.step)
    state = algorithm.init(jax.random.key(config.seed), next(dataset.batches(config.batch_size, config.seed)))
    if resume is None:
        return Session(run_folder.create(out, preset, config, of), dataset, algorithm, step, state)
    run = run_folder.load(resume)
    changed = differences(run.config, config)
    require(not changed, "cannot resume " + str(resume) + ", the configuration differs:\n  " + "\n  ".join(changed))
    with checkpoints.manager(run.checkpoints) as manager:
        state = checkpoints.restore(manager, state)
    run = run._replace(config=config)
    run_folder.save_config(run)
    return Session(run, dataset, algorithm, step, state)


def train(session: Session) -> GANState:
    """Run the steps that are left, and write everything to the run's folder.

    Ctrl-C or SIGTERM stops the run after the step it is in, with a checkpoint.

    Returns:
        The final state; its step is short of `config.steps` if the run was stopped.

    Raises:
        FloatingPointError: if a loss is not finite; the checkpoints before stay.
    """
    run, dataset, step, state = session.run, session.dataset, session.step, session.state
    config = run.config
    key = jax.random.key(config.seed)
    resident = dataset.on_device(None if config.wrapper == "jit" else jax.local_devices())
    pictured = _Pictures(session)
    pictured.real()
    done = first = int(state.step)
    with (
        checkpoints.manager(run.checkpoints) as manager,
        Log(run.metrics, start=done, steps=config.steps, images_per_step=config.batch_size) as log,
        Interruption() as interruption,
    ):
        log.say(f"{run.folder}: {dataset.name}, {len(dataset):,} x {dataset.shape}, on {_devices(config)}")
        if done == 0:
            pictured.samples(state, log)
        began = time.perf_counter()
        while done < config.steps and not interruption.asked:
            state, infos = step(state, resident, key)
            done += config.steps_per_call
            if done == first + config.steps_per_call:
                jax.block_until_ready(state)
                log.compiled(done)
            logs, draws, saves = (
                done % every == 0 or done == config.steps
                for every in (config.log_every, config.sample_every, config.checkpoint_every)
            )
            if logs or saves:
                info = _last(infos)
                _stop_if_not_finite(info, done, run)
            if logs:
                log.numbers(done, info)
            if draws:
                pictured.samples(state, log)
            if saves:
                checkpoints.save(manager, state)
        if interruption.asked:
            if done > first:
                _stop_if_not_finite(_last(infos), done, run)
            checkpoints.save(manager, state)
        log.say(f"trained {done - first} steps in {time.perf_counter() - began:.0f} s; all of it is in {run.folder}")
    return state


class _Pictures:
    """The pictures of a run, all with the same latents and labels."""

    def __init__(self, session: Session) -> None:
        self.session = session
        classes = session.run.of.num_classes
        self.columns = classes if session.run.config.conditional and classes and classes <= 16 else 8
        self.mixture = MIXTURES.get(session.dataset.name)

    def rows(self) -> Batch:
        size = POINTS if len(self.session.dataset.shape) == 1 else 8 * self.columns
        size = min(size, len(self.session.dataset))
        return next(self.session.dataset.batches(size, self.session.run.config.seed))

    def real(self) -> None:
        pictures.save_picture(self.session.run.samples / "real.png", self.rows().real, columns=self.columns)

    def samples(self, state: GANState, log: Log) -> None:
        session, real = self.session, self.rows().real
        state = jax.device_put(state, jax.local_devices()[0])
        made = np.asarray(session.algorithm.sample(state, jax.random.key(session.run.config.seed), len(real)))
        path = session.run.samples / f"step-{int(state.step):06d}.png"
        pictures.save_picture(path, made, columns=self.columns, around=real)
        if self.mixture is not None:
            modes, quality, kl = mode_coverage(made, self.mixture)
            log.say(
                f"step {int(state.step)}: {modes} of {len(self.mixture.centres)} modes, "
                f"{quality:.1%} of samples within 3 sigma of one, reverse KL {kl:.4f}"
            )


def _devices(config: Config) -> str:
    count = 1 if config.wrapper == "jit" else jax.local_device_count()
    return f"{count} x {jax.devices()[0].device_kind} ({config.wrapper})"


def _last(infos: Info) -> dict[str, float]:
    return {name: float(values[-1]) for name, values in jax.device_get(infos).items()}


def _stop_if_not_finite(info: dict[str, float], step: int, run: Run) -> None:
    bad = [name for name, value in info.items() if not math.isfinite(value)]
    if bad:
        raise FloatingPointError(
            f"step {step}: {', '.join(bad)} not finite. The checkpoints in {run.checkpoints} are from before. "
            f"Try a lower learning rate, or a gradient penalty (--r1 1)."
        )
