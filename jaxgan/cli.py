"""The command line: one function a command."""

import contextlib
import shlex
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

from jaxgan import failures, standard_files, xla_settings
from jaxgan.checks import require
from jaxgan.errors import UserError
from jaxgan.names import nearest
from jaxgan.options.command_line import refuse_unknown
from jaxgan.version import __version__

if TYPE_CHECKING:
    from jaxgan.configuration import Configuration
    from jaxgan.program.program import Program
    from jaxgan.recipes.recipe import OfPresets, Recipe
    from jaxgan.runs.records import Record

T = TypeVar("T")

USAGE = """usage: jaxgan COMMAND ...

  jaxgan train [PRESET | FILE.py]  train a preset (default: digits) or a recipe
  jaxgan train ... --dry-run       describe the run, without training
  jaxgan sweep [PRESET | FILE.py]  train seeds x settings in one program
  jaxgan presets [NAME]            list the presets, or describe one
  jaxgan sample RUN                draw samples from a trained or exported run
  jaxgan translate RUN PICTURES    translate the pictures of a folder
  jaxgan invert RUN PICTURES       find the latents that make pictures
  jaxgan edit RUN                  change samples along directions, or mix styles
  jaxgan export RUN                export the generator; JAX alone can use it
  jaxgan evaluate RUN              measure how good a run's samples are
  jaxgan evaluate --real A --fake B  compare any two sets of images or points
  jaxgan report RUN [RUN ...]      write one page about a run, or compare runs
  jaxgan --version                 print the version
  jaxgan --completion SHELL        print completion for bash or zsh

jaxgan COMMAND --help lists all options. Those of train and sweep depend on the
preset: jaxgan train PRESET --help. The presets:

{presets}"""


