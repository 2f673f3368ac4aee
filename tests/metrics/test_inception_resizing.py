import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import map_coordinates

from jaxgan.data.media.images import decode, encode
from jaxgan.metrics.inception.resizing import RESIZERS, resized

SIZES = pytest.mark.parametrize("size", [(28, 28), (64, 48), (400, 310)])
TOLERANCE = 1e-4  # of 255 grey values


def stored(size, channels=1):
    return np.random.default_rng(0).integers(0, 256, (1, *size, channels), np.uint8)


def in_grey_values(name, images):
    """`[B, H, W, C]` uint8 to what the resizer makes of it, before it is scaled for the network."""
    zero = {"tensorflow": 128, "pytorch": 127.5, "clean": 128}[name]
    return np.asarray(resized(jnp.asarray(decode(images)), RESIZERS[name])) * zero + zero


def bilinear(image, rows, columns):
    """By scipy: the pixels at the border go on beyond it."""
    points = np.meshgrid(rows, columns, indexing="ij")
    return map_coordinates(image.astype(np.float64), points, order=1, mode="nearest")


@SIZES
def test_tensorflow_looks_at_multiples_of_the_scale_in_float32(size):
    rows, columns = (np.float32(range(299)) * (np.float32(side) / np.float32(299)) for side in size)
    images = stored(size)
    expected = bilinear(images[0, ..., 0], rows, columns)
    np.testing.assert_allclose(in_grey_values("tensorflow", images)[0, ..., 0], expected, rtol=0, atol=TOLERANCE)


@SIZES
def test_pytorch_looks_from_centre_to_centre_rounded_once(size):
    scales = [np.float64(np.float32(side) / np.float32(299)) for side in size]
    rows, columns = (np.float32((np.arange(299) + 0.5) * scale - 0.5) for scale in scales)
    images = stored(size)
    expected = bilinear(images[0, ..., 0], rows, columns)
    np.testing.assert_allclose(in_grey_values("pytorch", images)[0, ..., 0], expected, rtol=0, atol=TOLERANCE)


def bicubic(size):
    """Keys' kernel with a = −1/2, widened where the side shrinks to 299 pixels, weight by weight in float64."""
    weights, stretch = np.zeros((299, size)), max(size / 299, 1)
    for i in range(299):
        for j in range(size):
            x = abs(j + 0.5 - (i + 0.5) * size / 299) / stretch
            if x < 1:
                weights[i, j] = 1.5 * x**3 - 2.5 * x**2 + 1
            elif x < 2:
                weights[i, j] = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return weights / weights.sum(axis=1, keepdims=True)


@SIZES
def test_clean_is_the_formula_and_no_grey_value_is_below_0_or_above_255(size):
    images = np.where(stored(size) < 128, 0, 255).astype(np.uint8)
    rows, columns = map(bicubic, size)
    unclipped = rows @ images[0, ..., 0].astype(np.float64) @ columns.T
    assert unclipped.min() < -10
    assert unclipped.max() > 265
    seen = in_grey_values("clean", images)[0, ..., 0]
    np.testing.assert_allclose(seen, unclipped.clip(0, 255), rtol=0, atol=TOLERANCE)


@SIZES
def test_clean_is_what_pillow_makes_of_a_channel_of_floats_clipped(size):
    images = stored(size)
    image = Image.fromarray(images[0, ..., 0].astype(np.float32))
    expected = np.asarray(image.resize((299, 299), Image.Resampling.BICUBIC)).clip(0, 255)
    np.testing.assert_allclose(in_grey_values("clean", images)[0, ..., 0], expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", RESIZERS)
def test_an_image_of_the_networks_size_is_only_scaled(name):
    images = stored((299, 299), channels=3)
    np.testing.assert_allclose(in_grey_values(name, images), images, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", RESIZERS)
def test_grey_images_get_three_equal_channels(name):
    grey = jnp.asarray(decode(stored((8, 9))))
    colour = jnp.repeat(grey, 3, axis=-1)
    np.testing.assert_array_equal(resized(grey, RESIZERS[name]), resized(colour, RESIZERS[name]))


def test_images_are_clipped_and_rounded_to_8_bits_first():
    images = np.random.default_rng(0).normal(0, 1, (2, 5, 6, 3)).astype(np.float32)
    through_a_file = decode(encode(images))
    for resizer in RESIZERS.values():
        both = (resized(jnp.asarray(each), resizer) for each in (images, through_a_file))
        np.testing.assert_array_equal(*both)


def test_other_numbers_of_channels_are_refused():
    with pytest.raises(ValueError, match=r"1 or 3 channels, got shape \(1, 8, 8, 4\)"):
        resized(jnp.zeros((1, 8, 8, 4)), RESIZERS["clean"])
