"""BigGAN and BigGAN-deep: published numbers of parameters, hierarchical latents, orthogonal start, errors."""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tiers import mostly_slow

from jaxgan.networks import BigGANDeepDiscriminator, BigGANDeepGenerator, BigGANDiscriminator, BigGANGenerator
from jaxgan.networks.biggan import LAYOUTS
from jaxgan.networks.biggan_deep import DeepDownBlock, DeepUpBlock
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm
from jaxgan.networks.layers.linear import Conv
from jaxgan.networks.layers.resampling import downsample, upsample

KEY = jax.random.key(0)
PLAYERS = {
    "biggan": (BigGANGenerator, BigGANDiscriminator),
    "deep": (BigGANDeepGenerator, BigGANDeepDiscriminator),
}


def shapes(module, *args):
    return jax.eval_shape(lambda: module.init_with_output(KEY, *args, train=True, mutable=True))


def count(module, x, condition=None):
    return sum(leaf.size for leaf in jax.tree.leaves(shapes(module, x, condition)[1]["params"]))


def drawn(module, *args):
    """Variables at random, which need no compiled initialisation."""
    start = shapes(module, *args)[1]
    draw = np.random.default_rng(0).normal
    filled = {name: jax.tree.map(lambda x: jnp.asarray(draw(size=x.shape), x.dtype), start[name]) for name in start}
    return {**filled, "batch_stats": jax.tree.map(lambda x: jnp.ones(x.shape), start.get("batch_stats", {}))}


@pytest.mark.parametrize("players", PLAYERS)
@mostly_slow("size", LAYOUTS, quick=[32])
def test_every_layout_makes_and_judges_its_images_in_bfloat16_between_float32(size, players):
    generator, discriminator = PLAYERS[players]
    images, made_by = shapes(generator(image_size=size, channels=1, width=4, dtype=jnp.bfloat16), jnp.ones((2, 9)))
    assert (images.shape, images.dtype) == ((2, size, size, 1), jnp.float32)
    logits, judged_by = shapes(discriminator(width=4, dtype=jnp.bfloat16), jnp.ones(images.shape), jnp.ones((2, 5)))
    assert (logits.shape, logits.dtype) == ((2,), jnp.float32)
    features = 4 * (LAYOUTS[size].down + LAYOUTS[size].flat)[-1]
    assert judged_by["intermediates"]["ProjectionHead_0"]["features"][0].shape == (2, features)
    assert {leaf.dtype for leaf in jax.tree.leaves((made_by, judged_by))} == {jnp.dtype(jnp.float32)}


