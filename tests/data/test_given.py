"""Data at hand: arrays, and iterables of batches."""

import itertools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import Batch, data
from jaxgan.data.media.images import decode

IMAGES = np.arange(6 * 2 * 2 * 3, dtype=np.uint8).reshape(6, 2, 2, 3)
LABELS = np.array([0, 2, 1, 0, 3, 1])


@pytest.mark.parametrize(
    "source",
    [
        (IMAGES, LABELS),
        {"images": IMAGES, "labels": LABELS, "other": LABELS},
        (jnp.asarray(IMAGES), jnp.asarray(LABELS)),
    ],
    ids=["pair", "dictionary", "of JAX"],
)
def test_arrays_are_a_data_set(source):
    made = data.load(source)
    assert (made.name, made.num_classes, made.labels.dtype) == ("arrays", 4, np.int32)
    np.testing.assert_array_equal(made.real, IMAGES)
    np.testing.assert_array_equal(made.labels, LABELS)
    assert data.load(source, num_classes=7).num_classes == 7


def test_labels_may_be_vectors():
    vectors = np.random.default_rng(0).normal(size=(6, 3))
    made = data.load((IMAGES, vectors))
    assert (made.num_classes, made.labels.dtype) == (None, np.float32)
    batch = next(made.batches(4, seed=0))
    rows = [int(np.argmin(np.abs(vectors - v).sum(axis=1))) for v in batch.condition]
    np.testing.assert_array_equal(batch.condition, vectors[rows].astype(np.float32))
    np.testing.assert_array_equal(batch.real, next(data.load(IMAGES).batches(4, seed=0)).real)
    assert made.on_device().condition.shape == (6, 3)


