"""Measures of points against values known in advance."""

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data.mixtures import MIXTURES, Mixture, equal
from jaxgan.metrics.density_coverage import density_coverage
from jaxgan.metrics.points import NEIGHBOURS, OF_MODES, OF_POINTS, PointMeasures, nearest_others, widths


def drawn(mixture, n, seed, *, scale=1.0):
    """Samples of a mixture, with `scale` times its width."""
    random = np.random.default_rng(seed)
    modes = random.choice(len(mixture.centres), size=n, p=mixture.weights)
    return mixture.centres[modes] + scale * mixture.sigma * random.standard_normal((n, mixture.centres.shape[1]))


@pytest.fixture(scope="module")
def on_ring():
    return PointMeasures(data.load("ring"), 2500, 0)


@pytest.mark.parametrize("name", ["ring", "grid", "unequal_modes", "large_grid"])
def test_data_measured_by_other_data_are_perfect_but_for_their_number(name):
    planar, modes = data.load(name), MIXTURES[name]
    found = PointMeasures(planar, 2500, 0)(drawn(modes, 2500, seed=99))
    count = len(modes.centres)
    assert tuple(found) == (*OF_MODES, *OF_POINTS)
    assert found["modes"] == (count, count, count)
    assert found["high_quality"].perfect == pytest.approx(1 - np.exp(-4.5), abs=1e-12)
    assert found["high_quality"].floor == pytest.approx(1 - np.exp(-4.5), abs=5 * np.sqrt(0.011 / 2500 / 16))
    # 2n KL is nearly χ² of K − 1: mean K − 1, variance 2(K − 1)
    deviation = np.sqrt(2 * (count - 1)) / 5000
    assert found["reverse_kl"].floor == pytest.approx((count - 1) / 5000, abs=4 * deviation / 4)
    assert found["reverse_kl"].value == pytest.approx((count - 1) / 5000, abs=4 * deviation)
    for name, (value, perfect, floor) in found.items():
        if name not in ("worst_spread", "reverse_kl", "sliced_wasserstein"):
            assert value == pytest.approx(perfect, rel=0.5 if name == "uncovered" else 0.25), name
            assert floor == pytest.approx(perfect, rel=0.25), name
    assert found["sliced_wasserstein"].value < 3 * found["sliced_wasserstein"].floor


@pytest.mark.parametrize("scale", [0.31, 0.8, 1.0, 1.25, 2.0])
def test_the_spread_is_the_width_of_modes_over_that_of_the_data(on_ring, scale):
    found = on_ring(drawn(MIXTURES["ring"], 2500, seed=5, scale=scale))
    assert found["spread"].value == pytest.approx(scale, rel=0.05)
    assert abs(np.log(found["worst_spread"].value)) >= abs(np.log(found["spread"].value)) - 0.05
    share = 1 - np.exp(-4.5 / scale**2)  # of a wider Gaussian within 3σ
    assert found["high_quality"].value == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / 2500) + 1e-3)


def test_scaling_the_same_points_around_centres_scales_their_widths_exactly(on_ring):
    modes = MIXTURES["ring"]
    points = drawn(modes, 2500, seed=5)
    centres = modes.centres[np.linalg.norm(points[:, None] - modes.centres, axis=2).argmin(1)]
    scaled = centres + 0.3 * (points - centres)
    np.testing.assert_allclose(widths(scaled, modes), 0.3 * widths(points, modes))
    shifted = points + np.array([0.02, 0.01])
    np.testing.assert_allclose(widths(shifted, modes), widths(points, modes))


def test_the_worst_mode_is_the_one_farthest_from_1_on_either_side(on_ring):
    modes = MIXTURES["ring"]
    points = drawn(modes, 2500, seed=5)
    nearest = np.linalg.norm(points[:, None] - modes.centres, axis=2).argmin(1)
    for scale in (0.4, 2.0):
        of_one = np.where((nearest == 3)[:, None], scale, 1.0)
        found = on_ring(modes.centres[nearest] + of_one * (points - modes.centres[nearest]))["worst_spread"]
        assert found.value == pytest.approx(scale, rel=0.2)
        assert (found.floor < 1) == (scale < 1)
        assert abs(np.log(found.floor)) < 0.3
    strays = np.where((np.arange(2500) % 20 == 0)[:, None], 0.6 * points, points)  # 5 % of the samples, on their way
    assert on_ring(strays)["spread"].value == pytest.approx(1, abs=0.1)


def test_modes_that_are_gone_are_missed_by_count_and_by_kl(on_ring):
    modes = MIXTURES["ring"]
    found = on_ring(drawn(modes._replace(weights=np.repeat([1 / 6, 0], [6, 2])), 2500, seed=1))
    assert found["modes"].value == 6
    assert found["reverse_kl"].value == pytest.approx(np.log(8 / 6), abs=5e-3)
    assert found["uncovered"].value == pytest.approx(2 / 8, abs=0.06)
    assert found["spread"].value == pytest.approx(1, abs=0.1)
    nowhere = on_ring(np.zeros((2500, 2)) + 50)
    assert (nowhere["modes"].value, nowhere["uncovered"].value, nowhere["neighbour_ratio"].value) == (0, 1, 0)


def test_weights_are_those_of_the_modes_and_not_equal_ones():
    unequal = data.load("unequal_modes")
    measures = PointMeasures(unequal, 2500, 0)
    assert measures(drawn(unequal.modes, 2500, seed=1))["reverse_kl"].value < 0.006
    even = measures(drawn(equal(unequal.modes.centres, 0.05), 2500, seed=1))["reverse_kl"].value
    assert even == pytest.approx(np.mean(-np.log(12 * unequal.modes.weights)), abs=0.04)


