"""`jaxgan evaluate --real A --fake B`: which two sets, by what, against known values, and what is refused."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from scipy.io import wavfile

from jaxgan.cli import main
from jaxgan.observe.comparison import Comparison, compare

MEAN, SPREAD = np.array([3.0, -1.0]), np.array([2.0, 0.5])


def normal(rows, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, 2)).astype(np.float32)


def pictures(folder, values, mode="L", side=4):
    folder.mkdir()
    for i, value in enumerate(values):
        Image.new(mode, (side, side), value).save(folder / f"{i}.png")
    return str(folder)


def archive(path, **arrays):
    np.savez(path, **arrays)
    return str(path)


def value(records, name):
    (found,) = (record["value"] for record in records if record["metric"] == name)
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory, own_cache):
    out = tmp_path_factory.mktemp("runs")
    few = ("--image-size=8", "--network=mlp", "--generator-hidden=8", "--discriminator-hidden=8", "--latent-size=5")
    rest = ("--batch-size=8", "--steps=2", "--log-every=2", "--sample-every=2", "--checkpoint-every=2", "--show=none")
    assert main(["train", "digits", *few, *rest, "--out", str(out)]) == 0
    return out / "00000-digits"


def test_two_archives_of_points_have_the_distance_of_their_gaussians(tmp_path):
    """|μ − μ'|² + Σ(σ − σ')² where covariances are diagonal, which those of one set moved and stretched are."""
    rows = normal(500)
    rows = (rows - rows.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(rows.T))).T
    real = archive(tmp_path / "a.npz", images=rows.astype(np.float32))
    fake = archive(tmp_path / "b.npz", images=(rows * SPREAD + MEAN).astype(np.float32))
    found = compare(Comparison(real, fake, metrics=("fid",), features="pixels"))
    np.testing.assert_allclose(value(found, "fid_pixels"), np.sum(MEAN**2) + np.sum((SPREAD - 1) ** 2), rtol=1e-4)
    moved = archive(tmp_path / "m.npz", mu=MEAN, sigma=np.diag(SPREAD**2))
    np.testing.assert_allclose(value(compare(Comparison(moved, fake)), "fid_pixels"), 0, atol=1e-4)
    (record,) = compare(Comparison(moved, real, out=tmp_path / "records.json"))
    np.testing.assert_allclose(record["value"], np.sum(MEAN**2) + np.sum((SPREAD - 1) ** 2), rtol=1e-4)
    assert (record["reference"], record["real_count"], record["fake_count"]) == ("m.npz", None, 500)
    assert json.loads((tmp_path / "records.json").read_text()) == [record]


def test_two_folders_of_pictures(tmp_path, capsys, own_cache):
    """Grey g is g/127.5 − 1 in each of 16 pixels: 16 (x − y)² between means, 16 times that between spreads."""
    real, fake = pictures(tmp_path / "real", (0, 51, 102, 153)), pictures(tmp_path / "fake", (51, 102, 153, 204))
    assert main(["evaluate", "--real", real, "--fake", fake, "--features", "pixels", "--metrics", "fid"]) == 0
    assert f" {16 * (51 / 127.5) ** 2:.4g} " in capsys.readouterr().out
    found = compare(Comparison(real, real, features="pixels"))
    assert [record["metric"] for record in found] == ["fid_pixels", "kid_pixels", "precision_pixels", "recall_pixels"]
    assert abs(value(found, "fid_pixels")) < 1e-6
    assert value(found, "recall_pixels") == 1


def test_the_distance_of_texts_is_one_of_tokens(tmp_path, own_cache):
    (tmp_path / "a.txt").write_text("a b\nb a\na a\n" * 4)
    texts = f"lines:{tmp_path / 'a.txt'}"
    (record,) = compare(Comparison(texts, texts, metrics=("fid",)))
    assert record["metric"] == "fid_tokens"
    assert abs(record["value"]) < 1e-6


def test_two_folders_of_sounds_at_a_rate_and_a_length(tmp_path, own_cache):
    """Constant sounds of level a/2^15: 8 (x − y)² between the means of 8 samples."""
    for name, level in (("real", 4096), ("fake", 8192)):
        (tmp_path / name).mkdir()
        for i in range(4):
            wavfile.write(tmp_path / name / f"{i}.wav", 8000, np.full(40, level + i, np.int16))
    real, fake = f"wav:{tmp_path / 'real'}", f"wav:{tmp_path / 'fake'}"
    asked = {"metrics": ("fid",), "features": "pixels", "sample_rate": 8000, "length": 8}
    found = value(compare(Comparison(real, fake, **asked)), "fid_pixels")
    np.testing.assert_allclose(found, 8 * (4096 / 2**15) ** 2, rtol=1e-3)


def test_texts_of_other_words_are_not_compared(tmp_path, own_cache):
    for name, text in (("real", "a b\na b"), ("fake", "a c\na c")):
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match="must have one vocabulary, but lines:real and lines:fake have different ones"):
        compare(Comparison(f"lines:{tmp_path / 'real'}", f"lines:{tmp_path / 'fake'}", features="pixels"))


def test_kept_moments_are_compared_with_as_their_data_are(tmp_path, own_cache):
    real, fake = pictures(tmp_path / "real", (0, 51, 102, 153)), pictures(tmp_path / "fake", (51, 52, 153, 204))
    kept = tmp_path / "kept" / "moments.npz"
    first = compare(Comparison(real, fake, metrics=("fid",), features="pixels", keep_moments=kept))
    again = compare(Comparison(str(kept), fake))
    np.testing.assert_allclose(value(again, "fid_pixels"), value(first, "fid_pixels"), rtol=1e-9)
    assert again[0]["real_count"] == first[0]["real_count"] == 4


@pytest.mark.slow
def test_a_run_and_its_export_are_sampled(run, tmp_path, own_cache):
    asked = {"metrics": ("fid", "labels_obeyed"), "n": 40, "image_size": 8}
    of_run = compare(Comparison("digits", str(run), **asked))
    assert main(["export", str(run)]) == 0
    of_export = compare(Comparison("digits", str(run / "export"), **asked))
    for one, other in zip(of_run, of_export, strict=True):
        np.testing.assert_allclose(one["value"], other["value"], rtol=1e-3)
        assert one["fake_count"] == 40
        assert one["classifier_accuracy"] > 0.9


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--real {real} --fake {large}",
            r"has \(4, 4, 1\), .* has \(6, 6, 1\)\. --image-size and --channels",
        ),
        ("--real {run} --fake {real}", "real must be data, and .* is a run or an export"),
        ("--real {real} --fake {real} --n 20", "n=20 is for a run or an export"),
        ("--real {real} --fake {real} --resizer clean", "resizer=clean has an effect with inception_weights alone"),
        ("--real {real} --fake {real} --features inception", "features=inception needs inception_weights"),
        ("--real {real} --fake {real} --metrics labels_obeyed", "labels_obeyed needs features=classifier"),
        ("--real {real} --fake {real} --metrics modes", "modes can only be measured for a run: jaxgan evaluate RUN"),
        ("--real {real} --fake {real} --metrics density", "density needs at least 6 rows of data|6 samples"),
        ("--real {moments} --fake {real} --metrics kid", "only fid can be measured against moments, got kid"),
        ("--real {moments} --fake {real}", "are of 2 features; pixels has 16"),
        ("--real {named} --fake {real}", "are of features inception-6726825d-clean, not of pixels"),
        ("--real {broken} --fake {real}", r"mu must be \[size\] and sigma \[size, size\]"),
        ("--real {gone} --fake {real}", "real: .*gone is neither a path that exists nor the name of data"),
        ("--real {real}", "fake"),
        ("--real {real} --fake {real} --metric fid", "has no option --metric; did you mean --metrics"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_words(words, message, tmp_path, capsys, own_cache):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").touch()
    places = {
        "real": pictures(tmp_path / "real", (0, 9, 99)),
        "large": pictures(tmp_path / "large", (0, 9, 99), side=6),
        "run": str(tmp_path / "run"),
        "moments": archive(tmp_path / "moments.npz", mu=np.zeros(2), sigma=np.eye(2)),
        "named": archive(
            tmp_path / "named.npz", mu=np.zeros(16), sigma=np.eye(16), features="inception-6726825d-clean"
        ),
        "broken": archive(tmp_path / "broken.npz", mu=np.zeros(2), sigma=np.eye(3)),
        "gone": str(tmp_path / "gone"),
    }
    try:
        status = main(["evaluate", *words.format(**places).split()])
    except SystemExit as end:  # tyro's own, of an option that is missing
        status = end.code
    assert status == 2
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(message, said), said
