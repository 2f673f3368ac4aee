"""TFDS sets: the way to prepare one, reading without TensorFlow, and a real set where one is found."""

import io
import logging
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from tfds_folder import prepared_mnist

from jaxgan import data


def test_a_set_that_is_not_prepared_says_what_to_run(tmp_path):
    with pytest.raises(ValueError, match="tfds:mnist cannot be read from") as error:
        data.load("tfds:mnist", data_dir=str(tmp_path))
    lines = [line.strip() for line in str(error.value).splitlines()]
    assert str(tmp_path) in lines[0]
    assert lines[1:] == [
        "pip install 'jaxgan[prepare]'",
        f"tfds build mnist --file_format=array_record --data_dir={tmp_path}",
    ]


def test_nothing_but_that_is_said(tmp_path, monkeypatch, caplog):
    def source(*_, **__):
        logging.getLogger("absl").warning("Variant folder has no dataset_info.json")
        raise ValueError

    monkeypatch.setattr("tensorflow_datasets.data_source", source)
    monkeypatch.setattr(logging.getLogger("absl"), "propagate", True)
    with pytest.raises(ValueError, match="tfds:mnist cannot be read from"):
        data.load("tfds:mnist", data_dir=str(tmp_path))
    assert not caplog.records


@pytest.fixture
def mnist(monkeypatch):
    folder = prepared_mnist()
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # importing it now fails
    return folder


def test_mnist_is_read_without_tensorflow(mnist):
    train = data.load("tfds:mnist", data_dir=mnist, split="train[:200]")
    assert (train.name, train.real.shape, train.real.dtype) == ("tfds:mnist", (200, 28, 28, 1), np.uint8)
    assert (train.real.min(), train.real.max()) == (0, 255)
    assert (train.num_classes, train.labels.dtype, set(train.labels)) == (10, np.int32, set(range(10)))


def test_mnist_has_its_rows(mnist):
    import tensorflow_datasets

    assert len(tensorflow_datasets.data_source("mnist", split="train", data_dir=mnist)) == 60_000
    first = data.load("tfds:mnist", data_dir=mnist, split="train[:3]")
    later = data.load("tfds:mnist", data_dir=mnist, split="train[2:3]")
    np.testing.assert_array_equal(later.real[0], first.real[2])


def test_mnist_is_resized(mnist):
    small, large = (data.load("tfds:mnist", data_dir=mnist, split="test[:20]", image_size=s) for s in (None, 32))
    assert large.shape == (32, 32, 1)
    np.testing.assert_array_equal(large.labels, small.labels)
    np.testing.assert_allclose(large.real.mean((1, 2, 3)), small.real.mean((1, 2, 3)), atol=3)


def png(*shape):
    file = io.BytesIO()
    Image.fromarray(np.full(shape, 7, np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def source(monkeypatch, tmp_path):
    """Make `tfds:any` read the records given to it, in the shape of a folder of `tmp_path`."""
    import tensorflow_datasets

    (tmp_path / "any").mkdir()
    (tmp_path / "any" / "records").touch()
    read = []

    def provide(records, **features):
        class Source(list):
            dataset_info = SimpleNamespace(features=features, full_name="any/1.0.0", data_dir=tmp_path / "any")

            def __getitems__(self, indices):
                read.append(len(indices))
                return [self[i] for i in indices]

        monkeypatch.setattr(tensorflow_datasets, "data_source", lambda *args, **options: Source(records))
        return read

    return provide


def test_a_set_without_images_is_an_error(source):
    source([{"text": "a"}], text=None)
    with pytest.raises(ValueError, match=r"tfds:any has no feature 'image'; it has \['text'\]"):
        data.load("tfds:any")


def test_images_of_several_shapes_need_an_image_size(source):
    source([{"image": png(4, 6, 3)}, {"image": png(5, 5, 3)}], image=None)
    with pytest.raises(ValueError, match=r"tfds:any has images of several shapes.*\(4, 6, 3\).*: pass image_size"):
        data.load("tfds:any")
    dataset = data.load("tfds:any", image_size=3)
    np.testing.assert_array_equal(dataset.real, np.full((2, 3, 3, 3), 7))
    assert (dataset.labels, dataset.num_classes) == (None, None)


def test_labels_are_read_with_the_number_of_classes(source):
    source([{"image": png(4, 4), "label": 2}], image=None, label=SimpleNamespace(num_classes=3))
    dataset = data.load("tfds:any")
    assert (dataset.real.shape, dataset.labels.tolist(), dataset.num_classes) == ((1, 4, 4, 1), [2], 3)


@pytest.mark.parametrize(
    ("shape", "channels", "expected"),
    [
        (None, None, 3),
        ((None, None, 1), None, 1),
        ((4, 4, 3), None, 3),
        ((4, 4, 4), None, 3),
        (None, 1, 1),
        (None, 4, 4),
    ],
)
def test_images_have_the_channels_asked_for_or_declared(source, shape, channels, expected):
    source([{"image": png(4, 4)}, {"image": png(4, 4, 3)}], image=SimpleNamespace(shape=shape))
    dataset = data.load("tfds:any", channels=channels)
    assert dataset.shape == (4, 4, expected)
    np.testing.assert_array_equal(dataset.real[..., :3], 7)


def test_a_large_set_is_kept_in_a_file_and_never_held_whole(source, tmp_path):
    records = [{"image": png(4, 4), "label": i % 3} for i in range(300)]
    read = source(records, image=None, label=SimpleNamespace(num_classes=3))
    cache = tmp_path / "cache"
    first = data.load("tfds:any", cache_dir=cache, memory_limit=0)
    assert isinstance(first.real, np.memmap)
    assert (sum(read), max(read) < 100) == (300, True)
    again = data.load("tfds:any", cache_dir=cache, memory_limit=0)
    assert sum(read) == 300
    np.testing.assert_array_equal(again.real, first.real)
    np.testing.assert_array_equal(again.labels, np.arange(300) % 3)
    data.load("tfds:any", cache_dir=cache, memory_limit=0, split="train[:10]")
    (tmp_path / "any" / "records").write_text("prepared anew")
    data.load("tfds:any", cache_dir=cache, memory_limit=0)
    assert sum(read) == 900


def test_a_record_that_cannot_be_read_is_named(source):
    source([{"image": png(4, 4)}] * 70 + [{"image": png(4, 4)[:50]}], image=None)
    with pytest.raises(ValueError, match=r"tfds:any, split train, record 70 cannot be read: .*"):
        data.load("tfds:any")
