"""The recipe of RelGAN: its game against the authors' losses, its temperature, its two parts, and its options."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import Batch, Turn
from jaxgan.options import changed
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.relgan import RelGAN
from jaxgan.recipes.rules import Simultaneous
from jaxgan.recipes.text_sources import Grammar, Lines, Oracle

SMALL = RelGAN(generator_hidden=2, discriminator_embedding=2, representations=2, filters=2, rule=Simultaneous())
OF = DataShape((5, 3), None)
REAL = jnp.asarray(np.eye(3, dtype=np.float32)[np.random.default_rng(0).integers(0, 3, (4, 5))])
KEY = jax.random.key(0)


@pytest.mark.slow
def test_the_losses_are_the_authors():
    """Cross entropy of D(x) − D(G(z)) with ones, of all embeddings alike, and of its negative; dropout is left out."""
    generator, critic = SMALL.generator(OF, 10), jaxgan.networks.RelGANDiscriminator(2, 2, 2, dropout=0.0)
    game = jaxgan.gan(generator, critic, loss=jaxgan.losses.relativistic_pairing(), latent_size=15)
    params, variables = game.init(KEY, Batch(REAL))
    turn = Turn(Batch(REAL), KEY, jnp.zeros((), jnp.int32))
    samples, _ = game.generate(params.generator, variables.generator, turn)
    losses, _ = game.judge(params.discriminator, variables.discriminator, samples, turn)
    of_real, of_fake = (
        np.asarray(critic.apply({"params": params.discriminator}, x, train=False)) for x in (REAL, samples)
    )
    apart = of_real - of_fake
    assert apart.shape == (4, 2)
    expected = np.mean(np.log1p(np.exp(apart))), np.mean(np.log1p(np.exp(-apart)))
    assert tuple(map(float, losses)) == pytest.approx(expected, rel=1e-5)


def test_the_temperature_rises_exponentially_in_the_adversarial_steps():
    """temper ** (i / N), the authors' `exp`, where i counts from the first adversarial step."""
    recipe = changed(SMALL, adversarial_share=0.4, inverse_temperature=100.0)
    beta = recipe.generator(OF, 1000).inverse_temperature
    assert recipe.pretraining_steps(1000) == 600
    assert [float(beta(step)) for step in (0, 600, 700, 800, 1000)] == pytest.approx([1, 1, 100**0.25, 10, 100])


@pytest.mark.slow
def test_first_the_likelihood_then_the_game():
    recipe = changed(SMALL, adversarial_share=0.5)
    algorithm = recipe.experiment(OF, 2).algorithm
    state = jax.device_get(algorithm.init(KEY, Batch(REAL)))
    step = jaxgan.jitted(algorithm.step)
    generator, params = recipe.generator(OF, 2), {"params": state.params.generator}
    expected = -float(jnp.mean(generator.apply(params, REAL, method="log_likelihood"))) / 5
    first, info = jax.device_get(step(state, Batch(REAL), KEY))
    assert float(info["pretraining_loss"]) == pytest.approx(expected, rel=1e-5)
    assert (float(info["pretraining_loss_due"]), float(info["loss_generator_due"])) == (1, 0)
    jax.tree.map(np.testing.assert_array_equal, first.params.discriminator, state.params.discriminator)
    largest = max(
        float(np.abs(a - b).max()) for a, b in zip(*map(jax.tree.leaves, (first.params, state.params)), strict=True)
    )
    assert largest == pytest.approx(recipe.pretraining_rate, rel=0.01)
    second, info = step(first, Batch(REAL), KEY)
    assert (float(info["pretraining_loss_due"]), float(info["loss_generator_due"])) == (0, 1)
    moved = [
        float(np.abs(a - b).max()) for a, b in zip(*map(jax.tree.leaves, (second.params, first.params)), strict=True)
    ]
    assert max(moved) == pytest.approx(1e-4, rel=0.01)
    jax.tree.map(np.testing.assert_array_equal, second.average.params, second.params.generator)


@pytest.mark.slow
def test_the_likelihood_of_a_state():
    experiment = SMALL.experiment(OF, 2)
    generator = SMALL.generator(OF, 2)
    params = jax.tree.map(
        lambda x: jnp.ones(x.shape), jax.eval_shape(lambda: generator.init(KEY, jnp.zeros((1, 15)), train=True))
    )
    state = jaxgan.GANState(0, None, None, jaxgan.core.Average(params["params"], {}), None)
    np.testing.assert_allclose(experiment.log_likelihood(state, REAL), np.full(4, -5 * np.log(3)), rtol=1e-5)


def test_options_of_texts_reach_the_data(tmp_path):
    file = tmp_path / "some.txt"
    file.write_text("a b c d e\nb c")
    recipe = changed(RelGAN(), data=f"lines:{file}", unit="characters", length=6)
    assert recipe.data == Lines(str(file), "characters", 6)
    assert recipe.dataset().shape == (6, 5)
    assert recipe.asked_for(DataShape((6, 7), None)).shape == (6, 7)
    oracle = changed(RelGAN(), data="oracle", vocabulary_size=9, length=7)
    assert oracle.data == Oracle(9, 7)
    stands = oracle.asked_for(OF)
    assert (stands.shape, stands.medium.name) == ((7, 9), "tokens")
    assert (RelGAN().asked_for(OF).name, RelGAN().asked_for(OF).shape) == ("grammar", (16, 34))
    with pytest.raises(ValueError, match="data"):
        changed(RelGAN(), data="digits")


def test_the_small_presets_are_of_made_texts():
    assert jaxgan.preset("relgan-grammar").recipe.data == Grammar()
    assert jaxgan.preset("relgan-oracle").recipe.data == Oracle(200)
    for name in ("relgan-grammar", "relgan-oracle"):
        preset = jaxgan.preset(name)
        assert preset.program.batch_size % jaxgan.recipes.rules.parts(preset.recipe.rule) == 0


def test_texts_that_are_too_short_are_refused_with_advice():
    with pytest.raises(ValueError, match="at least 5 tokens, but the longest has 4; with unit=characters"):
        SMALL.experiment(DataShape((4, 3), None), 2)


def test_embeddings_must_be_of_one_size():
    with pytest.raises(ValueError, match="representations=2 must divide discriminator_embedding=3"):
        changed(SMALL, discriminator_embedding=3)
