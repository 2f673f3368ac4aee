"""The residual networks of SNGAN and their variants: every layout, published sizes, options and errors."""

from itertools import combinations

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tiers import mostly_slow

from jaxgan.networks import SNResNetDiscriminator, SNResNetGenerator
from jaxgan.networks.sn_resnet import LAYOUTS

KEY = jax.random.key(0)


def shapes(module, x, condition=None):
    return jax.eval_shape(lambda: module.init_with_output(KEY, x, condition, train=True, mutable=True))


def count(module, x, condition=None):
    return sum(leaf.size for leaf in jax.tree.leaves(shapes(module, x, condition)[1]["params"]))


@mostly_slow("size", LAYOUTS, quick=[32])
def test_every_layout_makes_and_judges_its_images_in_bfloat16_between_float32(size):
    images, made_by = shapes(
        SNResNetGenerator(image_size=size, channels=1, width=2, dtype=jnp.bfloat16), jnp.ones((2, 7))
    )
    assert (images.shape, images.dtype) == ((2, size, size, 1), jnp.float32)
    logits, judged_by = shapes(
        SNResNetDiscriminator(width=2, dtype=jnp.bfloat16), jnp.ones(images.shape), jnp.ones((2, 5))
    )
    assert (logits.shape, logits.dtype) == ((2,), jnp.float32)
    features = 2 * (LAYOUTS[size].down + LAYOUTS[size].flat)[-1]
    assert judged_by["intermediates"]["ProjectionHead_0"]["features"][0].shape == (2, features)
    assert {leaf.dtype for leaf in jax.tree.leaves((made_by, judged_by))} == {jnp.dtype(jnp.float32)}


def test_the_sizes_for_cifar_are_those_of_the_tables():
    """4.28 and 1.05 million: 3×3 convolutions, 1×1 shortcuts, two norms a block, from tables 4a and 4b with biases, but
    for the last layer of the discriminator (dis_models/snresnet_32.py of the authors' program)."""

    def conv(inputs, outputs, size=3):
        return size**2 * inputs * outputs + outputs

    up = 2 * conv(256, 256) + conv(256, 256, 1) + 2 * 2 * 256
    generator = 128 * 4096 + 4096 + 3 * up + 2 * 256 + conv(256, 3)
    down = conv(3, 128) + conv(128, 128) + conv(3, 128, 1) + 2 * conv(128, 128) + conv(128, 128, 1)
    discriminator = down + 4 * conv(128, 128) + 128
    assert (generator, discriminator) == (4_276_739, 1_053_824)
    biases_left_out = 3 * 3 * 256
    assert count(SNResNetGenerator(), jnp.ones((2, 128))) == generator - biases_left_out
    assert count(SNResNetDiscriminator(), jnp.ones((2, 32, 32, 3))) == discriminator


@pytest.mark.parametrize(("size", "biases"), [(28, False), (32, False), (64, True), (128, True)])
def test_the_last_layer_has_a_bias_where_the_authors_program_gives_it_one(size, biases):
    """l5 of dis_models/snresnet_32.py has nobias=True; l6 of snresnet_64.py and l7 of snresnet.py have a bias."""
    head = shapes(SNResNetDiscriminator(width=1), jnp.ones((2, size, size, 3)))[1]["params"]["ProjectionHead_0"]
    assert ("bias" in head["Dense_0"]) == biases


@pytest.mark.slow
def test_kernels_start_as_in_the_authors_program():
    """GlorotUniform, std √(2 / (fan_in + fan_out)); within blocks that of 3×3 kernels is √2 times as large."""
    params = jax.jit(
        lambda: [
            SNResNetGenerator(width=16).init(KEY, jnp.ones((1, 128)), train=True)["params"],
            SNResNetDiscriminator(width=32).init(KEY, jnp.ones((1, 32, 32, 3)), train=True)["params"],
        ]
    )()
    for player, block, width in ((params[0], "UpBlock_1", 64), (params[1], "DownBlock_1", 64)):
        for conv, fans, gain in (("Conv_0", 2 * 9 * width, 2), ("Conv_1", 2 * 9 * width, 2), ("Conv_2", 2 * width, 1)):
            np.testing.assert_allclose(np.std(player[block][conv]["kernel"]), (gain * 2 / fans) ** 0.5, rtol=0.03)
    np.testing.assert_allclose(np.std(params[0]["Conv_0"]["kernel"]), (2 / 9 / (64 + 3)) ** 0.5, rtol=0.05)
    np.testing.assert_allclose(np.std(params[0]["Dense_0"]["kernel"]), (2 / (128 + 1024)) ** 0.5, rtol=0.03)


def test_batch_normalisation_has_the_epsilon_of_the_authors_framework():
    """A batch of variance v comes out with variance v / (v + 2e-5) from every norm of the generator (Chainer's ε)."""
    found = []

    def watch(call, args, kwargs, context):
        y = call(*args, **kwargs)
        if isinstance(context.module, nn.BatchNorm) and context.method_name == "__call__":
            found.append((context.module.epsilon, args[0].shape[-1]))
        return y

    with nn.intercept_methods(watch):
        shapes(SNResNetGenerator(width=2), jnp.ones((2, 4)))
        shapes(SNResNetGenerator(width=2), jnp.ones((2, 4)), jnp.eye(2))
    assert found == [(2e-5, 8)] * (2 * 7)


