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
    """Of the small generator, with noise turned on and a mean style."""
    made = jax.jit(lambda: GENERATOR.init(KEY, LATENT, train=True))()
    loud = jax.tree_util.tree_map_with_path(
        lambda path, x: jnp.ones_like(x) if path[-1].key == "noise" else x, made["params"]
    )
    return {"params": loud, "averages": {"mean_style": jnp.arange(6.0)}}


def images(module, variables, latent, seed=None):
    train, rngs = seed is not None, None if seed is None else {STREAM: jax.random.key(seed)}
    apply = partial(module.apply, train=train, mutable=["averages"] if train else False)
    return jax.jit(lambda latent: apply(variables, latent, rngs=rngs))(latent)


def test_as_many_parameters_as_published():
    """24.767 and 24.001 million at 256 pixels (Huang et al., 2024, table 2, configuration A)."""
    assert count(StyleGAN2Generator(channel_base=16384), jnp.ones((1, 512))) == 24_767_458
    assert count(StyleGAN2Discriminator(channel_base=16384), jnp.ones((4, 256, 256, 3))) == 24_001_089


@pytest.mark.parametrize("size", [28, 32, 64, 128])
def test_sizes(size):
    module = StyleGAN2Generator(size, 1, style_size=6, mapping_layers=1, channel_base=1024, channel_max=4)
    made, _ = jax.eval_shape(lambda: module.init_with_output(KEY, LATENT, train=True))
    assert made.shape == (4, size, size, 1)
    judge = StyleGAN2Discriminator(channel_base=1024, channel_max=4)
    x = jnp.zeros(made.shape)
    logits, _ = jax.eval_shape(lambda: judge.init_with_output(KEY, x, train=True))
    assert logits.shape == (4,)


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


def test_noise_is_new_for_every_row_in_training_and_the_same_for_all_in_evaluation(variables):
    same, module = jnp.repeat(LATENT[:1], 4, axis=0), GENERATOR.clone(mixing=0.0)
    (one, _), (other, _) = (images(module, variables, same, seed) for seed in (1, 2))
    assert min(np.abs(one[0] - one[1]).max(), np.abs(one - other).max()) > 1e-2
    still = images(module, variables, same)
    np.testing.assert_allclose(still, jnp.repeat(still[:1], 4, axis=0), rtol=1e-5, atol=1e-6)


def test_mixing_changes_the_later_layers_of_its_share_of_rows(variables):
    silent = jax.tree_util.tree_map_with_path(lambda p, x: x * (p[-1].key != "noise"), variables["params"])
    variables, latent = {**variables, "params": silent}, jax.random.normal(KEY, (200, 5))
    plain, _ = images(GENERATOR.clone(mixing=0.0), variables, latent, 1)
    for share in (0.3, 1.0):
        mixed, _ = images(GENERATOR.clone(mixing=share), variables, latent, 1)
        changed = np.abs(mixed - plain).max((1, 2, 3)) > 1e-6
        np.testing.assert_allclose(changed.mean(), share, atol=0.1)


def test_the_mean_style_follows_that_of_the_batch_in_training(variables):
    _, moved = images(GENERATOR, variables, LATENT, 1)
    start = variables["averages"]["mean_style"]
    batch = GENERATOR.apply(variables, LATENT, method="styles")[:, 0].mean(0)
    np.testing.assert_allclose(moved["averages"]["mean_style"], 0.995 * start + 0.005 * batch, rtol=1e-5, atol=1e-6)


def test_the_conditions_change_images_and_project_onto_features():
    @jax.jit
    def run():
        same = jnp.ones((3, 5))
        made, _ = GENERATOR.init_with_output(KEY, same, jnp.eye(3), train=False)
        of_d = DISCRIMINATOR.init(KEY, made, jnp.eye(3), train=False)
        logits = [DISCRIMINATOR.apply(of_d, made, c, train=False) for c in (jnp.eye(3), 5 * jnp.eye(3), None)]
        network = networks.linen(DISCRIMINATOR)
        (_, features), _ = network.apply_with_features(of_d["params"], {}, made, None, key=KEY)
        return made, of_d, logits, features

    made, of_d, (one, five, none), features = run()
    assert len(np.unique(made.reshape(3, -1), axis=0)) == 3
    assert features.shape == (3, 4)
    projection = np.sum(of_d["params"]["embedding"]["kernel"] * features, axis=1) / np.sqrt(3 * 4)
    np.testing.assert_allclose(one - none, projection, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(five - none, 5 * projection, rtol=1e-3, atol=1e-5)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 24}, "image_size must be 4 or 7 times a power of two, got 24"),
        ({"image_size": 8.0}, "image_size must be 4 or 7 times a power of two, got 8.0"),
        ({"channel_base": 128}, "channel_base must be at least image_size=256 and channel_max at least 1, got 128"),
        ({"mapping_layers": 0}, "mapping_layers must be a whole number of at least 1, got 0"),
        ({"mixing": 1.5}, "mixing must be at most 1, got 1.5"),
        ({"truncation": -1.0}, "truncation must be at least 0, got -1.0"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        StyleGAN2Generator(**arguments)


@pytest.mark.usefixtures("without_shape_checks")
def test_refuses_images_that_do_not_fit():
    with pytest.raises(ValueError, match="image_size must be 4 or 7 times a power of two, got 9"):
        DISCRIMINATOR.init(KEY, jnp.ones((1, 9, 9, 2)), train=True)
    with pytest.raises(ValueError, match=r"square images \[B, H, W, C\], got shape \(1, 8, 16, 1\)"):
        DISCRIMINATOR.init(KEY, jnp.ones((1, 8, 16, 1)), train=True)
