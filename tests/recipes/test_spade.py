"""The recipe of SPADE against the authors' numbers."""

import pytest

import jaxgan
from jaxgan.options import leaves
from jaxgan.recipes.spade import SPADE

AUTHORS = {
    "ngf": ("generator_width", 64),
    "num_upsampling_layers normal": ("doublings", 5),
    "nhidden of SPADE": ("hidden", 128),
    "ndf": ("discriminator_width", 64),
    "n_layers_D - 1, the last of which has stride 1": ("patch_layers", 4 - 1),
    "num_D": ("scales", 2),
    "lambda_feat": ("layer_weight", 10.0),
    "lr / 2": ("generator_rate", 2e-4 / 2),
    "lr * 2": ("discriminator_rate", 2e-4 * 2),
    "beta1": ("b1", 0.0),
    "beta2": ("b2", 0.9),
}
"""Options of the authors' program, options/ and models/networks/, and those of the recipe."""


@pytest.mark.parametrize("option", AUTHORS)
def test_the_numbers_are_those_of_the_authors_program(option):
    name, value = AUTHORS[option]
    assert leaves(SPADE())[name] == value


def test_the_preset_has_the_sizes_of_the_authors_program_and_both_scales_share_the_weight(monkeypatch):
    preset = jaxgan.preset("spade-facades")
    data = preset.recipe.data
    assert (data.image_size, data.crop, data.mirror) == (286, 256, True)
    assert (preset.program.batch_size, preset.program.steps, preset.recipe.average.ema_decay) == (1, 50 * 400, 0.0)
    asked = []
    monkeypatch.setattr(jaxgan.terms, "layer_matching", lambda module, weight: asked.append(weight))
    monkeypatch.setattr(jaxgan, "gan", lambda *networks, **options: None)
    SPADE().game(SPADE().dataset())
    assert asked == [10 / 2]


def test_scales_weigh_alike_and_the_discriminators_are_the_authors(monkeypatch):
    made = {}
    monkeypatch.setattr(jaxgan, "gan", lambda generator, discriminator, **options: made.update(D=discriminator))
    SPADE().game(SPADE().dataset())
    assert (made["D"].padding, made["D"].spectral_norm, made["D"].spectral_ends) == (2, True, False)
