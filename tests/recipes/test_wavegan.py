"""The recipe of WaveGAN: its game against the authors' losses, its options, and what stands for sounds not there."""

import jax
import jax.numpy as jnp
import pytest

import jaxgan
from jaxgan import Batch, Turn
from jaxgan.options import changed
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.sound_sources import Tones, Wav
from jaxgan.recipes.wavegan import WaveGAN

SMALL = WaveGAN(generator_width=1, discriminator_width=1, phase_shuffle=0)
OF = DataShape((64, 1), None)


@pytest.mark.slow
def test_the_losses_are_the_authors():
    """D_loss = D(G(z)) − D(x), and G_loss = −D(G(z)); the penalty is left out here."""
    recipe = changed(SMALL, gradient_penalty=0.0)
    game, key, real = recipe.game(OF), jax.random.key(0), jax.random.uniform(jax.random.key(1), (4, 64, 1), minval=-1)
    params, variables = game.init(key, Batch(real))
    turn = Turn(Batch(real), key, jnp.zeros((), jnp.int32))
    samples, _ = game.generate(params.generator, variables.generator, turn)
    losses, _ = game.judge(params.discriminator, variables.discriminator, samples, turn)
    critic = jaxgan.networks.WaveGANDiscriminator(1, 0)
    of_real, of_fake = (
        float(critic.apply({"params": params.discriminator}, x, train=False).mean()) for x in (real, samples)
    )
    assert tuple(map(float, losses)) == pytest.approx((-of_fake, of_fake - of_real), rel=1e-5)
    assert samples.shape == real.shape


def test_latents_are_uniform():
    drawn = jax.vmap(SMALL.game(OF).latents.draw)(jax.random.split(jax.random.key(0), 200))
    assert drawn.shape == (200, 100)
    assert (float(drawn.min()), float(drawn.max())) == pytest.approx((-1, 1), abs=1e-3)
    assert float(drawn.std()) == pytest.approx(3**-0.5, rel=0.02)


def test_options_of_sounds_reach_the_data_and_lengths_that_do_not_fit_are_refused(tmp_path):
    recipe = changed(WaveGAN(), data=f"wav:{tmp_path}", length=64, sample_rate=8000, channels=2)
    assert recipe.data == Wav(str(tmp_path), 8000, 64, 2)
    stands = recipe.asked_for(OF)
    assert (stands.shape, stands.medium.name) == ((64, 2), "sound")
    assert WaveGAN(Tones(64)).dataset().shape == (64, 1)
    with pytest.raises(ValueError, match=r"length must be 16 times a power of 4, such as .* got 1000"):
        SMALL.game(DataShape((1000, 1), None))
    with pytest.raises(ValueError, match="data"):
        changed(WaveGAN(), data="digits")


def test_the_small_preset_is_of_made_sounds():
    preset = jaxgan.preset("wavegan-tones")
    assert preset.recipe.data == Tones(1024)
    assert preset.program.batch_size % preset.recipe.experiment(preset.recipe.asked_for(OF), 1).parts == 0
