"""Checkpoints of a whole `GANState`, by orbax: checked before they are read, a few of the past kept."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import jax
import orbax.checkpoint as ocp

from jaxgan.core import GANState
from jaxgan.errors import InputError, NotFoundError

NEWEST = 2
"""How many of the newest are always kept: if one is damaged, the other is there."""
HISTORY = 8
"""How many older ones are kept at most."""
DIGESTS = "digests.json"
"""Written into a checkpoint last: the SHA-256 of each of its files."""


class Damaged(NamedTuple):
    """A checkpoint that cannot be read, and why."""

    step: int
    reason: str


class Restored(NamedTuple):
    """The newest readable state, and the newer ones that were not."""

    state: GANState
    damaged: list[Damaged]


def manager(folder: Path) -> ocp.CheckpointManager:
    """The checkpoints in `folder`. Close it, or use it as a context."""
    options = ocp.CheckpointManagerOptions(max_to_keep=None, enable_async_checkpointing=False)
    return ocp.CheckpointManager(folder.absolute(), options=options)


def save(checkpoints: ocp.CheckpointManager, state: GANState, *, every: int) -> None:
    """Write `state` under its step, unless it is there already, then delete what `kept` does not name."""
    step = int(state.step)
    if step not in checkpoints.all_steps():
        write(checkpoints, step, state)
    steps = checkpoints.all_steps()
    for old in set(steps) - kept(steps, every=every):
        checkpoints.delete(old)


def write(
    checkpoints: ocp.CheckpointManager, number: int, state: GANState, notes: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write `state` under a number that is free, and with it text files of these names and contents, whole or not at
    all: what is cut short is found to be."""
    checkpoints.save(number, args=ocp.args.StandardSave(state))
    folder = Path(checkpoints.directory) / str(number)
    for name, text in notes.items():
        (folder / name).write_text(text, encoding="utf-8")
    unfinished = folder / f"{DIGESTS}.unfinished"
    unfinished.write_text(json.dumps(_digests(folder)), encoding="utf-8")
    os.replace(unfinished, folder / DIGESTS)


def kept(steps: Sequence[int], *, every: int) -> set[int]:
    """Those of `steps` to keep: the newest `NEWEST`, and a history that thins itself evenly while a run goes on.

    The history is every multiple of the smallest `every * 2**k` of which at most `HISTORY` fit below the newest step.
    """
    spacing = every
    while max(steps) > HISTORY * spacing:
        spacing *= 2
    return set(sorted(steps)[-NEWEST:]) | {step for step in steps if step % spacing == 0}


def restore(checkpoints: ocp.CheckpointManager, like: GANState, *, step: int | None = None) -> Restored:
    """The newest state that is whole, or that of `step`.

    A checkpoint is whole if its files are those that were written, byte for byte.

    Args:
        checkpoints: from `manager`.
        like: arrays or shapes: the structure that the state must have.
        step: this one alone; if None the newest, else the one before it, and so on.

    Raises:
        FileNotFoundError: if there is none, or none of that step.
        ValueError: if none is whole, with the reason for each; or if the state has another structure than `like`.
    """
    steps = sorted(checkpoints.all_steps(), reverse=True)
    if not steps:
        raise NotFoundError(f"no checkpoint in {checkpoints.directory}")
    if step is not None and step not in steps:
        raise NotFoundError(f"no checkpoint of step {step} in {checkpoints.directory}; there are {steps[::-1]}")
    candidates = steps if step is None else [step]
    whole, damaged = newest_whole(checkpoints, candidates)
    if whole is None:
        reasons = "\n".join(f"  step {number}: {reason}" for number, reason in damaged)
        raise InputError(f"no checkpoint in {checkpoints.directory} can be read:\n{reasons}")
    sharding = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    target = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=sharding), like)
    return Restored(checkpoints.restore(whole, args=ocp.args.StandardRestore(target)), damaged)


def newest_whole(checkpoints: ocp.CheckpointManager, numbers: Iterable[int]) -> tuple[int | None, list[Damaged]]:
    """The largest of these numbers whose checkpoint is whole, and the larger ones, whose are not."""
    damaged: list[Damaged] = []
    for number in sorted(numbers, reverse=True):
        reason = _damage(Path(checkpoints.directory) / str(number))
        if reason is None:
            return number, damaged
        damaged.append(Damaged(number, reason))
    return None, damaged


def set_aside(checkpoints: ocp.CheckpointManager, step: int) -> Path:
    """Move a damaged checkpoint out of the way, to where it can be looked at; returns where it is now."""
    folder = Path(checkpoints.directory)
    aside = folder.with_name("damaged-checkpoints") / str(step)
    while aside.exists():
        aside = aside.with_name(f"{aside.name}-again")
    aside.parent.mkdir(exist_ok=True)
    os.replace(folder / str(step), aside)
    checkpoints.reload()
    return aside


def _damage(folder: Path) -> str | None:
    """What is wrong with a checkpoint's files, in words, or None."""
    try:
        expected: dict[str, str] = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
        found = _digests(folder)
    except FileNotFoundError:
        return f"it was cut short while it was written: there is no {DIGESTS}"
    except (OSError, ValueError) as error:
        return f"{DIGESTS} cannot be read: {error}"
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return None if not wrong else f"{len(wrong)} of its files are altered or missing, such as {wrong[0]}"


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(DIGESTS):
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
