"""StarGAN v2: the recipe against the authors' numbers, its rows, and its terms against the formulas of the paper."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from games_for_tests import of_discriminator, of_generator

import jaxgan
from jaxgan import Batch, Turn, losses, networks, terms
from jaxgan.games.restyled import Restyling, restyled, restyling, to_next_class
from jaxgan.options import leaves
from jaxgan.recipes.stargan_v2 import StarGANv2

AUTHORS = {
    "2**14 // img_size": ("generator_width", 64),
    "max_conv_dim": ("widest", 512),
    "repeat_num of Generator at 256 pixels": ("halvings", 4),
    "style_dim": ("style_size", 64),
    "hidden_dim": ("hidden", 512),
    "latent_dim": ("latent_size", 16),
    "lambda_sty": ("style_weight", 1.0),
    "lambda_cyc": ("cycle_weight", 1.0),
    "lambda_ds": ("diversity_weight", 1.0),
    "lambda_reg": ("r1", 1.0),
    "lr": ("generator_rate", 1e-4),
    "lr of D": ("discriminator_rate", 1e-4),
    "f_lr / lr": ("mapping_rate", 1e-6 / 1e-4),
    "beta1": ("b1", 0.0),
    "beta2": ("b2", 0.99),
    "beta of moving_average": ("ema_decay", 0.999),
}
"""Options of main.py and core/ of the authors' program, and those of the recipe."""
KEY = jax.random.key(0)


@pytest.mark.parametrize("option", AUTHORS)
def test_the_numbers_are_those_of_the_authors_program(option):
    name, value = AUTHORS[option]
    assert leaves(StarGANv2())[name] == pytest.approx(value)


def test_the_preset_has_the_sizes_of_the_authors_program_and_diversity_falls_to_nothing(monkeypatch):
    preset = jaxgan.preset("stargan-v2-afhq")
    assert (preset.recipe.data.image_size, preset.recipe.data.mirror) == (256, True)
    assert (preset.program.batch_size, preset.program.steps) == (2 * 8, 100_000)
    asked = []
    monkeypatch.setattr(jaxgan.terms, "diversity", lambda weight: asked.append(weight))
    monkeypatch.setattr(jaxgan, "gan", lambda *networks, **options: None)
    monkeypatch.setattr("jaxgan.games.restyled.restyled", lambda game: game)
    preset.recipe.game(preset.recipe.asked_for(jaxgan.recipes.presets.PRESETS["stargan-v2-afhq"].of), 100_000)
    assert [float(asked[0](step)) for step in (0, 50_000, 100_000)] == [2.0, 1.0, 0.0]


def test_every_second_image_is_a_source_and_the_others_say_the_new_class():
    seen = []
    inner = jaxgan.Game(lambda key, batch: seen.append(batch), None, None, None)
    images, labels = np.arange(6.0).reshape(6, 1, 1, 1), np.array([0, 1, 2, 2, 1, 0])
    restyled(inner).init(KEY, Batch(images, labels))
    (batch,) = seen
    np.testing.assert_array_equal(batch.real.ravel(), [1, 3, 5])
    np.testing.assert_array_equal(batch.condition.source.ravel(), [0, 2, 4])
    assert (batch.condition.of.tolist(), batch.condition.to.tolist()) == ([0, 2, 1], [1, 2, 0])
    assert to_next_class(Batch(images, labels), 3).to.tolist() == [1, 2, 0, 0, 2, 1]
    for batch, message in (
        (Batch(images), "need labels"),
        (Batch(images[:5], labels[:5]), "even number of rows, got 5"),
    ):
        with pytest.raises(ValueError, match=message):
            restyled(inner).init(KEY, batch)
    with pytest.raises(ValueError, match=r"must be a Restyling\(source, of, to\), got ndarray"):
        restyling((1, 1, 1), 3).check(images, 6)


SMALL = networks.StarGANv2(channels=1, width=2, channel_max=2, halvings=0, style_size=3, hidden=4)
IMAGES = jax.random.normal(KEY, (8, 8, 8, 1))


@pytest.mark.slow
def test_the_generator_pays_as_in_the_paper():
    """Equations 2, 3 and 4, from the networks themselves."""
    listed = [terms.style_reconstruction(SMALL, 2.0), terms.style_cycle(SMALL, 3.0), terms.diversity(0.5)]
    made = jaxgan.gan(
        SMALL,
        networks.Network(lambda *rest: ({}, {}), lambda p, v, x, c, *, train, key: (x.mean((1, 2, 3)), v)),
        loss=losses.wasserstein(),
        terms=listed,
        condition=restyling((8, 8, 1), 3),
        latent_size=2,
    )
    labels = jnp.array([0, 1, 2, 0])
    z = jax.random.normal(KEY, (4, 2))
    turn = Turn(Batch(IMAGES[4:], Restyling(IMAGES[:4], labels, (labels + 1) % 3), z), KEY, jnp.int32(0))
    told = Restyling(IMAGES[:4], jnp.eye(3)[labels], jnp.eye(3)[(labels + 1) % 3])
    params = jax.jit(lambda: SMALL.init(KEY, z, told, train=True))()["params"]

    @jax.jit
    def found(params):
        samples, _ = made.generate(params, of_generator(), turn)
        total, (_, info) = made.judge({}, of_discriminator(), samples, turn)
        return total, info, samples.samples, samples.extra["diversity"]

    total, info, samples, others = found(params)
    style, read, back = (
        SMALL.apply({"params": params}, x, told, train=True, method=method)
        for x, method in ((z, "style"), (samples, "read"), (samples, "back"))
    )
    np.testing.assert_allclose(info["style_distance"], np.abs(read - style).mean(), rtol=1e-4)
    np.testing.assert_allclose(info["cycle_distance"], np.abs(back - IMAGES[:4]).mean(), rtol=1e-4)
    np.testing.assert_allclose(info["diversity"], np.abs(samples - others).mean(), rtol=1e-4)
    expected = 2 * info["style_distance"] + 3 * info["cycle_distance"] - 0.5 * info["diversity"] - samples.mean()
    np.testing.assert_allclose(total.generator, expected, rtol=1e-4)
    assert info["diversity"] > 1e-3


def test_a_mapping_at_a_hundredth_of_the_rate_is_the_same_network_with_larger_parameters():
    told = Restyling(IMAGES[:2], jnp.eye(3)[:2], jnp.eye(3)[1:])
    plain, slow = (SMALL.clone(mapping_rate=rate) for rate in (1.0, 0.01))
    (style, held), (same, larger) = (
        jax.jit(lambda m=m: m.init_with_output(KEY, jnp.ones((2, 5)), told, train=True, method="style"))()
        for m in (plain, slow)
    )
    np.testing.assert_allclose(same, style, rtol=1e-4, atol=1e-6)
    one, other = (variables["params"]["mapping"]["Dense_0"]["kernel"] for variables in (held, larger))
    np.testing.assert_allclose(other, 100 * one, rtol=1e-5)


def test_a_generator_without_styles_is_refused():
    with pytest.raises(ValueError, match="style cycle needs a generator with the methods back, got DCGAN"):
        terms.style_cycle(networks.DCGANGenerator(image_size=8))
