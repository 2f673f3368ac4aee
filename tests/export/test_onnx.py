"""The ONNX model is the generator; what it cannot be is said in words."""

import importlib.util
import sys
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxgan.cli import main
from jaxgan.devices import compiling_for
from jaxgan.errors import InputError
from jaxgan.export.onnx import PLATFORM, onnx_model, simplified
from jaxgan.networks import StyleGAN2Generator
from jaxgan.networks.layers.convolution import conv, conv_transpose
from jaxgan.observe.requests import any_batch
from jaxgan.recipes.making import made
from jaxgan.recipes.presets import PRESETS, preset

CONVERTER = pytest.mark.skipif(importlib.util.find_spec("jax2onnx") is None, reason="needs jax2onnx")
DIGITS = {"batch_size": 8, "width": 4}


def array(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def trained(name, **options):
    """Experiment and first state of a preset."""
    config = preset(name).replace(**options)
    experiment = made(config.recipe, config.recipe.asked_for(PRESETS[name].of), config.program)
    batch = jax.tree.map(
        lambda like: jnp.zeros(like.shape, like.dtype), any_batch(experiment, config.program.batch_size)
    )
    return experiment, jax.device_get(jax.jit(experiment.algorithm.init)(jax.random.key(0), batch))


@pytest.mark.parametrize("padding", ["SAME", ((1, 2), (0, 1)), ((-1, 0), (2, -1))])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("layer", [conv, conv_transpose])
def test_convolutions_are_the_same_and_one_operation_each(layer, stride, padding):
    x, kernel = array(2, 6, 7, 3), array(4, 3, 3, 5)
    with compiling_for(PLATFORM):
        program = jax.make_jaxpr(lambda x: layer(x, kernel, stride, padding))(x)
    names = [equation.primitive.name for equation in program.jaxpr.eqns]
    assert names.count("conv_general_dilated") == 1
    (found,) = simplified(program)(x)
    np.testing.assert_allclose(found, layer(x, kernel, stride, padding), atol=1e-5)
    pads = (equation.params["padding"] for equation in program.jaxpr.eqns if equation.primitive.name in names[-1:])
    assert layer is conv_transpose or all(low >= 0 for pad in pads for low in np.ravel(pad))


def test_pads_are_written_out():
    @jax.jit
    def padded(x):
        jax.random.normal(jax.random.key(0), x.shape)
        return jax.nn.relu(lax.pad(x, -1.0, ((1, 2, 2), (-1, 0, 1), (0, -2, 0))))

    x = array(3, 4, 5)
    program = simplified(jax.make_jaxpr(padded)(x))
    np.testing.assert_array_equal(program(x)[0], padded(x))
    names = {equation.primitive.name for equation in jax.make_jaxpr(program)(x).jaxpr.eqns}
    assert not names & {"pad", "jit", "pjit", "custom_jvp_call"}
    assert not any("random" in name for name in names)


def test_the_noise_of_stylegan2_is_a_constant():
    generator = StyleGAN2Generator(16, 1, style_size=4, mapping_layers=1, channel_base=64, channel_max=4)
    variables = jax.eval_shape(lambda: generator.init(jax.random.key(0), jnp.ones((1, 4)), train=True))
    program = jax.make_jaxpr(lambda v, z: generator.apply(v, z, train=False))(variables, jnp.ones((1, 4)))
    assert "random" not in str(program)


@pytest.mark.parametrize("missing", ["jax2onnx", "onnxruntime"])
def test_without_its_packages_the_extra_is_named(monkeypatch, missing):
    for name in ("jax2onnx", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None if name == missing else SimpleNamespace())
    with pytest.raises(InputError, match=r"pip install 'jaxgan\[onnx\]'"):
        onnx_model(*trained("ring", batch_size=8, generator_hidden=(8,), discriminator_hidden=(8,)))


@CONVERTER
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ring", {"batch_size": 8}),
        ("digits", DIGITS),
        ("r3gan-mnist", {"batch_size": 8}),
        ("pix2pix", {"batch_size": 8, "generator_width": 2}),
        ("cut-digits", {"batch_size": 8}),
        ("wavegan-tones", {"batch_size": 8, "generator_width": 1, "discriminator_width": 1}),
        ("hifigan-tones", {"batch_size": 8, "generator_width": 8, "periods": (2,), "scales": 0, "period_width": 1}),
        ("stylegan2-ada-cifar10", {"batch_size": 8, "channel_base": 64, "channel_max": 4}),
    ],
)
def test_the_model_is_the_generator(name, options):
    model = onnx_model(*trained(name, **options))
    assert model.difference < 1e-5
    assert "seed" not in model.inputs


@pytest.mark.slow
def test_what_is_not_converted_is_refused_in_words(monkeypatch):
    def to_onnx(function, inputs, **options):
        raise NotImplementedError("no plugin for sin\nand more")

    monkeypatch.setitem(sys.modules, "jax2onnx", SimpleNamespace(to_onnx=to_onnx))
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace())
    few = {"batch_size": 8, "generator_hidden": (8,), "discriminator_hidden": (8,)}
    with pytest.raises(InputError, match=r"jax2onnx does not convert this generator: no plugin for sin$"):
        onnx_model(*trained("ring", **few))
    with pytest.raises(InputError, match="the samples need random numbers besides their latents"):
        onnx_model(*trained("pix2pix", batch_size=8, generator_width=2, sampling_dropout=True))


@CONVERTER
@pytest.mark.slow
def test_the_folder_has_the_model_and_its_card_calls_it(tmp_path, monkeypatch):
    few = ("--batch-size=8", "--steps=2", "--log-every=2", "--sample-every=2", "--checkpoint-every=2", "--show=none")
    assert main(["train", "digits", "--width=4", *few, "--out", str(tmp_path)]) == 0
    folder = tmp_path / "00000-digits" / "export"
    assert main(["export", str(folder.parent), "--onnx"]) == 0
    card = (folder / "README.md").read_text()
    codes = [part.partition("```")[0] for part in card.split("```python\n")[1:]]
    monkeypatch.chdir(folder)
    names = {}
    exec(codes[0], names)
    first = np.asarray(names["samples"])
    exec(codes[1], names)
    np.testing.assert_allclose(names["samples"], first, atol=1e-5)