def test_images_alone_have_no_labels():
    for source in (IMAGES, {"images": IMAGES}):
        made = data.load(source)
        assert (len(made), made.labels, made.num_classes) == (6, None, None)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        (1.5 * np.ones((2, 2, 2)), {}, r"arrays: images must be in \[-1, 1\]"),
        ({"pictures": IMAGES}, {}, r"arrays has no array 'images'; it has \['pictures'\]"),
        ((IMAGES, LABELS[:5]), {}, r"labels must have shape \(6,\), got \(5,\)"),
        ((IMAGES, LABELS), {"num_classes": 3}, r"labels must be in \[0, 3\), got values from 0 to 3"),
        (IMAGES, {"num_classes": 3}, "num_classes=3 needs labels"),
        ((IMAGES, np.zeros((6, 2))), {"num_classes": 3}, "num_classes=3 has no effect on labels that are vectors"),
        ((IMAGES, np.zeros((5, 2))), {}, r"6 rows, but labels or conditions of shape \(5, 2\)"),
        ((IMAGES, np.full((6, 2), np.nan)), {}, "labels hold values that are not finite"),
        (
            IMAGES,
            {"image_size": (4,)},
            r"at least 1, or \(height, width\), got \(4,",
        ),
        (IMAGES, {"image_size": (4, 0)}, r"or \(height, width\), got \(4, 0\)"),
        (7, {}, r"data must be one of .*; NumPy arrays, as images or \(images, labels\); or an .* of Batch; got int"),
        ([[0.0, 1.0], [2.0, 3.0]], {}, "or an iterable of Batch; got list of list"),
        ((IMAGES, ["a"] * 6), {}, "or an iterable of Batch; got tuple of ndarray, list"),
        (np.zeros((0, 2, 2, 1)), {"image_size": 4}, "no data"),
        (np.linspace(0, 255, 24).reshape(6, 2, 2), {}, "got values from 0 to 255; divide those from 0 to 255 by 127.5"),
        (Batch(IMAGES), {}, "data must be one of .*; got Batch"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_arrays_that_do_not_fit_are_errors(source, options, message):
    with pytest.raises(ValueError, match=message):
        data.load(source, **options)


def numbered(i, rows=4):
    return Batch(np.full((rows, 2, 2, 1), i, np.uint8), np.full(rows, i % 3))


class Again:
    """Five batches, as often as they are asked for."""

    def __iter__(self):
        return (numbered(i) for i in range(5))


def numbers(batches, count):
    return [int(batch.real[0, 0, 0, 0]) for batch in itertools.islice(batches, count)]


@pytest.mark.parametrize("source", [Again(), list(Again()), tuple(Again())], ids=["object", "list", "tuple"])
def test_what_can_be_iterated_again_has_no_end(source):
    made = data.load(source, num_classes=3)
    assert (made.name, made.shape, made.num_classes) == ("iterables", (2, 2, 1), 3)
    made.check_batch_size(4)
    assert numbers(made.stored(4), 12) == [0, 1, 2, 3, 4] * 2 + [0, 1]
    assert numbers(made.stored(4, start_step=7), 4) == [2, 3, 4, 0]
    decoded = next(made.batches(4, seed=0, start_step=3))
    np.testing.assert_array_equal(decoded.real, decode(numbered(3).real))
    np.testing.assert_array_equal(decoded.condition, np.zeros(4, np.int32))
    assert decoded.condition.dtype == np.int32


def test_a_generator_is_read_once_and_its_first_batch_is_not_lost():
    made = data.load(numbered(i) for i in range(6))
    for _ in range(2):
        assert numbers(made.stored(4), 1) == [0]
    assert numbers(made.stored(4), 3) == [0, 1, 2]
    assert numbers(made.stored(4, start_step=4), 1) == [4]
    with pytest.raises(ValueError, match="iterables is at batch 5 and cannot go back to 3: pass an iterable that can"):
        next(made.stored(4, start_step=3))
    rest = made.stored(4, start_step=5)
    assert numbers(rest, 1) == [5]
    with pytest.raises(ValueError, match="iterables ended before batch 6 and cannot be iterated again: pass a list"):
        next(rest)


def test_a_generator_skips_to_the_step_of_a_saved_state():
    made = data.load(numbered(i) for i in range(6))
    assert numbers(made.stored(4, start_step=3), 3) == [3, 4, 5]


def test_floats_are_used_as_they_are_and_jax_arrays_stay_on_the_device():
    made = data.load([Batch(np.linspace(-1, 1, 8).reshape(4, 2)), Batch(np.zeros((4, 2)))])
    assert next(made.batches(4, 0)).real.dtype == np.float32
    on_device = data.load([Batch(jnp.zeros((4, 2)))])
    assert isinstance(next(on_device.batches(4, 0)).real, jax.Array)


@pytest.mark.parametrize("kind", [np.uint8, np.uint32, np.int64])
def test_labels_of_batches_are_whole_numbers_of_32_bits_whatever_came(kind):
    first = next(labelled(np.array([0, 2, 1, 0], kind)).batches(4, 0)).condition
    assert first.dtype == np.int32
    np.testing.assert_array_equal(first, [0, 2, 1, 0])


def labelled(labels):
    return data.load([Batch(np.zeros((4, 2)), labels)], num_classes=3)


def batches(*real, **options):
    return data.load([Batch(r) for r in real], **options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: data.load([]), "iterables: no batches"),
        (lambda: data.load(iter([IMAGES])), "iterables must yield Batch, got ndarray at 0"),
        (lambda: batches(2 * np.ones((4, 2, 2, 1))), "batches must be in [-1, 1], got values from 2 to 2"),
        (lambda: batches(np.full((4, 2), np.nan)), "batches hold values that are not finite"),
        (lambda: batches(np.zeros((4, 2), np.int64)), "batches: data must be images [N, H, W, C], clips"),
        (lambda: labelled(np.full(4, 2**33)), "must fit into int32, got values from 8589934592 to 8589934592"),
        (lambda: batches(np.zeros(4)), "points [N, D] of float32, or have a medium=...; got float32 of shape (4,)"),
        (lambda: batches(np.zeros((4, 2)), num_classes=3), "num_classes=3 needs batches with labels"),
        (lambda: data.load(Again(), mirror=True), "got mirror=True for iterables"),
        (
            lambda: data.load([numbered(0), numbered(5)], num_classes=2).stored(4),
            "labels must be in [0, 2), or -1",
        ),
        (lambda: data.load([numbered(0), numbered(1, 3)]).stored(4), "every batch must have 4 rows, got shape (3,"),
        (
            lambda: batches(np.zeros((4, 2)), np.zeros((4, 3))).stored(4),
            "every batch must be float32 of shape (4, 2) as the first, got float32 of (4, 3) in batch 1",
        ),
        (
            lambda: data.load(Again()).batches(5, seed=0),
            "batch_size must be 4, that of the batches of iterables; got 5",
        ),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_batches_that_do_not_fit_are_errors(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        list(itertools.islice(make(), 3))
