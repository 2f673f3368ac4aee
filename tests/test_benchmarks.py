"""The benchmarks run, and XLA computes nothing beyond the operations of the definition."""

import importlib
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest
from tfds_folder import prepared_mnist

import jaxgan
from jaxgan import data
from jaxgan.recipes.presets import PRESETS

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.mark.slow
@pytest.mark.parametrize(("preset", "wrappers", "least"), [("digits", ["jit"], 0.5), ("ring", ["jit", "pmap"], 0.85)])
def test_throughput(preset, wrappers, least, run_script, tmp_path):
    """Convolutions take fewer operations on the CPU than their definition has, see `networks.layers.products`."""
    quick = ["--rounds", "1", "--round-seconds", "0.01", "--burn-in", "1", "--batch-size", "32"]
    out = tmp_path / "new" / "result.json"
    calls = ["--wrapper", *wrappers, "--steps-per-call", "2"]
    run_script(BENCHMARKS / "throughput.py", "--preset", preset, *quick, *calls, "--out", out)
    record = json.loads(out.read_text())
    assert record["environment"]["devices"] == 4
    found = [(row["wrapper"], row["batch"], row["steps a call"]) for row in record["rows"]]
    assert found == [(wrapper, 32, 2) for wrapper in wrappers]
    for row in record["rows"]:
        assert row["images/s"] > 0
        assert least < row["GFLOP by XLA"] / row["GFLOP by definition"] < 1.15


@pytest.mark.slow
def test_first_step(run_script, tmp_path):
    out = tmp_path / "result.json"
    run_script(BENCHMARKS / "first_step.py", "--presets", "ring", "--rounds", "1", "--out", out)
    (row,) = json.loads(out.read_text())["rows"]
    parts = [row[part] for part in ("trace s", "lower s", "compile s", "call s")]
    assert all(seconds > 0 for seconds in parts)
    assert row["first step s"] == pytest.approx(sum(parts))


