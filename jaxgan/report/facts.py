"""Facts about a run, from its folder."""

import contextlib
import json
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

from jaxgan.checks import require
from jaxgan.errors import InputError, NotFoundError
from jaxgan.report import curves
from jaxgan.runs import metrics_file, older, records
from jaxgan.runs.absence import absent

PROGRAM = "program"
"""Name of the group of the program's options."""


class Finding(NamedTuple):
    """Finding of a detector at a step."""

    step: int
    name: str
    sentence: str


class Facts(NamedTuple):
    """Facts about a run, from its folder."""

    folder: Path
    name: str
    """Name of the preset, or of the recipe's file."""
    groups: dict[str, dict[str, Any]]
    """Options, by group."""
    data: dict[str, Any]
    environment: dict[str, Any]
    numbers: curves.Numbers
    pictures: dict[int, Path]
    """Pictures by step."""
    checkpoints: list[int]
    findings: list[Finding]
    """Findings of the detectors, by step."""
    evaluations: list[dict[str, Any]]
    """Records of `evaluation.json`."""

    @property
    def done(self) -> int:
        """Number of steps for which there is any evidence."""
        return max([self.numbers.last_step, *self.pictures, *self.checkpoints])

    @property
    def config(self) -> dict[str, Any]:
        """All options by their names."""
        return {name: value for group in self.groups.values() for name, value in group.items()}

    @property
    def asked(self) -> int:
        """Number of steps that were requested."""
        steps = self.config.get("steps")
        return steps if isinstance(steps, int) else 0


def read(folder: Path) -> Facts:
    """Read a run, which may still be running.

    Raises:
        FileNotFoundError: if there is no run.
        ValueError: if its `config.json` cannot be understood.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise NotFoundError(absent(folder, path))
    try:
        record: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is not the configuration of a run: {error}") from error
    require(isinstance(record, dict), f"{path} is not the configuration of a run: it holds no object")
    if "config" in record:
        require(isinstance(record["config"], dict), f"{path} is not the configuration of a run: config is no object")
        with contextlib.suppress(KeyError, TypeError, AttributeError, InputError):
            record |= json.loads(json.dumps(older.configuration(record)))
    recipe, program, data, environment = (
        record.get(name) or {} for name in ("recipe", "program", "data", "environment")
    )
    for part in (recipe, program, data, environment):
        require(isinstance(part, dict), f"{path} is not the configuration of a run: {part!r} is no object")
    return Facts(
        folder,
        str(record.get("name", record.get("preset", ""))),
        {**groups_of(recipe.get("options", {})), PROGRAM: program},
        data,
        environment,
        curves.read_numbers(folder / "metrics.jsonl"),
        dict(sorted((int(path.stem[5:]), path) for path in (folder / "samples").glob("step-*.png") if _numbered(path))),
        sorted(int(path.name) for path in (folder / "checkpoints").glob("*") if path.name.isdecimal()),
        _findings(folder / "metrics.jsonl"),
        _evaluations(folder / "evaluation.json"),
    )


def _findings(metrics: Path) -> list[Finding]:
    records = metrics_file.read(metrics).records
    return [Finding(r["step"], str(r["finding"]), str(r.get("sentence", ""))) for r in records if "finding" in r]


def _evaluations(path: Path) -> list[dict[str, Any]]:
    try:
        return [record for record in records.read(path) if isinstance(record, dict)]
    except InputError:
        return []


def groups_of(tree: Any, title: str = "") -> dict[str, dict[str, Any]]:
    """A tree of options as groups of values."""
    if not isinstance(tree, dict):
        return {}
    own = {title if name == "is" else name: value for name, value in tree.items() if not isinstance(value, dict)}
    groups = {title or "options": own} if own else {}
    for name, value in tree.items():
        if isinstance(value, dict):
            groups |= groups_of(value, name)
    return groups


def _numbered(picture: Path) -> bool:
    return re.fullmatch(r"step-[0-9]+\.png", picture.name) is not None


def state(facts: Facts) -> str:
    """How far a run has come, in a sentence or two."""
    done, asked, every = facts.done, facts.asked, facts.config.get("checkpoint_every")
    steps = f"{done:,} of {asked:,} steps" if asked else f"{done:,} steps"
    if asked and done >= asked:
        return f"Finished: {steps}. {verdict(facts)}".strip()
    if isinstance(every, int) and done and facts.checkpoints[-1:] == [done] and done % every:
        return f"Stopped after {steps}, with a checkpoint from which --resume goes on."
    signs = (facts.folder / name for name in ("config.json", "metrics.jsonl", "samples", "checkpoints"))
    written = max(path.stat().st_mtime for path in signs if path.exists())
    return f"Not finished: {steps}. It is still going or was cut off; last written {moment(written)}."


def verdict(facts: Facts) -> str:
    """The detectors' last findings in a sentence; empty if they found nothing."""
    last = {finding.name: finding.step for finding in facts.findings}
    found = " and ".join(f"{name} (last at step {step:,})" for name, step in last.items())
    return f"The detectors found {found}." if found else ""


def spelled(value: Any) -> str:
    """The value of an option as the command line takes it."""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def moment(seconds: float) -> str:
    """A time of this machine."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
