"""Several metrics at once: what their records say, and how often features are made."""

import json
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import data
from jaxgan.data import media
from jaxgan.metrics.cache import NotKept
from jaxgan.metrics.evaluate import METRICS, evaluate
from jaxgan.metrics.features import FeatureFunction, Seen, extract, pixels
from jaxgan.metrics.frechet import frechet_distance, moments
from jaxgan.metrics.reference import reference_moments

RANDOM = np.random.default_rng(0)
REAL = data.load(RANDOM.integers(0, 256, (40, 11, 11, 1)).astype(np.uint8))
FAKE = RANDOM.uniform(-1, 1, (30, 11, 11, 1)).astype(np.float32)
ASKED = np.arange(30) % 3


class Counted:
    """Three numbers of an image, and how many images were seen."""

    def __init__(self):
        self.images = 0
        self.of = jax.jit(lambda x: Seen(x[:, 0, :3, 0], jax.nn.softmax(9 * x[:, 0, :3, 0])))

    def function(self, name="corner"):
        def of(images):
            self.images += len(images)
            return self.of(images)

        return FeatureFunction(name, of, identity=name)


OF_LABELS = ("intra_frechet", "classification_accuracy")
"""Metrics that need data with labels, see test_by_class.py."""


@pytest.mark.slow
def test_features_are_extracted_once_and_those_of_data_kept(tmp_path):
    counted, names = Counted(), [name for name in METRICS if name not in OF_LABELS]
    ask = {"real": REAL, "fake": FAKE, "asked": ASKED, "batch_size": 10, "cache_dir": tmp_path}
    first = evaluate(names, features=counted.function(), **ask)
    assert counted.images == 70
    assert evaluate(names, features=counted.function(), **ask) == first
    assert counted.images == 100  # the samples alone
    evaluate(["kernel"], features=counted.function("another"), **ask)
    assert counted.images == 170
    evaluate(["kernel"], features=counted.function(), **ask | {"real": replace(REAL, real=REAL.real[::-1])})
    assert counted.images == 240
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:-3])
    assert evaluate(names, features=counted.function(), **ask) == first
    assert counted.images == 310


TOKENS = RANDOM.integers(3, size=(40, 4), dtype=np.int32)
SOUNDS = RANDOM.integers(-(2**15), 2**15, (40, 6, 1), dtype=np.int16)
DEEP = RANDOM.integers(2**16, size=(40, 3, 2, 1), dtype=np.uint16)


@pytest.mark.parametrize(
    ("stored", "medium", "decoded"),
    [
        (TOKENS, media.tokens(("a", "b", "c")), np.eye(3)[TOKENS]),
        (SOUNDS, media.sound(8000), SOUNDS / 32768),
        (DEEP, media.of(DEEP), DEEP / 32767.5 - 1),
    ],
    ids=["tokens", "sound", "16 bits"],
)
def test_metrics_see_rows_of_any_medium_as_networks_do(stored, medium, decoded, tmp_path):
    real, other = data.Dataset("x", stored, medium=medium), decoded[::-1] ** 2
    ask = {"real": real, "features": pixels(), "cache_dir": tmp_path}
    apart = frechet_distance(*(moments(rows.reshape(40, -1)) for rows in (decoded, other)))
    np.testing.assert_allclose(evaluate(["frechet"], fake=other, **ask)[0].values["value"], apart, rtol=1e-4)
    as_stored, as_seen = (evaluate(["frechet"], fake=fake, **ask)[0].values["value"] for fake in (stored, decoded))
    np.testing.assert_allclose([as_stored, as_seen], 0, atol=1e-4)


def test_moments_alone_give_the_same_distance(tmp_path):
    counted = Counted()
    ask = {"real": REAL, "fake": FAKE, "features": counted.function(), "batch_size": 10, "cache_dir": tmp_path}
    alone = evaluate(["frechet"], **ask)[0]
    assert [file.name.split("-")[0] for file in tmp_path.iterdir()] == ["moments"]
    together = evaluate(["kernel", "frechet"], **ask)[1]
    np.testing.assert_allclose(alone.values["value"], together.values["value"], rtol=1e-9)
    sets = [moments(extract(ask["features"], images).features) for images in (REAL.real, FAKE)]
    np.testing.assert_allclose(alone.values["value"], frechet_distance(*sets), rtol=1e-9)
    images = counted.images
    evaluate(["frechet"], **ask)
    assert counted.images == images + 30


