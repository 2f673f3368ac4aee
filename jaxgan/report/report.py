"""One page about a run: its state, samples, curves and configuration, in a single file."""

import json
import os
import time
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from jaxgan.options import to_tree
from jaxgan.recipes.presets import PRESETS
from jaxgan.report import curves
from jaxgan.report.facts import PROGRAM, Facts, groups_of, moment, read, spelled, state
from jaxgan.report.page import check_out, write_page
from jaxgan.report.pictures import embedded, player

MOST_PICTURES = 40
MOST_FINDINGS = 20
LOG_LINES = 40
TITLES = {
    "data": "Data",
    "network": "Networks",
    "condition": "Condition of the networks",
    "latents": "Latents",
    "objective": "Losses and penalties",
    "augment": "Augmentation",
    "rule": "Update rule",
    "rates": "Learning rates",
    "average": "Average",
    "computation": "Computation",
    PROGRAM: "The run",
}
"""Groups of options, and their headings."""


def write_report(folder: Path, out: Path | None = None) -> Path:
    """Write one HTML page about a run, which may still be running. The page includes its pictures and needs no network.

    Long runs are thinned: 1000 points a curve with their extremes, 40 pictures.

    Args:
        folder: folder of the run.
        out: the page; `folder/report.html` if None.

    Returns:
        The path of the page.

    Raises:
        FileNotFoundError: if there is no run.
        ValueError: if its `config.json` cannot be understood, or `out` is a folder.
    """
    facts = read(folder)
    out = folder / "report.html" if out is None else out
    check_out(out)
    history = _history(facts)
    return write_page(
        "report.html",
        out,
        title=escape(folder.resolve().name),
        state=escape(state(facts)),
        progress=min(1.0, facts.done / max(facts.asked, 1)),
        facts=_facts(facts),
        summary=_summary(facts),
        samples=_samples(facts, history),
        quality=_quality(facts),
        curves=_curves(facts.numbers),
        configuration=_configuration(facts),
        environment=_table(facts.environment.items()) or "<p>config.json names no environment.</p>",
        files=_files(facts, out) + _log(folder),
        footer=f"Written {moment(time.time())} from {escape(str(folder.resolve()))}.",
        history=json.dumps(history),
    )


def _quality(facts: Facts) -> str:
    """Evaluations and findings, where there are any."""
    parts = []
    if facts.evaluations:
        names = ("metric", "value", "perfect", "floor", "step", "features", "reference", "fake_count")
        head = "".join(f"<th>{name.replace('fake_count', 'samples')}</th>" for name in names)
        rows = [
            "".join(f"<td>{escape(_shown(record.get(name, '')))}</td>" for name in names)
            for record in facts.evaluations
        ]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        parts.append(f"<table><tr>{head}</tr>{body}</table>")
    nearest = embedded(facts.folder / "samples" / "nearest.png")
    if nearest:
        about = "Samples, in the first column, and the data that are nearest to them in features"
        parts.append(f"<figure><figcaption>{about}</figcaption><img alt='nearest data' src='{nearest}'></figure>")
    if facts.findings:
        shown = facts.findings[-MOST_FINDINGS:]
        items = "".join(f"<li>Step {f.step:,}: {escape(f.name)}: {escape(f.sentence)}</li>" for f in shown)
        before = len(facts.findings) - len(shown)
        parts.append(f"<ul>{items}</ul>" + (f"<p class='soft'>and {before} before</p>" if before else ""))
    return "\n".join(parts) or "<p>It was not evaluated, and the detectors found nothing.</p>"


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def _facts(facts: Facts) -> str:
    numbers, shape = facts.numbers.curves, facts.data.get("shape")
    shown = {
        "rows per second": curves.number(numbers["images_per_second"][-1][1])
        if "images_per_second" in numbers
        else None,
        "data": facts.config.get("data"),
        "shape": "×".join(map(str, shape)) if isinstance(shape, list) else None,
        "classes": facts.data.get("num_classes"),
        "preset or recipe": facts.name,
        "device": facts.environment.get("device"),
    }
    return "".join(f"<div><dt>{name}</dt><dd>{escape(str(v))}</dd></div>" for name, v in shown.items() if v)


def _summary(facts: Facts) -> str:
    usual = _preset(facts.name)
    if usual is None:
        return f"There is no preset {escape(repr(facts.name))} here to compare the configuration with."
    changed = [f"{name} {spelled(v)}" for name, v in facts.config.items() if name in usual and v != usual[name]]
    new = [name for name in facts.config if name not in usual]
    words = "with " + ", ".join(changed) if changed else "as it is"
    unknown = f"; this version does not know {', '.join(new)}" if new else ""
    return escape(f"The preset {facts.name} {words}{unknown}.")


def _preset(name: str) -> dict[str, Any] | None:
    """Configuration of the run, from `config.json`."""
    if name not in PRESETS:
        return None
    usual = PRESETS[name].config
    groups = {**groups_of(to_tree(usual.recipe)), PROGRAM: to_tree(usual.program)}
    flat = {name: value for group in groups.values() for name, value in group.items()}
    return json.loads(json.dumps(flat))


