"""Real runs of several seeds in one program: each that cannot train is told why."""

import jax
import numpy as np
import pytest

import jaxgan
from jaxgan.data.mixtures import MIXTURES
from jaxgan.diagnostics import Watch
from jaxgan.diagnostics.watch import TICK
from jaxgan.metrics.modes import mode_coverage


def said_of(seeds, steps, **options):
    """Findings of each seed, `{name: step}`, of small runs on the ring."""
    config = jaxgan.preset("ring").replace(steps=steps, ema_decay=0.99, **options)
    dataset = config.recipe.dataset()
    algorithm = config.recipe.experiment(dataset, steps).algorithm
    members = jaxgan.population(lambda _: algorithm, np.arange(seeds))
    key, batch_size = jax.random.key(0), 128
    held = dataset.on_device()
    step = jax.jit(
        jaxgan.execution.repeated(jaxgan.data.resident(members.step, batch_size=batch_size), TICK), donate_argnums=0
    )
    state = members.init(key, next(dataset.batches(batch_size, 0)))
    real = np.asarray(dataset.real[:512])
    watches, said = [Watch()] * seeds, [{} for _ in range(seeds)]
    for done in range(TICK, steps + 1, TICK):
        state, infos = step(state, held, key)
        means = {name: np.mean(values, axis=0) for name, values in jax.device_get(infos).items()}
        samples = jax.device_get(members.sample(state, key, 2500)) if done % 500 == 0 else None
        for i in range(seeds):
            info = {name: values[i] for name, values in means.items()}
            fed = [watches[i].tick(done, info)]
            if done % 100 == 0:
                fed.append(fed[-1][0].update(done, info))
            if samples is not None:
                coverage = mode_coverage(samples[i], MIXTURES["ring"])._asdict()
                shown = coverage if 4 * done >= 3 * steps else {"reverse_kl": coverage["reverse_kl"]}
                shown |= {"mode_count": 8} if 4 * done >= 3 * steps else {}
                fed.append(fed[-1][0].update(done, shown, samples[i], real))
            watches[i] = fed[-1][0]
            for _, findings in fed:
                for finding in findings:
                    said[i].setdefault(finding.name, done)
    return said


@pytest.mark.slow
def test_rates_that_are_a_hundred_times_too_high_are_said_within_100_steps():
    for found in said_of(2, 200, generator_rate=0.2, discriminator_rate=0.2):
        assert found["divergence"] <= 100


@pytest.mark.slow
def test_a_strong_discriminator_in_minimax_is_said_within_1000_steps():
    options = {"loss": "minimax", "r1": 0.0, "r2": 0.0, "discriminator_rate": 2e-3, "generator_rate": 1e-7}
    for found in said_of(1, 1000, **options, latent_signs=0, schedule="constant"):
        assert found["vanishing gradients"] <= 1000
