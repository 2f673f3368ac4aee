"""The recipe of pix2pixHD against the authors' numbers, and its losses against those of their program in NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan.core import Batch, Turn
from jaxgan.metrics import vgg
from jaxgan.options import leaves
from jaxgan.recipes.esrgan import ESRGAN
from jaxgan.recipes.pix2pix_hd import Pix2PixHD, vgg19_layers

AUTHORS = {
    "ngf": ("generator_width", 64),
    "n_downsample_global": ("halvings", 4),
    "n_blocks_global": ("blocks", 9),
    "ndf": ("discriminator_width", 64),
    "n_layers_D": ("patch_layers", 3),
    "num_D": ("scales", 2),
    "norm": ("norm", "instance"),
    "no_lsgan is not set": ("loss", "least_squares"),
    "lambda_feat": ("layer_weight", 10.0),
    "lambda_feat, of VGG19": ("feature_weight", 10.0),
    "lr": ("generator_rate", 2e-4),
    "lr, of D": ("discriminator_rate", 2e-4),
    "beta1": ("b1", 0.5),
    "niter / (niter + niter_decay)": ("constant_share", 0.5),
}
"""Options of the authors' program, options/base_options.py and train_options.py, and those of the recipe."""


@pytest.mark.parametrize("option", AUTHORS)
def test_the_numbers_are_those_of_the_authors_program(option):
    name, value = AUTHORS[option]
    assert leaves(Pix2PixHD())[name] == value


def test_scales_are_added_up_and_layers_weigh_as_in_the_authors_program(monkeypatch):
    made = {}
    monkeypatch.setattr(jaxgan.terms, "layer_matching", lambda module, weight: made.update(weight=weight))
    monkeypatch.setattr(jaxgan, "gan", lambda generator, discriminator, **rest: made.update(D=discriminator, **rest))
    recipe = Pix2PixHD()
    recipe.game(recipe.dataset())
    assert made["weight"] == 10 * (4 / (3 + 1)) * (1 / 2)
    assert made["D"].padding == 2
    counts = made["D"].patches(32, 32)
    real, fake = np.random.default_rng(0).standard_normal((2, 3, sum(counts))).astype(np.float32)
    values = made["loss"].apply(real, fake, Turn(Batch(jnp.zeros((3, 1))), None, jnp.zeros(())))
    parts = (slice(counts[0]), slice(counts[0], None))
    generator = sum(np.mean((fake[:, part] - 1) ** 2) for part in parts)
    discriminator = sum(np.mean((real[:, part] - 1) ** 2) + np.mean(fake[:, part] ** 2) for part in parts) / 2
    np.testing.assert_allclose([value.mean() for value in values], [generator, discriminator], rtol=1e-5)


def test_layers_of_vgg19_weigh_as_in_the_authors_program(monkeypatch):
    asked = {}

    def see(path, layers, standardized=True):
        asked.update(path=path, layers=layers, standardized=standardized)
        return lambda images: [images] * len(layers)

    monkeypatch.setattr(vgg, "vgg19", see)
    features = vgg19_layers("vgg19.pth")(np.ones(1))
    assert asked["layers"] == ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    assert (asked["path"], asked["standardized"]) == ("vgg19.pth", False)
    np.testing.assert_array_equal(np.ravel(features), [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1])
    ESRGAN(vgg19="vgg19.pth").features((32, 32, 3))
    assert (asked["layers"], asked["standardized"]) == (("conv5_4",), True)


def test_vgg19_that_is_not_there_is_said_in_words():
    recipe = Pix2PixHD(vgg19="none.pth")
    with pytest.raises(FileNotFoundError, match=r"weights of VGG19: there is no file none\.pth"):
        recipe.game(recipe.dataset())
