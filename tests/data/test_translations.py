"""Sets for translation that are made of what is bundled."""

import numpy as np
import pytest
from PIL import Image
from scipy.stats import ks_2samp

from jaxgan import data
from jaxgan.data import Unpaired
from jaxgan.data.translations import GRID, TRANSLATIONS


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_each_is_loaded_by_its_name_and_always_the_same(name):
    one, other = data.load(name), data.load(name)
    assert one.name == name
    assert data.describe(one)["fingerprint"] == data.describe(other)["fingerprint"]


def test_edges_are_where_a_digit_is_steep():
    found, digits = data.load("edges_to_digits", image_size=16), data.load("digits", image_size=16)
    np.testing.assert_array_equal(found.real, digits.real)
    assert found.condition.shape == (1797, 16, 16, 1)
    assert set(np.unique(found.condition)) == {0, 255}
    row = digits.real[5, :, :, 0].astype(float)
    for y, x in ((4, 5), (8, 8), (11, 7), (2, 2)):
        steep = np.hypot(row[y + 1, x] - row[y - 1, x], row[y, x + 1] - row[y, x - 1]) / 2 > 48
        assert found.condition[5, y, x, 0] == 255 * steep
    assert 0.1 < np.mean(data.load("edges_to_digits").condition > 0) < 0.5


@pytest.mark.parametrize(
    ("name", "rows", "coarse", "fine"),
    [
        ("coarse_to_fine_digits", 1797, (4, 4, 1), (8, 8, 1)),
        ("coarse_to_sharp_digits", 1797, (8, 8, 1), (32, 32, 1)),
        ("coarse_to_fine_photos", 520, (8, 8, 3), (32, 32, 3)),
    ],
)
def test_the_coarse_image_is_the_fine_one_reduced(name, rows, coarse, fine):
    found = data.load(name)
    assert (found.condition.shape, found.real.shape) == ((rows, *coarse), (rows, *fine))
    for i in (0, rows // 2):
        image = Image.fromarray(found.real[i].squeeze())
        expected = np.asarray(image.resize(coarse[:2], Image.Resampling.BICUBIC)).reshape(coarse)
        np.testing.assert_array_equal(found.condition[i], expected)


def test_sharp_digits_are_the_enlarged_ones_with_pixels_above_half_white_and_others_black():
    found, smooth = data.load("coarse_to_sharp_digits").real[:50], data.load("digits", image_size=32).real[:50]
    far = np.abs(smooth.astype(int) - 128) > 30
    np.testing.assert_array_equal(found[far], np.where(smooth > 128, 255, 0)[far])
    assert np.mean(np.isin(found, (0, 255))) > 0.85


def test_parts_of_photographs_are_as_they_lie_there():
    from sklearn.datasets import load_sample_images

    china, flower = load_sample_images().images
    fine = data.load("coarse_to_fine_photos").real
    np.testing.assert_array_equal(fine[0], china[:32, :32])
    np.testing.assert_array_equal(fine[21], china[32:64, 32:64])
    np.testing.assert_array_equal(fine[260], flower[:32, :32])


def test_no_digit_is_of_both_domains_and_the_right_map_brings_it_there():
    digits = data.load("digits", image_size=8).real
    inverted, rotated = (data.load(f"{name}_digits", image_size=8) for name in ("inverted", "rotated"))
    for found in (inverted, rotated):
        assert found.shape == Unpaired((8, 8, 1), (8, 8, 1))
        np.testing.assert_array_equal(found.real.a, digits[::2])
    np.testing.assert_array_equal(255 - inverted.real.b, digits[1::2])
    edges = data.load("edges_and_digits", image_size=8).real
    np.testing.assert_array_equal(edges.a, data.load("edges_to_digits", image_size=8).condition[::2])
    np.testing.assert_array_equal(edges.b, digits[1::2])
    np.testing.assert_array_equal(rotated.real.b[3, :, :, 0], digits[7, :, :, 0].T[::-1])


def test_the_right_map_takes_the_ring_to_the_grid():
    found = data.load("ring_and_grid")
    assert GRID.centres.tolist() == [[2, 0], [2, 2], [0, 2], [-2, 2], [-2, 0], [-2, -2], [0, -2], [2, -2]]
    moved = data.ring_to_grid(found.real.a)
    for axis in range(2):
        assert ks_2samp(moved[:, axis], found.real.b[:, axis]).pvalue > 1e-3
    image = data.ring_to_grid(np.array([[1.0, 0.0], [0.0, -1.01]]))
    np.testing.assert_allclose(image, [[2, 0], [0, -2.05]], atol=1e-12)


def test_digits_in_three_styles_are_plain_thick_and_outlined():
    digits, found = data.load("digits", image_size=16).real[..., 0], data.load("digit_styles", image_size=16)
    assert (found.num_classes, found.class_names) == (3, ("plain", "thick", "outlined"))
    np.testing.assert_array_equal(found.labels, np.arange(1797) % 3)
    np.testing.assert_array_equal(found.real[0, ..., 0], digits[0])
    assert found.real[1, 5, 7, 0] == digits[1, 4:7, 6:9].max()
    assert found.real[2, 5, 7, 0] == digits[2, 4:7, 6:9].max() - digits[2, 5, 7]
