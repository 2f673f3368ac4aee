"""Checkpoints of a whole `GANState` with orbax. They are checked before they are read, and a few old ones are kept."""

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
from jaxtyping import PyTree

from jaxgan import failures
from jaxgan.checks import require
from jaxgan.core import GANState
from jaxgan.errors import InputError, NotFoundError
from jaxgan.files import write_whole

NEWEST = 2
"""Number of the newest checkpoints that are always kept: if one is damaged, the other is there."""
HISTORY = 8
"""Largest number of older checkpoints that are kept."""
NAMED = 3
"""Largest number of differences to name."""
DIGESTS = "digests.json"
"""File that is written last into a checkpoint: the SHA-256 of each of its files."""
PATTERN = frozenset("*?[\\")
"""Characters that orbax and its file system treat as patterns or refuse."""


def _is_plain(path: Path) -> bool:
    """Whether orbax and TensorStore accept a path as it is: it is no pattern, and it is UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return PATTERN.isdisjoint(str(path))


class Damaged(NamedTuple):
    """A checkpoint that cannot be read, with the reason."""

    step: int
    reason: str


class Restored(NamedTuple):
    """The newest readable state, and the newer checkpoints that could not be read."""

    state: GANState
    damaged: list[Damaged]


def manager(folder: Path, *, together: bool = False) -> ocp.CheckpointManager:
    """Manager of the checkpoints in `folder`. Close it, or use it as a context.

    Args:
        folder: folder of all checkpoints.
        together: every process of a run has it, and takes part in all that is done with it; otherwise this one alone.

    Raises:
        ValueError: if neither the path of `folder` nor that of the folder for temporary files is without patterns.
    """
    options = ocp.CheckpointManagerOptions(max_to_keep=None, enable_async_checkpointing=False)
    if jax.process_count() > 1 and not together:
        index = jax.process_index()
        options.multiprocessing_options = ocp.options.MultiprocessingOptions(
            primary_host=index, active_processes={index}, barrier_sync_key_prefix=f"alone{index}"
        )
        options.create = False
        folder.mkdir(parents=True, exist_ok=True)
    return ocp.CheckpointManager(_without_patterns(folder.absolute()), options=options)


def folder_of(checkpoints: ocp.CheckpointManager) -> Path:
    """Real folder of the checkpoints."""
    return Path(checkpoints.directory).resolve()


@cache
def _without_patterns(folder: Path) -> Path:
    """A path to `folder` that is no pattern: `folder` itself, or a link that exists as long as the process."""
    if _is_plain(folder):
        return folder
    place = Path(tempfile.mkdtemp(prefix="jaxgan-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    require(_is_plain(place), f"checkpoints cannot be kept in {folder} nor {place}: one of " + "*?[\\")
    folder.mkdir(parents=True, exist_ok=True)
    link = place / "checkpoints"
    link.symlink_to(folder, target_is_directory=True)
    return link


@jax.jit
def _all_finite(leaves: list[jax.Array]) -> jax.Array:
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in leaves]))


def is_finite(state: PyTree) -> bool:
    """Whether every number of a state is finite; one reduction on the device."""
    leaves = [leaf for leaf in jax.tree.leaves(state) if jnp.issubdtype(leaf.dtype, jnp.inexact)]
    return not leaves or bool(_all_finite(leaves))


def save(
    checkpoints: ocp.CheckpointManager,
    state: GANState,
    *,
    every: int,
    notes: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write `state` under its step, unless it is there already, then delete what `kept` does not name.

    The first checkpoint of a run is read back, so that a place that cannot hold any is found out at once.

    Args:
        checkpoints: from `manager`; if several processes have it, the first writes the notes and reads back.
        state: state of the run.
        every: steps from one checkpoint to the next, see `kept`.
        notes: text files to be written with it, by name.

    Raises:
        OSError: if what is read back is not what was written.
    """
    step = int(state.step)
    if step not in checkpoints.all_steps():
        write(checkpoints, step, state, notes)
    steps = checkpoints.all_steps()
    if list(steps) == [step] and _is_split(state):
        _read_parts_back(checkpoints, step, state)
    elif list(steps) == [step] and jax.process_index() == 0:
        _read_back(folder_of(checkpoints), state)
    for old in sorted(set(steps) - kept(steps, every=every)):
        checkpoints.delete(old)


