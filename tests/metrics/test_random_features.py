"""Features of a network of random weights: one network for one shape, of the scale of the images."""

import numpy as np
import pytest

from jaxgan import data
from jaxgan.metrics.features import extract
from jaxgan.metrics.frechet import frechet_distance, moments
from jaxgan.metrics.random_features import random_features

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(64, 48, 3), (33, 40, 1), (4, 4, 4)])
def test_the_mean_square_stays_that_of_the_images(shape):
    """He et al.'s weights keep it from layer to layer where the inputs are independent and of mean 0."""
    images = RANDOM.normal(size=(30, *shape)).astype(np.float32)
    features = extract(random_features(shape), images, batch_size=30).features
    assert features.shape == (30, 256)
    assert 0.3 < np.mean(features**2) < 3


def test_one_shape_and_seed_is_one_network():
    same, again, other = (random_features((8, 8, 1), seed=seed) for seed in (0, 0, 1))
    assert (same.name, same.identity) == (again.name, again.identity)
    assert same.name != other.name
    assert same.identity != other.identity
    images = RANDOM.uniform(-1, 1, (5, 8, 8, 1)).astype(np.float32)
    np.testing.assert_array_equal(extract(same, images).features, extract(again, images).features)


@pytest.mark.slow
def test_noise_and_missing_classes_are_farther_than_other_images_of_the_data():
    digits = data.load("digits", image_size=16)
    images, labels = digits.real[RANDOM.permutation(len(digits))], digits.labels
    features = random_features(digits.shape)

    def distance(others):
        of = [moments(extract(features, part).features) for part in (images[:800], others)]
        return frechet_distance(*of)

    near = distance(images[800:1600])
    noisy = np.clip(images[800:1600] + RANDOM.normal(0, 40, images[800:1600].shape), 0, 255).astype(np.uint8)
    assert distance(noisy) > 3 * near
    assert distance(digits.real[labels < 5]) > 3 * near


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match=r"shape must be \(H, W, C\) of images, got \(7,\)"):
        random_features((7,))