def test_uncovered_is_what_coverage_leaves(on_ring):
    samples = drawn(MIXTURES["ring"], 2500, seed=3, scale=0.5)
    coverage = density_coverage(on_ring.real, samples, neighbours=NEIGHBOURS).coverage
    found = on_ring(samples)["uncovered"]
    assert found.value == pytest.approx(1 - coverage, abs=1e-12)
    assert found.perfect == pytest.approx(1 / 2**NEIGHBOURS, rel=0.01)
    assert found.floor == pytest.approx(found.perfect, rel=0.1)


def test_beads_on_a_spiral_are_seen_by_nearest_neighbours():
    spirals = data.load("spirals")
    measures = PointMeasures(spirals, 2500, 0)
    assert measures.names == OF_POINTS
    other = measures(spirals.real[:2500])
    assert other["neighbour_ratio"].value == pytest.approx(1, abs=0.08)
    beads = np.repeat(spirals.real[:250], 10, axis=0)
    beads = beads + 0.002 * np.random.default_rng(0).standard_normal(beads.shape)
    assert measures(beads)["neighbour_ratio"].value < 0.1


def test_sliced_wasserstein_of_shifted_data_and_of_the_data():
    rows = np.random.default_rng(0).standard_normal((20_000, 2)).astype(np.float32)
    measures = PointMeasures(data.load(rows), 2500, 0)
    shift = np.array([3.0, 4.0])
    found = measures(measures.real + shift)["sliced_wasserstein"]
    # along θ every point moves by θ·shift: the mean of its square over the circle is |shift|²/2
    assert found.value == pytest.approx(5 / np.sqrt(2), rel=0.1)
    assert found.perfect == 0
    assert measures(measures.real)["sliced_wasserstein"].value == 0
    assert 0.02 < found.floor < 0.08  # of the order of √(1/n)


def test_one_number_a_point_and_five():
    for size, within in ((1, 0.9973), (5, 0.8909)):
        centres = np.zeros((2, size))
        centres[1, 0] = 100
        mixture = Mixture(centres, 0.5, np.array([0.25, 0.75]))
        rows = drawn(mixture, 20_000, seed=0)
        known = {"images": rows, "centres": centres, "sigma": np.array(0.5), "weights": mixture.weights}
        found = PointMeasures(data.load(known), 2500, 0)(drawn(mixture, 2500, seed=1))
        assert found["high_quality"].perfect == pytest.approx(within, abs=1e-4)
        assert found["high_quality"].floor == pytest.approx(within, abs=0.01)
        assert found["spread"].value == pytest.approx(1, abs=0.08)


def test_the_same_seed_measures_the_same_and_another_one_other_rows():
    ring, samples = data.load("ring"), drawn(MIXTURES["ring"], 500, seed=0)
    first = PointMeasures(ring, 500, 0)(samples)
    assert first == PointMeasures(ring, 500, 0)(samples)
    assert first != PointMeasures(ring, 500, 1)(samples)


def test_rows_that_are_held_out_are_compared_with_if_there_are_any():
    ring = data.load("ring")
    measures = PointMeasures(ring, 100, 0)
    assert measures.reference == "ring, held out"
    assert np.isin(measures.real[:, 0], ring.held_out[:, 0].astype(np.float64)).all()
    own = PointMeasures(data.load(ring.real), 100, 0)
    assert own.reference == "arrays"
    assert np.isin(own.real[:, 0], ring.real[:, 0].astype(np.float64)).all()


def test_few_rows_of_data_are_shared_by_the_comparison_and_its_floor():
    rows = np.random.default_rng(0).standard_normal((30, 2)).astype(np.float32)
    measures = PointMeasures(data.load(rows), 2500, 0)
    assert (measures.count, measures.others.shape) == (15, (1, 15, 2))
    assert len(np.unique(np.concatenate([measures.real, *measures.others]), axis=0)) == 30


def test_equal_points_are_no_distance_apart():
    rows = np.repeat(np.random.default_rng(0).standard_normal((10, 2)).astype(np.float32), 10, axis=0)
    np.testing.assert_array_equal(nearest_others(rows, 1), 0)
    assert np.isnan(PointMeasures(data.load(rows), 50, 0)(rows[:50])["neighbour_ratio"].value)


@pytest.mark.parametrize(
    ("dataset", "n", "message"),
    [
        (
            lambda: data.load("digits", image_size=8),
            100,
            "12 points or more, of at most 15 numbers",
        ),
        (lambda: data.load(np.zeros((50, 16), np.float32)), 20, "of at most 15 numbers, are measured"),
        (lambda: data.load("ring"), 5, "points are measured by 6 samples at least, got 5"),
        (lambda: data.load(np.zeros((11, 2), np.float32)), 20, "12 points or more, .* got Dataset.*11 points"),
    ],
)
def test_what_cannot_be_measured_is_refused(dataset, n, message):
    with pytest.raises(ValueError, match=message):
        PointMeasures(dataset(), n, 0)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros((2499, 2)), "samples must be at least 2500, got 2499"),
        (np.full((2500, 2), np.nan), "fake must be finite, got 5000 numbers not"),
        (np.zeros((2500, 3)), "real and fake must be features of one size, got 2 and 3"),
    ],
)
def test_samples_that_do_not_fit_are_refused(on_ring, samples, message):
    with pytest.raises(ValueError, match=message):
        on_ring(samples)
