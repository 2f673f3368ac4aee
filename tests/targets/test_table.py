"""What the table of compiled presets holds: no row has what a step should not have."""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import jaxgan
from jaxgan.options import leaves
from jaxgan.recipes.presets import PRESETS

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
RECORD = json.loads((BENCHMARKS / "results/targets.json").read_text())
ROWS = [row for row in RECORD["rows"] if not row["compiles"].startswith("no")]
GATHERING = ("cyclegan-digits", "cyclegan-horse2zebra")
"""Presets with a pool of earlier samples, which lies on every device."""


@pytest.fixture
def table(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("targets")
    sys.modules.pop("targets")


def test_rows_are_of_presets_and_each_is_there_once():
    about = [tuple(row[name] for name in ("preset", "precision", "target", "wrapper")) for row in RECORD["rows"]]
    assert len(about) == len(set(about))
    assert {name for name, *_ in about} <= set(PRESETS)


def test_every_preset_can_compute_in_either_precision():
    for name in PRESETS:
        assert "precision" in leaves(jaxgan.preset(name).recipe), name


def test_no_step_is_wide_calls_the_host_convolves_in_loops_or_copies_its_state():
    for row in ROWS:
        assert row["float64"] == row["host"] == row["loops"] == 0, row
        assert row["aliased"] >= row["state arrays"], row
        assert row["fits"] or row["instead"], row


def test_devices_send_sums_alone_and_few_of_them():
    """An all-reduce waits for the one before, but for two at most and one for every 128 MB, and sends one type of
    numbers; activations are not gathered."""
    for row in ROWS:
        assert row["other collectives"] == "none" or row["preset"] in GATHERING, row
        most = row["chain"] + 2 if row["precision"] == "float32" else 2 * row["chain"]
        assert row["all-reduces"] <= most + row["sent MB"] // 128, row
        assert row["wrapper"] != "jit" or row["sent MB"] == 0, row


def test_the_page_shows_the_rows(table):
    def shown(text):
        return [line for line in text.splitlines() if not line.startswith("Not compiled yet")]

    assert shown((BENCHMARKS / "targets.md").read_text()) == shown(table.page(RECORD["rows"]))


def test_rows_that_are_there_are_kept_and_others_added(table, tmp_path, monkeypatch):
    out = tmp_path / "rows.json"
    asked_for = []

    def compiled(function, arguments):
        asked_for.append(arguments)
        return dict(zip(table.ABOUT, arguments, strict=True)) | {"compiles": "1 s", "kernels": 7}

    pool = SimpleNamespace(apply=compiled, close=lambda: None, join=lambda: None)
    monkeypatch.setattr(table.multiprocessing, "get_context", lambda kind: SimpleNamespace(Pool=lambda *_, **__: pool))
    monkeypatch.setattr(table, "report", lambda *args, **named: None)
    asked = {"targets": ("gpu:h100",), "wrappers": ("jit",), "precisions": ("float32",), "out": out}
    table.main(table.Options(presets=("digits",), **asked))
    table.main(table.Options(presets=("ring", "digits"), **asked, page=tmp_path / "page.md"))
    assert [name for name, *_ in asked_for] == ["digits", "ring"]
    assert [row["preset"] for row in json.loads(out.read_text())["rows"]] == ["digits", "ring"]
    assert "| ring | 1 s |" in (tmp_path / "page.md").read_text()
    table.main(table.Options(presets=("ring",), **asked, anew=True))
    assert [name for name, *_ in asked_for] == ["digits", "ring", "ring"]