def test_a_network_that_was_trained_on_under_one_name_is_not_taken_for_the_one_before(tmp_path):
    """Features that cannot say what they are stay out of the cache: of twice the numbers the distance is four times."""

    def distance(scale):
        own = FeatureFunction("my network", lambda x: Seen(scale * x[:, 0, :3, 0]))
        return evaluate(["frechet"], real=REAL, fake=FAKE, features=own, cache_dir=tmp_path)[0].values["value"]

    np.testing.assert_allclose(distance(2), 4 * distance(1), rtol=1e-4)
    assert not list(tmp_path.iterdir())


def gaussian(mean, deviations):
    """Rows with exactly this mean and these deviations along the axes."""
    rows = RANDOM.normal(size=(200, 3))
    rows -= rows.mean(axis=0)
    white = rows @ np.linalg.inv(np.linalg.cholesky(rows.T @ rows / 199)).T
    return (white * deviations + mean).astype(np.float32)


MEAN, DEVIATIONS = np.array([1.0, -2.0, 0.5]), np.array([2.0, 0.5, 3.0])


class Retrained:
    """A network of one name whose weight changes."""

    weight = 1.0

    def __call__(self, rows):
        return self.weight * rows


@pytest.mark.parametrize("as_given", [np.asarray, jnp.asarray], ids=["NumPy", "JAX"])
def test_plain_arrays_and_a_plain_function_give_the_distance_of_gaussians(as_given, tmp_path, monkeypatch):
    """|μ − μ'|² + Σ (σ − σ')² of Gaussians along the axes, times the square of the weight; each time anew."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    real, fake = as_given(gaussian(0, np.ones(3))), as_given(gaussian(MEAN, DEVIATIONS))
    expected, network = np.sum(MEAN**2) + np.sum((DEVIATIONS - 1) ** 2), Retrained()
    for weight in (1.0, 0.1, 16.0, 1.0):
        network.weight = weight
        for metrics in (["frechet"], ["kernel", "frechet"]):
            record = jaxgan.evaluate(metrics, real=real, fake=fake, features=network)[-1]
            np.testing.assert_allclose(record.values["value"], weight**2 * expected, rtol=1e-4)
            assert (record.features, record.reference, record.real_count) == ("unnamed", "real", 200)
    assert not list(tmp_path.iterdir())


def test_images_of_8_bits_are_seen_as_networks_see_them():
    ask = {"real": REAL.real, "fake": FAKE, "features": lambda images: images[:, 0, :3, 0]}
    sets = [moments((REAL.real / 127.5 - 1)[:, 0, :3, 0]), moments(FAKE[:, 0, :3, 0])]
    np.testing.assert_allclose(evaluate(["frechet"], **ask)[0].values["value"], frechet_distance(*sets), rtol=1e-4)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"features": "inception"}, r"features must be a function \(images\).*'inception'"),
        ({"features": pixels}, r"features must be a function \(images\).*call it: pixels"),
        ({"features": lambda images: images}, "features of unnamed must be"),
        ({"real": [[0.0]]}, "real must be an array.*list"),
        ({"fake": np.zeros(4)}, r"fake must be an array.*float64 \(4,\)"),
        ({"real": np.zeros((4, 2), int)}, "data must be images"),
        ({"fake": np.zeros((4, 3))}, "fake must be of shape"),
        ({"metrics": "frechet"}, r"metrics must be a list of names, such as \['frechet'\]"),
    ],
)
def test_what_is_no_array_or_no_function_is_named(other, message, without_shape_checks):
    ask = {"metrics": ["frechet"], "real": REAL, "fake": FAKE, "features": pixels()}
    with pytest.raises(jaxgan.errors.UserError, match=message):
        jaxgan.evaluate(**ask | other)


@pytest.mark.parametrize("place", ["a file", "a file/below"])
def test_a_cache_that_cannot_be_written_costs_a_warning_and_no_result(tmp_path, place):
    (tmp_path / "a file").touch()
    ask = {"real": REAL, "fake": FAKE, "features": pixels()}
    expected = evaluate(["frechet"], **ask, cache_dir=tmp_path / "writable")
    with pytest.warns(NotKept, match="moments of arrays will be computed again next time: .*a file"):
        assert evaluate(["frechet"], **ask, cache_dir=tmp_path / place) == expected


def test_classes_are_expected_in_the_proportions_of_the_data():
    """Samples of classes 0, 1, 2 in the data's shares have no divergence from them, even ones do: KL by hand."""

    def of(images):
        return Seen(images[:, 0, :2, 0], jax.nn.one_hot(jnp.round((images[:, 0, 0, 0] + 1) * 127.5).astype(int), 4))

    def images(labels):
        return np.broadcast_to(labels[:, None, None, None], (len(labels), 2, 2, 1)).astype(np.uint8)

    labels = np.repeat(np.arange(3, dtype=np.int32), (10, 20, 70))
    dataset, features = data.Dataset("x", images(labels), labels, 4), FeatureFunction("classes", of)

    def divergence(asked, real=dataset):
        (record,) = evaluate(["class_coverage"], real=real, fake=images(asked), features=features)
        return record.values["reverse_kl"]

    np.testing.assert_allclose(divergence(labels[::5]), 0, atol=1e-9)
    even = np.arange(30) % 3
    np.testing.assert_allclose(divergence(even), -np.mean(np.log(3 * np.array([0.1, 0.2, 0.7]))), rtol=1e-6)
    np.testing.assert_allclose(divergence(even, data.Dataset("x", images(labels))), np.log(4 / 3), rtol=1e-6)