def test_a_class_adds_its_scales_shifts_and_projection():
    classes = jnp.ones((2, 10))
    generator, discriminator = SNResNetGenerator(), SNResNetDiscriminator()
    added = count(generator, jnp.ones((2, 128)), classes) - count(generator, jnp.ones((2, 128)))
    assert added == 3 * 2 * 2 * 256 * (10 - 1)
    images = jnp.ones((2, 32, 32, 3))
    assert count(discriminator, images, classes) - count(discriminator, images) == 10 * 128


@pytest.mark.slow
@pytest.mark.parametrize("self_modulated", [False, True])
def test_the_images_are_in_range_and_depend_on_the_class_once_it_is_learned(self_modulated):
    module = SNResNetGenerator(image_size=8, channels=2, width=1, self_modulated=self_modulated)
    latent, classes = jnp.ones((3, 4)), jnp.eye(3)

    @jax.jit
    def images(scale):
        variables = module.init(KEY, latent, classes, train=False)
        params = jax.tree.map(lambda x: x + scale * jax.random.normal(KEY, x.shape), variables["params"])
        return module.apply({**variables, "params": params}, latent, classes, train=False)

    assert np.abs(images(10.0)).max() <= 1
    assert np.ptp(images(0.0), axis=0).max() < 1e-5
    assert all(np.abs(a - b).max() > 1e-2 for a, b in combinations(images(1.0), 2))


def test_spectral_norm_layer_norm_and_attention_are_options():
    images = jnp.ones((2, 16, 16, 3))
    normed = shapes(SNResNetDiscriminator(width=8, attention=(8,)), images, jnp.ones((2, 5)))[1]
    kernels = [p for p, _ in jax.tree_util.tree_leaves_with_path(normed["params"]) if p[-1].key == "kernel"]
    assert len(jax.tree.leaves(normed["spectral"])) == len(kernels)
    plain = shapes(SNResNetDiscriminator(width=8, spectral_norm=False, layer_norm=True), images)[1]
    assert "spectral" not in plain
    first, *blocks = [plain["params"][f"DownBlock_{i}"] for i in range(4)]
    assert [sum("LayerNorm" in name for name in block) for block in (first, *blocks)] == [1, 2, 2, 2]
    generator = shapes(SNResNetGenerator(image_size=16, spectral_norm=True, attention=(8, 16)), jnp.ones((2, 4)))[1]
    assert {"SelfAttention_0", "SelfAttention_1"} <= generator["params"].keys()
    assert "spectral" in generator


def test_layer_norm_makes_the_judgement_blind_to_contrast_after_the_first_convolution():
    module = SNResNetDiscriminator(width=1, spectral_norm=False, layer_norm=True, pooling="mean")
    images = jax.random.normal(KEY, (2, 8, 8, 1))
    variables = jax.jit(lambda: module.init(KEY, images, train=True))()
    params = variables["params"]
    params["DownBlock_0"]["Conv_2"]["kernel"] *= 0  # the shortcut around the norm
    logits = jax.jit(lambda scale: module.apply({"params": params}, scale * images, train=True))
    np.testing.assert_allclose(logits(100.0), logits(200.0), rtol=1e-3)
    assert np.abs(logits(100.0) - logits(-100.0)).max() > 1e-3


@pytest.mark.slow
def test_pooling_by_mean_is_the_sum_over_the_places():
    images, one = jax.random.normal(KEY, (2, 8, 8, 1)), jnp.ones((2, 1))
    modules = [SNResNetDiscriminator(width=1, pooling=pooling) for pooling in ("sum", "mean")]
    variables = jax.jit(lambda: modules[0].init(KEY, images, one, train=True))()
    total, mean = jax.jit(lambda: [module.apply(variables, images, one, train=False) for module in modules])()
    np.testing.assert_allclose(total, 16 * mean, rtol=1e-4)


def test_errors_come_on_construction_or_with_the_first_shapes(without_shape_checks):
    with pytest.raises(ValueError, match="image_size must be one of 8, 16, 28, 32, 48, 64, 128; got 24"):
        SNResNetGenerator(image_size=24)
    with pytest.raises(ValueError, match=r"attention must be sides of feature maps, any of 14, 28; got \(7,\)"):
        SNResNetGenerator(image_size=28, attention=(7,))
    with pytest.raises(ValueError, match="pooling must be one of sum, mean; got 'max'"):
        SNResNetDiscriminator(pooling="max")
    with pytest.raises(ValueError, match="image_size must be one of"):
        shapes(SNResNetDiscriminator(), jnp.ones((2, 24, 24, 3)))
    with pytest.raises(ValueError, match=r"attention must be .*any of 24, 12, 6; got \(3,\)"):
        shapes(SNResNetDiscriminator(attention=(3,)), jnp.ones((2, 48, 48, 3)))
