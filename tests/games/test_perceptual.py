"""Distances of features: their closed forms, and whose loss they enter."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from games_for_tests import of_discriminator

import jaxgan
from jaxgan import Batch, Turn, losses, networks, terms
from jaxgan.networks import Network

KEY = jax.random.key(0)
REAL, FAKE = jnp.asarray(np.random.default_rng(0).normal(size=(2, 6, 8, 8, 1)), jnp.float32)
LOGITS = Network(lambda k, x, c: ({}, {}), lambda p, v, x, c, *, train, key: (x.mean(axis=(1, 2, 3)), v))
IDENTITY = Network(lambda k, x, c: ({}, {}), lambda p, v, x, c, *, train, key: (x, v))


def added(discriminator, params, *listed):
    """What a term adds to both losses, and the info."""
    turn = Turn(Batch(REAL), KEY, jnp.int32(0))
    variables = of_discriminator()
    found = []
    for chosen in (listed, ()):
        game = jaxgan.gan(IDENTITY, discriminator, loss=losses.wasserstein(), latent_size=3, terms=chosen)
        found.append(game.judge(params, variables, FAKE, turn))
    (after, (_, info)), (before, _) = found
    return after.generator - before.generator, after.discriminator - before.discriminator, info


@pytest.mark.parametrize(("norm", "size"), [("l1", np.abs), ("l2", np.square)])
def test_the_generator_pays_the_mean_distance_of_each_layer_of_features(norm, size):
    generator, discriminator, info = added(
        LOGITS, {}, terms.perceptual(lambda x: {"a": x**2, "b": x.mean(axis=(1, 2))}, 3.0, norm)
    )
    real, fake = np.asarray(REAL), np.asarray(FAKE)
    expected = size(real**2 - fake**2).mean() + size(real.mean(axis=(1, 2)) - fake.mean(axis=(1, 2))).mean()
    np.testing.assert_allclose(info["perceptual"], expected, rtol=1e-5)
    np.testing.assert_allclose(generator, 3 * expected, rtol=1e-4)
    assert discriminator == 0


def test_the_generator_pays_the_mean_distance_of_neighbouring_pixels():
    generator, discriminator, info = added(LOGITS, {}, terms.total_variation(2.0))
    x = np.asarray(FAKE)
    expected = np.abs(x[:, 1:] - x[:, :-1]).mean() + np.abs(x[:, :, 1:] - x[:, :, :-1]).mean()
    np.testing.assert_allclose(info["total_variation"], expected, rtol=1e-5)
    np.testing.assert_allclose(generator, 2 * expected, rtol=1e-4)
    assert discriminator == 0


class Layers(nn.Module):
    """Two layers of different sizes that are sown."""

    @nn.compact
    def __call__(self, x):
        self.sow("intermediates", "features", x[:, ::2])
        self.sow("intermediates", "features", 5 * x[:, :1, :1])
        return x.mean(axis=(1, 2, 3))


def test_the_generator_pays_the_mean_distance_of_each_layer_of_the_discriminator():
    generator, discriminator, info = added(Layers(), {}, terms.layer_matching(Layers(), 10.0))
    apart = np.abs(np.asarray(REAL) - np.asarray(FAKE))
    expected = apart[:, ::2].mean() + 5 * apart[:, :1, :1].mean()
    np.testing.assert_allclose(info["layer_distance"], expected, rtol=1e-5)
    np.testing.assert_allclose(generator, 10 * expected, rtol=1e-4)
    assert discriminator == 0


def test_layers_of_all_scales_are_told_apart():
    module = networks.MultiScalePatchDiscriminator(scales=2, layers=1, width=2)
    sizes = networks.adapter.layer_sizes(module, jnp.ones((3, 16, 16, 1)), None)
    assert sizes == [8 * 8 * 2, 7 * 7 * 4, 4 * 4 * 2, 3 * 3 * 4]


@pytest.mark.parametrize(
    "make", [lambda w: terms.perceptual(jnp.square, w), lambda w: terms.layer_matching(Layers(), w)]
)
def test_weights_below_zero_are_refused(make):
    with pytest.raises(ValueError, match="weight must be at least 0, got -1"):
        make(-1)
