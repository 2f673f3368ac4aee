"""Images of any height, width and depth, from their file to what networks see."""

import warnings

import jax
import numpy as np
import pytest
from data_for_tests import equal
from PIL import Image

from jaxgan import Batch, data
from jaxgan.data import media

random = np.random.default_rng(0)
DEEP = random.integers(0, 2**16, (5, 6, 10, 1), np.uint16)


def folder(path, images, kind="png"):
    path.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(images):
        Image.fromarray(image[..., 0]).save(path / f"{i}.{kind}")
    return f"folder:{path}"


@pytest.mark.parametrize(
    ("size", "rows", "columns"),
    [((2, 10), slice(2, 4), slice(0, 10)), ((6, 4), slice(0, 6), slice(3, 7)), ((6, 10), slice(0, 6), slice(0, 10))],
)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_the_centre_of_the_shape_asked_for_is_cut_out(size, rows, columns, kind, tmp_path):
    images = np.repeat(DEEP % 256, 5, axis=3).astype(kind)
    images = images / 256 - 0.5 if kind == np.float32 else images
    np.testing.assert_array_equal(data.load(images, image_size=size).real, images[:, rows, columns])
    if kind != np.float32:
        source = folder(tmp_path, images)
        np.testing.assert_array_equal(data.load(source, image_size=size).real, images[:, rows, columns, :1])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_a_ramp_is_a_ramp_at_every_size(kind):
    """Each new pixel is the mean of two, within the rounding of the type."""
    top, unit = (1, 1e-6) if kind == np.float32 else (np.iinfo(kind).max, 1.5)
    ramp = np.broadcast_to(np.linspace(0, top, 64), (2, 32, 64)).astype(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", data.DoubtfulData)
        made = data.load(ramp, image_size=(16, 32)).real
    assert made.dtype == kind
    expected = (np.arange(32) * 2 + 0.5) / 63 * top
    np.testing.assert_allclose(made[0, 3, 2:-2, 0], expected[2:-2], atol=unit)


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_what_overshoots_an_edge_is_clipped(kind):
    low, high = (-1, 1) if kind == np.float32 else (0, 65535)
    edge = np.full((1, 8, 8, 1), low, kind)
    edge[:, :, 4:] = high
    made = data.load(edge, image_size=(20, 40)).real
    assert (made.min(), made.max()) == (low, high)
    assert (np.diff(made[0, 0, :, 0].astype(float)) >= 0).all()


def test_equal_sides_are_one_number(tmp_path):
    source, options = folder(tmp_path / "x", DEEP), {"memory_limit": 0, "cache_dir": tmp_path / "cache"}
    for size in (4, (4, 4)):
        assert data.load(source, image_size=size, **options).shape == (4, 4, 1)
    assert len(list((tmp_path / "cache").glob("*.npy"))) == 1


@pytest.mark.parametrize("limit", [0, 2**30], ids=["memory-mapped", "in memory"])
@pytest.mark.parametrize("kind", ["png", "tif"])
def test_a_folder_of_16_bit_gray_keeps_its_bits(tmp_path, limit, kind):
    source = folder(tmp_path / "x", DEEP, kind)
    (tmp_path / "x" / "broken.png").touch()
    for channels in (None, 1, None):
        with pytest.warns(data.SkippedFiles):
            made = data.load(source, channels=channels, memory_limit=limit, cache_dir=tmp_path / "cache")
        assert made.real.dtype == np.uint16
        assert made.mapped == (limit == 0)
        np.testing.assert_array_equal(made.real, DEEP)
    assert data.describe(made)["fingerprint"] == data.describe(data.load(DEEP))["fingerprint"]


def test_a_folder_with_8_bits_or_with_colours_asked_for_has_8_bits(tmp_path):
    source = folder(tmp_path, DEEP)
    assert data.load(source, channels=3).real.dtype == np.uint8
    Image.new("L", (10, 6)).save(tmp_path / "9.png")
    made = data.load(source).real
    assert made.dtype == np.uint8
    np.testing.assert_allclose(made[:5], DEEP / 257, atol=0.51)


@pytest.mark.parametrize("order", ["<", ">"])
def test_an_archive_and_batches_of_16_bits_keep_them(tmp_path, order):
    np.savez(tmp_path / "x.npz", images=DEEP.astype(f"{order}u2"), labels=np.arange(5))
    made = data.load(f"npz:{tmp_path / 'x.npz'}", mirror=True)
    assert (made.real.dtype, made.medium.name, made.num_classes) == (np.uint16, "images", 5)
    np.testing.assert_array_equal(made.real, DEEP)
    batches = data.load([Batch(DEEP)])
    (seen,) = (batch.real for batch, _ in zip(batches.batches(5, 0), range(1), strict=False))
    np.testing.assert_allclose(seen, DEEP / 32767.5 - 1, atol=1e-6)
    np.testing.assert_array_equal(batches.medium.encode(seen), DEEP)


def test_float_images_go_from_an_array_to_the_device_and_back_unchanged():
    floats = random.uniform(-1, 1, (8, 5, 7, 2)).astype(np.float32)
    made = data.load(floats, mirror=True)
    assert made.medium.name == media.images.name
    held = made.on_device()
    np.testing.assert_array_equal(held.real[:8], floats)
    np.testing.assert_array_equal(jax.jit(made.decode)(held).real[8:], floats[:, :, ::-1])
    equal(made.medium.encode(np.asarray(held.real[:8])), floats)
