"""One page about several runs: figures, samples and curves side by side, and the differences between the runs."""

import os
import time
from collections.abc import Sequence
from html import escape
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from jaxgan.checks import require
from jaxgan.report import curves
from jaxgan.report.facts import Facts, moment, read, spelled, state, verdict
from jaxgan.report.page import check_out, write_page
from jaxgan.report.pictures import embedded
from jaxgan.runs.quantities import named, quantity
from jaxgan.runs.records import question
from jaxgan.runs.same_data import Likeness, likeness

LETTERS = "ABCDEFGH"
"""One letter per run; the style sheet has a colour for each."""
ABSENT = "—"


class Entry(NamedTuple):
    """A run of the comparison."""

    letter: str
    title: str
    """The folder's name, or its path where others have that name too."""
    facts: Facts

    @property
    def style(self) -> str:
        """CSS class of the run's lines and of its name."""
        return f"run-{self.letter}"

    @property
    def key(self) -> str:
        """HTML of the run's name in its colour."""
        return f"<span class='key {self.style}'><b>{self.letter}</b> {escape(self.title)}</span>"


def write_comparison(folders: Sequence[Path], out: Path | None = None) -> Path:
    """Write one HTML page that compares runs, of one recipe or of several. It needs no network.

    It says what cannot be compared: other data, other losses, other batches, other devices, metrics that were measured
    otherwise.

    Args:
        folders: folders of 2 to 8 different runs; they may still be going.
        out: the page; `compare.html` beside the first run if None.

    Returns:
        The path of the page.

    Raises:
        FileNotFoundError: if one of them is no run.
        ValueError: if there are too few or too many, one is named twice, a `config.json` cannot be understood, or `out`
            is a folder.
    """
    places = [folder.resolve() for folder in folders]
    require(2 <= len(places) <= len(LETTERS), f"a comparison takes 2 to {len(LETTERS)} runs, got {len(places)}")
    twice = [str(folder) for folder, place in zip(folders, places, strict=True) if places.count(place) > 1]
    require(not twice, f"a comparison takes different runs, got the same one as {' and '.join(twice)}")
    out = places[0].parent / "compare.html" if out is None else out
    check_out(out)
    names = [place.name for place in places]
    titles = [name if names.count(name) == 1 else os.fspath(place) for name, place in zip(names, places, strict=True)]
    runs = [Entry(*each) for each in zip(LETTERS, titles, map(read, folders), strict=False)]
    legend = " ".join(run.key for run in runs)
    return write_page(
        "compare.html",
        out,
        title=f"Comparison of {len(runs)} runs",
        runs=legend,
        legend=legend,
        doubts="".join(f"<p>{escape(text)}</p>" for text in _doubts(runs)),
        figures=_figures(runs),
        samples=_samples(runs),
        curves=_curves(runs),
        options=_options(runs),
        footer=f"Written {moment(time.time())}.",
    )


def _doubts(runs: list[Entry]) -> list[str]:
    """Sentences about what cannot be compared."""
    found = []
    if other := _pairs(runs, lambda a, b: _likeness(a, b) == "other"):
        found.append(f"Not trained on the same data: {other}. Their losses and metrics cannot be compared.")
    if unknown := _pairs(runs, lambda a, b: _likeness(a, b) not in ("same", "other")):
        found.append(f"It is not known whether these were trained on the same data: {unknown}.")
    for name, text in (
        ("loss", "Not trained with the same loss: {}. The heights of their loss curves cannot be compared."),
        ("batch_size", "Not the same batch size: {}. A step does not see as many rows in each."),
    ):
        if other := _pairs(runs, lambda a, b, name=name: a.facts.config.get(name) != b.facts.config.get(name)):
            found.append(text.format(other))
    if other := _pairs(runs, lambda a, b: _machine(a) != _machine(b)):
        found.append(f"Not on the same kind of device: {other}. Their speeds cannot be compared.")
    if other := _pairs(runs, lambda a, b: bool(_measured_otherwise(a, b))):
        found.append(
            f"A metric was measured otherwise (other features, reference, number of samples or seed): {other}. Such "
            f"values stand in rows of their own."
        )
    return found


def _likeness(a: Entry, b: Entry) -> Likeness:
    """Whether two runs have the same data. Rows of another shape or number differ, whatever decoded them."""
    one, two = a.facts.data, b.facts.data
    differ = any(one.get(name) != two.get(name) for name in ("shape", "rows", "num_classes"))
    return "other" if differ else likeness(one, two)


def _pairs(runs: list[Entry], differ: Any) -> str:
    return ", ".join(f"{a.letter} and {b.letter}" for a, b in combinations(runs, 2) if differ(a, b))


def _machine(run: Entry) -> Any:
    return run.facts.environment.get("device")


def _measured_otherwise(a: Entry, b: Entry) -> set[str]:
    """Metrics that both runs have, but with no two values that can be compared."""
    questions = [[question(record) for record in run.facts.evaluations] for run in (a, b)]
    names = [{str(one.get("metric")) for one in each} for each in questions]
    shared = {str(one.get("metric")) for one in questions[0] if one in questions[1]}
    return (names[0] & names[1]) - shared


