"""Images that are not square: laid out by the shorter side, and as long as the longer one allows."""

import jax
import jax.numpy as jnp
import pytest

from jaxgan import networks

KEY = jax.random.key(0)
SMALL = {"channel_base": 64, "channel_max": 8}
NETWORKS = {
    "dcgan": (networks.DCGANGenerator, networks.DCGANDiscriminator, {"width": 4}, {}),
    "sn_resnet": (networks.SNResNetGenerator, networks.SNResNetDiscriminator, {"width": 4, "attention": (16,)}, {}),
    "stylegan2": (networks.StyleGAN2Generator, networks.StyleGAN2Discriminator, SMALL, {"style_size": 8}),
    "r3gan": (networks.R3GANGenerator, networks.R3GANDiscriminator, {"widths": (16, 16, 16)}, {}),
    "biggan": (networks.BigGANGenerator, networks.BigGANDiscriminator, {"width": 4, "attention": (16,)}, {}),
    "biggan_deep": (networks.BigGANDeepGenerator, networks.BigGANDeepDiscriminator, {"width": 4}, {}),
}
every = pytest.mark.parametrize(
    ("generator", "discriminator", "shared", "own"),
    [
        pytest.param(*players, id=name, marks=[pytest.mark.slow] if name.startswith("biggan") else [])
        for name, players in NETWORKS.items()
    ],
)


def shapes(module, x, rows):
    made, variables = jax.eval_shape(lambda: module.init_with_output(KEY, x, jnp.ones((rows, 3)), train=True))
    return made.shape, jax.tree.map(lambda leaf: leaf.shape, variables["params"])


@pytest.mark.slow
@every
@pytest.mark.parametrize("size", [(32, 64), (48, 32)])
def test_a_rectangle_has_the_parameters_of_its_square_but_for_the_smallest_map(
    generator, discriminator, shared, own, size
):
    made, params = shapes(generator(image_size=size, channels=2, **shared, **own), jnp.ones((4, 12)), 4)
    assert made == (4, *size, 2)
    _, of_square = shapes(generator(image_size=32, channels=2, **shared, **own), jnp.ones((4, 12)), 4)
    assert jax.tree.structure(params) == jax.tree.structure(of_square)
    logits, params = shapes(discriminator(**shared), jnp.ones(made), 4)
    _, of_square = shapes(discriminator(**shared), jnp.ones((4, 32, 32, 2)), 4)
    assert logits == (4,)
    assert jax.tree.structure(params) == jax.tree.structure(of_square)


@every
def test_two_equal_sides_are_one_number(generator, discriminator, shared, own):
    one, two = (shapes(generator(image_size=s, **shared, **own), jnp.ones((2, 12)), 2) for s in (32, (32, 32)))
    assert one == two


@every
def test_a_longer_side_that_cannot_be_halved_as_often_is_an_error(generator, discriminator, shared, own):
    with pytest.raises(ValueError, match=r"multiple.*\(32, 63\)"):
        generator(image_size=(32, 63), **shared, **own)
    with pytest.raises(ValueError, match=r"multiple.*\(32, 63\)"):
        shapes(discriminator(**shared), jnp.ones((2, 32, 63, 1)), 2)


@pytest.mark.parametrize("name", ["dcgan", "sn_resnet", "biggan", "biggan_deep"])
def test_a_shorter_side_without_a_layout_is_an_error(name):
    generator, discriminator, *_ = NETWORKS[name]
    with pytest.raises(ValueError, match=r"shorter side of image_size=\(24, 64\) must be one of 8, 16, 28,.*got 24"):
        generator(image_size=(24, 64))
    with pytest.raises(ValueError, match=r"image_size must be one of 8, 16, 28, .*got 25"):
        shapes(discriminator(), jnp.ones((2, 25, 25, 1)), 2)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize("size", [(32, 64, 3), (32, 0), (32.0, 64)])
def test_what_is_no_size_is_an_error(size):
    with pytest.raises(ValueError, match=r"image_size must be a whole number of at least 1, or .height, width., got"):
        networks.R3GANGenerator(image_size=size, widths=(16, 16))
    with pytest.raises(ValueError, match=r"image_size must be a whole number of at least 1, or .height, width., got"):
        networks.DCGANGenerator(image_size=size)


def test_a_transposed_image_is_judged_as_the_image_by_transposed_kernels():
    """Height and width are nowhere confused: the first convolution alone knows which is which here."""
    module = networks.DCGANDiscriminator(width=2, batch_norm=False)
    x = jax.random.normal(KEY, (2, 8, 16, 1))
    variables = module.init(KEY, x, train=False)
    turned = jax.tree.map(lambda w: w.swapaxes(0, 1) if w.ndim == 4 else w, variables)
    dense = turned["params"]["Dense_0"]["kernel"]
    turned["params"]["Dense_0"]["kernel"] = dense.reshape(4, 8, 2, 1).swapaxes(0, 1).reshape(-1, 1)
    logits = module.apply(variables, x, train=False)
    assert jnp.allclose(module.apply(turned, x.swapaxes(1, 2), train=False), logits, atol=1e-6)
