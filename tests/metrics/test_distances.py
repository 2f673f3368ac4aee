"""Distances and tests of two sets of features against brute force and closed forms."""

import numpy as np
import pytest

from jaxgan.metrics.density_coverage import density_coverage
from jaxgan.metrics.kernel import kernel_distance, squared_discrepancy
from jaxgan.metrics.neighbours import nearest, whole
from jaxgan.metrics.precision_recall import precision_recall
from jaxgan.metrics.sliced_wasserstein import sliced_wasserstein
from jaxgan.metrics.two_sample import logistic_test, nearest_neighbour_test

RANDOM = np.random.default_rng(0)
REAL = RANDOM.normal(size=(40, 3)).astype(np.float32)
FAKE = (RANDOM.normal(size=(30, 3)) * 0.7 + 0.5).astype(np.float32)


def distance(x, y):
    return np.sqrt(np.sum((x.astype(float) - y) ** 2))


def radius(rows, i, k):
    return sorted(distance(rows[i], other) for j, other in enumerate(rows) if j != i)[k - 1]


def test_kernel_distance_against_the_double_sum():
    def kernel(x, y):
        return (float(x.astype(float) @ y) / 3 + 1) ** 3

    within = [
        sum(kernel(x, y) for i, x in enumerate(rows) for j, y in enumerate(rows) if i != j)
        / (len(rows) * (len(rows) - 1))
        for rows in (REAL, FAKE)
    ]
    between = sum(kernel(x, y) for x in REAL for y in FAKE) / (len(REAL) * len(FAKE))
    np.testing.assert_allclose(squared_discrepancy(REAL, FAKE), sum(within) - 2 * between, rtol=1e-9)


@pytest.mark.slow
def test_kernel_distance_has_no_bias():
    """The mean over many pairs of small sets of one distribution is 0; that of the biased estimate is above 0."""
    found = [squared_discrepancy(*RANDOM.normal(size=(2, 8, 2))) for _ in range(500)]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 4 * error
    assert error < 0.2  # the biased estimate is above by (E k(x, x) − E k(x, x'))/4, some 4


@pytest.mark.slow
def test_kernel_distance_over_subsets():
    whole = kernel_distance(REAL, FAKE[:30], subsets=1, subset_size=1000)
    assert np.isnan(whole.deviation)
    equal = kernel_distance(REAL[:30], FAKE, subsets=100, subset_size=1000)
    assert np.isnan(equal.deviation), "a hundred times the same rows have no spread to speak of"
    np.testing.assert_allclose(equal.mean, squared_discrepancy(REAL[:30], FAKE))
    found = kernel_distance(REAL, FAKE, subsets=200, subset_size=20, seed=1)
    assert found == kernel_distance(REAL, FAKE, subsets=200, subset_size=20, seed=1)
    assert found != kernel_distance(REAL, FAKE, subsets=200, subset_size=20, seed=2)
    assert abs(found.mean - squared_discrepancy(REAL, FAKE)) < 4 * found.deviation / np.sqrt(200)


def test_precision_and_recall_against_brute_force():
    def inside(points, support, k):
        radii = [radius(support, i, k) for i in range(len(support))]
        return np.mean([any(distance(p, s) <= r for s, r in zip(support, radii, strict=True)) for p in points])

    fake = FAKE + np.float32(0.5)
    found = precision_recall(REAL, fake, neighbours=2)
    assert 0 < found.recall < found.precision < 1
    np.testing.assert_allclose(found, (inside(fake, REAL, 2), inside(REAL, fake, 2)))
    assert precision_recall(REAL, REAL) == (1, 1)
    assert precision_recall(REAL, REAL + 100) == (0, 0)


def test_density_and_coverage_against_brute_force():
    radii = [radius(REAL, i, 3) for i in range(len(REAL))]
    hit = np.array([[distance(f, r) <= size for r, size in zip(REAL, radii, strict=True)] for f in FAKE])
    found = density_coverage(REAL, FAKE, neighbours=3)
    assert 0 < found.coverage < 1
    np.testing.assert_allclose(found, (hit.sum() / (3 * len(FAKE)), hit.any(axis=0).mean()))


@pytest.mark.parametrize("size", [1, 7, 64, 2048])
def test_copies_of_the_data_lie_on_the_balls_that_end_at_them(size):
    """In the ball of each row lie the copies of its k nearest and of itself: the density is (k + 1)/k exactly."""
    real = RANDOM.normal(size=(150, size)).astype(np.float32)
    for fake in (real, real[RANDOM.permutation(150)]):
        assert density_coverage(real, fake, neighbours=5) == (6 / 5, 1)
        assert precision_recall(real, fake) == (1, 1)


def test_rows_at_equal_distance_are_all_in_the_ball():
    """On a line of whole numbers the two neighbours are equally far; with k = 1 both lie in the ball: 3 of k·M."""
    line = np.arange(100, dtype=np.float32)[:, None] / 8
    assert density_coverage(line, line[::-1], neighbours=1) == ((3 * 98 + 2 * 2) / 100, 1)


def test_equal_rows_have_balls_of_no_size_and_lie_in_them():
    same = np.full((20, 3), 0.1, np.float32)
    assert density_coverage(same, same) == (4, 1)
    assert precision_recall(same, same + np.float32(1e-3)) == (0, 0)


