"""The R3GAN networks: published sizes, what they are at the start, conditions, refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import networks
from jaxgan.networks import R3GANDiscriminator, R3GANGenerator

KEY = jax.random.key(0)
SMALL = {"widths": (8, 4), "blocks": 1, "group_size": 4}
GENERATOR = R3GANGenerator(image_size=8, channels=2, **SMALL)
DISCRIMINATOR = R3GANDiscriminator(**SMALL)


def count(module, *inputs):
    variables = jax.eval_shape(lambda: module.init(KEY, *inputs, train=True))
    return sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))


@pytest.mark.slow
def test_as_many_parameters_as_published():
    """20.73 and 20.68 million on Stacked MNIST, 23.06 and 23.01 million on FFHQ (the paper's tables)."""
    latent = jnp.ones((1, 64))
    assert count(R3GANGenerator(), latent) == 20_732_160
    assert count(R3GANDiscriminator(), jnp.ones((1, 32, 32, 3))) == 20_683_776
    widths = (768, 768, 768, 768, 384, 192, 96)
    assert count(R3GANGenerator(image_size=256, widths=widths), latent) == 23_057_952
    assert count(R3GANDiscriminator(widths=widths), jnp.ones((1, 256, 256, 3))) == 23_009_568


@pytest.mark.parametrize(("size", "stages"), [(28, 3), (64, 5), (128, 6)])
def test_sizes(size, stages):
    widths = (8,) * stages
    module = R3GANGenerator(image_size=size, channels=1, widths=widths)
    images, _ = jax.eval_shape(lambda: module.init_with_output(KEY, jnp.ones((2, 5)), train=True))
    assert images.shape == (2, size, size, 1)
    x = jnp.zeros(images.shape)
    logits, _ = jax.eval_shape(lambda: R3GANDiscriminator(widths).init_with_output(KEY, x, train=True))
    assert logits.shape == (2,)


@pytest.mark.slow
def test_branches_start_at_nothing_and_their_kernels_by_fixup():
    module = R3GANGenerator(image_size=32, widths=(64, 64), group_size=16)
    params = jax.jit(lambda: module.init(KEY, jnp.ones((1, 5)), train=True))()["params"]
    blocks = [value for name, value in params.items() if name.startswith("ResidualBlock")]
    assert len(blocks) == 4
    for block in blocks:
        assert not block["Conv_2"]["kernel"].any()
        assert "bias" not in block["Conv_2"]
        for name, fan_in in (("Conv_0", 64), ("Conv_1", 9 * 16)):
            spread = np.sqrt(2 / 1.04 / fan_in) * 4**-0.25
            np.testing.assert_allclose(np.std(block[name]["kernel"]), spread, rtol=0.05)
    assert block["Conv_1"]["kernel"].shape == (3, 3, 16, 128)


def test_as_many_parameters_with_conditions_as_in_the_authors_program():
    """DiscriminativeBasis has a linear map of 768 to 768, EmbeddingLayer one of 10 to 768, or to 64."""
    condition = jnp.ones((1, 10))
    assert count(R3GANDiscriminator(), jnp.ones((1, 32, 32, 3)), condition) == 20_683_776 - 768 + 768 * 768 + 10 * 768
    assert count(R3GANGenerator(), jnp.ones((1, 64)), condition) == 20_732_160 + 64 * 768 + 10 * 64


@pytest.mark.slow
def test_a_conditional_logit_is_the_product_of_projected_features_and_embedding_alone():
    @jax.jit
    def run():
        images, _ = GENERATOR.init_with_output(KEY, jnp.ones((3, 5)), jnp.eye(3), train=False)
        of_d = DISCRIMINATOR.init(KEY, images, jnp.eye(3), train=False)["params"]
        apply = networks.linen(DISCRIMINATOR).apply_with_features
        (logits, features), _ = apply(of_d, {}, images, 5 * jnp.eye(3), key=KEY)
        return images, of_d, logits, features

    images, of_d, logits, features = run()
    assert len(np.unique(images.reshape(3, -1), axis=0)) == 3
    assert features.shape == (3, 8)
    projected = features @ of_d["projection"]["kernel"]
    np.testing.assert_allclose(logits, np.sum(projected * 5 * of_d["embedding"]["kernel"], axis=1), rtol=1e-4)
    assert "Dense_0" not in of_d


def test_the_head_starts_with_the_authors_deviations():
    """MSRInitializer: 1/√fan_in, for the embedding times 1/√width; fan_in is the number of classes there."""
    head = R3GANDiscriminator((256,), blocks=1)
    params = jax.jit(lambda: head.init(KEY, jnp.ones((1, 4, 4, 3)), jnp.ones((1, 10)), train=True))()["params"]
    for name, deviation in (("projection", 256**-0.5), ("embedding", (256 * 10) ** -0.5)):
        np.testing.assert_allclose(np.std(params[name]["kernel"]), deviation, rtol=0.05)
    np.testing.assert_allclose(np.std(params["kernel"]), 1 / 4, rtol=0.05)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 30}, "image_size must be a multiple of 8 for 4 widths, got 30"),
        ({"widths": (20, 20)}, r"multiples of group_size=16, got \(20, 20\)"),
        ({"widths": ()}, "widths must name at least one stage"),
        ({"blocks": 0}, "blocks must be a whole number of at least 1, got 0"),
        ({"group_size": 2.0}, "group_size must be a whole number of at least 1, got 2.0"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        R3GANGenerator(**arguments)
    if "image_size" not in arguments:
        with pytest.raises(ValueError, match=message):
            R3GANDiscriminator(**arguments)


@pytest.mark.usefixtures("without_shape_checks")
def test_refuses_images_of_another_size():
    with pytest.raises(ValueError, match="image_size must be a multiple of 2 for 2 widths, got 9"):
        DISCRIMINATOR.init(KEY, jnp.ones((1, 9, 9, 2)), train=True)
    with pytest.raises(ValueError, match=r"image_size must be a multiple of 2 for 2 widths, got \(8, 15\)"):
        DISCRIMINATOR.init(KEY, jnp.ones((1, 8, 15, 1)), train=True)
