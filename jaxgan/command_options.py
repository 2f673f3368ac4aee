"""Options of the commands that are no part of what is trained: where things go."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from jaxgan.checks import require


@dataclass(frozen=True)
class Output:
    """Where a run goes."""

    out: Path = Path("runs")
    """Folder of run folders."""
    resume: str | None = None
    """Go on with the newest run of this preset in --out, or with the run at a path. Its options are those that were
    saved; others may be given if they do not change what it computes."""
    start: Path | None = None
    """Begin with the weights of a run, an export or a .safetensors file, as far as they fit; what does not is told."""
    dry_run: bool = False
    """Only tell what the run would be: its configuration, parameters, operations and memory."""
    target: str | None = None
    """With --dry-run: compile the step for hardware that is not there, such as gpu:h100, gpu:a100:8, tpu:v5e or
    tpu:v5e:2x2, and tell whether it fits and what bounds it."""
    distributed: str | None = None
    """Train in several processes: without a value under Slurm, Open MPI, Kubernetes or on Cloud TPU, else
    HOST:PORT,COUNT,INDEX in each, of process 0, of all, of this one."""
    show: Literal["auto", "text", "json", "none"] = "auto"
    """What to print: lines to read, a JSON object a line, nothing; auto: lines on a terminal, else JSON."""

    def __post_init__(self) -> None:
        require(self.distributed is None or not self.dry_run, "distributed has no effect with --dry-run")
        require(self.target is None or self.dry_run, f"target={self.target} has an effect with --dry-run alone")
        require(self.start is None or not self.dry_run, f"start={self.start} has no effect with --dry-run")


@dataclass(frozen=True)
class SweepOutput:
    """What a sweep trains, and where it goes."""

    seeds: int = 10
    """Runs of each setting; seed s of them is --seed + s."""
    over: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """NAME=VALUE,VALUE,... or NAME=FROM:TO:COUNT (even ratios): a number to sweep; given again, every combination is
    trained."""
    out: Path = Path("runs")
    """Folder of run folders."""
    resume: str | None = None
    """Go on with the newest sweep of this preset in --out; or, given a path, with that sweep."""
    show: Literal["auto", "text", "json", "none"] = "auto"
    """What to print: lines to read, a JSON object a line, nothing; auto: lines on a terminal, else JSON."""


@dataclass(frozen=True)
class Report:
    """What to report on."""

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Folder of a run; of two or more, to compare them."""
    out: Path | None = None
    """The page (default: RUN/report.html; of several runs, compare.html beside the first)."""
