"""The folder of a run: numbered, named, and described by its `config.json`."""

import json
import os
import platform
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import flax
import jax
import numpy as np
import optax
from filelock import FileLock, Timeout

from jaxgan.checks import require
from jaxgan.errors import InputError, NotFoundError
from jaxgan.files import json_text, write_whole
from jaxgan.options import from_tree
from jaxgan.program.program import Program
from jaxgan.recipes.recipe import DataShape, Recipe
from jaxgan.runs import older, written_recipe
from jaxgan.runs.absence import absent
from jaxgan.version import __version__


class Run(NamedTuple):
    """A run on disk."""

    folder: Path
    name: str
    """Name of the preset, or of the file of the recipe."""
    recipe: Recipe | None
    """Recipe; None if a program passed the experiment."""
    program: Program
    of: DataShape
    rows: int | None
    """Rows of the data set; None if it has no end."""
    source: Mapping[str, Any] = MappingProxyType({})
    """Result of `data.describe` for the data; empty in runs of older versions."""

    @property
    def checkpoints(self) -> Path:
        """Folder of its checkpoints."""
        return self.folder / "checkpoints"

    @property
    def best(self) -> Path:
        """Folder of the state of the best evaluation, if the run was evaluated during training."""
        return self.folder / "best"

    @property
    def evaluation(self) -> Path:
        """The records of its evaluations, a JSON list."""
        return self.folder / "evaluation.json"

    @property
    def metrics(self) -> Path:
        """File of its numbers, one JSON object per line."""
        return self.folder / "metrics.jsonl"

    @property
    def log(self) -> Path:
        """File of its messages, with times."""
        return self.folder / "log.txt"

    @property
    def tensorboard(self) -> Path:
        """Folder of its TensorBoard events."""
        return self.folder / "tensorboard"

    @property
    def samples(self) -> Path:
        """Folder of its pictures."""
        return self.folder / "samples"


def create(run: Run, more: Callable[[Run], None] = lambda run: None) -> Run:
    """Make `run.folder/NNNNN-name` with the next free number and its first files, completely or not at all."""

    def fill(folder: Path) -> None:
        new = run._replace(folder=folder)
        new.samples.mkdir()
        save_config(new)
        more(new)

    return run._replace(folder=numbered(run.folder, run.name, fill))


def numbered(out: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """Make the folder `out/NNNNN-name` with the next free number and the files that `fill` writes, completely or not at
    all."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".", suffix=".unfinished", ignore_cleanup_errors=True) as made:
        fill(Path(made))
        Path(made).chmod(0o777 & ~_umask())
        while True:
            number = 1 + max((_number(folder) for folder in _folders(out)), default=-1)
            folder = out / f"{number:05d}-{name}"
            try:
                os.rename(made, folder)
            except OSError:
                if not folder.exists():
                    raise
                continue  # another run took the number
            return folder


def save_config(run: Run, file: str = "config.json", more: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Write `config.json`, or another file with more content, completely or not at all."""
    record = {
        "name": run.name,
        "recipe": written_recipe.write(run.recipe, run.folder),
        "program": asdict(run.program),
        **more,
        "data": _data(run),
        "environment": environment(),
    }
    write_whole(run.folder / file, json_text(record, indent=2) + "\n")


def record_resume(run: Run, step: int, file: str = "config.json") -> None:
    """Write the configuration with which a run continues, and the step and machine. The record of its start stays."""
    record = json.loads((run.folder / file).read_text(encoding="utf-8"))
    for name in ("config", "preset"):  # of versions before recipes
        record.pop(name, None)
    record |= {"name": run.name, "program": asdict(run.program), "data": _data(run)}
    record["recipe"] = written_recipe.write(run.recipe, run.folder)
    record["resumed"] = [*record.get("resumed", []), {"step": step, "environment": environment()}]
    write_whole(run.folder / file, json_text(record, indent=2) + "\n")


class Lock:
    """Lock of the one program that trains a run. It ends with the process, however that ends.

    Args:
        folder: folder of the run.

    Raises:
        ValueError: if another program holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / "lock", thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"{folder} is being trained by another program. Stop that one first, or start a run of its own"
            ) from None

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def is_run(folder: Path, file: str = "config.json") -> bool:
    """Whether the folder is one of a run, or of a sweep."""
    return (folder / file).is_file()


def load(folder: Path, file: str = "config.json") -> Run:
    """Read a run from its folder.

    Raises:
        FileNotFoundError: if `folder` holds no run.
        ValueError: if its `config.json` cannot be understood.
    """
    path = folder / file
    if not path.is_file():
        raise NotFoundError(absent(folder, path))
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if "config" in record:
            record |= older.configuration(record)
        kind = record["data"].pop("medium", None)
        shape, num_classes, rows = (record["data"].pop(name) for name in ("shape", "num_classes", "rows"))
        of = DataShape(tuple(shape) if isinstance(shape, list) else shape, num_classes, kind)
        recipe = written_recipe.read(record["recipe"], folder)
        return Run(folder, record["name"], recipe, from_tree(Program, record["program"]), of, rows, record["data"])
    except InputError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is not the configuration of a run: {error!r}") from error


def newest(out: Path, name: str, file: str = "config.json") -> Path:
    """The run in `out` of that name with the highest number.

    Raises:
        FileNotFoundError: if there is none.
    """
    found = [folder for folder in _folders(out) if folder.name[6:] == name and (folder / file).exists()]
    if not found:
        raise NotFoundError(f"no run of {name} to resume in {out}")
    return max(found, key=_number)


class Rollbacks(NamedTuple):
    """Record of the rollbacks of a run."""

    times: int = 0
    step: int | None = None
    """Step of the checkpoint to which it went back last."""
    damaged: bool = False
    """Whether there is a record that cannot be read: it counts as none."""


def rollbacks(run: Run) -> Rollbacks:
    """Record of the run's rollbacks."""
    path = run.folder / "rollbacks.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        times, step = (record, None) if isinstance(record, int) else (record["times"], record["step"])
    except FileNotFoundError:
        return Rollbacks()
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Rollbacks(damaged=True)
    whole = isinstance(times, int) and times >= 0 and (step is None or isinstance(step, int))
    return Rollbacks(times, step) if whole else Rollbacks(damaged=True)


def save_rollbacks(run: Run, times: int, step: int) -> None:
    """Record that the run went back to the checkpoint of `step`, for the `times`-th time."""
    write_whole(run.folder / "rollbacks.json", json_text({"times": times, "step": step}))


def environment() -> dict[str, Any]:
    """The machine and the versions on which numbers depend."""
    device = jax.devices()[0]
    return {
        "jaxgan": __version__,
        "python": platform.python_version(),
        "jax": jax.__version__,
        "flax": flax.__version__,
        "optax": optax.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "device": device.device_kind,
        "backend": device.platform,
        "devices": jax.device_count(),
        "processes": jax.process_count(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
    }


def _data(run: Run) -> dict[str, Any]:
    shape, num_classes, kind = run.of
    return {"shape": shape, "num_classes": num_classes, "medium": kind, "rows": run.rows, **run.source}


def _folders(out: Path) -> list[Path]:
    return [f for f in out.glob("[0-9][0-9][0-9][0-9][0-9]-*") if f.is_dir()] if out.is_dir() else []


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _number(folder: Path) -> int:
    require(folder.name[:5].isdigit(), f"{folder} is not a run folder")
    return int(folder.name[:5])
