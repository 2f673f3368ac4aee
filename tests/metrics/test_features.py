"""Features of images: one program for all batches, in whatever lengths they come."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.data.media.images import decode
from jaxgan.metrics.features import FeatureFunction, Seen, extract, pixels, seen_in_batches

IMAGES = np.random.default_rng(0).integers(0, 256, (11, 2, 2, 1)).astype(np.uint8)


def test_any_division_gives_the_same_through_one_program():
    traces = 0

    @jax.jit
    def of(images):
        nonlocal traces
        traces += 1
        flat = images.reshape(len(images), -1)
        return Seen(flat * 2, jax.nn.softmax(flat))

    features = FeatureFunction("twice", of)
    expected = decode(IMAGES).reshape(11, 4)
    for images in (IMAGES, decode(IMAGES), jnp.asarray(IMAGES), [IMAGES[:1], IMAGES[1:8], IMAGES[8:]]):
        seen = extract(features, images, batch_size=4)
        np.testing.assert_allclose(seen.features, 2 * expected, rtol=1e-6)
        np.testing.assert_allclose(seen.probabilities.sum(axis=1), 1, rtol=1e-6)
    assert traces == 1
    lengths = [len(seen.features) for seen in seen_in_batches(features, IMAGES, batch_size=4)]
    assert lengths == [4, 4, 3]


def test_pixels_are_features_too():
    seen = extract(pixels(), IMAGES)
    np.testing.assert_array_equal(seen.features, decode(IMAGES).reshape(11, 4))
    assert seen.probabilities is None


@pytest.mark.parametrize("shape", [(4,), (1, 3), (4, 2, 2)])
def test_features_of_other_shapes_are_refused(shape):
    own = FeatureFunction("mine", lambda images: Seen(jnp.zeros(shape)))
    with pytest.raises(ValueError, match=r"features of mine must be \[4, size\] of 4 images, got shapes"):
        extract(own, IMAGES, batch_size=4)


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        seen_in_batches(pixels(), IMAGES, batch_size=0)
    for nothing in (IMAGES[:0], []):
        with pytest.raises(ValueError, match="images must be at least one, got none"):
            extract(pixels(), nothing)
    bad = decode(IMAGES)
    bad[[5, 6]] = np.nan
    with pytest.raises(ValueError, match="features of pixels must be finite, got others for 2 of the images 4 to 7"):
        extract(pixels(), bad, batch_size=4)