DEFAULT = "digits"
"""Preset that runs if none is named."""
COMMANDS = ("train", "sweep", "presets", "sample", "translate", "invert", "edit", "export", "evaluate", "report")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and report errors in words.

    Returns:
        The exit status: 0 if all went well; 1 if a run diverged, or the machine refused something: space, rights,
        memory; 2 for an argument, a file or a run that cannot be used; 130 if it was stopped.
    """
    standard_files.open_closed_ones()
    command, *rest = list(sys.argv[1:] if arguments is None else arguments) or [""]
    stdout, output = sys.stdout, standard_files.Unbreakable(sys.stdout)
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(standard_files.Unbreakable(sys.stderr)):
        try:
            with failures.interruptions_heard():
                status = _status(command, rest)
            if status == 1:
                failures.let_go()
        finally:
            output.flush()
            standard_files.throw_away(stdout)
    lost = output.error
    if lost is None or isinstance(lost, BrokenPipeError) or command in ("train", "sweep"):
        return status
    return status or _end(f"error: standard output: {failures.sentence(lost)}", 1)


def _status(command: str, rest: list[str]) -> int:
    try:
        return _run(command, rest)
    except UserError as error:
        return _end(f"error: {error}", 2, error)
    except KeyboardInterrupt as error:
        return _end("stopped", 130, error)
    except FloatingPointError as error:
        return _end(f"error: {error}", 1)
    except Exception as error:
        sentence = failures.sentence(error)
        if sentence is None:
            recipe = failures.recipe_of(error)
            fault = "This is a bug in jaxgan. Please report it, with the lines above and the command."
            error.add_note(fault if recipe is None else f"The error comes from the recipe {recipe}.")
            raise
        return _end(f"error: {sentence}", 1, error)


def _run(command: str, rest: list[str]) -> int:
    if command in ("train", "sweep"):
        from jaxgan.program.interruption import outliving_the_terminal

        with outliving_the_terminal():
            return _train(rest) if command == "train" else _sweep(rest)
    if command == "sample":
        return _sample(rest)
    if command == "translate":
        return _translate(rest)
    if command == "invert":
        return _invert(rest)
    if command == "edit":
        return _edit(rest)
    if command == "export":
        return _export(rest)
    if command == "evaluate":
        return _evaluate(rest)
    if command == "presets":
        return _presets(rest)
    if command == "report":
        return _report(rest)
    if command in ("", "-h", "--help"):
        print(_usage())
        return 0
    if command == "--version":
        print(f"jaxgan {__version__}")
        return 0
    if command == "--completion":
        from jaxgan.completion import script
        from jaxgan.recipes.presets import PRESETS

        print(script(" ".join(rest), COMMANDS, tuple(PRESETS)), end="")
        return 0
    near = (
        f"; did you mean jaxgan train {command}?"
        if command.endswith(".py")
        else nearest(command, (*COMMANDS, "--help", "--version", "--completion"))
    )
    return _end(f"error: unknown command {command!r}{near}\njaxgan --help lists all commands", 2)


def _train(arguments: list[str]) -> int:
    from jaxgan.command_options import Output
    from jaxgan.options.command_line import parse

    name, options = _recipe_named(arguments)
    options = _bare("--resume", "newest", _bare("--distributed", "auto", options))
    _check_wrapper(name, options)
    with _processes(options):
        name, base, about, resume = _beginning(name, options)
        recipe, program, output = parse(
            options,
            base.recipe,
            base.program,
            Output(),
            prog=f"jaxgan train {name or ''}".strip(),
            description=about,
            allowed=_fitting,
        )
        if output.dry_run:
            return _dry_run(name, base, recipe, program, output.target)
        from jaxgan.program import preparation, run
        from jaxgan.program.processes import alone_when_it_fails

        xla_settings.keep_compiled_programs()
        session = preparation.prepare(
            recipe, program, name=_stem(name), out=output.out, resume=resume, parent=output.start
        )
    with _telling_how_to_go_on(session.run.folder), alone_when_it_fails():
        state = run.run_session(session, show=output.show, ends_program=True)
    return 0 if int(state.step) == program.steps else _stopped(session.run.folder)


def _fitting(recipe: "Recipe", *_: Any) -> dict[str, tuple[str, ...]]:
    from jaxgan.observe.numbers import fitting

    return {"evaluate_metrics": fitting(recipe)}


def _place_among_processes(options: list[str]) -> str | None:
    return _value("--distributed", options) if {"-h", "--help", "--dry-run"}.isdisjoint(options) else None


def _check_wrapper(name: str | None, options: list[str]) -> None:
    """Raise `ValueError` if several processes would train with the wrapper of one device."""
    where = _place_among_processes(options)
    if where is None:
        return
    wrapper, elsewhere = _value("--wrapper", options), (name or "").endswith(".py") or _value("--resume", options)
    fits = wrapper in ("sharded", "fully_sharded", "pmap") or (wrapper is None and elsewhere)
    require(
        bool(fits),
        f"distributed={where} needs --wrapper sharded, fully_sharded or pmap, got wrapper={wrapper or 'jit'}",
    )


def _processes(options: list[str]) -> contextlib.AbstractContextManager[None]:
    """Join the other processes, if there are any, before anything can ask JAX for devices."""
    where = _place_among_processes(options)
    if where is None:
        return contextlib.nullcontext()
    from jaxgan.program import processes

    processes.connect(where)
    return processes.all_or_none()


def _beginning(name: str | None, options: list[str]) -> "tuple[str, Configuration, str, Path | None]":
    """The name, the configuration that the options change, a line about it, and the run to resume, if there is one."""
    where = _value("--resume", options)
    if where is None:
        return (name or DEFAULT, *_configuration(name or DEFAULT), None)
    from jaxgan.configuration import Configuration
    from jaxgan.observe.stored import recipe_of
    from jaxgan.runs import run_folder

    out = Path(_value("--out", options) or "runs")
    run = run_folder.load(run_folder.newest(out, _stem(name or DEFAULT)) if where == "newest" else Path(where))
    require(name is None or run.name == _stem(name), f"{run.folder} is a run of {run.name}, not of {name}")
    return run.name, Configuration(recipe_of(run), run.program), f"the run in {run.folder}", run.folder


def _configuration(name: str) -> "tuple[Configuration, str]":
    """The preset of that name, or the recipe in that file, with a line about it."""
    if name.endswith(".py"):
        from jaxgan.options.help import first_sentence
        from jaxgan.recipes import files

        configuration = files.load(Path(name))
        return configuration, first_sentence(type(configuration.recipe).__doc__ or name)
    from jaxgan.recipes import presets

    file = Path(f"{name}.py")
    require(name in presets.PRESETS or not file.is_file(), f"no preset is named {name}; did you mean {file}?")
    return presets.preset(name), presets.PRESETS[name].about


def _stem(name: str) -> str:
    return Path(name).stem if name.endswith(".py") else name


def _sweep(arguments: list[str]) -> int:
    from jaxgan.command_options import SweepOutput
    from jaxgan.options.command_line import parse

    name, options = _recipe_named(arguments)
    options = _bare("--resume", "newest", _bare("--distributed", "auto", options))
    name = name or DEFAULT
    with _processes(options):
        base, about = _configuration(name)
        recipe, program, output = parse(
            options,
            base.recipe,
            base.program,
            SweepOutput(),
            prog=f"jaxgan sweep {name}",
            description=f"Train seeds x settings in one program. {name}: {about}. --over takes any option of the "
            f"recipe that is a fraction, and rate, the learning rate of both players.",
            allowed=_fitting,
        )
        from jaxgan.program.processes import alone_when_it_fails
        from jaxgan.program.sweep import results, run, settings
        from jaxgan.runs import run_folder

        xla_settings.set_cpu_devices(xla_settings.cores())
        xla_settings.keep_compiled_programs()
        axes = tuple(settings.axis(text, recipe) for text in output.over)
        sweep = settings.Sweep(recipe, program, axes, output.seeds)
        resume = None
        if output.resume is not None:
            newest = output.resume == "newest"
            resume = run_folder.newest(output.out, f"{_stem(name)}-sweep", run.FILE) if newest else Path(output.resume)
        prepared = run.prepare(sweep, name=_stem(name), out=output.out, resume=resume)
    with _telling_how_to_go_on(prepared.run.folder), alone_when_it_fails():
        state = run.run_session(prepared, show=output.show, ends_program=True)
        if int(state.step) < program.steps:
            return _stopped(prepared.run.folder)
        if prepared.session.placement.leads:
            results.conclude(prepared.run, sweep, show=output.show)
    return 0


@contextlib.contextmanager
def _telling_how_to_go_on(folder: Path) -> Iterator[None]:
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        error.add_note(f"The same command with --resume {shlex.quote(str(folder))} goes on from the newest checkpoint.")
        raise


def _stopped(folder: Path) -> int:
    return _end(f"stopped; the same command with --resume {shlex.quote(str(folder))} goes on from here", 130)


def _recipe_named(arguments: list[str]) -> tuple[str | None, list[str]]:
    """The preset or the recipe's file, if the first argument names one, and the options."""
    named = arguments[:1] and not arguments[0].startswith("-")
    return (arguments[0], arguments[1:]) if named else (None, arguments)


