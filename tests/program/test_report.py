"""The page about a run: it stands alone, says what there is and what is missing, and draws what was written."""

import base64
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from pages_for_tests import LINES, Page, decoded, history_of, make_run
from PIL import Image

from jaxgan.cli import main
from jaxgan.options import to_tree
from jaxgan.recipes.presets import PRESETS
from jaxgan.report import curves, pictures, report
from jaxgan.report.report import write_report


def test_what_a_reader_wants_first_stands_on_top(tmp_path):
    page = Page(write_report(make_run(tmp_path / "00003-digits")))
    top = page.words[: page.words.index("Samples")]
    for words in ("00003-digits", "Finished: 4 of 4 steps.", "rows per second 43,094", "data digits", "shape 16×16×1"):
        assert words in top
    assert "The preset digits with steps 4." in top


def test_the_page_stands_alone(tmp_path):
    run = make_run(tmp_path / "run")
    (run / "log.txt").write_text("\n".join(f"line {i}" for i in range(100)))
    out = write_report(run, tmp_path / "else" / "page.html")
    page = Page(out)
    sources = [a[name] for a in page.attributes for name in ("src", "href") if name in a]
    assert len(page.pictures()) == 2
    for source in sources:
        assert source.startswith("data:image/") or (out.parent / source).exists()
    assert not re.search(r"https?:|@import|url\(", out.read_text())
    assert not {"link", "iframe", "object"} & set(page.tags)
    assert "line 99" in page.words
    assert "line 59" not in page.words


def test_sounds_can_be_heard_and_large_ones_are_left_out(tmp_path):
    run = make_run(tmp_path / "run")
    assert "audio" not in Page(write_report(run)).tags
    for name in ("real", "step-000004"):
        (run / "samples" / f"{name}.wav").write_bytes(f"sound of {name}".encode())
    page = Page(write_report(run))
    heard = [a["src"].partition(",") for a in page.attributes if a.get("src", "").startswith("data:audio/wav;base64")]
    assert [base64.b64decode(content) for _, _, content in heard] == [b"sound of real", b"sound of step-000004"]
    assert "Samples, step 4" in page.words
    (run / "samples" / "real.wav").write_bytes(bytes(pictures.LARGEST_SOUND + 1))
    assert Page(write_report(run)).tags.count("audio") == 1


def test_the_nearest_data_are_shown_once_they_were_searched(tmp_path):
    run = make_run(tmp_path / "run")
    assert "nearest to them in features" not in Page(write_report(run)).words
    Image.new("L", (8, 8)).save(run / "samples" / "nearest.png")
    page = Page(write_report(run))
    assert "nearest to them in features" in page.words
    assert len(page.pictures()) == 3


def test_curves_are_what_was_written(tmp_path):
    """Places are turned back to values by the scales that the page's script uses."""
    page = Page(write_report(make_run(tmp_path / "run")))
    scales = [{k: json.loads(a[f"data-{k}"]) for k in "xy"} for a in page.attributes if "data-x" in a]

    def values(polyline, scale):
        return [
            [s["low"] + (place - s["start"]) / (s["end"] - s["start"]) * (s["high"] - s["low"]) for place, s in pairs]
            for pairs in (zip(point, (scale["x"], scale["y"]), strict=True) for point in polyline)
        ]

    places = np.concatenate(page.polylines)
    assert (places >= (curves.LEFT, curves.TOP)).all()
    assert (places <= (curves.RIGHT, curves.BOTTOM)).all()
    generator, discriminator, real, speed, modes = page.polylines
    loss, logits, per_second, found = scales
    assert (per_second["x"]["high"], per_second["y"]["low"]) == (4, 0)
    np.testing.assert_allclose(values(generator, loss), [[2, 3], [4, 2]], atol=0.02)
    np.testing.assert_allclose(values(discriminator, loss), [[2, 1], [4, 1.5]], atol=0.02)
    np.testing.assert_allclose(values(real, logits), [[2, 0.5], [4, -0.5]], atol=0.02)
    np.testing.assert_allclose(values(speed, per_second), [[2, 100], [4, 43094.2]], rtol=1e-2, atol=50)
    np.testing.assert_allclose(values(modes, found), [[4, 7]], atol=0.1)
    for words in (
        "Loss generator 2 discriminator 1.5",
        "Output of the discriminator (above 0: real) D(real) -0.5",
        "Speed (rows per second) 43,094",
        "Modes with a sample (count) 7",
    ):
        assert words in page.words
    assert "in passing" not in page.words


def test_positive_numbers_over_three_decades_are_drawn_logarithmically(tmp_path):
    lines = [{"step": step, "penalty": 10.0**-step} for step in (0, 1, 2, 3, 4)]
    page = Page(write_report(make_run(tmp_path / "run", lines=lines)))
    assert "Penalties of the discriminator, weighted, logarithmic 0.0001" in page.words
    heights = np.diff([height for _, height in page.polylines[0]])
    np.testing.assert_allclose(heights, heights[0], atol=0.11)
    assert {"1", "0.1", "0.01", "0.001", "0.0001"} <= set(page.text)


