"""The StyleGAN2 networks: published sizes, styles, mixing, noise, truncation, conditions, refusals."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import networks
from jaxgan.networks import StyleGAN2Discriminator, StyleGAN2Generator
from jaxgan.networks.layers.rows import STREAM

KEY = jax.random.key(0)
SMALL = {"channel_base": 32, "channel_max": 4}
GENERATOR = StyleGAN2Generator(image_size=8, channels=2, style_size=6, mapping_layers=2, **SMALL)
DISCRIMINATOR = StyleGAN2Discriminator(**SMALL)
LATENT = jax.random.normal(KEY, (4, 5))


def count(module, *inputs):
    variables = jax.eval_shape(lambda: module.init(KEY, *inputs, train=True))
    return sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))


@pytest.fixture(scope="module")
def variables():
    """Variables of the small generator, with noise turned on and a mean style."""
    made = jax.jit(lambda: GENERATOR.init(KEY, LATENT, train=True))()
    loud = jax.tree_util.tree_map_with_path(
        lambda path, x: jnp.ones_like(x) if path[-1].key == "noise" else x, made["params"]
    )
    return {"params": loud, "averages": {"mean_style": jnp.arange(6.0)}}


def images(module, variables, latent, seed=None):
    train, rngs = seed is not None, None if seed is None else {STREAM: jax.random.key(seed)}
    apply = partial(module.apply, train=train, mutable=["averages"] if train else False)
    return jax.jit(lambda latent: apply(variables, latent, rngs=rngs))(latent)


@pytest.mark.slow
def test_as_many_parameters_as_published():
    """24.767 and 24.001 million at 256 pixels (Huang et al., 2024, table 2, configuration A)."""
    assert count(StyleGAN2Generator(channel_base=16384), jnp.ones((1, 512))) == 24_767_458
    assert count(StyleGAN2Discriminator(channel_base=16384), jnp.ones((4, 256, 256, 3))) == 24_001_089


def test_as_many_parameters_as_in_the_authors_program_for_cifar():
    """Layer by layer: every layer has 512 channels; 10 classes, 2 mapping layers of the generator, 8 of the judge's."""
    dense, kernel, embedding = 512**2 + 512, 9 * 512**2, 10 * 512 + 512
    styled, colours = dense + kernel + 1 + 512, dense + 3 * 512 + 3
    generator = embedding + (1024 * 512 + 512) + dense + 16 * 512 + 7 * styled + 4 * colours
    module = StyleGAN2Generator(32, mapping_layers=2)
    assert count(module, jnp.ones((4, 512)), jnp.ones((4, 10))) == generator
    end = (9 * 513 * 512 + 512) + (16 * 512 * 512 + 512) + dense
    discriminator = (3 * 512 + 512) + 6 * (kernel + 512) + end + embedding + 8 * dense
    plain = StyleGAN2Discriminator(residual=False)
    assert count(plain, jnp.ones((4, 32, 32, 3)), jnp.ones((4, 10))) == discriminator
    assert count(StyleGAN2Discriminator(), jnp.ones((4, 32, 32, 3)), jnp.ones((4, 10))) == discriminator + 3 * 512**2


@pytest.mark.parametrize("size", [28, 32, 64, 128])
def test_sizes(size):
    module = StyleGAN2Generator(size, 1, style_size=6, mapping_layers=1, channel_base=1024, channel_max=4)
    made, _ = jax.eval_shape(lambda: module.init_with_output(KEY, LATENT, train=True))
    assert made.shape == (4, size, size, 1)
    judge = StyleGAN2Discriminator(channel_base=1024, channel_max=4)
    x = jnp.zeros(made.shape)
    logits, _ = jax.eval_shape(lambda: judge.init_with_output(KEY, x, train=True))
    assert logits.shape == (4,)


