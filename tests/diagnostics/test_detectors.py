"""Each detector on a case that has its failure and on one that has not."""

import math

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data.mixtures import MIXTURES
from jaxgan.diagnostics import (
    Watch,
    divergence,
    diversity,
    missing_modes,
    mode_collapse,
    oscillation,
    overfitting,
    swing,
)

RANDOM = np.random.default_rng(0)
ROWS = 256


def ring(modes, rows=ROWS):
    centres, sigma, _ = MIXTURES["ring"]
    return centres[RANDOM.choice(modes, rows)] + sigma * RANDOM.standard_normal((rows, 2))


def collapsed(samples, real):
    return mode_collapse(diversity(samples, real))


def test_distances_by_hand():
    """Corners of a unit square: each has two others at 1 and one at √2. Points on a line: 0, 3, 5."""
    square = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    line = np.array([[0.0, 0], [3, 0], [5, 0]])
    first_three = (1 + 1 + np.sqrt(2)) / 3
    found = diversity(line, square)
    np.testing.assert_allclose(found, ((3 + 5 + 2) / 3 / first_three, 2))
    np.testing.assert_allclose(diversity(2 * square, square), (2, 2))
    assert diversity(square, np.zeros((4, 2))) == (1, 1)


def test_equal_samples_are_a_collapse():
    equal = np.repeat(ring([3], rows=1), ROWS, axis=0)
    found = collapsed(equal, ring(range(8)))
    assert found.fired
    assert found.value < 1e-6
    assert "the generator repeats itself" in found.sentence


def test_one_mode_of_the_ring_is_a_collapse():
    assert collapsed(ring([5]), ring(range(8))).fired


def test_few_samples_that_are_repeated_are_a_collapse():
    few = np.repeat(ring(range(8), rows=16), ROWS // 16, axis=0)
    found = diversity(few, ring(range(8)))
    assert found.pairwise > 0.8
    assert mode_collapse(found).fired


@pytest.mark.parametrize("seed", range(3))
def test_data_against_other_data_are_not(seed):
    random = np.random.default_rng(seed)
    images = data.load("digits", image_size=8).real[:, :, :, 0].astype(float)
    blob = random.standard_normal((2 * ROWS, 3))
    for rows in (48, ROWS):
        for whole in (random.permutation(images), blob, ring(range(8), 2 * ROWS)):
            found = collapsed(whole[:rows], whole[rows : 2 * rows])
            assert not found.fired
            assert found.value > 0.6


def test_unlike_rows_are_an_error():
    with pytest.raises(ValueError, match="two rows of each, got 1 samples and 3 of data"):
        diversity(np.zeros((1, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="samples are of size 3, rows of data of 2"):
        diversity(np.zeros((4, 3)), np.zeros((4, 2)))


@pytest.mark.parametrize(
    ("real", "fake", "held_out", "ratio"),
    [(2.0, -2.0, 2.0, 0.0), (2.0, -2.0, 0.0, 0.5), (2.0, -2.0, -2.0, 1.0), (1.0, 1.0, -9.0, 0.0), (0.0, 1.0, 0.5, 0.0)],
)
def test_overfitting_ratio(real, fake, held_out, ratio):
    found = overfitting(real, fake, held_out)
    assert found.value == ratio
    assert found.fired == (ratio == 1)
    assert f"{ratio:.0%} of the way" in found.sentence


@pytest.mark.parametrize(("rows", "fires"), [(8, True), (640, False)])
def test_a_linear_discriminator_overfits_few_rows(rows, fires):
    """Least squares in 64 dimensions: 8 rows of data are told from samples by heart, 640 by their mean.

    As in training, the samples that it judges are not those that it was trained on.
    """
    train, held_out, old, new = (RANDOM.standard_normal((rows, 64)) for _ in range(4))
    for x in (train, held_out):
        x[:, 0] += 1.5
    x, target = np.concatenate([train, old]), np.repeat([1.0, -1.0], rows)
    weights = np.linalg.lstsq(x, target)[0]
    assert overfitting(*(float((x @ weights).mean()) for x in (train, new, held_out))).fired == fires


def test_divergence():
    usual = {"loss": list(RANDOM.normal(0.7, 0.1, 20)), "norm": [5.0] * 20, "wild": [5.0, 200.0] * 10}
    assert not divergence(usual, {"loss": 3.0, "norm": 140.0, "wild": 200.0}).fired
    found = divergence(usual, {"loss": 3.0, "norm": 160.0, "wild": 200.0})
    assert found.fired
    assert found.value == 32
    assert found.sentence.startswith("norm is 160, 32 times its usual size; training diverges")
    assert divergence(usual, {"loss": -31.0}).fired
    assert not divergence({"loss": [0.0] * 7}, {"loss": 1e6}).fired
    assert not divergence({}, {}).fired
    for bad in (np.nan, -np.inf):
        found = divergence({}, {"loss": 0.1, "norm": bad})
        assert found.fired
        assert found.sentence.startswith(f"norm is {bad}")


def test_swing_of_a_sine_is_one_less_the_share_of_a_period():
    for periods in (4, 8):
        found = swing(np.sin(2 * np.pi * periods * np.arange(64) / 64))
        assert found.strength == pytest.approx(1 - 1 / periods, abs=0.05)
        assert found.persistence == pytest.approx(1, abs=0.01)
        assert found.period == 64 // periods


def test_what_does_not_circle():
    t = np.arange(64)
    noise = [RANDOM.standard_normal(64) for _ in range(300)]
    walks = [np.cumsum(RANDOM.standard_normal(64)) for _ in range(300)]
    decays = [3 + np.exp(-t / tau) for tau in (3, 10, 30, 100)]
    dying = [np.exp(-t / tau) * np.cos(2 * np.pi * t / 10) for tau in (5, 15, 30)]
    rest = [t, 0.0 * t, 0.0 * t + 0.1, 5.0 * (t > 30), [1.0, -1.0] * 15]
    fired = [oscillation({"loss": series}).fired for series in noise + walks + decays + dying + rest]
    assert sum(fired) == 0


def test_what_circles():
    t = np.arange(64)
    circle = 0.6 + 0.01 * t + np.sin(2 * np.pi * t / 12 + 0.4) + 0.3 * RANDOM.standard_normal(64)
    found = oscillation({"still": 0.0 * t, "loss": circle})
    assert found.fired
    assert found.sentence.startswith("loss swings with strength 0.")
    assert "a period of 12 values" in found.sentence
    assert "a period of 240 steps" in oscillation({"loss": circle}, every=20, unit="steps").sentence
    modes = MIXTURES["ring"].centres[(t // 2) % 8, 0]
    assert oscillation({"mean": modes}).fired


@pytest.mark.parametrize(("modes", "fired"), [(1, True), (3, True), (4, False), (8, False)])
def test_missing_modes_of_a_mixture_of_eight(modes, fired):
    found = missing_modes(math.log(8 / modes))
    assert found.fired == fired
    np.testing.assert_allclose(found.value, modes / 8)
    assert f"{found.value:.0%} of the modes" in found.sentence
    _, findings = Watch().update(500, {"reverse_kl": math.log(8 / modes)})
    assert [finding.name for finding in findings] == ["missing modes"] * fired
