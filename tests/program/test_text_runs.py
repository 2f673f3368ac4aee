"""Runs on texts are measured as those on points are."""

import json

import numpy as np
import pytest

import jaxgan
from jaxgan import data
from jaxgan.cli import main
from jaxgan.observe.evaluator import Evaluator
from jaxgan.recipes.relgan import RelGAN
from jaxgan.recipes.rules import Simultaneous

RECIPE = RelGAN(
    generator_hidden=2,
    discriminator_embedding=2,
    representations=1,
    filters=2,
    adversarial_share=0.0,
    rule=Simultaneous(),
)


def texts(rows):
    stored = np.random.default_rng(0).integers(0, 3, (rows, 5)).astype(np.int32)
    return data.Dataset("texts", stored, medium=data.media.tokens(("", "a", "b")))


def test_measures_that_do_not_fit_are_refused():
    few, enough = (Evaluator(RECIPE.experiment(texts(rows), 1), jaxgan.Program()) for rows in (60, 64))
    with pytest.raises(ValueError, match="bleu_3 needs at least 64 texts as tokens"):
        few.check(["bleu_3"], 64)
    with pytest.raises(ValueError, match="texts are measured by 32 samples at least, got 16"):
        enough.check(["bleu_3"], 16)
    with pytest.raises(ValueError, match="validity needs data whose distribution is known"):
        enough.check(["validity"], 64)
    with pytest.raises(ValueError, match="validity needs at least 64 texts as tokens"):
        few.check(["validity"], 64)
    enough.check(["nll_gen", "self_bleu_3"], 64)


@pytest.mark.slow
def test_a_run_on_lines_is_measured_while_it_trains_and_at_the_end(tmp_path, capsys):
    file = tmp_path / "some.txt"
    file.write_text("".join(f"the {a} & {b} sleep\n" for a in "abcdefgh" for b in "abcdefgh"))
    options = [
        "--generator-hidden",
        "2",
        "--filters",
        "2",
        "--batch-size",
        "8",
        "--steps",
        "2",
        "--steps-per-call",
        "1",
    ]
    options += ["--log-every", "1", "--sample-every", "2", "--checkpoint-every", "2", "--adversarial-share", "0"]
    options += ["--discriminator-steps", "1", "--generator-parts", "0"]
    assert main(["train", "relgan-grammar", "--data", f"lines:{file}", "--out", str(tmp_path), *options]) == 0
    folder = next(tmp_path.glob("00000-*"))
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    curves = {name: value for line in lines for name, value in json.loads(line).items()}
    assert 0 < curves["pretraining_loss"] < 3
    assert 0 < curves["nll_gen"] < 3
    assert 0 <= curves["bleu_3"] <= 1
    assert "the a & a sleep" in (folder / "samples" / "real.txt").read_text()
    capsys.readouterr()
    assert main(["evaluate", str(folder), "--n", "32", "--metrics", "nll_gen", "self_bleu_3"]) == 0
    first, second = json.loads((folder / "evaluation.json").read_text())
    assert (first["metric"], first["floor"]) == ("nll_gen", None)
    assert (second["metric"], second["fake_count"]) == ("self_bleu_3", 32)
    assert 0 < second["floor"] <= 1
