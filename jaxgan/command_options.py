"""Options of the commands that do not affect training: where output goes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from jaxgan.checks import require


@dataclass(frozen=True)
class Output:
    """Output of a run."""

    out: Path = Path("runs")
    """Folder that holds the folders of runs."""
    resume: str | None = None
    """Continue the newest run of this preset in --out, or the run at a path. The run keeps its saved options; you may
    change those that do not affect what it computes."""
    start: Path | None = None
    """Start with the weights of a run, an export or a .safetensors file, as far as they fit; the others are
    reported."""
    dry_run: bool = False
    """Only describe the run: its configuration, parameters, operations and memory."""
    target: str | None = None
    """With --dry-run: compile the step for hardware that is not there, such as gpu:h100, gpu:a100:8, tpu:v5e or
    tpu:v5e:2x2, and say whether it fits and what bounds its speed."""
    distributed: str | None = None
    """Train in several processes: no value under Slurm, Open MPI, Kubernetes or on Cloud TPU, else
    HOST:PORT,COUNT,INDEX: address of process 0, their number, index of this one."""
    show: Literal["auto", "text", "json", "none"] = "auto"
    """What to print: text, one JSON object per line, or nothing; auto: text on a terminal, else JSON."""

    def __post_init__(self) -> None:
        require(self.distributed is None or not self.dry_run, "distributed has no effect with --dry-run")
        require(self.target is None or self.dry_run, f"target={self.target} has an effect with --dry-run alone")
        require(self.start is None or not self.dry_run, f"start={self.start} has no effect with --dry-run")


@dataclass(frozen=True)
class SweepOutput:
    """What a sweep trains, and where its results go."""

    seeds: int = 10
    """Number of runs of each setting; run s has the seed --seed + s."""
    over: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """NAME=VALUE,VALUE,... or NAME=FROM:TO:COUNT (even ratios): a number to sweep. Repeat the option to train every
    combination."""
    out: Path = Path("runs")
    """Folder that holds the folders of runs."""
    resume: str | None = None
    """Continue the newest sweep of this preset in --out, or the sweep at a path."""
    distributed: str | None = None
    """Train in several processes, whose devices must divide the runs: no value under Slurm, Open MPI, Kubernetes or on
    Cloud TPU, else HOST:PORT,COUNT,INDEX: address of process 0, their number, index of this one."""
    show: Literal["auto", "text", "json", "none"] = "auto"
    """What to print: text, one JSON object per line, or nothing; auto: text on a terminal, else JSON."""


@dataclass(frozen=True)
class Report:
    """Runs to report on."""

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Folder of a run, or folders of several runs to compare."""
    out: Path | None = None
    """File of the page (default: RUN/report.html; for several runs, compare.html beside the first)."""