def test_a_mirrored_reference_has_both(tmp_path):
    found = reference_moments(replace(REAL, mirror=True), pixels(), cache_dir=tmp_path)
    assert found.count == 80
    both = np.concatenate([REAL.real, REAL.real[:, :, ::-1]])
    np.testing.assert_allclose(found.mean, extract(pixels(), both).features.mean(axis=0), atol=1e-6)


def test_records_say_what_was_measured(tmp_path):
    names = ["frechet", "precision_recall", "inception_score", "labels_obeyed", "ms_ssim"]
    ask = {"real": REAL, "fake": FAKE, "asked": ASKED, "features": Counted().function(), "cache_dir": tmp_path}
    records = evaluate(names, **ask, reference="arrays/train", resizer="none", seed=3)
    assert [record.metric for record in records] == names
    frechet, precision, score, obeyed, similarity = records
    assert (frechet.features, frechet.reference, frechet.resizer, frechet.seed) == ("corner", "arrays/train", "none", 3)
    assert (frechet.real_count, frechet.fake_count) == (40, 30)
    assert (precision.real_count, precision.fake_count) == (30, 30)
    assert (score.real_count, score.fake_count, score.reference) == (0, 30, None)
    assert (similarity.features, similarity.resizer) == (None, None)
    assert set(precision.values) == {"precision", "recall"}
    assert obeyed.values == {"value": np.mean(FAKE[:, 0, :3, 0].argmax(axis=1) == ASKED)}
    assert json.loads(frechet.to_json()) == {
        "metric": "frechet",
        "values": frechet.values,
        "features": "corner",
        "reference": "arrays/train",
        "real_count": 40,
        "fake_count": 30,
        "resizer": "none",
        "seed": 3,
    }
    assert json.loads(replace(frechet, values={"value": float("nan")}).to_json())["values"] == {"value": None}


@pytest.mark.parametrize(
    ("metrics", "options", "message"),
    [
        (["fid"], {}, "metrics must be one of frechet, kernel, .*; got 'fid'"),
        (["frechet"], {"fake": FAKE[:, :5]}, r"fake must be of shape \(11, 11, 1\), as arrays is; got \(5, 11, 1\)"),
        (["labels_obeyed"], {}, "labels_obeyed needs asked"),
        (["frechet"], {"fake": FAKE[:1]}, "frechet needs at least 2 samples, got 1"),
        (["precision_recall"], {"fake": FAKE[:3]}, "precision_recall needs at least 4 samples, got 3"),
        (
            ["density_coverage"],
            {"real": replace(REAL, real=REAL.real[:5])},
            "at least 6 rows of data, but arrays has 5",
        ),
        (["inception_score"], {"fake": FAKE[:19]}, "inception_score needs at least 20 samples, got 19"),
        (["ms_ssim"], {"fake": FAKE[:1]}, "ms_ssim needs at least 2 samples, got 1"),
        (["frechet"], {"fake": FAKE.astype(int)}, "fake must be uint8, uint16 or float32 images, got int64"),
        (["inception_score"], {}, "features must be those of a classifier for such a metric, got pixels"),
        (["intra_frechet"], {"asked": ASKED}, "intra_frechet needs data with labels, and arrays has none"),
        (
            ["classification_accuracy"],
            {"asked": ASKED},
            "classification_accuracy needs data with labels, and arrays has",
        ),
    ],
)
def test_what_does_not_fit_is_named(metrics, options, message, tmp_path):
    ask = {"real": REAL, "fake": FAKE, "features": pixels(), "cache_dir": tmp_path}
    with pytest.raises(ValueError, match=message):
        evaluate(metrics, **ask | options)