@pytest.mark.parametrize(
    ("preset", "generator", "discriminator"),
    [
        # layers of (places, inputs, outputs), the first of which needs no gradient of its input
        (
            "article-mnist",
            [(1, 110, 128), (1, 128, 784)],
            [(1, 794, 512), (1, 512, 256), (1, 256, 128), (1, 128, 1)],
        ),
        (
            "dcgan-mnist",
            [(1, 100, 7 * 7 * 64), (14 * 14, 64 * 4, 32), (28 * 28, 32 * 4, 1)],
            [(14 * 14, 16, 32), (7 * 7, 16 * 32, 64), (1, 7 * 7 * 64, 1)],
        ),
    ],
)
def test_operations_are_those_counted_by_hand(preset, generator, discriminator, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    found = importlib.import_module("flops").passes(*PRESETS[preset][1:3])
    for one, layers in zip(found, (generator, discriminator), strict=True):
        products = [2 * math.prod(layer) for layer in layers]
        np.testing.assert_allclose(one, (sum(products), 3 * sum(products) - products[0]), rtol=1e-12)


@pytest.mark.slow
def test_input(run_script, tmp_path, capsys):
    quick = ["--rounds", "1", "--round-seconds", "0.01", "--rows", "100", "--workers", "0"]
    shape = ["--preset", "digits", "--image-size", "8", "--channels", "3", "--width", "4", "--batch-size", "16"]
    out = tmp_path / "result.json"
    run_script(BENCHMARKS / "input.py", *shape, *quick, "--steps-per-call", "2", "--out", out)
    shown = capsys.readouterr().out
    record = json.loads(out.read_text())
    rates = {row["what"]: row["images/s"] for row in record["rows"]}
    assert list(rates) == [
        "loader, in memory",
        "loader, mapped, workers=0",
        "step, resident",
        "step, streamed, mapped",
    ]
    assert all(rate > 0 for rate in rates.values())
    cost = 100 * (1 - rates["step, streamed, mapped"] / rates["step, resident"])
    np.testing.assert_allclose(record["streaming_cost_percent"], cost, rtol=1e-6)
    assert f"streaming costs {cost:.1f} % of images/s" in shown
    assert (record["shape"], record["dataset_bytes"]) == ([8, 8, 3], 100 * 8 * 8 * 3)
    assert (record["config"]["width"], record["config"]["batch_size"]) == (4, 16)


@pytest.mark.slow
def test_dynamics(run_script, tmp_path):
    quick = ["--rules", "simultaneous", "competitive", "--evaluations", "40", "--picture", "p.png", "--out", "r.json"]
    run_script(BENCHMARKS / "dynamics.py", *quick)
    assert (tmp_path / "p.png").stat().st_size > 1000
    first, second = json.loads((tmp_path / "r.json").read_text())["rows"]
    assert first["evaluations a step"] == 1
    assert 10 < second["evaluations a step"] < 14


@pytest.mark.slow
def test_mode_coverage(run_script, tmp_path):
    rows = ["--configurations", "points", "pacgan2", "--seeds", "2", "--steps", "50", "--preset-steps", "50"]
    rows += ["--options", "r1=0.1", "generator_hidden=[16,16]"]
    run_script(BENCHMARKS / "mode_coverage.py", *rows, "--picture", "p.png", "--out", "r.json")
    assert (tmp_path / "p.png").stat().st_size > 1000
    record = json.loads((tmp_path / "r.json").read_text())
    names = [row["configuration"] for row in record["rows"]]
    assert names[:5] == ["points", "pacgan2", "perfect", "floor", "GAN, PacGAN's Table 1"]
    assert (record["settings"]["points"]["r1"], record["settings"]["points"]["generator_hidden"]) == (0.1, [16, 16])
    assert [row["modes"] for row in record["rows"][2:4]] == ["8", "8"]
    for row in record["rows"][:2]:
        modes = [one["value"] for one in record["members"][row["configuration"]]["2500"]["modes"]]
        assert len(modes) == 2
        assert row["modes"].startswith(f"{sum(modes) / 2:.4g} ± {abs(modes[0] - modes[1]) / 2:.2g}")


@pytest.mark.slow
def test_alarms(run_script, tmp_path):
    """Fifty steps are too few for the detector that is wanted."""
    run_script(BENCHMARKS / "alarms.py", "--cases", "twenty points", "--seeds", "1", "--steps", "50", "--out", "r.json")
    (row,) = json.loads((tmp_path / "r.json").read_text())["rows"]
    assert (row["wanted"], row["alarms"], row["as wanted"]) == ("discriminator overfitting", "", "NO")


@pytest.mark.slow
def test_which(run_script, tmp_path):
    small = ["--losses", "hinge", "--rules", "simultaneous", "--steps", "50", "--width", "8", "--samples", "100"]
    run_script(BENCHMARKS / "which.py", *small, "--out", "r.json")
    rows = json.loads((tmp_path / "r.json").read_text())["rows"]
    assert {row["penalty"] for row in rows} == {"none", "R1", "R1 + R2"}
    assert [(row["loss"], row["rule"]) for row in rows] == [("hinge", "simultaneous")] * 3
    distances = [float(row["sliced wasserstein"].split(" ")[0]) for row in rows]
    assert distances == sorted(distances)


@pytest.mark.slow
def test_stacked_modes(run_script, tmp_path, own_cache):
    small = ["--image-size", "8", "--width", "4", "--batch-size", "8", "--samples", "300", "--classifier-steps", "20"]
    quick = ["--configurations", "pacgan2", "--steps", "4", "--steps-per-call", "1", "--moments", "2"]
    quick += ["--options", "latent_size=7"]
    run_script(BENCHMARKS / "stacked_modes.py", *small, *quick, "--picture", "p.png", "--out", "r.json")
    assert (tmp_path / "p.png").stat().st_size > 1000
    record = json.loads((tmp_path / "r.json").read_text())
    assert [row["configuration"] for row in record["rows"]][:3] == ["the data", "pacgan2", "DCGAN, in VEEGAN's paper"]
    assert 0 < record["classifier_error"] < 1
    assert record["configurations"]["pacgan2"]["latent_size"] == 7
    for name, curve in record["curves"].items():
        assert [point["step"] for point in curve] == [2, 4]
        row = next(row for row in record["rows"] if row["configuration"] == name)
        assert (row["modes"], row["reverse KL"]) == (curve[-1]["modes"], curve[-1]["reverse KL"])
        assert 1 <= row["modes"] <= 300


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "asked", "rows"),
    [
        ("mnist_quality", ["--configurations", "article-mnist", "--seeds", "1", "--seconds", "0.2"], 2),
        ("small_data", ["--data", "coloured", "--images", "99", "--augment", "diffaugment", "--steps", "20"], 2),
    ],
)
def test_quality_against_time(script, asked, rows, run_script, tmp_path, own_cache, monkeypatch):
    folder, load = prepared_mnist(), data.load
    few = {"train": "train[:999]", "test": "test[:999]"}
    monkeypatch.setattr(data, "load", lambda *a, split, **rest: load(*a, split=few.get(split, split), **rest))
    quick = ["--moments", "2", "--samples", "300", "--classifier-steps", "5", "--data-dir", folder]
    run_script(BENCHMARKS / f"{script}.py", *asked, *quick, "--out", "r.json")
    record = json.loads((tmp_path / "r.json").read_text())
    assert len(record["rows"]) == rows
    runs = record["curves"].values()
    for curve in runs if script == "small_data" else [curve for seeds in runs for curve in seeds]:
        assert len(curve) == 2
        assert curve[0]["seconds"] < curve[1]["seconds"]
        assert curve[0]["step"] < curve[1]["step"]
        assert all(point["FID"] > 0 for point in curve)


