"""The recipe of a diffusion model and its student: its two phases, its options, and its presets."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import Batch
from jaxgan.options import changed
from jaxgan.recipes.distillation import DMD2, Dense
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.rules import Simultaneous
from jaxgan.recipes.sources import Digits, Grid

OF = DataShape((2,), 25)
SMALL = DMD2(data=Grid(), network=Dense((2,)), head_hidden=(2,), rule=Simultaneous())
BATCH = Batch(jax.random.normal(jax.random.key(0), (4, 2)))


def test_the_defaults_are_those_of_the_authors_program():
    """imagenet_gan_classifier_genloss3e-3_diffusion1000_lr2e-6_scratch.sh, with the decays of torch.optim.AdamW."""
    recipe = DMD2()
    assert (recipe.adversarial_weight, recipe.critic_weight, recipe.rule.discriminator_steps) == (3e-3, 1e-2, 5)
    assert (recipe.rates.generator_rate, recipe.rates.discriminator_rate) == (2e-6, 2e-6)
    assert (recipe.rule.b1, recipe.rule.b2) == (0.9, 0.999)


@pytest.mark.slow
def test_first_the_teacher_then_the_student():
    recipe = changed(SMALL, adversarial_share=0.5)
    assert recipe.pretraining_steps(2) == 1
    algorithm = recipe.experiment(OF, 2).algorithm
    state, step = algorithm.init(jax.random.key(0), BATCH), jaxgan.jitted(algorithm.step)
    state, info = jax.device_get(step(state, BATCH, jax.random.key(0)))
    assert (float(info["pretraining_loss_due"]), float(info["matching_due"])) == (1, 0)
    teacher = state.variables.discriminator[0].value
    jax.tree.map(np.testing.assert_array_equal, teacher, state.params.generator)
    z = jnp.ones((3, 2))
    one_step = algorithm.sample(state, jax.random.key(1), 3, None, z)
    np.testing.assert_allclose(recipe.parts(OF).teacher(state, z, 1), one_step, rtol=1e-5)
    state, info = jax.device_get(step(state, BATCH, jax.random.key(0)))
    assert (float(info["pretraining_loss_due"]), float(info["matching_due"])) == (0, 1)


def test_options_reach_the_networks():
    recipe = changed(SMALL, hidden=(3, 5), octaves=1, head_hidden=(7,))
    params, _ = jax.eval_shape(lambda: recipe.parts(OF).game.init(jax.random.key(0), BATCH))
    shapes = jax.tree.map(lambda leaf: leaf.shape, params)
    assert shapes.generator == shapes.discriminator.denoiser
    assert shapes.generator["Dense_0"]["kernel"] == (2 * 3 + 13, 3)
    assert shapes.discriminator.head["Dense_0"]["kernel"] == (3, 7)


def test_what_has_no_effect_is_refused():
    with pytest.raises(ValueError, match="deviation must be above 0"):
        changed(SMALL, deviation=0.0)
    with pytest.raises(ValueError, match="dequantize has no meaning"):
        DMD2(data=Digits(dequantize=True))


def test_the_deviation_of_the_preset_is_that_of_the_digits():
    recipe = jaxgan.preset("distill-digits").recipe
    dataset = recipe.dataset()
    assert recipe.deviation == pytest.approx(float(np.std(dataset.medium.decode(dataset.real))), rel=0.01)
