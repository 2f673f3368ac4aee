"""The classifier learns the bundled digits, is reproducible, and is trained again only when it must be."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from jaxgan import data
from jaxgan.metrics import classifier
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.features import extract

DIGITS = data.load("digits", image_size=8)
FEW = data.load((DIGITS.real[:40], DIGITS.labels[:40]), num_classes=10)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    return train_classifier(DIGITS, held_out=0.2, steps=60, batch_size=64, cache_dir=folder)


@pytest.fixture
def trained(monkeypatch, found):
    """How often a classifier was trained, without doing it."""
    count = []

    def counted(*_, seed, **__):
        count.append(1)
        return jax.tree.map(lambda x: x + seed, found.variables)

    monkeypatch.setattr(classifier, "_train", counted)
    return lambda: len(count)


def test_it_learns_the_digits(found):
    assert found.held_out == round(0.2 * 1797)
    assert found.accuracy > 0.93
    seen = extract(found.feature_function(), DIGITS.real[:50])
    assert seen.features.shape == (50, 128)
    np.testing.assert_allclose(seen.probabilities.sum(axis=1), 1, rtol=1e-5)
    predictions = found.predict(DIGITS.real[:50])
    np.testing.assert_array_equal(predictions, seen.probabilities.argmax(axis=1))
    assert np.mean(predictions == DIGITS.labels[:50]) > 0.9


@pytest.mark.slow
def test_it_is_reproducible_and_goes_by_its_seed(tmp_path):
    names = [
        train_classifier(FEW, steps=2, batch_size=8, seed=seed, cache_dir=tmp_path / str(i)).name
        for i, seed in enumerate((3, 3, 4))
    ]
    assert names[0] == names[1] != names[2]


def test_it_is_trained_once_and_again_for_other_data_or_options_or_a_damaged_file(tmp_path, trained):
    options = {"steps": 1, "batch_size": 8, "cache_dir": tmp_path}
    first = train_classifier(FEW, **options)
    again = train_classifier(FEW, **options)
    assert (trained(), first.name, first.accuracy) == (1, again.name, again.accuracy)
    np.testing.assert_array_equal(first.predict(FEW.real), again.predict(FEW.real))
    (file,) = tmp_path.iterdir()
    train_classifier(FEW, **options | {"seed": 1})
    train_classifier(FEW, **options, held_out=0.2)
    train_classifier(replace(FEW, condition=FEW.labels[::-1]), **options)
    assert trained() == 4
    file.write_bytes(file.read_bytes()[:-1])
    assert train_classifier(FEW, **options).name == first.name
    assert trained() == 5


def test_held_out_images_are_not_trained_on_even_mirrored():
    training, testing = classifier._split(replace(FEW, mirror=True), 0.25, 0)
    assert len(testing.rows) == 10
    assert sorted([*testing.rows, *testing.rows + 40, *training.rows]) == list(range(80))


def test_a_held_out_set_states_the_accuracy(tmp_path, trained):
    found = train_classifier(FEW, held_out=DIGITS, steps=1, batch_size=8, cache_dir=tmp_path)
    assert (trained(), found.held_out) == (1, 1797)
    np.testing.assert_allclose(found.accuracy, np.mean(found.predict(DIGITS.real) == DIGITS.labels))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dataset": data.load(FEW.real)}, "arrays must have labels to train a classifier on"),
        ({"dataset": data.load("ring")}, r"ring must hold images \[N, H, W, C\], got rows of shape \(2,\)"),
        ({"held_out": data.load("digits", image_size=16)}, r"held_out must be of shape \(8, 8, 1\) with 10 classes"),
        ({"held_out": 0.0}, "held_out must leave some of the 40 images of arrays on either side, got 0.0"),
        ({"held_out": 1.0}, "held_out must be less than 1"),
        ({"steps": 0}, "steps must be a whole number of at least 1, got 0"),
        ({"batch_size": 37}, "batch_size must be from 1 to 36, the rows to train on; got 37"),
    ],
)
def test_what_does_not_fit_is_named(options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        train_classifier(**{"dataset": FEW, "cache_dir": tmp_path} | options)


def test_images_of_another_shape_are_refused(found):
    with pytest.raises(
        ValueError, match=r"images must be of shape \(8, 8, 1\), as classifier of digits, .* trained on"
    ):
        found.predict(np.zeros((2, 16, 16, 1), np.float32))
