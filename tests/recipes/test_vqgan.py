"""The recipe of VQGAN: its loss, its layers beside those of the authors' program, its options, and its presets."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan.networks import VQGANDecoder, VQGANEncoder
from jaxgan.networks.vqgan import AttentionBlock
from jaxgan.observe.pair_observer import measured_pairs, of_pairs
from jaxgan.options import changed
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.sources import Digits
from jaxgan.recipes.vqgan import VQGAN, Codebook, halved_hinge

OF = DataShape((8, 8, 3), None)
SMALL = VQGAN(
    width=2, multipliers=(1, 2), blocks=1, bottleneck=Codebook(4), code_size=2, discriminator_width=2, patch_layers=0
)


def parameters(module, *inputs):
    variables = jax.eval_shape(lambda: module.init(jax.random.key(0), *inputs, train=True))
    return sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))


def test_the_loss_is_the_authors():
    """hinge_d_loss = 0.5 * (mean(relu(1 - real)) + mean(relu(1 + fake))), and g_loss = -mean(fake)."""
    real, fake = np.array([0.5, 2.0, -1.0]), np.array([-2.0, 0.25, 0.5])
    losses = halved_hinge(jnp.asarray(real), jnp.asarray(fake))
    np.testing.assert_allclose(losses.generator, -fake)
    np.testing.assert_allclose(losses.discriminator, (np.maximum(0, 1 - real) + np.maximum(0, 1 + fake)) / 2)


@pytest.mark.slow
def test_encoder_and_decoder_have_as_many_numbers_as_the_authors():
    """Encoder and quant_conv, and Decoder and post_quant_conv without conv_out, of the program's 256-pixel configs,
    counted by PyTorch."""
    assert parameters(VQGANEncoder(), jnp.zeros((1, 256, 256, 3))) == 29_298_176 + 65_792
    assert parameters(VQGANDecoder(), jnp.zeros((1, 16, 16, 256))) == 42_449_795 + 65_792 - (3 * 3 * 128 + 1) * 3


def test_attention_takes_any_number_of_rows():
    attention, image = AttentionBlock(), (2, 2, 3)
    variables = jax.eval_shape(lambda: attention.init(jax.random.key(0), jnp.zeros((1, *image)), train=False))
    (rows,) = jax.export.symbolic_shape("rows")
    images = jax.ShapeDtypeStruct((rows, *image), jnp.float32)
    assert jax.eval_shape(lambda *x: attention.apply(*x, train=False), variables, images).shape == (rows, *image)


def test_sides_that_cannot_be_halved_are_named():
    with pytest.raises(ValueError, match=r"2 levels need images .* multiples of 2, got shape \(1, 7, 8, 3\)"):
        jax.eval_shape(
            lambda: VQGANEncoder(2, 2, (1, 2), 1).init(jax.random.key(0), jnp.zeros((1, 7, 8, 3)), train=True)
        )


def test_options_without_effect_are_refused():
    with pytest.raises(ValueError, match="adversarial_start has no effect"):
        changed(SMALL, adversarial_weight=0.0, adversarial_start=5)
    with pytest.raises(ValueError, match="vgg19 has no effect"):
        changed(SMALL, perceptual_weight=0.0, vgg19="weights.pth")
    with pytest.raises(ValueError, match="multipliers must name at least one level"):
        changed(SMALL, multipliers=())
    with pytest.raises(ValueError, match="data"):
        changed(SMALL, data="ring")


@pytest.mark.slow
def test_images_are_shown_and_measured_beside_their_reconstructions():
    recipe = changed(SMALL, data="digits", image_size=8, multipliers=(1,))
    experiment = recipe.experiment(recipe.dataset(), 10)
    batch = next(experiment.data.batches(4, seed=0))
    state = experiment.algorithm.init(jax.random.key(0), batch)
    samples = experiment.algorithm.sample(state, jax.random.key(0), 4, experiment.ask(batch))
    found, count = measured_pairs(experiment, experiment.data, state, n=len(experiment.data), seed=0)
    whole = experiment.data.medium.decode(experiment.data.real)
    again = experiment.algorithm.sample(state, jax.random.key(0), len(whole), whole)
    assert (count, found["l1"]) == (len(whole), pytest.approx(np.mean(np.abs(again - whole)), rel=1e-4))
    assert experiment.view(batch, samples).shape == (4, 8, 16, 1)
    np.testing.assert_allclose(experiment.view(batch, samples)[:, :, :8], batch.real)


def test_reconstructions_are_measured_beside_the_images():
    recipe = changed(SMALL, data="digits", image_size=8)
    assert of_pairs(recipe.experiment(recipe.dataset(), 10)) == ("l1", "psnr")


def test_normal_codes_have_a_mean_and_a_variance_for_each_number():
    recipe = changed(SMALL, bottleneck="gaussian", kl_weight=0.5)
    game = recipe.game(OF)
    params, _ = jax.eval_shape(lambda: game.init(jax.random.key(0), jaxgan.Batch(jnp.zeros((2, *OF.shape)))))
    encoder, bottleneck, decoder, _ = params.generator
    assert (encoder["Conv_3"]["kernel"].shape, bottleneck) == ((1, 1, 4, 4), {})
    assert decoder["Conv_0"]["kernel"].shape == (1, 1, 2, 2)
    with pytest.raises(ValueError, match="codes"):
        changed(recipe, codes=5)


def test_the_small_preset_is_of_bundled_digits():
    assert jaxgan.preset("vqgan-digits").recipe.data == Digits(image_size=16)
    assert changed(VQGAN(), image_size=16).asked_for(OF).shape == (16, 16, 3)
