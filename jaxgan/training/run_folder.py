"""The folder of a run: numbered, named after its preset, and described by its `config.json`."""

import json
import os
import platform
from pathlib import Path
from typing import Any, NamedTuple

import flax
import jax
import numpy as np
import optax

from jaxgan.checks import require
from jaxgan.training.build import DataShape
from jaxgan.training.config import Config
from jaxgan.version import __version__


class Run(NamedTuple):
    """A run on disk."""

    folder: Path
    preset: str
    config: Config
    of: DataShape

    @property
    def checkpoints(self) -> Path:
        """Where its checkpoints are."""
        return self.folder / "checkpoints"

    @property
    def metrics(self) -> Path:
        """Its numbers, one JSON object a line."""
        return self.folder / "metrics.jsonl"

    @property
    def samples(self) -> Path:
        """Where its pictures are."""
        return self.folder / "samples"


def create(out: Path, preset: str, config: Config, of: DataShape) -> Run:
    """Make `out/NNNNN-preset` with the next free number."""
    number = 1 + max((_number(folder) for folder in _folders(out)), default=-1)
    run = Run(out / f"{number:05d}-{preset}", preset, config, of)
    run.samples.mkdir(parents=True)
    save_config(run)
    return run


def save_config(run: Run) -> None:
    """Write `config.json`, whole or not at all."""
    record = {
        "preset": run.preset,
        "config": run.config.to_json(),
        "data": run.of._asdict(),
        "environment": environment(),
    }
    unfinished = run.folder / "config.json.unfinished"
    unfinished.write_text(json.dumps(record, indent=2) + "\n")
    os.replace(unfinished, run.folder / "config.json")


def load(folder: Path) -> Run:
    """Read a run back.

    Raises:
        FileNotFoundError: if `folder` holds no run.
        ValueError: if its `config.json` cannot be understood.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise FileNotFoundError(f"no run in {folder}: there is no {path}")
    try:
        record = json.loads(path.read_text())
        of = DataShape(tuple(record["data"]["shape"]), record["data"]["num_classes"])
        return Run(folder, record["preset"], Config.from_json(record["config"]), of)
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not the configuration of a run: {error!r}") from error


def newest(out: Path, preset: str) -> Path:
    """The run of `preset` in `out` with the highest number.

    Raises:
        FileNotFoundError: if there is none.
    """
    found = [folder for folder in _folders(out) if folder.name[6:] == preset and (folder / "config.json").exists()]
    if not found:
        raise FileNotFoundError(f"no run of preset {preset} to resume in {out}")
    return max(found, key=_number)


def environment() -> dict[str, Any]:
    """The machine and the versions that a number depends on."""
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
    }


def _folders(out: Path) -> list[Path]:
    return [f for f in out.glob("[0-9][0-9][0-9][0-9][0-9]-*") if f.is_dir()] if out.is_dir() else []


def _number(folder: Path) -> int:
    require(folder.name[:5].isdigit(), f"{folder} is not a run folder")
    return int(folder.name[:5])