@pytest.mark.slow
def test_digits(run_script, tmp_path, own_cache):
    variants = ["--variants", "width=4 steps=3", "width=4 steps=2 image_size=16"]
    quick = ["--seeds", "1", "--samples", "100", "--classifier-steps", "60"]
    run_script(BENCHMARKS / "digits.py", *variants, *quick, "--picture", "p.png", "--out", "r.json")
    assert (tmp_path / "p.png").stat().st_size > 1000
    record = json.loads((tmp_path / "r.json").read_text())
    data, *rows = record["rows"]
    assert (data["variant"], [row["variant"] for row in rows]) == ("the data", variants[1:])
    assert [row["steps"] for row in rows] == ["3", "2"]
    assert all(config["width"] == 4 for config in record["configurations"].values())
    assert float(data["FID"]) < float(rows[0]["FID"])
    assert float(data["obeyed"]) > 0.5


@pytest.mark.slow
def test_translation(run_script, tmp_path, own_cache):
    run_script(
        *(BENCHMARKS / "translation.py", "--tasks", "pairs", "plane", "--seeds", "1", "--steps", "10"),
        *("--classifier-steps", "60", "--out", "r.json"),
    )
    rows = {row["what"]: row for row in json.loads((tmp_path / "r.json").read_text())["rows"]}
    assert rows["real targets"]["L1"] == 0
    assert rows["real targets"]["label kept %"] > 80 > 20 > rows["mean target"]["label kept %"]
    assert rows["pix2pix, seed 0"]["L1"] > 0
    assert rows["sources"]["Fréchet distance"] > rows["real targets"]["Fréchet distance"]
    assert rows["plane, seed 0"]["cycle error"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "cases"), [(4, ["dcgan-32", "dcgan-32-r1", "three-by-three", "wgan-gp"]), (8, ["sn-resnet"])]
)
def test_compare_pytorch(width, cases, tmp_path):
    """At widths where no unit is so close to zero in these steps that rounding decides its ReLU."""
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[benchmark]'")
    small = ["--width", str(width), "--batch-size", "20", "--steps-per-call", "1"]
    quick = [*small, "--rounds", "1", "--round-seconds", "0.01"]
    modes = ["--modes", "eager", "eager-channels-last"]
    command = [sys.executable, BENCHMARKS / "compare_pytorch.py", "--cases", *cases, *quick, *modes, "--out", "r.json"]
    environment = os.environ | {"PYTHONPATH": str(BENCHMARKS.parent)}
    subprocess.run(command, env=environment, cwd=tmp_path, check=True)
    record = json.loads((tmp_path / "r.json").read_text())
    assert list(record["work"]) == cases
    for name, work in record["work"].items():
        assert work["largest_difference_of_losses"] <= 1e-4
        rows = [row for row in record["rows"] if row["case"] == name]
        assert max(row["speed to PyTorch's best"] for row in rows if row["what"].startswith("PyTorch")) == 1
        assert all(row["images/s"] > 0 for row in rows)
    if "dcgan-32" in cases:
        exact = record["work"]["dcgan-32"]
        np.testing.assert_allclose(exact["gflop"], exact["gflop_by_pytorch"], rtol=1e-6)


