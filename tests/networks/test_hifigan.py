"""The networks of HiFi-GAN: the paper's numbers of parameters, and the authors' layers written out with lax."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from jax import lax

from jaxgan.errors import InputError
from jaxgan.networks import HiFiGANDiscriminator, HiFiGANGenerator
from jaxgan.networks.hifigan import BLOCKS, PERIOD_LAYERS, SCALE_LAYERS
from jaxgan.networks.layers import Conv1D, ConvTranspose1D

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
WAVES, IMAGES = ("NWC", "WIO", "NWC"), ("NHWC", "HWIO", "NHWC")


def effective_parameters(module, *inputs):
    """Without the lengths of weight normalisation, which join the kernels after training."""
    shapes = jax.eval_shape(lambda: module.init(KEY, *inputs, train=True))["params"]
    return sum(leaf.size for path, leaf in jax.tree.leaves_with_path(shapes) if path[-1].key != "scale")


@pytest.mark.parametrize(
    ("width", "upsampling", "blocks", "millions"),
    [(512, (8, 8, 2, 2), "v1", 13.92), (128, (8, 8, 2, 2), "v1", 0.92), (256, (8, 8, 4), "v3", 1.46)],
    ids=["V1", "V2", "V3"],
)
def test_generators_have_the_parameters_of_table_1(width, upsampling, blocks, millions):
    module, mel = HiFiGANGenerator(width, upsampling, blocks), jnp.zeros((1, 4, 80))
    assert effective_parameters(module, jnp.zeros((1, 1)), mel) / 1e6 == pytest.approx(millions, abs=0.01)
    made = jax.eval_shape(lambda: module.init_with_output(KEY, jnp.zeros((1, 1)), mel, train=True)[0])
    assert made.shape == (1, 4 * 256, 1)


def test_judges_have_the_parameters_of_the_authors():
    of_period = [5 * a * b + b for a, b in [(1, 32), (32, 128), (128, 512), (512, 1024), (1024, 1024)]] + [3073]
    widths = [(1, 128, 15, 1), (128, 128, 41, 4), (128, 256, 41, 16), (256, 512, 41, 16), (512, 1024, 41, 16)]
    widths += [(1024, 1024, 41, 16), (1024, 1024, 5, 1)]
    of_scale = [size * (a // groups) * b + b for a, b, size, groups in widths] + [3073]
    found = effective_parameters(HiFiGANDiscriminator(), jnp.zeros((1, 8192, 1)))
    assert found == 5 * sum(of_period) + 3 * sum(of_scale)


def random_variables(module, *inputs):
    """With lengths that are not those of the kernels."""
    variables = module.init(KEY, *inputs, train=True)

    def changed(path, leaf):
        factor = RANDOM.uniform(0.5, 2, leaf.shape) if path[-1].key == "scale" else 1
        return jnp.asarray(leaf * factor, jnp.float32)

    return variables | {"params": jax.tree.map_with_path(changed, variables["params"])}


def kernel_of(layer, axis=-1):
    """g·v / ‖v‖."""
    kernel = np.asarray(layer["kernel"], np.float64)
    others = tuple(i for i in range(3) if i != axis % 3)
    return layer["scale"] * kernel / np.sqrt((kernel**2).sum(axis=others, keepdims=True))


def convolved(x, layer, **options):
    size, dilation = layer["kernel"].shape[0], options.get("rhs_dilation", (1,))[0]
    pad = dilation * (size - 1) // 2
    strides = options.pop("strides", (1,))
    return lax.conv_general_dilated(
        x, jnp.asarray(kernel_of(layer), x.dtype), strides, [(pad, pad)], dimension_numbers=WAVES, **options
    ) + jnp.asarray(layer["bias"])


@pytest.mark.slow
@pytest.mark.parametrize("blocks", BLOCKS)
def test_the_generator_is_that_of_the_authors(blocks):
    module, mel = HiFiGANGenerator(8, (4, 2), blocks), jnp.asarray(RANDOM.normal(size=(2, 6, 5)), jnp.float32)
    params = random_variables(module, jnp.zeros((2, 1)), mel)["params"]
    layers = iter(params[f"Conv1D_{i}"] for i in range(1000))
    kind = BLOCKS[blocks]
    x = convolved(mel, next(layers))
    for i, factor in enumerate((4, 2)):
        layer = params[f"ConvTranspose1D_{i}"]
        # PyTorch's ConvTranspose1d(2u taps, stride u, padding u/2), whose kernel is turned
        x = lax.conv_general_dilated(
            nn.leaky_relu(x, 0.1),
            jnp.asarray(kernel_of(layer, axis=1), x.dtype),
            (1,),
            [(2 * factor - 1 - factor // 2,) * 2],
            lhs_dilation=(factor,),
            dimension_numbers=WAVES,
        ) + jnp.asarray(layer["bias"])
        total = 0
        for dilations in kind.dilations:
            y = x
            for dilation in dilations:
                z = convolved(nn.leaky_relu(y, 0.1), next(layers), rhs_dilation=(dilation,))
                y = y + (convolved(nn.leaky_relu(z, 0.1), next(layers)) if kind.double else z)
            total = total + y
        x = total / len(kind.dilations)
    x = jnp.tanh(convolved(nn.leaky_relu(x, 0.01), next(layers)))
    found = module.apply({"params": params}, jnp.zeros((2, 1)), mel, train=True)
    assert len(params) == 2 + 2 + len(kind.dilations) * 2 * len(kind.dilations[0]) * (1 + kind.double)
    np.testing.assert_allclose(found, x, atol=1e-6)


@pytest.mark.slow
def test_a_judge_of_a_period_is_one_of_images_with_as_many_columns():
    module, x = HiFiGANDiscriminator((3,), 0, period_width=1), jnp.asarray(RANDOM.normal(size=(2, 100, 1)), jnp.float32)
    params = random_variables(module, x)["params"]
    images = jnp.pad(x, ((0, 0), (0, 2), (0, 0)), mode="reflect").reshape(2, 34, 3, 1)
    for i, stride in enumerate([stride for _, stride in PERIOD_LAYERS] + [1]):
        layer = params[f"Conv1D_{i}"]
        kernel = jnp.asarray(kernel_of(layer), x.dtype)[:, None]
        pads = [(kernel.shape[0] // 2,) * 2, (0, 0)]
        images = lax.conv_general_dilated(images, kernel, (stride, 1), pads, dimension_numbers=IMAGES) + layer["bias"]
        images = nn.leaky_relu(images, 0.1) if i < len(PERIOD_LAYERS) else images
    found = module.apply({"params": params}, x, train=False)
    np.testing.assert_allclose(found.reshape(2, 3, -1).swapaxes(1, 2), images[..., 0], atol=1e-5)


@pytest.mark.slow
def test_a_judge_of_a_scale_has_groups_and_sees_means_of_four():
    module = HiFiGANDiscriminator((), 2, scale_width=16)
    x = jnp.asarray(RANDOM.normal(size=(2, 100, 1)), jnp.float32)
    variables = random_variables(module, x)
    params = variables["params"]
    y = np.pad(x[..., 0], ((0, 0), (2, 2)))
    y = jnp.asarray(np.stack([y[:, i : i + 4].mean(axis=1) for i in range(0, 101, 2)], axis=1)[..., None])
    for i, (stride, groups) in enumerate([row[2:] for row in SCALE_LAYERS] + [(1, 1)], len(SCALE_LAYERS) + 1):
        y = convolved(y, params[f"Conv1D_{i}"], strides=(stride,), feature_group_count=groups)
        y = nn.leaky_relu(y, 0.1) if groups > 1 or i in (8, 14) else y
    found, seen = module.apply(variables, x, train=False, mutable=["intermediates"])
    first, second = module.places(100)
    np.testing.assert_allclose(found[:, first:], y[..., 0], atol=1e-5)
    assert (y.shape[1], found.shape[1]) == (second, first + second)
    features = jax.tree.leaves(seen)
    assert len(features) == 2 * (len(SCALE_LAYERS) + 1)
    np.testing.assert_array_equal(features[-1], found[:, first:])


def test_the_first_scale_alone_has_spectral_normalisation():
    module = HiFiGANDiscriminator((2,), 2, period_width=1, scale_width=16)
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.zeros((1, 64, 1)), train=False))
    with_lengths = {name for name, layer in shapes["params"].items() if "scale" in layer}
    assert set(shapes["spectral"]).isdisjoint(with_lengths)
    assert set(shapes["spectral"]) | with_lengths == set(shapes["params"])
    assert len(shapes["spectral"]) == len(SCALE_LAYERS) + 1


@pytest.mark.parametrize("layer", [Conv1D(4, 3, 1, kernel_norm="weight"), ConvTranspose1D(4, 4, 2, weight_norm=True)])
def test_the_first_weight_is_the_kernel_and_its_length_does_not_matter_afterwards(layer):
    x = jnp.asarray(RANDOM.normal(size=(2, 8, 3)), jnp.float32)
    variables = layer.init(KEY, x)
    params = variables["params"]
    plain = layer.clone(**({"kernel_norm": "none"} if isinstance(layer, Conv1D) else {"weight_norm": False}))
    expected = plain.apply({"params": {name: params[name] for name in ("kernel", "bias")}}, x)
    np.testing.assert_allclose(layer.apply(variables, x), expected, atol=1e-6)
    longer = params | {"kernel": 7 * params["kernel"]}
    np.testing.assert_allclose(layer.apply({"params": longer}, x), expected, atol=1e-6)
    louder = params | {"scale": 2 * params["scale"]}
    np.testing.assert_allclose(layer.apply({"params": louder}, x), 2 * expected, atol=1e-5)


@pytest.mark.slow
def test_first_weights_and_biases_are_pytorchs():
    params = HiFiGANGenerator().init(KEY, jnp.zeros((1, 1)), jnp.zeros((1, 2, 80)), train=True)["params"]
    for name, fan_in in (("Conv1D_0", 7 * 80), ("ConvTranspose1D_0", 16 * 128), ("Conv1D_1", 3 * 128)):
        for leaf in (params[name]["kernel"], params[name]["bias"]):
            assert float(jnp.abs(leaf).max()) == pytest.approx(fan_in**-0.5, rel=0.1)
            assert float(jnp.abs(leaf).max()) <= fan_in**-0.5


def test_what_does_not_fit_is_refused():
    for options, why in [
        ({"upsampling": (4, 3)}, r"upsampling must be even factors of at least 2, .* got \(4, 3\)"),
        ({"upsampling": ()}, r"upsampling must be even factors of at least 2, .* got \(\)"),
        ({"width": 12, "upsampling": (2, 2, 2)}, "width must be a multiple of 8, to be halved 3 times, got 12"),
        ({"blocks": "v2"}, "blocks must be one of v1, v3; got 'v2'"),
    ]:
        with pytest.raises(InputError, match=why):
            HiFiGANGenerator(**options)
    for options, why in [
        ({"periods": (0,)}, r"periods must be whole numbers of at least 1, got \(0,\)"),
        ({"periods": (), "scales": 0}, r"there must be a period or a scale, got periods=\(\) and scales=0"),
        ({"scale_width": 8}, "scale_width must be a multiple of 16, the number of groups, got 8"),
    ]:
        with pytest.raises(InputError, match=why):
            HiFiGANDiscriminator(**options)
    with pytest.raises(InputError, match=r"expected spectrograms \[B, frames, bands\], got shape \(2, 3\)"):
        HiFiGANGenerator().init(KEY, jnp.zeros((2, 3)), train=True)
    with pytest.raises(InputError, match=r"expected waveforms \[B, T, 1\] with T above 11, got shape \(1, 11, 1\)"):
        HiFiGANDiscriminator().init(KEY, jnp.zeros((1, 11, 1)), train=True)
