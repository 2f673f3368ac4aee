"""Grids of images."""

import numpy as np
import pytest

from jaxgan.training.pictures import grid


@pytest.mark.parametrize(("channels", "shown"), [(1, None), (2, None), (3, 3), (4, 4), (7, None)])
def test_layout_and_values(channels, shown):
    images = np.linspace(-1, 1, 5 * 64 * 64 * channels, dtype=np.float32).reshape(5, 64, 64, channels)
    sheet = grid(images, columns=3)
    assert sheet.shape[:2] == (2 * 66 - 2, 3 * 66 - 2)
    assert sheet.shape[2:] == (() if shown is None else (shown,))
    second = sheet[:64, 66:130].reshape(64, 64, -1)[..., 0]
    np.testing.assert_allclose(second, (images[1, ..., 0] + 1) * 127.5, atol=0.5)


def test_small_images_are_enlarged_and_values_clipped():
    sheet = grid(np.array([[-3.0], [3.0]], np.float32).reshape(2, 1, 1, 1) * np.ones((2, 8, 8, 1)), columns=2)
    assert sheet.shape == (64, 18 * 8)
    assert (sheet[0, 0], sheet[0, -1]) == (0, 255)
