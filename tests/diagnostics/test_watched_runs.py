"""Each detector finds its fault within a stated number of steps, and good runs raise no alarm."""

import numpy as np
import pytest

from jaxgan.diagnostics import Watch, class_share, distant_samples, divergence, ignored_labels, stray_samples

from jaxgan.diagnostics import missing_modes, unstable_discriminator, vanishing_gradients  # isort: skip
from jaxgan.diagnostics.watch import TICK

CLASSES, SIZE = 10, 12
LABELS = np.resize(np.arange(CLASSES), 64)
CENTRES = np.random.default_rng(5).standard_normal((CLASSES, SIZE))
REAL = CENTRES[LABELS] + np.random.default_rng(6).standard_normal((64, SIZE))


def run(steps, *, info=None, samples=None, seed=0, log_every=100, sample_every=500):
    """What the watch says of a run of synthetic statistics, `(step, finding)` each.

    Of a good run by default: losses about their equilibrium with noise that lasts, samples that come near to the data.
    """
    random = np.random.default_rng(seed)
    watch, said, level = Watch(), [], 0.0
    for step in range(TICK, steps + 1, TICK):
        level = 0.8 * level + 0.1 * random.standard_normal()
        numbers = {"loss_generator": 0.8 + level + 2 * np.exp(-step / 100), "loss_discriminator": 1.2 - level / 2}
        numbers |= {"real_logits": 0.5 + level, "fake_logits": -0.5 - level, "vanishing": 1.0}
        numbers |= {"indecision": 0.95 + level / 4}
        numbers |= {} if info is None else info(step)
        watch, findings = watch.tick(step, numbers)
        said += [(step, finding.name) for finding in findings]
        if step % log_every == 0:
            watch, findings = watch.update(step, numbers)
            said += [(step, finding.name) for finding in findings]
        if step % sample_every == 0:
            near = min(1, step / 600) * CENTRES[LABELS] + random.standard_normal((64, SIZE))
            rows = near if samples is None else samples(step, near)
            more = {"reverse_kl": 0.01, "modes": 8, "mode_count": 8, "high_quality": 0.95}
            watch, findings = watch.update(step, more, rows, REAL, LABELS)
            said += [(step, finding.name) for finding in findings]
    return said


def test_twenty_good_runs_raise_no_alarm():
    assert [run(2500, seed=seed) for seed in range(20)] == [[]] * 20


@pytest.mark.slow
def test_twenty_long_good_runs_raise_no_alarm():
    assert [run(25_000, seed=seed) for seed in range(20, 40)] == [[]] * 20


def test_losses_that_are_huge_from_the_start_are_a_divergence_at_the_first_report():
    """The run is not compared with itself: 8·10⁹ is what rates of 0.2 make of the ring."""
    said = run(1000, info=lambda step: {"fake_logits": 8e9, "loss_generator": 4e9})
    assert said == [(100, "divergence")]
    assert not divergence({}, {"loss_discriminator": -700.0, "real_logits": 900.0, "norm": 1e6}).fired


def test_samples_far_from_the_data_are_found_in_the_first_picture():
    assert run(500, samples=lambda step, near: 20 * near)[0] == (500, "distant samples")
    assert run(500, samples=lambda step, near: near + 20)[0] == (500, "distant samples")
    assert distant_samples(11.0, 1.0).fired
    assert not distant_samples(9.0, 9.0).fired


def test_gradients_that_vanish_are_found_after_100_steps():
    said = run(1000, info=lambda step: {"vanishing": 2e-6, "fake_logits": -12.8})
    assert said == [(100, "vanishing gradients")]
    assert run(1000, info=lambda step: {"vanishing": 1.0 if step % 100 == 0 else 2e-6}) == []
    assert not vanishing_gradients(0.06).fired