def _history(facts: Facts) -> list[dict[str, Any]]:
    """Pictures to show: an even selection, with the first and the last."""
    steps = list(facts.pictures)
    if len(steps) > MOST_PICTURES:
        steps = [steps[i] for i in np.linspace(0, len(steps) - 1, MOST_PICTURES).round().astype(int)]
    sources = [(step, embedded(facts.pictures[step])) for step in steps]
    return [{"step": step, "source": source} for step, source in sources if source]


def _samples(facts: Facts, history: list[dict[str, Any]]) -> str:
    real = embedded(facts.folder / "samples" / "real.png")
    parts = []
    if len(history) > 1:
        parts.append(
            "<div class='player'><button id='play' type='button'>Play</button>"
            f"<input id='slider' type='range' min='0' max='{len(history) - 1}' value='{len(history) - 1}' "
            "aria-label='step of the samples'><output id='step'></output></div>"
        )
    figures = []
    if real:
        figures.append(f"<figure><figcaption><b>Data</b></figcaption><img alt='data' src='{real}'></figure>")
    if history:
        of = f"step {history[-1]['step']:,}"
        about = "<span class='soft'>always of the same latents</span>"
        figures.append(
            f"<figure><figcaption><b>Samples</b> {of if len(history) == 1 else about}</figcaption>"
            f"<img id='shown' alt='samples, {of}' src='{history[-1]['source']}'></figure>"
        )
    parts.append(f"<div class='side'>{''.join(figures)}</div>" if figures else "")
    parts.append(player("Data", facts.folder / "samples" / "real.png"))
    if facts.pictures:
        last = max(facts.pictures)
        parts.append(player(f"Samples, step {last:,}", facts.pictures[last]))
    if not real:
        parts.append("<p>No picture of the data: samples/real.png is missing or cut short.</p>")
    if not history:
        parts.append("<p>No samples yet: there is no picture samples/step-*.png that can be read.</p>")
    if 0 < len(history) < len(facts.pictures):
        parts.append(f"<p class='soft'>{len(history)} of the {len(facts.pictures)} pictures are shown.</p>")
    if len(history) > 1:
        parts.append("<p class='soft'>The arrow keys move the slider. Curves are marked at its step.</p>")
    return "\n".join(filter(None, parts))


def _curves(numbers: curves.Numbers) -> str:
    parts = [f"<div class='panels'>{curves.panels(numbers)}</div>"] if numbers.curves else []
    if not numbers.curves:
        parts.append("<p>No numbers yet: metrics.jsonl is missing or has no whole line.</p>")
    if numbers.unreadable:
        lines = "1 line" if numbers.unreadable == 1 else f"{numbers.unreadable} lines"
        parts.append(f"<p>{lines} of metrics.jsonl cannot be read; left out.</p>")
    for name, step in numbers.infinite.items():
        parts.append(f"<p>{escape(name)} is not finite at step {step:,}; such values are left out.</p>")
    if any(len(points) > curves.MOST_POINTS for points in numbers.curves.values()):
        parts.append("<p class='soft'>Curves are thinned to their ends and the extremes of short stretches.</p>")
    return "\n".join(parts)


def _configuration(facts: Facts) -> str:
    usual = _preset(facts.name)
    sections = []
    for group, values in facts.groups.items():
        rows = [_row(name, value, usual) for name, value in values.items()]
        title = escape(TITLES.get(group, group))
        sections.append(f"<section><h3>{title}</h3><table>{''.join(rows)}</table></section>" if rows else "")
    about = "<p class='soft'>Marked: other than in the preset.</p>" if usual else ""
    return f"{about}<div class='groups'>{''.join(sections)}</div>"


def _row(name: str, value: Any, usual: dict[str, Any] | None) -> str:
    shown = escape(spelled(value))
    if usual is None or name not in usual or usual[name] == value:
        return f"<tr><th>{escape(name)}</th><td>{shown}</td></tr>"
    was = f"<span class='soft'>preset: {escape(spelled(usual[name]))}</span>"
    return f"<tr class='changed'><th>{escape(name)}</th><td><b>{shown}</b> {was}</td></tr>"


def _files(facts: Facts, out: Path) -> str:
    rows = []
    for path in sorted(facts.folder.iterdir()):
        if path.resolve() == out.resolve():
            continue
        files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
        size = f"{sum(file.stat().st_size for file in files) / 1000:,.0f} kB"
        link = quote(Path(os.path.relpath(path, out.parent)).as_posix())
        name = f"<a href='{link}'>{escape(path.name)}{'/' if path.is_dir() else ''}</a>"
        about = f"{len(files)} file{'s' * (len(files) != 1)}, {size}" if path.is_dir() else size
        if path.name == "checkpoints":
            about = f"of step {', '.join(f'{step:,}' for step in facts.checkpoints) or 'none'}; {size}"
        rows.append(f"<tr><th>{name}</th><td>{about}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _log(folder: Path) -> str:
    path = folder / "log.txt"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:] if path.is_file() else []
    text = escape("\n".join(lines))
    return f"<details><summary>The end of log.txt</summary><pre>{text}</pre></details>" if lines else ""


def _table(rows: Iterable[tuple[str, Any]]) -> str:
    cells = [f"<tr><th>{escape(str(name))}</th><td>{escape(spelled(value))}</td></tr>" for name, value in rows]
    return f"<table>{''.join(cells)}</table>" if cells else ""
