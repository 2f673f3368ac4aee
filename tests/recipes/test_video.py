"""The recipe of clips: MoCoGAN's game against the authors' losses, its options, and what stands for clips not there."""

import jax
import jax.numpy as jnp
import optax
import pytest

import jaxgan
from jaxgan import Batch, Turn
from jaxgan.options import changed
from jaxgan.recipes.clip_sources import ClipFolder, MovingDigits
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.video import MoCoGAN, VideoGAN

SMALL = VideoGAN(network=MoCoGAN(2, 1), generator_width=1, discriminator_width=1, batch_norm=False)
OF = DataShape((7, 32, 32, 1), None, "clips")


@pytest.mark.slow
def test_the_losses_are_the_authors():
    """BCEWithLogitsLoss, a mean over the logits of each discriminator; those of both are added."""
    recipe = changed(SMALL, data="moving_digits", image_size=32, frames=10)
    of = DataShape((10, 32, 32, 1), None, "clips")
    game, key = recipe.game(of), jax.random.key(0)
    real = jax.random.uniform(jax.random.key(1), (4, *of.shape), minval=-1)
    params, variables = game.init(key, Batch(real))
    turn = Turn(Batch(real), key, jnp.zeros((), jnp.int32))
    samples, _ = game.generate(params.generator, variables.generator, turn)
    losses, _ = game.judge(params.discriminator, variables.discriminator, samples, turn)
    judge = jaxgan.networks.MoCoGANDiscriminator(1, batch_norm=False)

    def logits(x, stream):
        rngs = {"dropout": turn.stream(stream), "row_dropout": turn.stream(stream)}
        found = judge.apply({"params": params.discriminator}, x, train=True, rngs=rngs)
        return found[:, :4], found[:, 4:]

    def of_both(x, stream, one):
        targets = jnp.full((), float(one))
        return sum(float(optax.sigmoid_binary_cross_entropy(part, targets).mean()) for part in logits(x, stream))

    discriminator = of_both(real, "real dropout", True) + of_both(samples, "fake dropout", False)
    generator = of_both(samples, "fake dropout", True)
    assert tuple(map(float, losses)) == pytest.approx((generator, discriminator), rel=1e-5)
    assert samples.shape == real.shape


def test_latents_are_normal_and_of_the_size_of_all_codes():
    drawn = jax.vmap(VideoGAN().game(DataShape((16, 64, 64, 3), None)).latents.draw)(
        jax.random.split(jax.random.key(0), 100)
    )
    assert drawn.shape == (100, 50 + (16 + 1) * 10)
    assert (float(drawn.mean()), float(drawn.std())) == pytest.approx((0, 1), abs=0.03)


def test_options_of_clips_reach_the_data_and_clips_that_do_not_fit_are_refused(tmp_path):
    recipe = changed(VideoGAN(), data=f"clips:{tmp_path}", image_size=32, frames=12, every=3, channels=1)
    assert recipe.data == ClipFolder(str(tmp_path), 32, 12, 3, 1)
    stands = recipe.asked_for(OF)
    assert (stands.shape, stands.medium.name) == ((12, 32, 32, 1), "clips")
    assert VideoGAN(MovingDigits(32, 5)).asked_for(OF).shape == (5, 32, 32, 1)
    with pytest.raises(ValueError, match="clips of 32 by 32 pixels must have at least 10 frames"):
        SMALL.game(OF)
    with pytest.raises(ValueError, match="data"):
        changed(VideoGAN(), data="digits")


@pytest.mark.slow
def test_a_dcgan_in_three_dimensions_judges_whole_clips_by_the_cross_entropy():
    of = DataShape((4, 8, 8, 1), None, "clips")
    recipe = changed(SMALL, network="dcgan_3d", latent_size=5)
    game, key = recipe.game(of), jax.random.key(0)
    real = jax.random.uniform(jax.random.key(1), (4, *of.shape), minval=-1)
    params, variables = game.init(key, Batch(real))
    turn = Turn(Batch(real), key, jnp.zeros((), jnp.int32))
    samples, _ = game.generate(params.generator, variables.generator, turn)
    losses, _ = game.judge(params.discriminator, variables.discriminator, samples, turn)
    judge = jaxgan.networks.DCGAN3DDiscriminator(1, batch_norm=False)
    on_real, on_fake = (judge.apply({"params": params.discriminator}, x, train=True) for x in (real, samples))
    assert on_real.shape == (4,)
    entropy = optax.sigmoid_binary_cross_entropy
    expected = float(entropy(on_real, jnp.ones(4)).mean() + entropy(on_fake, jnp.zeros(4)).mean())
    assert float(losses.discriminator) == pytest.approx(expected, rel=1e-5)
    assert float(losses.generator) == pytest.approx(float(entropy(on_fake, jnp.ones(4)).mean()), rel=1e-5)
    with pytest.raises(ValueError, match="frames must be a multiple of 2, to be halved as often as the sides; got 7"):
        recipe.game(DataShape((7, 8, 8, 1), None, "clips"))


@pytest.mark.parametrize("name", ["mocogan-digits", "dcgan3d-digits"])
def test_the_small_presets_are_of_synthetic_clips(name):
    preset = jaxgan.preset(name)
    assert preset.recipe.data == MovingDigits(16)
    assert preset.program.batch_size % preset.recipe.experiment(preset.recipe.asked_for(OF), 1).parts == 0
