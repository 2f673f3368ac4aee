"""What is printed and written: in any encoding, at any width, and square brackets as they are."""

import ast
import io
import re
import sys
from pathlib import Path

import pytest
from recipes_for_tests import configured
from rich.table import Table

from jaxgan import standard_files
from jaxgan.cli import main
from jaxgan.data import store
from jaxgan.program import dry_run
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs.log import Log
from jaxgan.runs.run_folder import Run

ROOT = Path(__file__).parents[1]
TINY = configured(data="ring", network="mlp", generator_hidden=(2,), discriminator_hidden=(2,), latent_size=2)


def printed(command, monkeypatch, *, encoding="utf-8", columns=200):
    """What a command prints to both streams, and its exit status."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    try:
        status = main(command)
    except SystemExit as exit:
        status = exit.code
    return "".join(stream.buffer.getvalue().decode(encoding) for stream in streams), status


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["--help"], 0),
        (["presets"], 0),
        (["train", "--help"], 0),
        (["train", "digits", "--loss", "ψ"], 2),
        (["train", "digits", "--data", "npz:[/bold]ψ\udcff"], 2),
        (["sweep", "--help"], 0),
        (["sample", "--help"], 0),
        (["evaluate", "no [/red] ψ\udcff"], 2),
        (["report", "--help"], 0),
    ],
    ids=lambda value: ascii(" ".join(value)) if isinstance(value, list) else "",
)
def test_every_command_speaks_in_every_encoding_and_in_20_columns(command, status, encoding, monkeypatch):
    text, got = printed(command, monkeypatch, encoding=encoding, columns=20)
    assert got == status
    assert text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("ascii", "gamma 3x3 +-1 \\u03c8"),
        ("cp1252", "gamma 3×3 ±1 \\u03c8"),
        ("utf-8", "γ 3×3 ±1 ψ"),
        (None, "γ 3×3 ±1 ψ"),
    ],
)
def test_characters_that_an_encoding_lacks_are_spelled_in_others(encoding, text):
    assert standard_files.encodable("γ 3×3 ±1 ψ", encoding) == text


def test_names_that_are_not_utf_8_are_printed_as_escapes():
    assert standard_files.encodable("a\udcffb", "utf-8") == "a\\udcffb"


def test_brackets_and_colons_are_no_markup(capsys):
    table = Table("[a] :smile:", title="[b]")
    table.add_row("jaxgan[prepare] [/red]")
    standard_files.console(width=60).print(table, "[c] :smile:")
    out = capsys.readouterr().out
    assert all(text in out for text in ("[a] :smile:", "[b]", "jaxgan[prepare] [/red]", "[c] :smile:"))


def test_the_presets_tell_which_extra_to_install(monkeypatch):
    assert "'jaxgan[prepare]'" in printed(["presets"], monkeypatch)[0]


def test_a_dry_run_shows_names_with_brackets(capsys, monkeypatch):
    monkeypatch.setattr(dry_run, "cost", lambda *_: (None, 0))
    config = configured(data="tfds:x", data_dir="a [/red] b", network="mlp", generator_hidden=(2,))
    experiment = config.recipe.experiment(DataShape((4, 4, 1), 8), 1)
    dry_run.describe(config.recipe, config.program, experiment, rows=None, note=" [/red]")
    out = capsys.readouterr().out
    assert "a [/red] b" in out
    assert "classes: 8 [/red]" in out


def test_the_log_takes_any_text(tmp_path, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    with Log(Run(tmp_path, "ring", TINY.recipe, TINY.program, DataShape((2,), 8), None), start=0, show="text") as log:
        log.say("note", "[/red] ψ \udcff")
    stream.flush()
    assert stream.buffer.getvalue() == b"[/red] \\u03c8 \\udcff\n"
    assert (tmp_path / "log.txt").read_text(encoding="utf-8").endswith("[/red] ψ \\udcff\n")


def test_reading_a_folder_with_brackets_in_its_name_shows_a_bar(tmp_path, monkeypatch):
    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    list(store._items("[/red] x", 1, lambda block: [None] * len(block)))
    assert "reading [/red] x" in stream.getvalue()


def test_every_text_file_names_its_encoding():
    """The encoding of the locale, which Python takes otherwise, differs from machine to machine."""
    lacking = []
    for path in [p for folder in ("jaxgan", "benchmarks", "examples") for p in (ROOT / folder).rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _opens_text(call) and "encoding" not in {k.arg for k in call.keywords}:
                lacking.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert not lacking


def _opens_text(call):
    name = getattr(call.func, "attr", getattr(call.func, "id", None))
    if name in ("read_text", "write_text"):
        return True
    of = getattr(getattr(call.func, "value", None), "id", None)
    if name not in ("open", "fdopen") or (of == "os" and name == "open") or of in ("Image", "archive"):
        return False
    return not any(
        isinstance(a, ast.Constant) and "b" in str(a.value) for a in [*call.args, *(k.value for k in call.keywords)]
    )


def test_no_docstring_begins_with_of():
    """The English of the project: a description says what a thing is, it does not go on from the name above it."""
    found = []
    for path in [p for folder in ("jaxgan", "tests", "benchmarks", "examples") for p in (ROOT / folder).rglob("*.py")]:
        lines = path.read_text(encoding="utf-8").splitlines()
        opening = re.compile(r'^\s*r?"""\s*Of\b')
        found += [f"{path.relative_to(ROOT)}:{i}" for i, line in enumerate(lines, 1) if opening.match(line)]
    assert not found


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks" / "results").glob("*.json")), ids=lambda path: path.stem)
def test_no_result_names_a_path_of_the_machine(path):
    found = re.findall(r"PosixPath.{40}|[\"']/\w.{40}", path.read_text(encoding="utf-8"))
    assert not found