def test_density_and_coverage_of_one_distribution():
    """A density of 1, and the coverage of Naeem et al., whatever the distribution."""
    real, fake = RANDOM.normal(size=(2, 1500, 2))
    found = density_coverage(real, fake)
    np.testing.assert_allclose(found.density, 1, atol=0.06)
    np.testing.assert_allclose(found.coverage, 1 - np.prod([(1500 - i) / (3000 - i) for i in range(1, 6)]), atol=0.02)


def test_sliced_wasserstein_closed_forms():
    line = RANDOM.normal(size=(50, 1))
    np.testing.assert_allclose(sliced_wasserstein(line, RANDOM.permutation(line) + 2), 2)
    np.testing.assert_allclose(sliced_wasserstein(line, 3 * line), np.sqrt(np.mean((2 * np.sort(line)) ** 2)))
    rows = RANDOM.normal(size=(50, 8))
    moved = sliced_wasserstein(rows, rows + np.eye(8)[0] * 3, directions=20_000)  # E (θ·t)² = |t|²/size
    np.testing.assert_allclose(moved, 3 / np.sqrt(8), rtol=0.02)
    assert sliced_wasserstein(rows, rows[::-1]) == pytest.approx(0, abs=1e-12)


def test_sliced_wasserstein_goes_by_its_seed():
    rows, others = RANDOM.normal(size=(2, 20, 4))
    assert sliced_wasserstein(rows, others, seed=3) == sliced_wasserstein(rows, others, seed=3)
    assert sliced_wasserstein(rows, others, seed=3) != sliced_wasserstein(rows, others, seed=4)


def test_nearest_neighbours_against_brute_force():
    rows = np.concatenate([REAL[:30], FAKE])
    nearest = [min((distance(x, y), j) for j, y in enumerate(rows) if j != i)[1] for i, x in enumerate(rows)]
    right = [(i < 30) == (j < 30) for i, j in enumerate(nearest)]
    found = nearest_neighbour_test(REAL[:30], FAKE)
    np.testing.assert_allclose(found, (np.mean(right), np.mean(right[:30]), np.mean(right[30:])))
    assert nearest_neighbour_test(REAL, REAL + 100) == (1, 1, 1)
    copied = nearest_neighbour_test(REAL, REAL + np.float32(1e-3))
    assert copied == (0, 0, 0)


def test_logistic_regression_tells_what_differs():
    real, fake, far = RANDOM.normal(size=(3, 1000, 3)) + np.array([0, 0, 3]).reshape(3, 1, 1)
    same, apart = logistic_test(real, fake), logistic_test(real, far)
    assert abs(same.accuracy - 0.5) < 0.05
    assert same.p_value > 0.01
    assert apart.accuracy > 0.98
    assert apart.p_value < 1e-9


@pytest.mark.parametrize(
    ("metric", "real", "fake", "options", "message"),
    [
        (kernel_distance, REAL[:1], FAKE, {}, "real must have at least 2 rows, got 1"),
        (kernel_distance, REAL, FAKE[0], {}, r"fake must be features \[N, size\], got shape \(3,\)"),
        (kernel_distance, REAL, FAKE[:, :2], {}, "features of one size, got 3 and 2"),
        (kernel_distance, REAL, FAKE, {"subsets": 0}, "subsets must be at least 1, got 0"),
        (kernel_distance, REAL, FAKE, {"subset_size": 1}, "subset_size must be at least 2, got 1"),
        (precision_recall, REAL, FAKE * np.nan, {}, "fake must be finite, got 90 numbers not"),
        (precision_recall, REAL, FAKE[:3], {}, "fake must have at least 4 rows, got 3"),
        (precision_recall, REAL, FAKE, {"neighbours": 0}, "neighbours must be at least 1, got 0"),
        (density_coverage, REAL[:5], FAKE, {}, "real must have more rows than neighbours=5, got 5"),
        (sliced_wasserstein, REAL, FAKE, {}, "as many rows as each other, got 40 and 30"),
        (sliced_wasserstein, REAL, REAL, {"directions": 0}, "directions must be at least 1, got 0"),
        (nearest_neighbour_test, REAL, FAKE, {}, "as many rows as each other, got 40 and 30"),
        (logistic_test, REAL[:3], FAKE[:3], {}, "real must have at least 4 rows, got 3"),
    ],
)
def test_what_does_not_fit_is_named(metric, real, fake, options, message):
    with pytest.raises(ValueError, match=message):
        metric(real, fake, **options)


def test_the_nearest_rows_are_those_of_all_distances():
    expected = [sorted(range(len(REAL)), key=lambda i, p=p: distance(p, REAL[i]))[:3] for p in FAKE]
    np.testing.assert_array_equal(nearest(*whole(FAKE, REAL), 3), expected)


def test_a_copy_is_nearest_to_itself_and_of_equal_rows_the_first_comes_first():
    rows = np.repeat(REAL, 2, axis=0)
    np.testing.assert_array_equal(nearest(*whole(REAL, rows), 2), np.arange(len(rows)).reshape(-1, 2))