def _value(option: str, options: list[str]) -> str | None:
    """The last value of an option, written as `--option VALUE` or `--option=VALUE`."""
    values = [after for one, after in pairwise([*options, ""]) if one == option]
    joined = [one.partition("=")[2] for one in options if one.startswith(f"{option}=")]
    return next(reversed(values + joined), None)


def _dry_run(name: str, base: "Configuration", recipe: "Recipe", program: "Program", hardware: str | None) -> int:
    if hardware is not None:
        xla_settings.only_compile()
    from jaxgan.data import Dataset, describe
    from jaxgan.data.description import sentence
    from jaxgan.options import chosen
    from jaxgan.program import dry_run
    from jaxgan.recipes.making import dataset_of, made
    from jaxgan.recipes.presets import PRESETS
    from jaxgan.targets import target as described

    xla_settings.keep_compiled_programs()
    target = None if hardware is None else described(hardware)
    try:
        dataset = dataset_of(recipe, program)
    except UserError as error:
        preset = PRESETS.get(name)
        if preset is None or chosen(recipe).get("data") != chosen(base.recipe).get("data"):
            raise
        experiment = made(recipe, cast("OfPresets", recipe).asked_for(preset.of), program)
        dry_run.describe(recipe, program, experiment, rows=None, note=f"\n  it cannot run yet: {error}", target=target)
        return 0
    rows = len(dataset) if isinstance(dataset, Dataset) else None
    note = f"\n  {sentence(describe(dataset))}"
    dry_run.describe(recipe, program, made(recipe, dataset, program), rows=rows, note=note, target=target)
    return 0


