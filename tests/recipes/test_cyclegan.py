"""The recipe of CycleGAN against the authors' numbers."""

import numpy as np
import pytest

import jaxgan
from jaxgan.options import leaves
from jaxgan.recipes.cyclegan import CycleGAN, least_squares

AUTHORS = {
    "lambda_A": ("cycle_weight", 10.0),
    "lambda_identity": ("identity_share", 0.5),
    "pool_size": ("pool", 50),
    "lr": ("generator_rate", 2e-4),
    "lr of D": ("discriminator_rate", 2e-4),
    "beta1": ("b1", 0.5),
    "beta2": ("b2", 0.999),
    "ngf": ("generator_width", 64),
    "ndf": ("discriminator_width", 64),
    "n_layers_D": ("patch_layers", 3),
    "norm": ("norm", "instance"),
    "gan_mode lsgan": ("loss", "least_squares"),
    "niter / (niter + niter_decay)": ("constant_share", 0.5),
}
"""Options of the authors' program, options/ and models/cycle_gan_model.py, and those of the recipe."""


@pytest.mark.parametrize("option", AUTHORS)
def test_the_numbers_are_those_of_the_authors_program(option):
    name, value = AUTHORS[option]
    assert leaves(CycleGAN())[name] == value


def test_the_preset_has_the_sizes_of_the_authors_program():
    preset = jaxgan.preset("cyclegan-horse2zebra")
    data, program = preset.recipe.data, preset.program
    assert (data.image_size, data.crop, data.mirror, program.batch_size) == (286, 256, True, 1)
    assert program.steps == 200 * max(1067, 1334)
    assert preset.recipe.average.ema_decay == 0
    rate = preset.recipe.rates.over(program.steps).generator
    assert [float(rate(1334 * epoch)) for epoch in (0, 100, 150, 200)] == pytest.approx([2e-4, 2e-4, 1e-4, 0])


@pytest.mark.parametrize(("side", "blocks"), [(128, 6), (256, 9)])
def test_images_of_256_pixels_have_nine_blocks(side, blocks, monkeypatch):
    made = []
    monkeypatch.setattr(jaxgan.networks, "ResNetTranslator", lambda *options: made.append(options))
    monkeypatch.setattr(jaxgan, "gan", lambda *networks, **options: None)
    CycleGAN().direction((side, side, 3), (side, side, 3))
    assert made == [(3, 64, blocks, 2, "instance", None)]


def test_the_loss_is_the_authors():
    """GANLoss with lsgan: the mean of (D(x) − 1)² for the generators, half of both squares for the discriminators."""
    real, fake = np.array([0.5, -2.0]), np.array([0.25, 3.0])
    values = least_squares(real, fake)
    np.testing.assert_allclose(values.generator, (fake - 1) ** 2)
    np.testing.assert_allclose(values.discriminator, ((real - 1) ** 2 + fake**2) / 2)