@pytest.mark.slow
def test_the_sizes_at_128_are_the_published_ones_but_for_biases_before_batch_normalisation():
    """70,433,988 and 87,982,370 (158.4 million together, 158.3 in the paper's table 1, which leaves out the embedding);
    for the deep ones 50,244,484 and 34,590,210: the figures of the authors' and Google's open code."""
    images, classes = jnp.ones((2, 128, 128, 3)), jnp.ones((2, 1000))
    generator = BigGANGenerator(image_size=128, width=96, attention=(64,))
    biases_left_out = 3 * 96 * (16 + 8 + 4 + 2 + 1)
    assert count(generator, jnp.ones((2, 120)), classes) == 70_433_988 - biases_left_out
    assert count(BigGANDiscriminator(width=96, attention=(64,)), images, classes) == 87_982_370
    deep = BigGANDeepGenerator(image_size=128, attention=(64,))
    before, after = 2 * (16 + 16 + 8 + 4 + 2), (16 + 16) + (16 + 8) + (8 + 4) + (4 + 2) + (2 + 1)
    biases_left_out = 128 * (3 * before // 4 + after)
    assert count(deep, jnp.ones((2, 128)), classes) == 50_244_484 - biases_left_out
    assert count(BigGANDeepDiscriminator(attention=(64,)), images, classes) == 34_590_210


@pytest.mark.slow
def test_every_chunk_of_the_latent_reaches_the_images():
    """One for the first layer and one a block; of seven numbers for three, the first has three."""
    module = BigGANGenerator(image_size=16, channels=1, width=1, embedding_size=2)
    latent, classes = jax.random.normal(KEY, (2, 7)), jnp.eye(2)
    variables = drawn(module, latent, classes)
    assert variables["params"]["Dense_0"]["kernel"].shape[0] == 3
    gains = [variables["params"][f"UpBlock_{i}"]["ConditionalBatchNorm_0"]["gain"]["kernel"] for i in (0, 1)]
    assert [gain.shape[0] for gain in gains] == [2 + 2, 2 + 2]
    gradient = jax.jit(jax.grad(lambda z: jnp.sum(module.apply(variables, z, classes, train=False) ** 2)))(latent)
    assert np.abs(gradient).min() > 1e-6


@pytest.mark.slow
def test_kernels_start_orthogonal():
    module = BigGANGenerator(image_size=8, channels=1, width=1, embedding_size=2)
    variables = jax.jit(lambda: module.init(KEY, jnp.ones((2, 4)), jnp.eye(2), train=True))()
    kernels = [
        leaf.reshape(-1, leaf.shape[-1])
        for path, leaf in jax.tree_util.tree_leaves_with_path(variables["params"])
        if path[-1].key == "kernel"
    ]
    for kernel in kernels:
        smaller = kernel.T @ kernel if kernel.shape[0] >= kernel.shape[1] else kernel @ kernel.T
        np.testing.assert_allclose(smaller, np.eye(len(smaller)), atol=1e-5)
    assert len(jax.tree.leaves(variables["spectral"])) == len(kernels) - 1  # all but the embedding


def test_without_hierarchy_the_sizes_are_those_of_the_authors_program_for_cifar():
    """BigGAN.py and layers.py with the options of scripts/launch_cifar_ema.sh; biases before batch normalisation are
    left out here."""

    def conv(inputs, outputs, size=3):
        return size**2 * inputs * outputs + outputs

    up = 2 * conv(256, 256) + conv(256, 256, 1) + 2 * 2 * 10 * 256
    generator = 128 * 4096 + 4096 + 3 * up + 2 * 256 + conv(256, 3)
    down = conv(3, 256) + conv(256, 256) + conv(3, 256, 1) + 2 * conv(256, 256) + conv(256, 256, 1)
    discriminator = down + 4 * conv(256, 256) + 256 + 1 + 10 * 256
    module, classes = BigGANGenerator(hierarchical=False), jnp.ones((2, 10))
    assert count(module, jnp.ones((2, 128)), classes) == generator - 3 * 3 * 256
    assert count(BigGANDiscriminator(), jnp.ones((2, 32, 32, 3)), classes) == discriminator


@pytest.mark.slow
def test_without_hierarchy_classes_have_their_own_scales_without_spectral_norm():
    init = nn.initializers.normal(0.02)
    module = BigGANGenerator(image_size=8, channels=1, width=32, hierarchical=False, kernel_init=init)
    variables = jax.jit(lambda: module.init(KEY, jnp.ones((2, 1)), jnp.eye(4)[:2], train=True))()
    norm = variables["params"]["UpBlock_0"]["ConditionalBatchNorm_0"]
    assert norm["gain"]["kernel"].shape == norm["shift"]["kernel"].shape == (4, 128)
    for kernel in (norm["gain"]["kernel"], norm["shift"]["kernel"], variables["params"]["Dense_0"]["kernel"]):
        np.testing.assert_allclose(np.std(kernel), 0.02, rtol=0.1)
    assert variables["spectral"]["UpBlock_0"].keys() == {"Conv_0", "Conv_1", "Conv_2"}
    assert "embedding" not in variables["params"]


CONV = partial(Conv, stride=1)


@pytest.mark.parametrize(("features", "up"), [(8, False), (4, True)])
def test_beside_a_deep_block_of_the_generator_the_last_channels_are_dropped(features, up):
    x, block = jax.random.normal(KEY, (2, 4, 4, 8)), DeepUpBlock(features, CONV, ConditionalBatchNorm, up)
    variables = shapes(block, x, jnp.ones((2, 3)))[1]
    assert [variables["params"][f"Conv_{i}"]["kernel"].shape for i in range(4)] == [
        (1, 1, 8, 2),
        (3, 3, 2, 2),
        (3, 3, 2, 2),
        (1, 1, 2, features),
    ]
    zero = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape), variables)
    kept = x[..., :features]
    y = block.apply(zero, x, jnp.ones((2, 3)), train=False)
    np.testing.assert_array_equal(y, upsample(kept) if up else kept)


@pytest.mark.parametrize("features", [8, 12])
def test_a_deep_block_of_the_discriminator_appends_channels_to_its_averaged_input(features):
    x, block = jax.random.normal(KEY, (2, 4, 4, 8)), DeepDownBlock(features, CONV, down=True)
    params = drawn(block, x)["params"]

    def conv(index, x):
        kernel = params[f"Conv_{index}"]["kernel"]
        layer = Conv(kernel.shape[-1], kernel.shape[0], 1)
        return layer.apply({"params": params[f"Conv_{index}"]}, x, train=True)

    h = x
    for i in range(3):
        h = conv(i, nn.relu(h))
    h = conv(3, downsample(nn.relu(h)))
    averaged = downsample(x)
    beside = averaged if features == 8 else jnp.concatenate([averaged, conv(4, averaged)], axis=-1)
    np.testing.assert_allclose(block.apply({"params": params}, x, train=True), beside + h, rtol=1e-4, atol=1e-3)


def test_errors_come_on_construction_or_with_the_first_shapes():
    sizes = "image_size must be one of 8, 16, 28, 32, 64, 128, 256; got 24"
    for generator, discriminator in PLAYERS.values():
        with pytest.raises(ValueError, match=sizes):
            generator(image_size=24)
        with pytest.raises(ValueError, match=r"attention must be .* any of 8, 16; got \(4,\)"):
            generator(image_size=16, attention=(4,))
        with pytest.raises(ValueError, match=sizes):
            shapes(discriminator(), jnp.ones((2, 24, 24, 3)))
        with pytest.raises(ValueError, match=r"attention must be .* any of 8, 4; got \(16,\)"):
            shapes(discriminator(attention=(16,)), jnp.ones((2, 16, 16, 3)))
    with pytest.raises(ValueError, match=r"latent must have at least 3 numbers, got shape \(2, 2\)"):
        shapes(BigGANGenerator(image_size=16), jnp.ones((2, 2)))