def test_a_discriminator_that_jumps_about_is_found_after_300_steps():
    """The losses over 1.386 that rates of 0.1 give `digits`, by ticks of 20 steps: most are below 2, none is huge."""
    losses = np.array([3.59, 1.24, 0.19, 1.94, 1.19, 1.29, 1.51, 1.99, 1.4, 0.87, 2.1, 1.81, 1.66, 1.42, 1.26])
    said = run(600, info=lambda step: {"indecision": losses[step // TICK % 15] / np.log(4)}, sample_every=1000)
    assert said == [(300, "unstable discriminator")]
    assert not unstable_discriminator(1.05, 300).fired
    assert not unstable_discriminator(float("nan"), 300).fired


def test_swings_are_found_without_reports():
    """Periods of 160 steps are found in 640 steps, of 1,000 in 3,600, however rarely a run reports."""
    for period, latest in ((160, 700), (1000, 4000)):

        def swinging(step, period=period):
            return {"loss_generator": 1 + 0.5 * np.sin(2 * np.pi * step / period)}

        said = run(5000, info=swinging, log_every=5000, sample_every=5000)
        assert [name for _, name in said] == ["oscillation"]
        assert said[0][0] <= latest


def test_collapse_is_not_called_before_step_500():
    said = run(1000, samples=lambda step, near: 0.01 * near + CENTRES[0], sample_every=100)
    assert (500, "mode collapse") in said
    assert min(step for step, name in said if name == "mode collapse") == 500


def test_labels_that_are_ignored_are_found_in_the_second_picture_that_is_judged():
    """Samples as varied as the data, of classes that nobody asked for; labels that are heeded later are no fault."""

    def strangers(step, near):
        return np.random.default_rng(step).permutation(REAL)

    assert run(1000, samples=strangers) == [(1000, "ignored labels")]
    assert run(1500, samples=lambda step, near: strangers(step, near) if step == 500 else near) == []


def test_the_share_of_variance_between_classes_is_unbiased():
    """Classes of standard deviation b about centres of standard deviation a: a²/(a² + b²), also of three rows each."""
    random = np.random.default_rng(0)
    for a, b in ((0.0, 1.0), (1.0, 1.0), (1.0, 2.0)):
        found = []
        for _ in range(400):
            labels = np.repeat(np.arange(20), 3)
            centres = a * random.standard_normal((20, 8))
            found.append(class_share(centres[labels] + b * random.standard_normal((60, 8)), labels))
        assert np.mean(found) == pytest.approx(a**2 / (a**2 + b**2), abs=0.02)


def test_the_share_of_variance_by_hand():
    """Rows 0, 2 and 10, 12 in two classes: MS_between = 100, MS_within = 2, n₀ = 2, σ² = 49, share 49/51."""
    rows, labels = np.array([[0.0], [2], [10], [12]]), np.array([3, 3, 7, 7])
    assert class_share(rows, labels) == pytest.approx(49 / 51)
    assert np.isnan(class_share(rows, np.zeros(4, int)))
    assert np.isnan(class_share(rows, np.arange(4)))
    assert np.isnan(class_share(np.zeros((4, 2)), labels))
    with pytest.raises(ValueError, match=r"labels must have shape \(4,\), got \(3,\)"):
        class_share(rows, labels[:3])


def test_classes_that_hardly_differ_are_not_judged():
    assert ignored_labels(0.0, 0.36).fired
    assert not ignored_labels(0.2, 0.36).fired
    assert not ignored_labels(0.0, 0.05).fired
    assert not ignored_labels(float("nan"), 0.36).fired
    assert not ignored_labels(0.0, float("nan")).fired


def test_modes_without_samples_and_samples_between_modes():
    found = missing_modes(0.02, captured=11, count=12)
    assert found.fired
    assert "1 of 12 modes have no sample" in found.sentence
    assert not missing_modes(0.02, captured=12, count=12).fired
    assert not missing_modes(0.02).fired
    assert stray_samples(0.5).fired
    assert "50% of the samples" in stray_samples(0.5).sentence
    assert not stray_samples(0.9).fired
    said = Watch().update(500, {"reverse_kl": 0.02, "modes": 11, "mode_count": 12, "high_quality": 0.5})[1]
    assert [finding.name for finding in said] == ["missing modes", "stray samples"]


def test_rows_that_the_discriminator_has_not_seen():
    """Found at the eighth look; four rows that lie off no further than others do by chance are none."""
    random = np.random.default_rng(0)

    def look(watch, held_out, spread):
        real = 2 + spread * random.standard_normal()
        return watch.held_out({"real_logits": real, "fake_logits": -2.0, "held_out_logits": held_out})

    for held_out, spread, fires in ((-1.5, 0.3, True), (2.0, 0.3, False), (-1.0, 2.0, False), (0.0, 0.1, False)):
        watch, said = Watch(), []
        for i in range(20):
            watch, findings = look(watch, held_out, spread)
            said += [(i, finding.name) for finding in findings]
        assert said == ([(7, "discriminator overfitting")] if fires else [])