def _presets(arguments: list[str]) -> int:
    from jaxgan.recipes.listing import details, overview

    refuse_unknown("jaxgan presets", arguments, ())
    require(len(arguments) <= 1, f"jaxgan presets takes the name of one preset, got {' '.join(arguments)}")
    name = next(iter(arguments), "--help")
    print(overview(_columns()) if name in ("-h", "--help") else details(name, _columns()))
    return 0


def _columns() -> int:
    """Number of columns of the terminal, or 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def _sample(arguments: list[str]) -> int:
    from jaxgan.export.sampling import is_export, sample_export
    from jaxgan.observe.sampling import Sampling, sample_run

    about = "Draw samples from a trained or exported run."
    run, sampling = _of_run("sample", arguments, Sampling(), about, folder="Folder of the run or of the export.")
    print(sample_export(run, sampling) if is_export(run) else sample_run(run, sampling))
    return 0


def _translate(arguments: list[str]) -> int:
    from jaxgan.observe.translation import Translation, translate_folder

    about = "Translate every picture in a folder with a trained run."
    run, pictures, translation = _of_run_and_pictures(
        "translate", arguments, Translation(), about, "Folder of pictures."
    )
    done = translate_folder(run, pictures, translation)
    _tell_skipped(done.skipped)
    print(f"{done.pictures} {'pictures' if done.pictures > 1 else 'picture'} in {done.out}")
    return 0


def _invert(arguments: list[str]) -> int:
    from jaxgan.observe.inversion import Inversion
    from jaxgan.observe.inverted import invert_pictures

    about = "Find the latents from which a trained generator makes given pictures."
    help = "A picture, or a folder of pictures."
    run, pictures, inversion = _of_run_and_pictures("invert", arguments, Inversion(), about, help)
    done = invert_pictures(run, pictures, inversion)
    _tell_skipped(done.skipped)
    for name, decibels in zip(done.names, done.psnr, strict=True):
        print(f"{decibels:6.2f} dB  {name}")
    print(f"latents and pictures in {done.out}")
    return 0


def _edit(arguments: list[str]) -> int:
    from jaxgan.observe.editing import Editing, edit_run

    about = "Change samples along the directions in which they change most, or mix their styles."
    run, editing = _of_run("edit", arguments, Editing(), about)
    print(edit_run(run, editing))
    return 0


def _of_run_and_pictures(
    command: str, arguments: list[str], options: T, about: str, pictures: str
) -> tuple[Path, Path, T]:
    """The run, the pictures and the options that the arguments of a command name."""
    import tyro

    refuse_unknown(f"jaxgan {command}", arguments, (options,))
    kind: Any = type(options)
    chosen = tyro.cli(
        tuple[
            Annotated[Path, tyro.conf.arg(name="run", metavar="RUN", help="Folder of the run."), tyro.conf.Positional],
            Annotated[Path, tyro.conf.arg(name="pictures", metavar="PICTURES", help=pictures), tyro.conf.Positional],
            Annotated[kind, tyro.conf.arg(name="")],
        ],
        prog=f"jaxgan {command}",
        description=about,
        args=arguments,
    )
    xla_settings.keep_compiled_programs()
    return chosen


def _tell_skipped(skipped: Sequence[tuple[str, str]]) -> None:
    for name, why in skipped:
        print(f"jaxgan: note: {name} is left out: {why}", file=standard_files.Unbreakable(sys.stderr), flush=True)


def _export(arguments: list[str]) -> int:
    from jaxgan.export.run import Export, export_run

    about = "Export the averaged generator of a run to a folder that needs only JAX."
    run, options = _of_run("export", arguments, Export(), about)
    print(export_run(run, options))
    return 0


def _of_run(
    command: str, arguments: list[str], options: T, about: str, *, folder: str = "Folder of the run."
) -> tuple[Path, T]:
    """The run and the options that the arguments of a command name."""
    import tyro

    refuse_unknown(f"jaxgan {command}", arguments, (options,))
    kind: Any = type(options)
    run, changed = tyro.cli(
        tuple[
            Annotated[Path, tyro.conf.arg(name="run", help=folder), tyro.conf.Positional],
            Annotated[kind, tyro.conf.arg(name="")],
        ],
        prog=f"jaxgan {command}",
        description=about,
        args=arguments,
    )
    xla_settings.keep_compiled_programs()
    return run, changed


def _evaluate(arguments: list[str]) -> int:
    from jaxgan.observe.evaluation import Evaluation, keep, measure

    if any(_is(option, argument) for argument in arguments for option in ("--real", "--fake")):
        return _compare(arguments)
    about = (
        "Measure how good the samples of a trained run are. With --real and --fake instead of the run, compare any two "
        "sets: jaxgan evaluate --real --help."
    )
    run, evaluation = _of_run("evaluate", arguments, Evaluation(), about)
    with warnings.catch_warnings(record=True) as caught:
        found = measure(run, evaluation)
    _print_records(found, caught)
    keep(run, evaluation, found)
    return 0


def _compare(arguments: list[str]) -> int:
    import tyro

    from jaxgan.observe.comparison import Comparison, compare

    arguments = ["--help"] if "--help" in arguments else arguments
    refuse_unknown("jaxgan evaluate --real --fake", arguments, (Comparison("", ""),))
    about = "Compare any two sets of images or points."
    comparison = tyro.cli(Comparison, prog="jaxgan evaluate", description=about, args=arguments)
    xla_settings.keep_compiled_programs()
    with warnings.catch_warnings(record=True) as caught:
        found = compare(comparison)
    _print_records(found, caught)
    return 0


def _is(option: str, argument: str) -> bool:
    return argument == option or argument.startswith(f"{option}=")


def _print_records(found: "list[Record]", caught: list[warnings.WarningMessage]) -> None:
    from jaxgan.observe.evaluation import table

    standard_files.console(width=None if sys.stdout.isatty() else 200).print(table(found))
    for note in dict.fromkeys(str(warning.message) for warning in caught):
        print(f"jaxgan: note: {note}", file=standard_files.Unbreakable(sys.stderr), flush=True)


def _report(arguments: list[str]) -> int:
    import tyro

    from jaxgan.command_options import Report
    from jaxgan.report.compare import write_comparison
    from jaxgan.report.report import write_report

    refuse_unknown("jaxgan report", arguments, (Report(()),))
    about = "Write one page about a run, or one page that compares several runs. The page needs no network."
    report = tyro.cli(Report, prog="jaxgan report", description=about, args=arguments)
    require(bool(report.runs), "jaxgan report needs the folder of a run")
    one = len(report.runs) == 1
    print(write_report(report.runs[0], report.out) if one else write_comparison(report.runs, report.out))
    return 0


def _bare(name: str, value: str, options: list[str]) -> list[str]:
    """Insert the value that an option has when it is given without one."""
    spelled = []
    for i, option in enumerate(options):
        spelled.append(option)
        if option == name and (i + 1 == len(options) or options[i + 1].startswith("--")):
            spelled.append(value)
    return spelled


def _usage() -> str:
    from jaxgan.recipes.listing import overview

    return USAGE.format(presets=overview(_columns()))


def _end(message: str, status: int, error: BaseException | None = None) -> int:
    """Print why the program ends, with the notes of the error. JAX's own note, which begins with dashes, is left
    out."""
    lines = [f"jaxgan: {message}", *(note for note in getattr(error, "__notes__", []) if not note.startswith("---"))]
    print("\n".join(lines), file=standard_files.Unbreakable(sys.stderr), flush=True)
    return status
