"""Grids of images, animations and clouds of points."""

import numpy as np
import pytest
from PIL import Image

from jaxgan.data.media import View
from jaxgan.data.media.images import grid, save_animation
from jaxgan.data.media.points import save_points


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


@pytest.mark.parametrize(("channels", "tolerance"), [(1, 0), (3, 8)])
def test_an_animation_keeps_its_frames_and_their_time(channels, tolerance, tmp_path):
    images = np.random.default_rng(0).uniform(-1, 1, (3, 2, 1, 1, channels)) * np.ones((3, 2, 64, 64, channels))
    save_animation(tmp_path / "x.gif", images, columns=2, frames_per_second=20)
    with Image.open(tmp_path / "x.gif") as animation:
        assert (animation.n_frames, animation.info["loop"], animation.info["duration"]) == (3, 0, 50)
        for i, frame in enumerate(images):
            animation.seek(i)
            shown = np.asarray(animation.convert("RGB"), int)
            assert shown.shape == (64, 130, 3)
            expected = (np.broadcast_to(frame[1, 0, 0], 3) + 1) * 127.5
            np.testing.assert_allclose(shown[32, 100], expected, atol=0.5 + tolerance)


def reds(path, rows=slice(None), columns=slice(None)):
    """Number of red pixels in a part of a picture."""
    part = np.asarray(Image.open(path).convert("RGB"), int)[rows, columns]
    return int((part[..., 0] - part[..., 1] > 60).sum())


def test_points_are_drawn_within_the_limits_of_the_data(tmp_path):
    square = np.array([[-1.0, -1], [1, 1], [-1, 1], [1, -1]])
    inner = (slice(250, 400), slice(100, 250))
    red = []
    for name, points, around in (("alone", square, None), ("inside", square, square), ("outside", 9 * square, square)):
        save_points(tmp_path / f"{name}.png", points, View(data=around))
        red.append(reds(tmp_path / f"{name}.png", *inner) > 0)
    assert red == [True, True, False]


def test_points_outside_the_picture_are_marked_at_its_edge(tmp_path):
    square = np.array([[-1.0, -1], [1, 1], [-1, 1], [1, -1]])
    left = (slice(200, 300), slice(40, 90))  # the middle of the left edge
    for name, sample in (("near", (-1.2, 0.0)), ("far", (-1e6, 0.0)), ("not finite", (np.nan, 0.0))):
        save_points(tmp_path / f"{name}.png", np.array([[0.0, 0.0], sample]), View(data=square))
    assert reds(tmp_path / "far.png", *left) > reds(tmp_path / "near.png", *left)
    assert reds(tmp_path / "not finite.png", *left) == 0


def test_numbers_outside_a_histogram_are_marked_at_its_edge(tmp_path):
    data = np.linspace(-1, 1, 50)[:, None]
    right = (slice(400, 500), slice(470, 500))
    for name, last in (("inside", 0.0), ("outside", 7.0)):
        save_points(tmp_path / f"{name}.png", np.array([[0.0], [last]]), View(data=data))
    assert reds(tmp_path / "outside.png", *right) > reds(tmp_path / "inside.png", *right)


def test_long_images_are_not_enlarged_by_their_short_side():
    assert grid(np.zeros((8, 1, 512, 1), np.float32), columns=8).shape == (1, 8 * 514 - 2)
    assert grid(np.zeros((8, 512, 1, 3), np.float32), columns=8).shape == (512, 8 * 3 - 2, 3)
    assert grid(np.zeros((2, 4, 16, 1), np.float32), columns=2).shape == (4 * 4, 4 * 34)


@pytest.mark.parametrize("numbers", [np.linspace(-1, 1, 50), np.zeros(50), np.full(50, np.nan)])
def test_points_of_one_number_make_a_histogram(tmp_path, numbers):
    save_points(tmp_path / "alone.png", numbers[:, None], View())
    save_points(tmp_path / "x.png", numbers[:, None], View(data=np.linspace(-1, 1, 100)[:, None]))
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (500, 500)
        colours = np.asarray(image.convert("RGB"), int)
    assert bool((colours[..., 0] - colours[..., 1] > 60).any())  # samples are red