@pytest.mark.parametrize("value", [0.0, 3.0, -1e-9, 1e30])
def test_a_constant_has_a_panel(tmp_path, value):
    lines = [{"step": step, "penalty": value} for step in (1, 2)]
    page = Page(write_report(make_run(tmp_path / "run", lines=lines)))
    (left, height), (right, same) = page.polylines[0]
    assert left < right
    assert curves.TOP < height == same <= curves.BOTTOM


def test_thinned_curves_keep_ends_and_extremes():
    rng = np.random.default_rng(0)
    points = [(step, float(value)) for step, value in enumerate(rng.normal(size=12_345))]
    points[5000], points[7000] = (5000, 50.0), (7000, -50.0)
    thinned = curves.thin(points)
    assert 900 < len(thinned) <= curves.MOST_POINTS
    assert thinned == sorted(set(thinned) & set(points))
    assert {points[0], points[5000], points[7000], points[-1]} <= set(thinned)
    assert curves.thin(points[:1000]) == points[:1000]
    assert len(curves.thin(points[:1001])) <= 1000


def test_the_later_number_of_a_step_counts_and_lines_are_put_in_order(tmp_path):
    lines = [{"step": 3, "a": 1}, {"step": 1, "a": 2}, {"step": 3, "a": 5, "b": True, "c": None, "d": [1]}]
    (tmp_path / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert curves.read_numbers(tmp_path / "metrics.jsonl") == ({"a": [(1, 2.0), (3, 5.0)]}, 0, {"c": 3})


def test_history_is_thinned_evenly_with_both_ends(tmp_path):
    steps = range(0, 1_200_000, 10_000)
    run = make_run(tmp_path / "run", pictures=steps)
    out = write_report(run)
    history = history_of(out)
    shown = [picture["step"] for picture in history]
    assert len(shown) == report.MOST_PICTURES
    assert (shown[0], shown[-1]) == (0, 1_190_000)
    assert set(np.diff(shown)) == {30_000, 40_000}
    assert [decoded(picture["source"]).getpixel((0, 0)) for picture in history] == [step % 256 for step in shown]
    page = Page(out)
    assert page.pictures()[1] == history[-1]["source"]
    assert "40 of the 120 pictures are shown." in page.words
    assert next(a for a in page.attributes if a.get("type") == "range")["max"] == "39"


def test_large_pictures_are_made_light(tmp_path):
    run = make_run(tmp_path / "run")
    noise = np.random.default_rng(0).integers(0, 256, (900, 1500, 3), np.uint8)
    Image.fromarray(noise).save(run / "samples" / "real.png")
    data, samples = Page(write_report(run)).pictures()
    assert samples.startswith("data:image/png")
    assert data.startswith("data:image/jpeg")
    assert decoded(data).size == (1200, 720)
    assert len(data) < (run / "samples" / "real.png").stat().st_size / 2


def test_a_run_that_has_only_started_has_a_page(tmp_path):
    run = make_run(tmp_path / "run", pictures=(), real=False)
    (run / "metrics.jsonl").unlink()
    (run / "samples").rmdir()
    page = Page(write_report(run))
    assert "Not finished: 0 of 4 steps." in page.words
    assert "No numbers yet" in page.words
    assert "No samples yet" in page.words
    assert "No picture of the data" in page.words
    assert not page.pictures()
    assert history_of(run / "report.html") == []


def test_what_is_cut_short_is_left_out_and_said(tmp_path):
    run = make_run(tmp_path / "run", lines=[*LINES, {"step": 4, "loss_generator": float("nan")}], pictures=(0, 2, 4))
    with (run / "metrics.jsonl").open("a") as file:
        file.write('[1]\n{"loss": 3}\n{"step": 6, "lo')
    for name in ("step-000004", "real"):
        path = run / "samples" / f"{name}.png"
        path.write_bytes(path.read_bytes()[:45])
    page = Page(write_report(run))
    assert "3 lines of metrics.jsonl cannot be read" in page.words
    assert "loss_generator is not finite at step 4" in page.words
    assert "No picture of the data: samples/real.png is missing or cut short." in page.words
    assert [picture["step"] for picture in history_of(run / "report.html")] == [0, 2]
    assert len(page.polylines[0]) == 2


@pytest.mark.parametrize(
    ("checkpoints", "every", "state"),
    [
        ((2, 3), 2, "Stopped after 3 of 9 steps, with a checkpoint from which --resume goes on."),
        ((2,), 2, "Not finished: 2 of 9 steps. It is still going or was cut off; last written 20"),
        ((9,), 2, "Finished: 9 of 9 steps."),
    ],
)
def test_the_state_of_a_run(tmp_path, checkpoints, every, state):
    run = make_run(tmp_path / "run", lines=LINES[:1], pictures=(), steps=9, checkpoint_every=every)
    for step in checkpoints:
        (run / "checkpoints" / str(step)).mkdir(parents=True)
    assert state in Page(write_report(run)).words


def test_findings_and_evaluations_stand_in_the_headline_and_a_section(tmp_path):
    collapse = {"step": 4, "finding": "mode collapse", "sentence": "pairs lie <close>; the generator repeats itself"}
    run = make_run(tmp_path / "run", lines=[*LINES, collapse], steps=4)
    record = {"metric": "fid_classifier", "value": 0.67123, "step": 4, "reference": "digits", "fake_count": 100}
    (run / "evaluation.json").write_text(json.dumps([record]))
    page = Page(write_report(run))
    assert "Finished: 4 of 4 steps. The detectors found mode collapse (last at step 4)." in page.words
    assert "Step 4: mode collapse: pairs lie <close>; the generator repeats itself" in page.words
    assert "fid_classifier 0.6712 4" in page.words
    (run / "evaluation.json").write_text("{")
    (run / "metrics.jsonl").write_text("")
    assert "It was not evaluated, and the detectors found nothing." in Page(write_report(run)).words


def test_what_differs_from_the_preset_is_marked(tmp_path):
    run = make_run(tmp_path / "run", width=7, later=3)
    page = Page(write_report(run))
    assert sum(a.get("class") == "changed" for a in page.attributes) == 2
    assert "width 7 preset: 32" in page.words
    assert "later 3" in page.words
    assert "The preset digits with width 7, steps 4; this version does not know later." in page.words
    order = [
        page.words.index(f" {name} ")
        for name in ("Data data", "Networks network", "Update rule rule", "The run batch_size")
    ]
    assert order == sorted(order)
    assert "jax 0.10.2" in page.words


def test_a_run_of_an_unknown_preset_has_a_page(tmp_path):
    page = Page(write_report(make_run(tmp_path / "run", name="mine")))
    assert "There is no preset 'mine' here" in page.words
    assert not any(a.get("class") == "changed" for a in page.attributes)


def test_every_group_of_a_preset_has_a_heading():
    tree = to_tree(PRESETS["digits"].config.recipe)
    assert list(report.TITLES) == [*tree, report.PROGRAM]


@pytest.mark.parametrize("named", [True, False])
def test_nothing_of_the_run_becomes_markup(tmp_path, named):
    bad = "<script>alert('1')</script>&\"<img src='x'>$title"
    plain = Page(write_report(make_run(tmp_path / "plain")))
    run = make_run(
        tmp_path / "<s>'struck' & co",
        lines=[{**LINES[2], bad: 1.0}, {"step": 4, bad: float("inf")}],
        name="digits" if named else bad,
        data=bad,
    )
    record = json.loads((run / "config.json").read_text())
    record["environment"] = {bad: bad}
    record["recipe"]["options"][bad] = bad
    (run / "config.json").write_text(json.dumps(record))
    (run / "log.txt").write_text(bad)
    (run / "<i>.txt").write_text("")
    page = Page(write_report(run))
    assert page.tags.count("script") == plain.tags.count("script")
    assert page.tags.count("img") == plain.tags.count("img") == 2
    assert not {"i", "s"} & set(page.tags)
    assert page.words.count(bad) >= 8
    assert "<s>'struck' & co" in page.words


def test_the_command_writes_the_page_and_prints_where(tmp_path, capsys):
    run = make_run(tmp_path / "run")
    assert main(["report", str(run)]) == 0
    assert capsys.readouterr().out.strip() == str(run / "report.html")
    assert main(["report", str(run), "--out", str(tmp_path / "a" / "b.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "a" / "b.html")
    assert "report.html" in Page(tmp_path / "a" / "b.html").words


@pytest.mark.parametrize(
    ("content", "out", "message"),
    [
        (None, "x.html", "no run in"),
        ("{", "x.html", "config.json is not the configuration of a run"),
        ("[]", "x.html", "config.json is not the configuration of a run"),
        ('{"config": 3}', "x.html", "config.json is not the configuration of a run"),
        ('{"program": 3}', "x.html", "config.json is not the configuration of a run"),
        ("{}", ".", "out must be a file, but . is a folder"),
    ],
)
def test_without_a_run_the_exit_status_is_2(tmp_path, capsys, monkeypatch, content, out, message):
    monkeypatch.chdir(tmp_path)
    Path("run").mkdir()
    if content is not None:
        Path("run/config.json").write_text(content)
    assert main(["report", "run", "--out", out]) == 2
    assert message in capsys.readouterr().err
    assert not Path("x.html").exists()


def test_the_template_is_part_of_the_package_and_the_tests_of_the_sources():
    repository = Path(__file__).parents[2]
    build = tomllib.loads((repository / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]
    assert build["wheel"]["packages"] == ["jaxgan"]
    assert (repository / "jaxgan" / "report" / "report.html").is_file()
    assert {"/jaxgan", "/tests", "/examples", "/benchmarks", "/CHANGELOG.md"} <= set(build["sdist"]["include"])
