"""The command line: `jaxgan train`, `jaxgan sample` and `jaxgan report`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

USAGE = """usage: jaxgan COMMAND ...

  jaxgan train [PRESET] [--steps N] [--out DIR] [--resume [RUN]] ...   train; the preset is digits unless named
  jaxgan sample RUN [--n N] [--seed S] [--interpolate] [--out FILE]    draw from a trained run
  jaxgan report RUN [--out FILE]                                       write one page about a run

presets:
{presets}

jaxgan train PRESET --help, jaxgan sample --help and jaxgan report --help list all options."""


@dataclass(frozen=True)
class Output:
    """Where a run goes."""

    out: Path = Path("runs")
    """Folder of run folders."""
    resume: str | None = None
    """Go on with the newest run of this preset in --out; or, given a path, with that run."""


@dataclass(frozen=True)
class Report:
    """What to report on."""

    run: tyro.conf.Positional[Path]
    """Folder of the run."""
    out: Path | None = None
    """The page (default: RUN/report.html)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status: 0, 1 if a run failed, 2 for a wrong argument, 130 if stopped."""
    command, *rest = list(sys.argv[1:] if arguments is None else arguments) or [""]
    if command == "train":
        return _train(rest)
    if command == "sample":
        return _sample(rest)
    if command == "report":
        return _report(rest)
    if command in ("", "-h", "--help"):
        print(_usage())
        return 0
    return _refuse(f"unknown command {command!r}\n\n{_usage()}")


def _train(arguments: list[str]) -> int:
    from jaxgan.training import loop, presets, run_folder
    from jaxgan.training.config import Config

    named = arguments[:1] and not arguments[0].startswith("-")
    name, options = (arguments[0], arguments[1:]) if named else ("digits", arguments)
    try:
        preset = presets.preset(name)
        config, output = tyro.cli(
            tuple[
                Annotated[Config, tyro.conf.arg(name="")],
                Annotated[Output, tyro.conf.arg(name="")],
            ],
            default=(preset.config, Output()),
            prog=f"jaxgan train {name}",
            description=preset.about,
            args=_bare_resume(options),
            config=(tyro.conf.AvoidSubcommands,),
        )
        resume = None
        if output.resume is not None:
            resume = run_folder.newest(output.out, name) if output.resume == "newest" else Path(output.resume)
        session = loop.prepare(config, preset=name, out=output.out, resume=resume)
    except (ValueError, TypeError, FileNotFoundError) as error:
        return _refuse(str(error))
    try:
        state = loop.train(session)
    except FloatingPointError as error:
        print(f"jaxgan: {error}", file=sys.stderr)
        return 1
    if int(state.step) < config.steps:
        folder = session.run.folder
        print(f"jaxgan: stopped; the same command with --resume {folder} goes on from here", file=sys.stderr)
        return 130
    return 0


def _sample(arguments: list[str]) -> int:
    from jaxgan.training.sampling import Sampling, sample_run

    try:
        run, sampling = tyro.cli(
            tuple[
                Annotated[Path, tyro.conf.arg(name="run", help="Folder of the run."), tyro.conf.Positional],
                Annotated[Sampling, tyro.conf.arg(name="")],
            ],
            prog="jaxgan sample",
            description="Draw from a trained run.",
            args=arguments,
        )
        print(sample_run(run, sampling))
    except (ValueError, TypeError, FileNotFoundError) as error:
        return _refuse(str(error))
    return 0


def _report(arguments: list[str]) -> int:
    from jaxgan.training.report import write_report

    about = "Write one page about a run, with its samples and curves; it needs no network."
    report = tyro.cli(Report, prog="jaxgan report", description=about, args=arguments)
    try:
        print(write_report(report.run, report.out))
    except (ValueError, FileNotFoundError) as error:
        return _refuse(str(error))
    return 0


def _bare_resume(options: list[str]) -> list[str]:
    """`--resume` without a path means the newest run."""
    spelled = []
    for i, option in enumerate(options):
        spelled.append(option)
        if option == "--resume" and (i + 1 == len(options) or options[i + 1].startswith("--")):
            spelled.append("newest")
    return spelled


def _usage() -> str:
    from jaxgan.training.presets import PRESETS

    return USAGE.format(presets="\n".join(f"  {name:<14} {preset.about}" for name, preset in PRESETS.items()))


def _refuse(message: str) -> int:
    print(f"jaxgan: error: {message}", file=sys.stderr)
    return 2
