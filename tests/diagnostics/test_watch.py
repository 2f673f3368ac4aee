"""The detectors together, on runs of Dirac-GAN and on what a training loop gives them."""

import json

import jax
import numpy as np
import optax
import pytest
from games_for_tests import bilinear, dirac, point_batch

import jaxgan
from jaxgan import Players, dynamics, losses, penalties
from jaxgan.diagnostics import Watch

REAL = np.random.default_rng(0).standard_normal((32, 2))


def watched(game, rule, steps, every=4):
    """All findings of a run, with the step of each, and the watch at its end."""
    algorithm = jaxgan.algorithm(game, rule)
    key, batch = jax.random.key(0), point_batch()

    def step(state, _):
        state, info = algorithm.step(state, batch, key)
        return state, (info, state.params.generator)

    _, (infos, thetas) = jax.jit(lambda s: jax.lax.scan(step, s, length=steps))(algorithm.init(key, batch))
    infos, thetas = jax.device_get((infos, thetas))
    watch, said = Watch(), []
    for i in range(0, steps, every):
        info = {name: values[i] for name, values in infos.items()}
        watch, ticked = watch.tick(i, info, every=every)
        said += [(i, finding.name, finding.sentence) for finding in ticked]
        # two samples that differ as two rows of data do, so that one point is not taken for a collapse
        samples = thetas[i] + np.array([[-1.0], [1.0]])
        watch, findings = watch.update(i, info, samples, np.array([[-1.0], [1.0]]))
        said += [(i, finding.name, finding.sentence) for finding in findings]
    return said, watch


def sgd(rate):
    return Players(optax.sgd(rate), optax.sgd(rate))


def test_a_rotating_dirac_gan_oscillates_and_says_so_once():
    said, watch = watched(dirac(losses.minimax()), dynamics.alternating(sgd(0.2)), 400)
    assert sorted(name for _, name, _ in said) == ["oscillation", "wandering samples"]
    assert said[0][0] <= 4 * 48
    assert sorted(watch.firing) == ["oscillation", "wandering samples"]


@pytest.mark.parametrize("gamma", [0.3, 1.0])
def test_an_attracting_dirac_gan_says_nothing(gamma):
    game = dirac(losses.minimax(), penalties.r1(gamma))
    assert watched(game, dynamics.alternating(sgd(0.2)), 400)[0] == []


def test_simultaneous_steps_on_the_bilinear_game_diverge():
    said, _ = watched(bilinear(), dynamics.simultaneous(sgd(0.5)), 300)
    assert "divergence" in [name for _, name, _ in said]


def info(**numbers):
    return {"loss_generator": 0.7, "loss_discriminator": 1.4, "real_logits": 1.0, "fake_logits": -1.0} | numbers


def test_each_finding_is_said_when_it_begins():
    watch, said = Watch(), []
    alike = 0.01 * REAL
    for i, samples in enumerate([alike, REAL, alike, None, alike, -REAL, alike]):
        watch, findings = watch.update(499 + i, info(), samples, REAL)
        said.append([finding.name for finding in findings])
    # before step 500 samples are not judged; without samples nothing is
    assert said == [[], [], ["mode collapse"], [], [], [], ["mode collapse"]]


def test_samples_that_wander_from_mode_to_mode_oscillate():
    watch, names = Watch(), []
    for step in range(64):
        angle = 2 * np.pi * (step // 2) / 8
        watch, findings = watch.update(step, info(), REAL + 3 * np.array([np.cos(angle), np.sin(angle)]), REAL)
        names += [finding.name for finding in findings]
    assert names == ["wandering samples"]
    assert len(watch.series["sample_mean"]) == 64


def test_numbers_that_are_not_finite():
    watch, findings = Watch().update(1, info(), np.full((4, 2), np.nan), REAL)
    assert findings == []
    watch, findings = watch.update(2, info(loss_generator=np.nan))
    assert [finding.name for finding in findings] == ["divergence"]
    assert watch.series["loss_generator"] == [0.7]


def test_it_goes_on_from_json_as_if_nothing_had_happened():
    whole, halves = Watch(), Watch()
    random = np.random.default_rng(1)
    for step in range(80):
        samples = random.standard_normal((8, 2)) * (0.01 if step > 60 else 1)
        number = jax.numpy.float32(random.standard_normal())
        told = info(loss_generator=number, held_out_logits=number, vanishing=abs(number))
        for feed in (
            lambda watch, told=told, step=step: watch.tick(20 * step, told),
            lambda watch, told=told: watch.held_out(told),
            lambda watch, told=told, step=step, samples=samples: watch.update(20 * step, told, samples, REAL),
        ):
            whole, expected = feed(whole)
            halves, found = feed(halves)
            assert found == expected
            halves = Watch(**json.loads(json.dumps(halves._asdict())))
    assert halves == whole
    fast = {name: len(values) for name, values in whole.series.items() if "every 100" not in name}
    assert set(fast.values()) == {64}