def _figures(runs: list[Entry]) -> str:
    """State, findings, and the last numbers and metrics of each run."""
    rows: list[tuple[str, list[str]]] = [
        ("preset or recipe", [run.facts.name for run in runs]),
        ("state", [state(run.facts).partition(" The detectors")[0] for run in runs]),
        ("detectors", [verdict(run.facts) or "They found nothing." for run in runs]),
        ("data", [f"{run.facts.data.get('name', run.facts.config.get('data', ABSENT))}" for run in runs]),
        ("device", [str(_machine(run) or ABSENT) for run in runs]),
    ]
    measured = set()
    for record in _questions(runs):
        metric = str(record.get("metric"))
        measured.add(metric)
        said = [
            f"{spelled(record.get('fake_count'))} samples",
            f"reference {record.get('reference')}",
            f"seed {record.get('seed')}",
        ]
        rows.append((f"{named(metric)}; {', '.join(said)}", [_answer(run, record) for run in runs]))
    for name in _names(runs):
        last = [run.facts.numbers.curves.get(name) for run in runs]
        shown = [f"{curves.number(points[-1][1])} (step {points[-1][0]:,})" if points else ABSENT for points in last]
        rows.append((named(name) + "; while training" * (name in measured), shown))
    return _table(runs, rows)


def _questions(runs: list[Entry]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for run in runs:
        found += [one for one in map(question, run.facts.evaluations) if one not in found]
    return sorted(found, key=lambda one: str(one.get("metric")))


def _answer(run: Entry, asked: dict[str, Any]) -> str:
    """The newest value, and the step of the state."""
    records = [record for record in run.facts.evaluations if question(record) == asked]
    value = records[-1].get("value") if records else None
    shown = curves.number(value) if isinstance(value, int | float) else ABSENT
    return f"{shown} (step {records[-1].get('step')})" if records else ABSENT


def _names(runs: list[Entry]) -> list[str]:
    """The names of all curves, in the order of their panels."""
    names = {name for run in runs for name in run.facts.numbers.curves}
    units = curves.ordered({quantity(name).unit for name in names})
    return sorted(names, key=lambda name: (units.index(quantity(name).unit), name))


def _samples(runs: list[Entry]) -> str:
    """Pictures of the data, once if they are the same, and the last readable picture of each run."""
    data: dict[str, list[Entry]] = {}
    figures = []
    for run in runs:
        if real := embedded(run.facts.folder / "samples" / "real.png"):
            data.setdefault(real, []).append(run)
        sources = ((step, embedded(path)) for step, path in reversed(run.facts.pictures.items()))
        step, source = next(((step, source) for step, source in sources if source), (0, None))
        if source:
            figures.append(_figure(f"{run.key} step {step:,}", f"samples of {run.letter}", source))
        else:
            figures.append(f"<figure><figcaption>{run.key}</figcaption><p>No picture that can be read.</p></figure>")
    shown = [
        _figure(
            f"<b>Data</b> {' '.join(run.key for run in of)}", f"data of {' '.join(run.letter for run in of)}", source
        )
        for source, of in data.items()
    ]
    return "".join(f"<div class='side'>{''.join(each)}</div>" for each in (figures, shown) if each)


def _figure(caption: str, about: str, source: str) -> str:
    return f"<figure><figcaption>{caption}</figcaption><img alt='{about}' src='{source}'></figure>"


def _curves(runs: list[Entry]) -> str:
    last_step = max(run.facts.numbers.last_step for run in runs)
    panels = []
    for name in _names(runs):
        having = [run for run in runs if name in run.facts.numbers.curves]
        series = [curves.Series(run.style, run.letter, run.facts.numbers.curves[name]) for run in having]
        panels.append(curves.panel(named(name), series, last_step))
    lost = [run for run in runs if not run.facts.numbers.curves]
    none = "".join(f"<p>{run.letter} has no numbers yet.</p>" for run in lost)
    infinite = "".join(
        f"<p>{run.letter}: {escape(named(name))} is not finite at step {step:,}; such values are left out.</p>"
        for run in runs
        for name, step in run.facts.numbers.infinite.items()
    )
    return f"<div class='panels'>{''.join(panels)}</div>{none}{infinite}"


def _options(runs: list[Entry]) -> str:
    """Options that differ between the runs."""
    names = list(dict.fromkeys(name for run in runs for name in run.facts.config))
    values = {name: [run.facts.config.get(name, ABSENT) for run in runs] for name in names}
    differ = {name: each for name, each in values.items() if any(value != each[0] for value in each)}
    if not differ:
        return f"<p>All {len(names)} options are the same.</p>"
    rows = [(name, [spelled(value) for value in each]) for name, each in differ.items()]
    return f"{_table(runs, rows)}<p>The other {len(names) - len(differ)} options are the same. {ABSENT}: has none.</p>"


def _table(runs: list[Entry], rows: list[tuple[str, list[str]]]) -> str:
    head = "".join(f"<th>{run.key}</th>" for run in runs)
    lines = [
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(value)}</td>' for value in values)}</tr>"
        for name, values in rows
    ]
    return f"<table><tr><th></th>{head}</tr>{''.join(lines)}</table>"
