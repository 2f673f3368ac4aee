"""Random parts of images: the same of both images of a pair, every place equally likely, the centre where asked for."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from data_for_tests import equal, state_at
from scipy.stats import chisquare

import jaxgan
from jaxgan import data
from jaxgan.data import Dataset
from jaxgan.data.order import numbers
from jaxgan.program.inputs import inputs, steps_of_a_call
from jaxgan.program.placement import Placement

HIGH, WIDE = 6, 8


def located(rows=5, mirror=False, offset=0, crop=(4, 5)):
    """Pixel (y, x) of row i is (i, y, x), each plus the offset."""
    grid = np.stack(np.meshgrid(np.arange(rows), np.arange(HIGH), np.arange(WIDE), indexing="ij"), -1)
    return Dataset("located", (grid + offset).astype(np.uint8), mirror=mirror, crop=crop)


def window(image):
    """Row, top, left and whether it is flipped, of a part of `located`; it fails unless it is such a part."""
    height, width = image.shape[:2]
    flipped = bool(image[0, 0, 2] > image[0, -1, 2])
    upright = (image[:, ::-1] if flipped else image).astype(int)
    row, top, left = upright[0, 0]
    expected = np.stack(np.meshgrid([row], top + np.arange(height), left + np.arange(width), indexing="ij"), -1)[0]
    np.testing.assert_array_equal(upright, expected)
    return int(row), int(top), int(left), flipped


@pytest.mark.parametrize("mirror", [False, True])
def test_both_images_of_a_pair_are_cut_and_flipped_alike(mirror):
    made = data.pairs(located(mirror=mirror, offset=50), located(mirror=mirror))
    assert (made.shape, made.crop) == ((4, 5, 3), (4, 5))
    seen = set()
    for step in range(40):
        batch = made.take(made.index(4, 0, step))
        assert batch.real.shape == batch.condition.shape == (4, 4, 5, 3)
        for target, source in zip(batch.real, batch.condition, strict=True):
            assert window(target) == window(source - 50)
            seen.add(window(target)[1:])
    assert {place[:2] for place in seen} == {(top, left) for top in range(3) for left in range(4)}
    assert {flip for *_, flip in seen} == {False, mirror}


@pytest.mark.parametrize("mirror", [False, True])
def test_a_smaller_source_is_cut_at_the_place_of_its_target(mirror):
    """Pixel (y, x) of the target is pixel (y // 3, x // 3) of the source."""
    small = located(mirror=mirror, crop=None)
    large = replace(small, real=small.real.repeat(3, axis=1).repeat(3, axis=2))
    made = replace(data.pairs(small, large), crop=(6, 9))
    assert (made.shape, made.condition_shape) == ((6, 9, 3), (2, 3, 3))
    places = set()
    for step in range(60):
        batch = made.take(made.index(4, 0, step))
        np.testing.assert_array_equal(batch.real, batch.condition.repeat(3, axis=1).repeat(3, axis=2))
        places |= {window(source)[1:3] for source in batch.condition}
    assert places == {(top, left) for top in range(5) for left in range(6)}
    centre = made.take(np.arange(2))
    np.testing.assert_array_equal(centre.real, centre.condition.repeat(3, axis=1).repeat(3, axis=2))


def test_an_epoch_holds_every_row_once_and_every_place_is_equally_likely():
    made = located(rows=100)
    found = [window(part) for step in range(300) for part in made.take(made.index(20, 3, step)).real]
    assert sorted(row for row, *_ in found[:100]) == list(range(100))
    counts = np.zeros((3, 4))
    for _, top, left, _ in found:
        counts[top, left] += 1
    assert chisquare(counts.ravel()).pvalue > 1e-3
    first, later = ([place[1:3] for place in found[at : at + 100]] for at in (0, 100))
    assert np.mean([one == other for one, other in zip(first, later, strict=True)]) < 0.3


def test_numbers_of_seeds_steps_and_rows_have_nothing_to_do_with_each_other():
    drawn = np.stack([[numbers(seed, step, np.arange(64)) for step in range(50)] for seed in (0, 1, -1)])
    assert len(np.unique(drawn)) == drawn.size
    places = drawn.reshape(-1) % 31
    assert chisquare(np.bincount(places)).pvalue > 1e-3
    traced = jax.jit(lambda step: numbers(-1, step, jnp.arange(64), xp=jnp))(7)
    np.testing.assert_array_equal(traced, drawn[2, 7])


def test_domains_without_pairs_are_cut_at_places_of_their_own():
    made = data.unpaired(located(rows=40), located(rows=50, crop=(4, 5)))
    both = [made.take(made.index(10, 0, step)).real for step in range(20)]
    places = [[window(part)[1:3] for real in both for part in side(real)] for side in (lambda x: x.a, lambda x: x.b)]
    assert 0 < np.mean([one == other for one, other in zip(*places, strict=True)]) < 0.2  # 1/12, were they independent


def test_every_array_of_a_row_is_cut_alike():
    rows = located().real
    made = Dataset("x", (rows, rows[..., :1]), crop=4)
    assert made.shape == ((4, 4, 3), (4, 4, 1))
    one, other = made.take(made.index(4, 0, 0)).real
    np.testing.assert_array_equal(one[..., :1], other)


def test_rows_asked_for_by_number_show_their_centres():
    made = located(mirror=True)
    assert [window(part) for part in made.take(np.arange(10)).real] == [
        (row, 1, 1 if not flipped else 2, flipped) for flipped in (False, True) for row in range(5)
    ]
    assert made.take(np.arange(6).reshape(2, 3)).real.shape == (2, 3, 4, 5, 3)


def test_a_crop_of_the_whole_image_changes_nothing():
    plain, whole = located(crop=None), located(crop=(HIGH, WIDE))
    for step in range(3):
        equal(plain.take(plain.index(4, 1, step)), whole.take(whole.index(4, 1, step)))


def test_the_size_of_crops_counts_for_the_fingerprint():
    known = {data.describe(located(crop=crop))["fingerprint"] for crop in (None, 4, 5)}
    assert len(known) == 3


@pytest.mark.parametrize("kind", ["resident", "stream"])
def test_a_program_gives_its_step_the_batches_of_the_host(kind):
    made = data.pairs(located(mirror=True, offset=50), located(mirror=True))
    program = jaxgan.Program(batch_size=4, seed=2, input=kind, steps_per_call=2)

    def echo(state, batch, key):
        return state._replace(step=state.step + 1), {"real": batch.real, "condition": batch.condition}

    device = jax.devices()[0]
    there = jax.sharding.SingleDeviceSharding(device)
    taken = next(inputs(program, made, 3, Placement([device], "jit", there, there)))
    _, found = jax.jit(steps_of_a_call(program, echo, made))(state_at(3), taken, jax.random.key(0))
    for i, batch in zip(range(2), made.batches(4, 2, 3), strict=False):
        np.testing.assert_array_equal(found["real"][i], batch.real)
        np.testing.assert_array_equal(found["condition"][i], batch.condition)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: located(crop=7), "located: crop must be from 1 to 6 high and from 1 to 8 wide, got 7"),
        (lambda: located(crop=(6, 9)), r"from 1 to 8 wide, got \(6, 9\)"),
        (lambda: data.load("ring", crop=4), "crop is for .*, got crop=4 for ring"),
        (lambda: Dataset("x", np.zeros((5, 2), np.float32), crop=1), "x: crop is for images and clips, got points"),
        (
            lambda: replace(data.pairs(located(crop=None), Dataset("x", np.zeros((5, 9, 8, 1), np.uint8))), crop=4),
            r"or a condition that differs by a whole factor; got \[\(6, 8\), \(9, 8\)\]",
        ),
        (lambda: data.load("coarse_to_fine_digits", crop=3), "crop must be a multiple of 2, by which conditions are"),
        (lambda: data.pairs(located(), replace(located(), crop=3)), r"one crop, got located \(crop=\(4, 5\)\) and loc"),
        (lambda: data.unpaired(located(), located(crop=None)), r"and located \(crop=None\)"),
    ],
)
def test_crops_that_do_not_fit_are_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
