"""PatchGAN: its parameters, the side of its patches, its features and its scales."""

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from layers_for_tests import conv, instance_norm, leaky_relu

from jaxgan import networks
from jaxgan.errors import InputError
from jaxgan.networks import MultiScalePatchDiscriminator, PatchDiscriminator

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)


def authors_parameters(inputs, norm, layers=3, width=64):
    """Number of parameters of the authors' `NLayerDiscriminator`; every convolution of instance norm has a bias."""
    widths = [width * min(2**i, 8) for i in range(layers + 1)]
    total = 16 * inputs * width + width + 16 * widths[-1] + 1
    for before, after in itertools.pairwise(widths):
        total += 16 * before * after + (2 * after if norm == "batch" else after)
    return total


def without_effect(layers=3, width=64):
    """Biases before an instance normalisation."""
    return sum(width * min(2**i, 8) for i in range(1, layers + 1))


def counted(module, side, channels):
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.ones((1, side, side, channels)), train=False))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))


@pytest.mark.parametrize(("channels", "layers", "millions"), [(6, 3, 2.769), (2, 3, 2.765), (2, 2, 0.662)])
def test_for_pairs_it_has_the_published_parameters(channels, layers, millions):
    """The authors' program prints those of two channels, in its issue 1152."""
    expected = authors_parameters(channels, "batch", layers)
    assert round(expected / 1e6, 3) == millions
    assert counted(PatchDiscriminator(layers, norm="batch"), 256, channels) == expected


def test_for_images_it_has_the_published_parameters_but_for_biases_without_effect():
    expected = authors_parameters(3, "instance")
    assert round(expected / 1e6, 3) == 2.765
    assert counted(PatchDiscriminator(), 256, 3) == expected - without_effect()


@pytest.mark.parametrize("padding", [1, 2])
def test_it_is_the_network_of_the_authors_layer_by_layer(padding):
    """With two layers of stride 2, odd sides and random weights; pix2pixHD's program pads two zeros."""
    module, x = PatchDiscriminator(2, 2, padding=padding), RANDOM.normal(size=(2, 17, 14, 3))
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.asarray(x), train=False))["params"]
    params = jax.tree.map(lambda leaf: RANDOM.normal(size=leaf.shape), shapes)
    y = leaky_relu(conv(x, params["Conv_0"], 2, padding))
    for i, stride in ((1, 2), (2, 1)):
        y = leaky_relu(instance_norm(conv(y, params[f"Conv_{i}"], stride, padding)))
    expected = conv(y, params["Conv_3"], 1, padding)[..., 0]
    found = jax.jit(lambda params, x: module.apply({"params": params}, x, train=False))(params, x)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(("layers", "padding"), [(0, 1), (0, 2), (1, 1), (2, 2), (3, 2)])
@pytest.mark.parametrize("size", [(33, 24), (40, 57)])
def test_patches_are_counted_as_they_come(layers, padding, size):
    options = {"layers": layers, "width": 1, "norm": "none", "padding": padding}
    for module in (PatchDiscriminator(**options), MultiScalePatchDiscriminator(scales=2, **options)):
        logits, _ = jax.eval_shape(lambda m=module: m.init_with_output(KEY, jnp.ones((1, *size, 1)), train=False))
        assert logits.size == np.sum(module.patches(*size))


def test_the_ends_are_without_spectral_norm_if_asked():
    module = PatchDiscriminator(1, 2, norm="none", spectral_norm=True, spectral_ends=False)
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.ones((1, 8, 8, 1)), train=False))
    (normalized,) = (tree for name, tree in shapes.items() if name != "params")
    assert set(normalized) == {"Conv_1"}


def test_the_logits_of_256_pixels_are_30_by_30():
    logits = jax.eval_shape(lambda: PatchDiscriminator().init_with_output(KEY, jnp.ones((2, 256, 256, 3)), train=True))
    assert logits[0].shape == (2, 30, 30)


