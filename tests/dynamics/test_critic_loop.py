"""The discriminator's steps as a loop: the same run as written out, and one compiled step however many there are."""

import jax
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, penalties
from jaxgan.recipes import rules
from jaxgan.recipes.rates import Rates

KEY = jax.random.key(0)


def algorithm(steps, unroll, parts=0, first="discriminator"):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(8,), squash=False),
        networks.MLPDiscriminator(hidden=(8,), spectral_norm=True, dropout=0.2),
        loss=losses.wasserstein(),
        penalties=[penalties.gradient_penalty(1.0)],
        latent_size=4,
    )
    optimizers = Players(optax.sgd(1e-2), optax.sgd(1e-2))
    options = {"discriminator_steps": steps, "generator_parts": parts, "first": first, "unroll": unroll}
    return jaxgan.algorithm(game, dynamics.alternating(optimizers, **options))


def batch_of(rows):
    return Batch(np.random.default_rng(0).normal(size=(rows, 2)).astype(np.float32))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parts", "first", "wrap"),
    [
        (0, "discriminator", "pmapped"),
        (0, "generator", "sharded"),
        (1, "discriminator", "sharded"),
        (1, "generator", "pmapped"),
        (0, "discriminator", "jitted"),
    ],
)
def test_a_loop_is_the_same_run_as_written_out(parts, first, wrap):
    states, batch = [], batch_of(4 * 3 * (3 + parts))
    for unroll, wrapper in ((True, "jitted"), (False, wrap)):
        one = algorithm(3, unroll, parts, first)
        step, state = getattr(jaxgan, wrapper)(one.step), one.init(KEY, batch)
        for _ in range(2):
            state, info = step(state, batch, KEY)
        states.append(jax.device_get((state, info)))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), *states)


@pytest.mark.slow
@pytest.mark.parametrize(("unroll", "grows"), [(False, False), (True, True)])
def test_the_program_does_not_grow_with_the_steps_of_a_loop(unroll, grows):
    sizes = []
    for steps in (2, 6):
        one, batch = algorithm(steps, unroll), batch_of(12)
        text = str(jax.make_jaxpr(one.step)(one.init(KEY, batch), batch, KEY))
        sizes.append(text.count("dot_general"))
    assert (sizes[1] > sizes[0]) == grows


@pytest.mark.parametrize("rule", [rules.Alternating, rules.Lookahead])
def test_recipes_loop_over_more_than_two_steps(rule, monkeypatch):
    """On a CPU the rule itself writes the steps out; two of them are faster so."""
    found, alternating = [], dynamics.alternating

    def noted(*arguments, unroll, **options):
        found.append(unroll)
        return alternating(*arguments, unroll=unroll, **options)

    monkeypatch.setattr(dynamics, "alternating", noted)
    for steps in (1, 2, 3, 5):
        rule(discriminator_steps=steps).dynamics(Rates(), 10)
    assert found == [None, None, False, False]