def write(
    checkpoints: ocp.CheckpointManager, number: int, state: GANState, notes: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write `state` under a free number, together with text files of these names and contents. It is written completely
    or not at all: a truncated checkpoint is recognised."""
    if jax.process_count() > 1 and all(getattr(x, "is_fully_addressable", True) for x in jax.tree.leaves(state)):
        state = jax.device_get(state)  # orbax takes arrays of JAX for those of all processes
    with failures.said_once():
        checkpoints.save(number, args=ocp.args.StandardSave(state))
    if jax.process_index() > 0:
        return
    folder = folder_of(checkpoints) / str(number)
    for name, text in notes.items():
        write_whole(folder / name, text)
    write_whole(folder / DIGESTS, json.dumps(_digests(folder)))


def note(checkpoints: ocp.CheckpointManager, number: int, name: str) -> str | None:
    """Text of a file that `write` stored with a checkpoint; None if there is none."""
    path = folder_of(checkpoints) / str(number) / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _read_back(where: Path, state: GANState) -> None:
    try:
        with manager(where) as checkpoints:
            found = restore(checkpoints, state).state
    except (ValueError, OSError) as error:
        raise OSError(f"the first checkpoint in {where} cannot be read back: {error}") from error
    same = jax.tree.map(lambda a, b: np.array_equal(a, b, equal_nan=True), jax.device_get(state), jax.device_get(found))
    if not all(jax.tree.leaves(same)):
        raise OSError(f"the first checkpoint in {where} holds other numbers than were written")


def _is_split(state: GANState) -> bool:
    """Whether no process has the whole state."""
    return any(not (x.is_fully_addressable or x.is_fully_replicated) for x in jax.tree.leaves(state))


def _read_parts_back(checkpoints: ocp.CheckpointManager, step: int, state: GANState) -> None:
    """Read a checkpoint back in all processes, each its own parts."""
    target = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=x.sharding), state)
    found = checkpoints.restore(step, args=ocp.args.StandardRestore(target))

    def same(one: jax.Array, other: jax.Array) -> bool:
        pairs = zip(one.addressable_shards, other.addressable_shards, strict=True)
        return all(np.array_equal(a.data, b.data, equal_nan=True) for a, b in pairs)

    if not all(map(same, jax.tree.leaves(state), jax.tree.leaves(found))):
        raise OSError(f"the first checkpoint in {folder_of(checkpoints)} holds other numbers than were written")


def kept(steps: Sequence[int], *, every: int) -> set[int]:
    """Which of `steps` to keep: the newest `NEWEST`, and a history that is thinned evenly as the run continues.

    The history is every multiple of the smallest `every * 2**k` of which at most `HISTORY` fit below the newest step.
    """
    spacing = every
    while max(steps) > HISTORY * spacing:
        spacing *= 2
    return set(sorted(steps)[-NEWEST:]) | {step for step in steps if step % spacing == 0}


def restore(checkpoints: ocp.CheckpointManager, like: GANState, *, step: int | None = None) -> Restored:
    """The newest undamaged state, or the state of `step`.

    A checkpoint is whole if its files are those that were written, byte for byte.

    Args:
        checkpoints: from `manager`.
        like: arrays or shapes: the structure that the state must have. What is split over devices there is read to
            the same places.
        step: this one alone; if None the newest, else the one before it, and so on.

    Raises:
        FileNotFoundError: if there is none, or none of that step.
        ValueError: if none is whole, with the reason for each; or if the state has another structure than `like`.
    """
    steps = sorted(checkpoints.all_steps(), reverse=True)
    if not steps:
        raise NotFoundError(f"no checkpoint in {folder_of(checkpoints)}")
    if step is not None and step not in steps:
        there = ", ".join(map(str, steps[::-1]))
        raise NotFoundError(f"no checkpoint of step {step} in {folder_of(checkpoints)}; there are those of {there}")
    candidates = steps if step is None else [step]
    whole, damaged = newest_whole(checkpoints, candidates)
    if whole is None:
        reasons = "\n".join(f"  step {number}: {reason}" for number, reason in damaged)
        raise InputError(f"no checkpoint in {folder_of(checkpoints)} can be read:\n{reasons}")
    target = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=_place_of(x)), like)
    try:
        return Restored(checkpoints.restore(whole, args=ocp.args.StandardRestore(target)), damaged)
    except (ValueError, KeyError, TypeError) as error:
        where = f"the checkpoint of step {whole} in {folder_of(checkpoints)}"
        reason = _differences(checkpoints, whole, like) or (str(error).strip().splitlines() or [repr(error)])[0]
        raise InputError(
            f"{where} is not of this configuration or version: {reason}. If another version of jaxgan trained the run, "
            f"install that one to use it: config.json names it under environment. To train with this version, start a "
            f"new run"
        ) from error


def _differences(checkpoints: ocp.CheckpointManager, step: int, like: GANState) -> str:
    """Arrays of a checkpoint that are other than those of a state, in words; nothing if all are alike."""
    stored, own = (_shapes(tree) for tree in (checkpoints.item_metadata(step).tree, like))
    names = [name for name in dict.fromkeys([*own, *stored]) if own.get(name) != stored.get(name)]
    lines = [f"{name}, {stored.get(name, 'missing')} there and {own.get(name, 'missing')} here" for name in names]
    more = f", and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
    return f"{len(lines)} of its arrays differ: {'; '.join(lines[:NAMED])}{more}" if lines else ""


def _shapes(tree: PyTree) -> dict[str, list[int]]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {
        jax.tree_util.keystr(path, simple=True, separator="."): list(leaf.shape)
        for path, leaf in leaves
        if hasattr(leaf, "shape")
    }


def _place_of(leaf: Any) -> jax.sharding.Sharding:
    """The place of an array that is split over devices; else this process's first device."""
    sharding = getattr(leaf, "sharding", None)
    if isinstance(sharding, jax.sharding.NamedSharding) and not sharding.is_fully_replicated:
        return sharding
    return jax.sharding.SingleDeviceSharding(jax.local_devices()[0])


def newest_whole(checkpoints: ocp.CheckpointManager, numbers: Iterable[int]) -> tuple[int | None, list[Damaged]]:
    """The largest of these numbers whose checkpoint is undamaged, and the larger ones, whose checkpoints are
    damaged."""
    damaged: list[Damaged] = []
    for number in sorted(numbers, reverse=True):
        reason = _damage(folder_of(checkpoints) / str(number))
        if reason is None:
            return number, damaged
        damaged.append(Damaged(number, reason))
    return None, damaged


def set_aside(checkpoints: ocp.CheckpointManager, step: int) -> Path:
    """Move a damaged checkpoint out of the way and return its new place, so that it can be inspected."""
    folder = folder_of(checkpoints)
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
        expected = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
        found = _digests(folder)
    except (FileNotFoundError, NotADirectoryError):
        return f"it was cut short while it was written: there is no {DIGESTS}"
    except (OSError, ValueError, RecursionError) as error:
        return f"{DIGESTS} cannot be read: {error}"
    if not isinstance(expected, dict) or not expected:
        return f"{DIGESTS} names no files"
    wrong = sorted(name for name in expected if expected[name] != found.get(name))  # what others left there is no harm
    return None if not wrong else f"{len(wrong)} of its files are altered or missing, such as {wrong[0]}"


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(DIGESTS):
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