@pytest.mark.slow
def test_styles_may_take_the_place_of_latents(variables):
    """The mapping sees directions alone, and truncation goes to the mean style."""
    styles = GENERATOR.apply(variables, LATENT, method="styles")
    assert styles.shape == (4, 4, 6)
    np.testing.assert_array_equal(styles, jnp.broadcast_to(styles[:, :1], (4, 4, 6)))
    np.testing.assert_allclose(GENERATOR.apply(variables, 7 * LATENT, method="styles"), styles, rtol=1e-4, atol=1e-7)
    plain = images(GENERATOR, variables, LATENT)
    np.testing.assert_allclose(images(GENERATOR, variables, styles), plain, rtol=1e-4, atol=1e-5)
    mean = variables["averages"]["mean_style"]
    between = images(GENERATOR, variables, mean + 0.5 * (styles - mean))
    np.testing.assert_allclose(
        images(GENERATOR.clone(truncation=0.5), variables, LATENT), between, rtol=1e-3, atol=1e-4
    )
    assert np.abs(between - plain).max() > 1e-2


@pytest.mark.slow
def test_truncation_may_end_after_some_layers(variables):
    styles = GENERATOR.apply(variables, LATENT, method="styles")
    mean = variables["averages"]["mean_style"]
    expected = images(GENERATOR, variables, styles.at[:, :3].set(mean + 0.5 * (styles[:, :3] - mean)))
    module = GENERATOR.clone(truncation=0.5, truncation_layers=3)
    np.testing.assert_allclose(images(module, variables, LATENT), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_no_truncation_leaves_every_style_as_it_is(variables):
    wide = {**variables, "averages": {"mean_style": jnp.full(6, 1e6)}}
    np.testing.assert_array_equal(images(GENERATOR, wide, LATENT), images(GENERATOR, variables, LATENT))


@pytest.mark.slow
def test_noise_is_new_for_every_row_in_training_and_the_same_for_all_in_evaluation(variables):
    same, module = jnp.repeat(LATENT[:1], 4, axis=0), GENERATOR.clone(mixing=0.0)
    (one, _), (other, _) = (images(module, variables, same, seed) for seed in (1, 2))
    assert min(np.abs(one[0] - one[1]).max(), np.abs(one - other).max()) > 1e-2
    still = images(module, variables, same)
    np.testing.assert_allclose(still, jnp.repeat(still[:1], 4, axis=0), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_mixing_changes_the_later_layers_of_its_share_of_rows(variables):
    silent = jax.tree_util.tree_map_with_path(lambda p, x: x * (p[-1].key != "noise"), variables["params"])
    variables, latent = {**variables, "params": silent}, jax.random.normal(KEY, (200, 5))
    plain, _ = images(GENERATOR.clone(mixing=0.0), variables, latent, 1)
    for share in (0.3, 1.0):
        mixed, _ = images(GENERATOR.clone(mixing=share), variables, latent, 1)
        changed = np.abs(mixed - plain).max((1, 2, 3)) > 1e-6
        np.testing.assert_allclose(changed.mean(), share, atol=0.1)


@pytest.mark.slow
def test_the_mean_style_follows_that_of_the_batch_in_training(variables):
    _, moved = images(GENERATOR, variables, LATENT, 1)
    start = variables["averages"]["mean_style"]
    batch = GENERATOR.apply(variables, LATENT, method="styles")[:, 0].mean(0)
    np.testing.assert_allclose(moved["averages"]["mean_style"], 0.995 * start + 0.005 * batch, rtol=1e-5, atol=1e-6)


def leaky(x):
    return np.where(x > 0, x, 0.2 * x) * np.sqrt(2)


@pytest.mark.slow
def test_the_conditions_change_images_and_the_logit_is_an_inner_product_with_the_mapped_condition():
    """Karras et al., Training Generative Adversarial Networks with Limited Data, 2020, and the authors' program."""
    module = DISCRIMINATOR.clone(mapping_layers=1)

    @jax.jit
    def run():
        same = jnp.ones((3, 5))
        made, _ = GENERATOR.init_with_output(KEY, same, jnp.eye(3), train=False)
        start = module.init(KEY, made, jnp.eye(3), train=False)["params"]
        params = jax.tree.map(lambda p: p + 0.1 * jax.random.normal(KEY, p.shape), start)
        network = networks.linen(module)
        logits, _ = network.apply(params, {}, made, jnp.eye(3), train=False, key=None)
        (_, features), _ = network.apply_with_features(params, {}, made, jnp.eye(3), key=KEY)
        return made, params, logits, features

    made, params, logits, features = jax.device_get(run())
    assert len(np.unique(made.reshape(3, -1), axis=0)) == 3
    assert features.shape == (3, 4)
    mapping, last = params["Mapping_0"], params["EqualizedDense_1"]
    embedded = mapping["embedding"]["kernel"] / np.sqrt(3) + mapping["embedding"]["bias"]
    embedded /= np.sqrt((embedded**2).mean(axis=1, keepdims=True) + 1e-8)
    dense = mapping["EqualizedDense_0"]
    mapped = leaky(0.01 * (embedded @ dense["kernel"] / np.sqrt(4) + dense["bias"]))
    projected = features @ last["kernel"] / np.sqrt(4) + last["bias"]
    np.testing.assert_allclose(logits, (projected * mapped).sum(axis=1) / np.sqrt(4), rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_without_residuals_an_image_is_convolved_and_halved():
    """One block from 8 to 4 pixels, then the end, which both kinds share."""
    x = jax.random.normal(KEY, (4, 8, 8, 2))
    plain, residual = DISCRIMINATOR.clone(residual=False), DISCRIMINATOR
    params = jax.jit(residual.init, static_argnames="train")(KEY, x, train=True)["params"]
    assert params["EqualizedConv_3"]["kernel"].shape == (1, 1, 4, 4)
    silent = {**params, "EqualizedConv_3": jax.tree.map(jnp.zeros_like, params["EqualizedConv_3"])}
    silent["EqualizedConv_2"] = jax.tree.map(lambda p: p * np.sqrt(2), params["EqualizedConv_2"])
    without = {name: value for name, value in params.items() if name != "EqualizedConv_3"}
    without["EqualizedConv_3"] = without.pop("EqualizedConv_4")
    judge = jax.jit(lambda module, p: module.apply({"params": p}, x, train=True), static_argnums=0)
    np.testing.assert_allclose(judge(plain, without), judge(residual, silent), rtol=1e-3, atol=1e-5)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 24}, "image_size must be 4 or 7 times a power of two, got 24"),
        ({"image_size": 8.0}, r"image_size must be a whole number of at least 1, or \(height, width\), got 8.0"),
        ({"channel_base": 128}, "channel_base must be at least image_size=256 and channel_max at least 1, got 128"),
        ({"mapping_layers": 0}, "mapping_layers must be a whole number of at least 1, got 0"),
        ({"mixing": 1.5}, "mixing must be at most 1, got 1.5"),
        ({"truncation": -1.0}, "truncation must be at least 0, got -1.0"),
        ({"truncation_layers": 15}, "truncation_layers must be a whole number from 1 to 14 at 256 pixels, got 15"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        StyleGAN2Generator(**arguments)


@pytest.mark.usefixtures("without_shape_checks")
def test_refuses_images_that_do_not_fit():
    with pytest.raises(ValueError, match="image_size must be 4 or 7 times a power of two, got 9"):
        DISCRIMINATOR.init(KEY, jnp.ones((1, 9, 9, 2)), train=True)
    with pytest.raises(ValueError, match=r"the shorter side of image_size must be 4 or 7 times .*, got \(9, 12\)"):
        DISCRIMINATOR.init(KEY, jnp.ones((1, 9, 12, 1)), train=True)