@pytest.mark.slow
def test_memory(run_script, tmp_path):
    small = ["--preset", "article-mnist", "--batch-size", "8", "16", "--precision", "bfloat16"]
    run_script(BENCHMARKS / "memory.py", *small, "--out", "r.json")
    record = json.loads((tmp_path / "r.json").read_text())
    kept, donated, remat = record["rows"][:3]
    assert [row["batch"] for row in record["rows"]] == [8] * 3 + [16] * 3
    assert kept["all MiB"] - kept["temporary MiB"] > donated["all MiB"] - donated["temporary MiB"]
    assert remat["GFLOP"] > 1.15 * donated["GFLOP"]
    assert all(slope > 0 for slope in record["mib_a_row_of_the_batch"].values())


@pytest.mark.slow
def test_scaling(run_script, tmp_path):
    axes = ["--axes", "batch", "devices", "members", "steps_a_call"]
    sizes = [*axes, "--batch", "4", "8", "--devices", "2", "--members", "2", "--width", "4"]
    quick = ["--steps-a-call", "3", "--rounds", "1", "--round-seconds", "0.01", "--out", "r.json"]
    run_script(BENCHMARKS / "scaling.py", *sizes, *quick)
    rows = json.loads((tmp_path / "r.json").read_text())["rows"]
    values = [("batch", 4), ("batch", 8), ("devices", 2), ("members", 2)]
    assert [(row["axis"], row["value"]) for row in rows] == [*values, ("steps_a_call", 3)]
    assert all(row["ms a step"] > 0 for row in rows)
    np.testing.assert_allclose(rows[1]["slope"], np.log2(rows[1]["to first"]), rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("layer", "lax"), [("conv 14x14 32>64", "--lax"), ("transpose 14x14 32>1", "--no-lax")])
def test_convolutions(layer, lax, run_script, tmp_path):
    quick = ["--layers", layer, lax, "--batch-size", "2", "--rounds", "1", "--round-seconds", "0", "--out", "r.json"]
    run_script(BENCHMARKS / "convolutions.py", *quick)
    rows = json.loads((tmp_path / "r.json").read_text())["rows"]
    assert [row["pass"] for row in rows] == ["forward", "input gradient", "kernel gradient", "second order"]
    assert all(row["jaxgan ms"] > 0 and row["jaxgan, in a loop ms"] > 0 for row in rows)
    assert all(("lax, in a loop ms" in row) == (lax == "--lax") for row in rows)


