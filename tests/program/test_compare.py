"""The page that compares runs: it stands alone, puts them side by side, and says what cannot be compared."""

import json
import re

import numpy as np
import pytest
from pages_for_tests import LINES, Page, decoded, make_run
from PIL import Image

from jaxgan.cli import main
from jaxgan.report import curves
from jaxgan.report.compare import LETTERS, write_comparison

RECORD = {"metric": "fid_classifier", "value": 0.67123, "step": 4, "reference": "digits", "fake_count": 100, "seed": 1}


def change(run, **parts):
    """Change parts of a run's configuration."""
    path = run / "config.json"
    record = json.loads(path.read_text())
    for name, value in parts.items():
        record[name] |= value
    path.write_text(json.dumps(record))


def two(tmp_path, **fields):
    """Runs of which the second differs by these options."""
    return make_run(tmp_path / "one"), make_run(tmp_path / "two", **fields)


def rows(page):
    """The cells of the tables, by the first of each row."""
    html = page.read_text()
    cells = [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]
    return {each[0]: each[1:] for each in cells}


def test_curves_lie_over_each_other_with_a_legend(tmp_path):
    runs = two(tmp_path)
    lines = [{"step": step, "loss_generator": 2.0 * step, "penalty": 1.0} for step in (4, 8)]
    (runs[1] / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    page = Page(write_comparison(runs))
    assert "Loss: generator A 2 B 16" in page.words
    assert "Loss: discriminator A 1.5" in page.words
    assert "Penalties of the discriminator, weighted B 1" in page.words
    (panel,) = [a for a in page.attributes if a.get("aria-label") == "Loss: generator by step"]
    y = json.loads(panel["data-y"])
    assert json.loads(panel["data-x"])["high"] == 8, "the axis is that of all runs"
    styles = [a["class"] for tag, a in zip(page.tags, page.attributes, strict=True) if tag == "polyline"]
    drawn = dict(zip(styles[1:3], page.polylines[1:3], strict=True))
    assert set(drawn) == {"run-A", "run-B"}

    def values(line):
        return [y["low"] + (up - y["start"]) / (y["end"] - y["start"]) * (y["high"] - y["low"]) for _, up in line]

    np.testing.assert_allclose(values(drawn["run-A"]), [3, 2], atol=0.1)
    np.testing.assert_allclose(values(drawn["run-B"]), [8, 16], atol=0.1)
    assert max(across for across, _ in drawn["run-A"]) == pytest.approx((curves.LEFT + curves.RIGHT) / 2, abs=0.1)


def test_options_that_differ_are_in_a_table_and_the_others_counted(tmp_path):
    runs = two(tmp_path, width=7, batch_size=128)
    table = rows(write_comparison(runs))
    assert table["width"] == ["32", "7"]
    assert table["batch_size"] == ["64", "128"]
    assert "latent_size" not in table
    page = Page(tmp_path / "compare.html")
    assert re.search(r"The other \d\d options are the same\.", page.words)
    assert "Not the same batch size: A and B." in page.words
    assert "Not trained with the same loss" not in page.words


def test_equal_runs_have_no_doubts_but_the_data_that_nobody_knows(tmp_path):
    runs = two(tmp_path)
    assert "It is not known whether these were trained on the same data: A and B." in Page(write_comparison(runs)).words
    for run in runs:
        change(run, data={"fingerprint": "abc"})
    page = Page(write_comparison(runs))
    assert re.search(r"All \d\d options are the same\.", page.words)
    assert not any(word in page.words for word in ("cannot be compared", "not known", "Not "))


def test_what_cannot_be_compared_is_said(tmp_path):
    runs = [make_run(tmp_path / name) for name in "xyz"]
    for run, fingerprint in zip(runs, "aab", strict=True):
        change(run, data={"fingerprint": fingerprint})
    change(runs[1], environment={"device": "TPU v4"})
    change(runs[2], data={"shape": [2], "decoded_by": "Pillow 12"})
    options = {"objective": {"loss": {"is": "hinge"}}, "network": {"is": "mlp"}}
    change(runs[2], recipe={"options": options})
    for run, seed in zip(runs, (1, 1, 2), strict=True):
        (run / "evaluation.json").write_text(json.dumps([RECORD | {"seed": seed, "value": float(seed)}]))
    page = Page(write_comparison(runs))
    for sentence in (
        "Not trained on the same data: A and C, B and C. Their losses and metrics cannot be compared.",
        "Not trained with the same loss: A and C, B and C.",
        "Not on the same kind of device: A and B, B and C. Their speeds cannot be compared.",
        "(other features, reference, number of samples or seed): A and C, B and C.",
    ):
        assert sentence in page.words
    title = "Fréchet distance (best at 0), features: classifier; 100 samples, reference digits, seed"
    table = rows(tmp_path / "compare.html")
    assert table[f"{title} 1"] == ["1 (step 4)", "1 (step 4)", "—"]
    assert table[f"{title} 2"] == ["—", "—", "2 (step 4)"]
    assert table["network"] == ["dcgan", "dcgan", "mlp"]
    assert table["width"] == ["32", "32", "—"]


def test_figures_and_findings_stand_side_by_side(tmp_path):
    runs = two(tmp_path, steps=9)
    collapse = {"step": 4, "finding": "mode collapse", "sentence": "pairs lie close"}
    with (runs[0] / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(collapse) + "\n")
    table = rows(write_comparison(runs))
    assert table["detectors"] == ["The detectors found mode collapse (last at step 4).", "They found nothing."]
    assert table["state"][0] == "Finished: 4 of 4 steps."
    assert table["state"][1].startswith("Not finished: 4 of 9 steps.")
    assert table["Speed (rows per second)"] == ["43,094 (step 4)"] * 2
    assert table["Modes with a sample (count)"] == ["7 (step 4)"] * 2


def test_the_last_pictures_stand_side_by_side_and_the_same_data_once(tmp_path):
    runs = [make_run(tmp_path / name, pictures=(0, 2, last)) for name, last in zip("xyz", (3, 4, 5), strict=True)]
    broken = runs[1] / "samples" / "step-000004.png"
    broken.write_bytes(broken.read_bytes()[:45])
    Image.new("L", (8, 8), 100).save(runs[2] / "samples" / "real.png")
    page = Page(write_comparison(runs))
    shown = [decoded(source).getpixel((0, 0)) for source in page.pictures()]
    assert shown == [3, 2, 5, 200, 100]
    assert [a["alt"] for a in page.attributes if "alt" in a] == [
        "samples of A", "samples of B", "samples of C", "data of A B", "data of C"
    ]  # fmt: skip
    assert "A x step 3" in page.words
    assert "B y step 2" in page.words


def test_runs_without_numbers_or_pictures_have_a_place(tmp_path):
    runs = make_run(tmp_path / "one"), make_run(tmp_path / "two", lines=(), pictures=(), real=False)
    page = Page(write_comparison(runs))
    assert "B two No picture that can be read." in page.words
    assert "B has no numbers yet." in page.words
    for run in runs:
        (run / "metrics.jsonl").write_text("")
    assert "A has no numbers yet. B has no numbers yet." in Page(write_comparison(runs)).words


def test_the_page_stands_alone_and_nothing_of_a_run_becomes_markup(tmp_path):
    bad = "<script>alert('1')</script>&\"<img src='x'>$title"
    plain = Page(write_comparison([make_run(tmp_path / "a"), make_run(tmp_path / "b")]))
    (tmp_path / "odd").mkdir()
    hostile = make_run(
        tmp_path / "odd" / "<s>'struck' & \"co\" $title",
        name=bad,
        data=bad,
        lines=[*LINES, {"step": 4, bad: 1.0}, {"step": 4, "finding": bad, "sentence": bad}, {"step": 4, "x": None}],
    )
    change(hostile, environment={"device": bad}, data={"name": bad}, recipe={"options": {bad: bad}})
    (hostile / "evaluation.json").write_text(json.dumps([dict.fromkeys(("metric", "reference", "seed"), bad)]))
    out = write_comparison([tmp_path / "a", hostile], tmp_path / "deep" / "page.html")
    page = Page(out)
    assert page.tags.count("script") == plain.tags.count("script") == 1
    assert page.tags.count("img") == plain.tags.count("img") == 3
    assert "s" not in page.tags
    assert page.words.count(bad) >= 6
    assert page.words.count("<s>'struck' & \"co\" $title") >= 4
    assert all(source.startswith("data:image/") for source in page.pictures())
    assert not re.search(r"https?:|@import|url\(", out.read_text())
    assert not {"link", "iframe", "object", "a"} & set(page.tags)


def test_runs_of_one_name_are_told_by_their_paths(tmp_path):
    runs = [make_run(tmp_path / parent / "00000-digits") for parent in ("x", "y")]
    page = Page(write_comparison(runs, tmp_path / "page.html"))
    assert all(str(run) in page.words for run in runs)


def test_the_command_compares_two_and_more_runs(tmp_path, capsys):
    runs = [str(make_run(tmp_path / name)) for name in "xyz"]
    assert main(["report", *runs[:2]]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "compare.html")
    assert main(["report", *runs, "--out", str(tmp_path / "all.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "all.html")
    assert "Comparison of 3 runs" in Page(tmp_path / "all.html").words


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "jaxgan report needs the folder of a run"),
        (["x", "x"], "a comparison takes different runs, got the same one as x and x"),
        (["x", "./y/../x"], "a comparison takes different runs, got the same one as x and y/../x"),
        (["x", "nothing"], "no run in nothing"),
        (list("x" * (len(LETTERS) + 1)), "a comparison takes 2 to 8 runs, got 9"),
        (["x", "y", "--out", "."], "out must be a file, but . is a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_no_comparison_is_refused(tmp_path, capsys, monkeypatch, names, message):
    monkeypatch.chdir(tmp_path)
    for name in "xy":
        make_run(tmp_path / name)
    assert main(["report", *names]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.glob("*.html"))