@pytest.mark.slow
@pytest.mark.parametrize(("layers", "patch"), [(0, 1), (1, 16), (2, 34), (3, 70), (4, 142)])
def test_a_patch_has_the_side_of_the_paper(layers, patch):
    """The gradient of one logit is not zero in a square of so many pixels."""
    side = max(8, patch + (4 << layers))
    module, x = PatchDiscriminator(layers, width=1, norm="none"), jax.random.normal(KEY, (1, side, side, 1))
    variables = jax.jit(lambda: module.init(KEY, x, train=False))()
    variables = jax.tree.map(lambda w: 0.1 + jnp.abs(w), variables)  # no two ways cancel

    def logit(x):
        logits = module.apply(variables, x, train=False)
        return logits[0, logits.shape[1] // 2, logits.shape[2] // 2]

    seen = np.asarray(jax.jit(jax.grad(logit))(x))[0, :, :, 0] != 0
    for axis in (0, 1):
        places = np.flatnonzero(seen.any(axis=axis))
        assert len(places) == patch == places[-1] - places[0] + 1
    assert seen.sum() == patch**2


@pytest.mark.parametrize(("size", "logits"), [((24, 24), (4, 4)), ((13, 30), (1, 5)), ((12, 40), (1, 8))])
def test_any_size_has_its_patches(size, logits):
    module, x = PatchDiscriminator(2, width=2), jnp.ones((2, *size, 3))
    assert jax.eval_shape(lambda: module.init_with_output(KEY, x, train=True))[0].shape == (2, *logits)


@pytest.mark.slow
def test_the_condition_stands_beside_the_image():
    x, condition = jax.random.normal(KEY, (2, 12, 12, 1)), jax.random.normal(jax.random.key(1), (2, 12, 12, 2))
    for module in (PatchDiscriminator(1, 2), MultiScalePatchDiscriminator(2, 1, 2)):
        variables = module.init(KEY, x, condition, train=False)
        joined = module.apply(variables, jnp.concatenate([x, condition], axis=-1), train=False)
        np.testing.assert_array_equal(module.apply(variables, x, condition, train=False), joined)


def test_features_are_those_after_each_leaky_relu():
    module, x = networks.linen(PatchDiscriminator(2, 2, dtype=jnp.bfloat16)), jnp.ones((2, 16, 16, 1))
    params, variables = module.init(KEY, x, None)
    (logits, features), _ = module.apply_with_features(params, variables, x, None, key=KEY)
    assert features.shape == (2, 8 * 8 * 2 + 4 * 4 * 4 + 3 * 3 * 8)
    assert features.dtype == logits.dtype == jnp.float32


def test_norms_are_options():
    x = jax.random.normal(KEY, (2, 12, 12, 1))
    norms = {name: PatchDiscriminator(1, 2, norm=name) for name in ("instance", "batch", "none")}
    norms["spectral"] = PatchDiscriminator(1, 2, norm="none", spectral_norm=True)
    init = {name: jax.eval_shape(partial(module.init, train=True), KEY, x) for name, module in norms.items()}
    assert set(init["instance"]) == set(init["none"]) == {"params"}
    assert set(init["batch"]) == {"params", "batch_stats"}
    assert len(jax.tree.leaves(init["spectral"]["spectral"])) == 3
    biases = {name: sum("bias" in layer for layer in tree["params"].values()) for name, tree in init.items()}
    assert biases == {"instance": 2, "batch": 3, "none": 3, "spectral": 3}


@pytest.mark.slow
def test_spectral_norm_bounds_the_slope_of_the_logits():
    """A convolution of 4×4 by stride 2 sees each pixel 4 times, one of stride 1 16 times: √4, √16 and √16."""
    x = jax.random.normal(KEY, (1, 12, 12, 2))
    module = PatchDiscriminator(1, 4, norm="none", spectral_norm=30)
    variables = jax.tree.map(lambda w: 100 * w, module.init(KEY, x, train=False))

    def logits(x):
        return module.apply(variables, x, train=False).ravel()

    slopes = np.asarray(jax.jacobian(logits)(x)).reshape(-1, x.size)
    assert 0 < np.linalg.norm(slopes, 2) <= 2 * 4 * 4


def pooled(x):
    """3×3 means at every second place, of what lies inside alone."""
    height, width = (-(-side // 2) for side in x.shape[1:3])
    y = np.empty((x.shape[0], height, width, x.shape[3]))
    for i in range(height):
        for j in range(width):
            window = x[:, max(0, 2 * i - 1) : 2 * i + 2, max(0, 2 * j - 1) : 2 * j + 2]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


@pytest.mark.slow
def test_each_scale_has_a_discriminator_of_its_own_for_smaller_images():
    module, x = MultiScalePatchDiscriminator(3, 1, 2), np.random.default_rng(0).normal(size=(2, 30, 25, 1))
    variables = jax.jit(lambda: module.init(KEY, x, train=False))()
    expected, one = [], PatchDiscriminator(1, 2)
    for i in range(3):
        params = variables["params"][f"PatchDiscriminator_{i}"]
        expected.append(np.reshape(one.apply({"params": params}, jnp.asarray(x, jnp.float32), train=False), (2, -1)))
        x = pooled(x)
    assert [part.shape[1] for part in expected] == [13 * 10, 5 * 4, 2]
    x = np.random.default_rng(0).normal(size=(2, 30, 25, 1))
    np.testing.assert_allclose(module.apply(variables, x, train=False), np.concatenate(expected, 1), atol=1e-5)


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (PatchDiscriminator, {"norm": "layer"}, "norm must be one of batch, instance, none; got 'layer'"),
        (PatchDiscriminator, {"layers": -1}, "layers must be a whole number of at least 0, got -1"),
        (PatchDiscriminator, {"padding": 3}, "padding must be one of 1, 2; got 3"),
        (MultiScalePatchDiscriminator, {"scales": 0}, "scales must be a whole number of at least 1, got 0"),
    ],
)
def test_arguments_out_of_range_are_refused(module, options, message):
    with pytest.raises(InputError, match=message):
        module(**options)


def test_images_without_a_patch_and_conditions_that_are_no_images_are_refused():
    x = jnp.ones((2, 24, 23, 3))
    with pytest.raises(InputError, match="3 layers need images of at least 24 pixels a side, got 24 by 23"):
        PatchDiscriminator().init(KEY, x, train=False)
    for condition in (jnp.ones((2, 5)), jnp.ones((2, 24, 24, 3))):
        with pytest.raises(InputError, match=r"the condition must be images of \[2, 24, 23\]"):
            PatchDiscriminator(1).init(KEY, x, condition, train=False)
