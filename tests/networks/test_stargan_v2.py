"""The networks of StarGAN v2: their parameters, and that a style and a domain do what they should."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import networks
from jaxgan.errors import InputError
from jaxgan.networks import StarGANv2Discriminator, StarGANv2Generator, StarGANv2Mapping, StarGANv2StyleEncoder

KEY = jax.random.key(0)
SMALL = {"width": 2, "channel_max": 4}
IMAGES = jax.random.normal(KEY, (3, 8, 8, 2))
DOMAINS = jnp.eye(3)


def convolution(inputs, outputs, size=3):
    return size * size * inputs * outputs + outputs


def authors_generator(widths, style=64):
    """Number of parameters of the authors' `Generator` with `w_hpf=0`; `widths` of the maps, the image's first."""

    def down(before, after):
        total = convolution(before, before) + convolution(before, after) + 4 * before
        return total + (before * after if before != after else 0)

    def up(before, after):
        norms = 2 * (style + 1) * (before + after)
        total = norms + convolution(before, after) + convolution(after, after)
        return total + (before * after if before != after else 0)

    total = convolution(3, widths[0]) + 2 * widths[0] + convolution(widths[0], 3, 1)
    for narrow, wide in itertools.pairwise(widths):
        total += down(narrow, wide) + up(wide, narrow)
    return total + 2 * (down(widths[-1], widths[-1]) + up(widths[-1], widths[-1]))


def without_effect(widths):
    """Biases of the first convolution in each block, which an instance normalisation follows."""
    return 2 * sum(widths[:-1]) + 4 * widths[-1]


def authors_body(widths):
    """Number of parameters of the layers that `StyleEncoder` and `Discriminator` share."""
    total = convolution(3, widths[0]) + convolution(widths[-1], widths[-1], 4)
    for before, after in itertools.pairwise(widths):
        total += convolution(before, before) + convolution(before, after)
        total += before * after if before != after else 0
    return total


def counted(module, *inputs):
    shapes = jax.eval_shape(lambda: module.init(KEY, *inputs, train=False))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))


@pytest.mark.slow
def test_they_have_the_parameters_of_the_authors_at_256_pixels():
    x, domains = jnp.ones((1, 256, 256, 3)), jnp.ones((1, 2))
    widths = [64, 128, 256, 512, 512]
    found = counted(StarGANv2Generator(), x, jnp.ones((1, 64)))
    assert found == authors_generator(widths) - without_effect(widths)
    body = authors_body([*widths, 512, 512])
    assert counted(StarGANv2StyleEncoder(), x, domains) == body + 2 * (512 * 64 + 64)
    assert counted(StarGANv2Discriminator(), x, domains) == body + 512 * 2 + 2
    wide = 512 * 512 + 512
    mapping = 16 * 512 + 512 + 3 * wide + 2 * (3 * wide + 512 * 64 + 64)
    assert counted(StarGANv2Mapping(), jnp.ones((1, 16)), domains) == mapping


@pytest.mark.slow
@pytest.mark.parametrize("size", [(8, 12), (16, 16)])
def test_a_style_changes_the_image_and_no_other_row(size):
    x = jax.random.normal(KEY, (2, *size, 3))
    module, styles = StarGANv2Generator(channels=2, halvings=1, **SMALL), jax.random.normal(KEY, (2, 4))
    variables = jax.jit(lambda: module.init(KEY, x, styles, train=False))()
    apply = jax.jit(lambda styles: module.apply(variables, x, styles, train=False))
    before, after = apply(styles), apply(styles.at[0].set(0.0))
    assert before.shape == (2, *size, 2)
    assert np.abs(before[0] - after[0]).max() > 1e-3
    np.testing.assert_allclose(before[1], after[1], atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "x"),
    [
        (StarGANv2Mapping(style_size=4, hidden=8), jnp.ones((3, 5))),
        (StarGANv2StyleEncoder(style_size=4, **SMALL), IMAGES[:1]),
    ],
    ids=["mapping", "encoder"],
)
def test_each_domain_has_a_style_of_its_own(module, x):
    x = jnp.broadcast_to(x[:1], (3, *x.shape[1:]))
    variables = jax.jit(lambda: module.init(KEY, x, DOMAINS, train=False))()
    styles = module.apply(variables, x, DOMAINS, train=False)
    assert styles.shape == (3, 4)
    assert len(np.unique(np.round(styles, 4), axis=0)) == 3

    def of_first_domain(params):
        return jnp.sum(module.apply({"params": params}, x, DOMAINS, train=False)[0])

    slopes = jax.grad(of_first_domain)(variables["params"])
    for name, layer in slopes.items():
        if name.startswith("DomainDense"):
            assert np.abs(layer["kernel"][0]).max() > 0
            np.testing.assert_array_equal(layer["kernel"][1:], 0)


@pytest.mark.slow
def test_the_logit_is_that_of_the_domain():
    module = StarGANv2Discriminator(dtype=jnp.bfloat16, **SMALL)
    params, variables = networks.linen(module).init(KEY, IMAGES, DOMAINS)
    (logits, features), _ = networks.linen(module).apply_with_features(params, variables, IMAGES, DOMAINS, key=KEY)
    assert features.shape == (3, 4)
    assert features.dtype == logits.dtype == jnp.float32
    head = params["Dense_0"]
    np.testing.assert_allclose(logits, np.diag(features @ head["kernel"] + head["bias"]), rtol=1e-5)


def test_bfloat16_lies_between_the_layers_and_images_are_float32():
    module, styles = StarGANv2Generator(halvings=1, dtype=jnp.bfloat16, **SMALL), jnp.ones((3, 4))
    images, variables = jax.eval_shape(
        lambda: module.init_with_output(KEY, IMAGES, styles, train=True, capture_intermediates=True)
    )
    assert images.dtype == jnp.float32
    assert {leaf.dtype for leaf in jax.tree.leaves(variables["params"])} == {jnp.dtype(jnp.float32)}
    blocks = [value["__call__"] for name, value in variables["intermediates"].items() if "Block" in name]
    assert {leaf.dtype for leaf in jax.tree.leaves(blocks)} == {jnp.dtype(jnp.bfloat16)}


@pytest.mark.parametrize("size", [(8, 16), (4, 4), (12, 12)])
def test_images_that_do_not_halve_down_to_four_pixels_are_refused(size):
    message = f"a power of two of at least 8, got {size[0]} by {size[1]}"
    for module in (StarGANv2Discriminator(**SMALL), StarGANv2StyleEncoder(**SMALL)):
        with pytest.raises(InputError, match=message):
            module.init(KEY, jnp.ones((3, *size, 2)), DOMAINS, train=False)


def test_a_generator_without_a_style_is_refused():
    with pytest.raises(InputError, match=r"the condition must be styles \[B, S\]"):
        StarGANv2Generator(halvings=1, **SMALL).init(KEY, IMAGES, None, train=False)
    with pytest.raises(InputError, match=r"multiples of 16, got image_size=\(8, 8\)"):
        StarGANv2Generator(**SMALL).init(KEY, IMAGES, DOMAINS, train=False)
