"""The recipe of GANs: every choice builds a game that takes a step, and what does not fit the data is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from recipes_for_tests import build, configured, players
from tiers import mostly_slow

from jaxgan import Batch
from jaxgan.data.media import images, points
from jaxgan.observe.requests import draw_latents
from jaxgan.options import changed, choices
from jaxgan.program.preparation import check_division
from jaxgan.program.sweep.settings import swept
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.networks import Sample
from jaxgan.recipes.presets import PRESETS
from jaxgan.recipes.recipe import DataShape

IMAGES, POINTS = DataShape((8, 8, 1), 10, "images"), DataShape((2,), 8, "points")
SIZES = {"width": 2, "widths": (16, 16), "channel_base": 32, "channel_max": 4, "mapping_layers": 1}
NEEDS = {"burn_in": {"r1": 0.1}, "consistency": {"network": "dcgan"}}
OFF = {"r1", "r2", "gradient_penalty", "one_sided", "zero_centered", "dragan", "consistency", "balanced_consistency"}
OFF |= {"lecam", "feature_matching", "instance_noise"}
CHOSEN = [(name, kind.NAME) for name, kinds in choices(GAN()).items() for kind in kinds if name != "data"]


def step_of(config, of):
    """Shapes after a step, and its numbers, traced and not compiled."""
    batch = Batch(jnp.zeros((8, *of.shape)), jnp.arange(8) % 8)
    algorithm, key = build(config, of), jax.random.key(0)
    return jax.eval_shape(lambda: algorithm.step(algorithm.init(key, batch), batch, key))


def small(network="mlp", **more):
    sizes = {name: value for name, value in SIZES.items() if hasattr(changed(GAN(), network=network).network, name)}
    return configured(data="digits", network=network, latent_size=5, batch_size=8, **sizes, **more)


@pytest.mark.slow
@pytest.mark.parametrize(("choice", "name"), CHOSEN)
def test_every_choice_takes_a_step(choice, name):
    more = NEEDS.get(name, {}) | {choice: name}
    config = small(**more)
    state, info = step_of(config, IMAGES)
    assert {"loss_generator", "loss_discriminator"} <= set(info)
    assert state.step.shape == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(OFF))
def test_every_weight_brings_its_term(name):
    network = "dcgan" if "consistency" in name else "mlp"
    rows = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32)
    batch, key = Batch(rows, jnp.arange(8)), jax.random.key(0)
    found = []
    for config in (small(network), small(network, **{name: 0.5})):
        algorithm = build(config, IMAGES)
        _, info = jax.jit(algorithm.step)(algorithm.init(key, batch), batch, key)
        found.append({number: float(value) for number, value in info.items()})
    assert found[0] != found[1]


def test_every_fraction_can_be_swept_and_nothing_else():
    names = swept(GAN())
    assert {"rate", "r1", "b1", "ema_decay", "label_smoothing", *OFF} <= set(names)
    assert not {"width", "latent_size", "mirror", "steps"} & set(names)


def test_options_reach_the_networks():
    one = players(small("biggan", attention=(8,), spectral_norm=True), (8, 8, 1))
    assert one.generator.attention == one.discriminator.attention == (8,)
    assert (one.generator.spectral_norm, one.discriminator.spectral_norm) == (False, True)
    one = players(small("stylegan2", mixing=0.5, stddev_group=2), (8, 8, 1))
    assert (one.generator.mixing, one.discriminator.group_size) == (0.5, 2)
    assert players(small("r3gan"), (8, 8, 1)).discriminator.widths == (16, 16)
    assert players(small("dcgan"), (8, 16, 1)).generator.image_size == (8, 16)


def test_options_of_points_reach_the_game():
    options = {"octaves": 3, "octave_falloff": 0.5}
    shares = {"instance_noise_share": 0.3, "octave_opening": (0.1, 0.2)}
    config = configured(data="ring", network="mlp", standardize=True, instance_noise=0.5, **options, **shares)
    recipe = config.recipe
    discriminator = recipe.network.players(Sample((2,), None, 3, steps=100)).discriminator
    assert {name: getattr(discriminator, name) for name in options} == options
    assert discriminator.octave_steps == (10, 20)
    assert not recipe.experiment(POINTS, 100).extendable
    assert configured(data="ring", network="mlp").recipe.experiment(POINTS, 100).extendable
    noise = recipe.objective.arguments(100)["instance_noise"]
    np.testing.assert_allclose([noise(t) for t in (0, 10, 30, 99)], [0.5, 0.05, 5e-4, 5e-4], rtol=1e-5)
    state, _ = step_of(config, POINTS)
    assert state.variables.generator.place.value.scale.shape == ()


@mostly_slow("network", ["dcgan", "sn_resnet", "r3gan", "stylegan2"], quick=1)
def test_images_need_not_be_square(network):
    of = DataShape((8, 16, 3), 8, "images")
    state, _ = step_of(small(network, condition="labels"), of)
    config = small(network, condition="labels")
    algorithm = build(config, of)
    samples = jax.eval_shape(lambda state: algorithm.sample(state, jax.random.key(0), 3, jnp.arange(3)), state)
    assert samples.shape == (3, 8, 16, 3)


@pytest.mark.parametrize(
    ("change", "of", "message"),
    [
        ({"condition": "labels"}, DataShape((8, 8, 1), None), "condition=labels needs data with labels"),
        ({"condition": "labels"}, DataShape((8, 8, 1), 1), "condition=labels needs at least 2 classes; .* has 1"),
        ({"network": "dcgan"}, POINTS, r"network=dcgan needs images \[H, W, C\], but the data have shape \(2,\)"),
        ({"network": "r3gan"}, POINTS, "network=r3gan needs images"),
        ({"dequantize": True}, POINTS, r"dequantize needs images, but the data have shape \(2,\)"),
        ({"consistency": 1.0}, POINTS, "consistency=1.0 needs images"),
        ({"augment": "ada"}, POINTS, "augment=ada needs images, but the data have shape"),
        ({"augment": "ada", "loss": "hinge", "network": "dcgan"}, DataShape((20, 20, 1), 8), "image_size must be one"),
        ({"augment": "apa", "loss": "wasserstein"}, IMAGES, "augment=apa follows the signs of logits"),
        ({"standardize": True}, IMAGES, r"standardize needs points \[D\], but the data have shape \(8, 8, 1\)"),
        ({"octave_falloff": 0.5}, POINTS, "octave_falloff=0.5 has no effect with octaves=0"),
        ({"octave_opening": (0.0, 1.0)}, POINTS, r"octave_opening=\(0.0, 1.0\) has no effect with octaves=0"),
        (
            {"octaves": 2, "octave_opening": (0.5, 0.2)},
            POINTS,
            "octave_opening must be an earlier and a later share",
        ),
        ({"octaves": 2, "octave_opening": (0.5, 0.0)}, POINTS, "octave_opening must be an earlier and a later share"),
        ({"instance_noise_share": 0.5}, POINTS, "instance_noise_share=0.5 needs instance_noise above 0"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(change, of, message):
    with pytest.raises(ValueError, match=message):
        build(configured(**({"network": "mlp"} | change)), of)


@pytest.mark.parametrize("signs", [0, 2, 3])
def test_the_first_numbers_of_the_latent_are_signs(signs):
    config = configured(data="ring", network="mlp", generator_hidden=(), latent_size=3, latent_signs=signs)
    z = draw_latents(config.recipe.latents.latents(), 0, 100)
    np.testing.assert_array_equal((np.abs(z) == 1).all(axis=0), np.arange(3) < signs)


def test_devices_and_parts_must_divide_the_batch():
    with pytest.raises(ValueError, match=r"batch_size=20 must be divisible by 1 devices × 3 parts .*, as 18 or 21 is"):
        check_division(20, 1, 3)
    with pytest.raises(ValueError, match="batch_size=21 must be divisible by 4 devices"):
        check_division(21, 4, 1)
    check_division(24, 4, 3)


def test_the_articles_program_is_its_own():
    """Noise of 100 numbers, batches of 128, 50 epochs of 60,000 images."""
    config = PRESETS["article-mnist"].config
    assert (config.recipe.latents.latent_size, config.program.batch_size) == (100, 128)
    assert config.recipe.condition.NAME == "labels"
    assert config.recipe.network.generator_hidden == (128,)
    assert config.recipe.network.discriminator_hidden == (512, 256, 128)
    assert not config.recipe.network.projection
    assert config.program.steps == 50 * (60_000 // 128)


def test_a_shape_names_its_medium_where_that_says_all():
    assert (IMAGES.medium, POINTS.medium) == (images, points)
    assert DataShape((8, 8, 1), None).medium == images
    assert IMAGES.is_whole()
    assert not DataShape((8, 8, 1), None, "images with conditions").is_whole()
    assert not DataShape({"a": (2,)}, None).is_whole()
