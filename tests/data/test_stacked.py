"""Digits stacked in three channels: what is in each, how often, and under which label."""

import numpy as np
import pytest
from tfds_folder import prepared_mnist

from jaxgan import data
from jaxgan.data import Dataset
from jaxgan.data.stacked import stacked


def numbered(size, classes):
    """Image i holds i everywhere, and has the label i mod `classes`."""
    real = np.broadcast_to(np.arange(size, dtype=np.uint8)[:, None, None, None], (size, 2, 2, 1))
    return Dataset("numbered", real, np.arange(size, dtype=np.int32) % classes, classes)


def test_every_channel_holds_every_image_equally_often_and_the_label_names_all_three():
    found = stacked("s", numbered(12, 4), rows=36)
    assert (found.shape, found.real.dtype, found.num_classes, found.labels.dtype) == ((2, 2, 3), np.uint8, 64, np.int32)
    np.testing.assert_array_equal(found.real, found.real[:, :1, :1].repeat(2, 1).repeat(2, 2))
    a, b, c = found.real[:, 0, 0].T.astype(int)
    for channel in (a, b, c):
        np.testing.assert_array_equal(np.bincount(channel), 12 * [3])
    np.testing.assert_array_equal(found.labels, 16 * (a % 4) + 4 * (b % 4) + c % 4)
    assert not any((x == y).all() for x, y in ((a, b), (b, c), (a, c)))


def test_rows_need_not_be_a_multiple_and_are_always_the_same():
    first, again = (stacked("s", numbered(12, 4), rows=20) for _ in range(2))
    assert len(first) == 20
    np.testing.assert_array_equal(first.real, again.real)
    assert np.bincount(first.real[:, 0, 0, 1]).min() >= 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Dataset("x", np.zeros((3, 2, 2, 1), np.uint8)), r"x has \(2, 2, 1\) with no labels"),
        (Dataset("x", np.zeros((3, 2, 2, 3), np.uint8), np.zeros(3, np.int32), 2), r"x has \(2, 2, 3\) with labels"),
        (Dataset("x", np.zeros((3, 2), np.float32), np.zeros(3, np.int32), 2), r"x has \(2,\) with labels"),
    ],
)
def test_a_source_that_cannot_be_stacked_is_an_error(source, message):
    with pytest.raises(ValueError, match=rf"s needs images \[H, W, 1\] with labels; {message}"):
        stacked("s", source)


def test_no_rows_are_an_error():
    with pytest.raises(ValueError, match="s: rows must be at least 1, got 0"):
        stacked("s", numbered(12, 4), rows=0)


def test_the_bundled_digits_stacked():
    found, single = data.load("stacked_digits", image_size=8), data.load("digits", image_size=8)
    assert (found.name, found.real.shape, found.num_classes) == ("stacked_digits", (128_000, 8, 8, 3), 1000)
    assert len(np.unique(found.labels)) == 1000
    images = {image.tobytes(): label for image, label in zip(single.real, single.labels, strict=True)}
    for image, label in zip(found.real[:50], found.labels[:50], strict=True):
        digits = [images[np.ascontiguousarray(image[..., channel]).tobytes()] for channel in range(3)]
        assert label == 100 * digits[0] + 10 * digits[1] + digits[2]


def test_stacked_mnist_takes_the_options_of_tfds():
    folder = prepared_mnist()
    found = data.load("stacked_mnist", data_dir=folder, split="test[:300]", image_size=8)
    assert (found.name, found.shape, found.num_classes, len(found)) == ("stacked_mnist", (8, 8, 3), 1000, 128_000)
    single = data.load("tfds:mnist", data_dir=folder, split="test[:300]", image_size=8)
    np.testing.assert_array_equal(np.bincount(found.labels // 100) > 0, np.bincount(single.labels) > 0)


def test_stacked_mnist_that_is_not_prepared_says_what_to_run(tmp_path):
    with pytest.raises(ValueError, match="tfds build mnist --file_format=array_record"):
        data.load("stacked_mnist", data_dir=str(tmp_path))
