"""The recipe of super-resolution against the authors' numbers."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax.nn import softplus

import jaxgan
from jaxgan.options import leaves
from jaxgan.recipes.esrgan import ESRGAN, compared, enlarged

AUTHORS = {
    "network_g num_feat": ("generator_width", 64),
    "network_g num_block": ("blocks", 23),
    "network_g num_grow_ch": ("growth", 32),
    "network_d num_feat": ("discriminator_width", 64),
    "optim_g lr": ("generator_rate", 1e-4),
    "optim_d lr": ("discriminator_rate", 1e-4),
    "betas[0]": ("b1", 0.9),
    "betas[1]": ("b2", 0.99),
    "ema_decay": ("ema_decay", 0.999),
    "pixel_opt loss_weight, of images in [0, 1]": ("distance_weight", 1e-2 / 2),
    "gan_opt loss_weight": ("adversarial_weight", 5e-3),
    "milestones / total_iter": ("halved_at", (50 / 400, 100 / 400, 200 / 400, 300 / 400)),
}
"""Options of options/train/ESRGAN/train_ESRGAN_x4.yml in BasicSR, and those of the recipe."""


@pytest.mark.parametrize("option", AUTHORS)
def test_the_numbers_are_those_of_the_authors_program(option):
    name, value = AUTHORS[option]
    assert leaves(ESRGAN())[name] == value


def test_the_preset_has_the_sizes_of_the_authors_program():
    preset = jaxgan.preset("esrgan-div2k")
    assert (preset.recipe.data.crop, preset.recipe.data.mirror) == (128, True)
    assert (preset.program.batch_size, preset.program.steps) == (16, 400_000)
    rate = preset.recipe.rates.over(preset.program.steps).generator
    steps = (0, 49_999, 50_001, 100_001, 200_001, 399_999)
    assert [float(rate(step)) for step in steps] == pytest.approx([1e-4, 1e-4, 5e-5, 2.5e-5, 1.25e-5, 6.25e-6])


def test_the_loss_is_the_authors():
    """GANLoss on what is left of each logit after the mean of the others, halved; of the generator times its weight."""
    real, fake = np.array([0.5, -2.0, 1.0]), np.array([0.25, 3.0, -1.0])
    values = compared(jnp.asarray(real), jnp.asarray(fake), 0.25)
    r, f = real - fake.mean(), fake - real.mean()
    np.testing.assert_allclose(values.generator.mean(), 0.25 * (softplus(r) + softplus(-f)).mean() / 2, rtol=1e-5)
    np.testing.assert_allclose(values.discriminator.mean(), (softplus(-r) + softplus(f)).mean() / 2, rtol=1e-5)


def test_a_picture_shows_the_source_enlarged_and_targets_must_fit():
    source = np.linspace(-1, 1, 2 * 4 * 4, dtype=np.float32).reshape(2, 4, 4, 1)
    assert enlarged(source, np.zeros((2, 8, 8, 3))).shape == (2, 8, 8, 1)
    rows = [np.zeros((4, side, side, 1), np.uint8) for side in (4, 12)]
    pairs = jaxgan.data.pairs(*(jaxgan.data.Dataset("x", each) for each in rows))
    with pytest.raises(
        ValueError, match=r"targets of \(12, 12, 1\) must have the sides of sources \(4, 4, 1\), doubled"
    ):
        ESRGAN().game(pairs)