@pytest.mark.parametrize("argument", [0, 2])
def test_turns_of_a_loop_of_convolutions_differ(argument, monkeypatch):
    """Or XLA computes what depends on the other argument alone once for all turns."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    turns = importlib.import_module("convolutions").looped(lambda *arguments: arguments[argument])(*np.zeros((3, 2)))
    assert len(np.unique(turns[:, 0])) == len(turns)


@pytest.mark.slow
def test_population(run_script, tmp_path):
    quick = ["--widths", "4", "--members", "2", "--steps", "50", "--out", "r.json"]
    run_script(BENCHMARKS / "population.py", *quick)
    alone, together = json.loads((tmp_path / "r.json").read_text())["rows"]
    assert (alone["runs"], together["runs"]) == ("one after another", "population")
    assert alone["time to one after another"] == 1
    assert together["all s"] > together["first call s"] > 0


def rows_by_name(path):
    return {row["what"]: row for row in json.loads(path.read_text())["rows"]}


@pytest.mark.slow
def test_text(run_script, tmp_path):
    """At a temperature of 10⁶ each of the 34 words is as likely as the others."""
    run_script(BENCHMARKS / "text.py", "--seeds", "1", "--steps", "10", "--sharper", "1e-6", "--out", "r.json")
    rows, hot = rows_by_name(tmp_path / "r.json"), "likelihood at temperature 1/1e-06"
    means = [name for name in rows if "standard error" not in name]
    assert means[:5] == ["other data", "independent words", "likelihood, seed 0", "likelihood, mean", f"{hot}, mean"]
    assert means[5:] == ["relgan, seed 0", "relgan, mean"]
    assert rows["other data"]["bleu_3"] > 0.9 > rows["independent words"]["bleu_3"]
    assert (rows["likelihood, seed 0"]["seconds"] > 0, rows["other data"]["seconds"]) == (True, "")
    assert rows["likelihood, seed 0"]["nll_gen"] != rows["relgan, seed 0"]["nll_gen"]
    np.testing.assert_allclose(rows[f"{hot}, mean"]["nll_gen"], np.log(34), rtol=1e-4)


def test_independent_words_are_as_frequent_at_each_place_as_in_the_data(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    rows = np.array([[0, 2], [0, 2], [0, 1], [1, 1]])
    dataset = SimpleNamespace(real=rows, medium=SimpleNamespace(decode=lambda rows: rows))
    found = importlib.import_module("text").independent(dataset, 4000) == rows[0]
    np.testing.assert_allclose(found.mean(axis=0), [0.75, 0.5], atol=0.03)
    np.testing.assert_allclose(found.all(axis=1).mean(), 0.75 * 0.5, atol=0.03)


@pytest.mark.slow
def test_video(run_script, tmp_path):
    narrow = ["motion_size=3", "generator_width=8", "discriminator_width=8", "batch_size=8"]
    run_script(BENCHMARKS / "video.py", "--seeds", "1", "--steps", "10", "--options", *narrow, "--out", "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["options"] == narrow
    rows = rows_by_name(tmp_path / "r.json")
    assert list(rows) == ["other data", "shuffled", "still", "seed 0"]
    distances = {name: row["clip_distance"] for name, row in rows.items()}
    assert distances["other data"] < distances["shuffled"] < distances["still"] < distances["seed 0"]
    assert rows["still"]["motion_error"] == 0 < rows["other data"]["motion_error"] < rows["shuffled"]["motion_error"]
    assert rows["seed 0"]["seconds"] > 0


def test_baselines_of_video_have_the_frames_of_the_data(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    rows = np.arange(24, dtype=np.uint8).reshape(3, 8, 1, 1, 1)
    measures = Mock(side_effect=lambda clips: clips.reshape(3, 8), count=3)
    dataset = data.Dataset("clips", rows, medium=data.media.clips())
    found = importlib.import_module("video").baselines(dataset, measures)
    clips = np.squeeze(dataset.decode(dataset.take(np.random.default_rng(1).permutation(3))).real)
    np.testing.assert_array_equal(np.sort(found["shuffled"]), clips)
    assert (found["shuffled"] != clips).any(axis=1).all()
    np.testing.assert_array_equal(found["still"], np.repeat(clips[:, :1], 8, axis=1))


def test_griffin_and_lim_find_the_pitch_and_a_sound_is_at_no_distance_from_itself(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    vocoder = importlib.import_module("vocoder")
    times = np.arange(1024) / 4000
    real = np.stack([0.5 * np.sin(2 * np.pi * pitch * times) for pitch in (150, 330)])[..., None].astype(np.float32)
    recipe = jaxgan.preset("hifigan-tones").replace(bands=80).recipe
    mels = np.asarray(recipe.spectrogram(data.Dataset("sines", real, medium=data.media.sound(4000)), None)(real))
    made = vocoder.griffin_lim(mels, recipe, 4000, 1024)
    found = vocoder.measured("phases", made, real, 4000)
    assert found["clear"] == 1
    assert found["pitch error"] < 0.2
    same = vocoder.measured("same", real, real, 4000)
    assert (same["mel l1"], same["clear"], same["pitch error"]) == (0, 1, 0)


@pytest.mark.slow
def test_vocoder(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(BENCHMARKS)
    vocoder = importlib.import_module("vocoder")
    narrow = {"generator_width": 8, "periods": (2,), "scales": 0, "period_width": 1, "batch_size": 4}
    narrow |= {"length": 512, "steps_per_call": 1, "sample_every": 2, "checkpoint_every": 2, "log_every": 2}
    small = jaxgan.preset("hifigan-tones").replace(**narrow)
    monkeypatch.setattr(jaxgan, "preset", lambda _: small)
    vocoder.main(vocoder.Options(seeds=1, steps=2, held_out=0.01, runs=tmp_path, out=tmp_path / "r.json"))
    rows = rows_by_name(tmp_path / "r.json")
    assert list(rows) == ["Griffin and Lim", "seed 0"]
    assert rows["Griffin and Lim"]["mel l1"] < rows["seed 0"]["mel l1"]


@pytest.mark.slow
def test_processes(run_script, tmp_path, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "")
    quick = ["--batch", "16", "--steps", "10", "--rounds", "1", "--options", "width=4", "image_size=8"]
    run_script(BENCHMARKS / "processes.py", *quick, "--out", "r.json")
    rows = {row["what"]: row for row in json.loads((tmp_path / "r.json").read_text())["rows"]}
    assert {what: row["processes"] for what, row in rows.items()} == {"alone": 1, "independent": 2, "together": 2}
    assert rows["alone"]["efficiency per process"] == 1
    assert all(row["rows/s"] > 0 for row in rows.values())


@pytest.mark.slow
def test_distill(run_script, tmp_path):
    quick = ["--seeds", "1", "--steps", "20", "--classifier-steps", "60", "--options", "width=8"]
    run_script(BENCHMARKS / "distill.py", *quick, "--picture", "p.png", "--out", "r.json")
    rows = rows_by_name(tmp_path / "r.json")
    assert list(rows) == ["real digits", "teacher, 18 steps", "teacher, 1 step", "student, 1 step"]
    distances = [row["Fréchet distance"] for row in rows.values()]
    assert 0 < distances[0] < min(distances[1:])
    assert (tmp_path / "p.png").stat().st_size > 1000


@pytest.mark.slow
def test_vqgan(run_script, tmp_path):
    preset = "vae-gan-digits"
    quick = ["--preset", preset, "--seeds", "1", "--steps", "20", "--classifier-steps", "60"]
    quick += ["--options", "kl_weight=0", "width=8", "discriminator_width=8"]
    run_script(BENCHMARKS / "vqgan.py", *quick, "--picture", "p.png", "--out", "r.json")
    real, alone, whole = json.loads((tmp_path / "r.json").read_text())["rows"]
    assert (alone["what"], whole["what"]) == ("no adversary, seed 0", f"{preset}, seed 0")
    assert real["L1"] == 0 < min(alone["L1"], whole["L1"])
    assert real["Fréchet distance"] < min(alone["Fréchet distance"], whole["Fréchet distance"])
    assert real["label kept %"] > 80
    assert real["divergence"] == ""
    assert whole["divergence"] > 0
    assert (tmp_path / "p.png").stat().st_size > 1000
