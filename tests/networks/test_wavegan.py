"""The networks of WaveGAN: the authors' layers, convolutions against lax, and the shuffle of phases."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxgan.errors import InputError
from jaxgan.networks import WaveGANDiscriminator, WaveGANGenerator
from jaxgan.networks.layers.waveform import conv_1d, conv_transpose_1d
from jaxgan.networks.wavegan import phase_shuffled

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
WAVES = ("NWC", "WIO", "NWC")


def parameters(module, x):
    shapes = jax.eval_shape(lambda: module.init(KEY, x, train=False))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))


def authors_layers(length, width, channels):
    """Inputs and features of the layers of train_wavegan.py between 16 places and the waveform, widest first."""
    widths = [width * multiple for multiple in ([16, 8, 4, 2, 1] if length == 16384 else [32, 16, 8, 4, 2, 1])]
    return list(zip(widths, [*widths[1:], channels], strict=True))


@pytest.mark.parametrize("length", [16384, 65536])
def test_they_have_the_parameters_of_the_authors(length):
    layers = authors_layers(length, 64, 2)
    wide = 16 * layers[0][0]
    up = 100 * wide + wide + sum(25 * a * b + b for a, b in layers)
    down = sum(25 * b * a + a for a, b in layers) + wide + 1
    assert parameters(WaveGANGenerator(length, 2), jnp.ones((1, 100))) == up
    assert parameters(WaveGANDiscriminator(), jnp.ones((1, length, 2))) == down


def test_shorter_sounds_have_fewer_layers_and_other_lengths_are_refused():
    module = WaveGANGenerator(256, width=2)
    made, params = jax.eval_shape(lambda: module.init_with_output(KEY, jnp.ones((3, 5)), train=True))
    assert made.shape == (3, 256, 1)
    assert {name: leaf["kernel"].shape for name, leaf in params["params"].items()} == {
        "Dense_0": (5, 64),
        "ConvTranspose1D_0": (25, 4, 2),
        "ConvTranspose1D_1": (25, 2, 1),
    }
    for length in (0, 16, 100, 128, 32768):
        with pytest.raises(InputError, match=f"length must be 16 times a power of 4, .* got {length}"):
            WaveGANGenerator(length)
    with pytest.raises(InputError, match=r"expected waveforms \[B, T, C\], got shape \(2, 64\)"):
        WaveGANDiscriminator().init(KEY, jnp.ones((2, 64)), train=False)


@pytest.mark.parametrize(("taps", "stride", "times"), [(25, 4, 64), (25, 4, 18), (3, 1, 7), (2, 5, 11)])
def test_convolutions_are_those_of_lax(taps, stride, times):
    with jax.enable_x64(True):
        x, kernel = RANDOM.normal(size=(2, times, 3)), RANDOM.normal(size=(taps, 3, 2))
        expected = lax.conv_general_dilated(x, kernel, (stride,), "SAME", dimension_numbers=WAVES)
        np.testing.assert_allclose(conv_1d(jnp.asarray(x), jnp.asarray(kernel), stride), expected, atol=1e-12)
        if taps > stride:
            expected = lax.conv_transpose(x, kernel, (stride,), "SAME", dimension_numbers=WAVES)
            found = conv_transpose_1d(jnp.asarray(x), jnp.asarray(kernel), stride)
            np.testing.assert_allclose(found, expected, atol=1e-12)


def shuffled_as_the_authors(x, phase):
    """apply_phaseshuffle of wavegan.py in NumPy, one row."""
    left, right = max(phase, 0), max(-phase, 0)
    return np.pad(x, ((left, right), (0, 0)), mode="reflect")[right : right + len(x)]


def test_phases_are_shuffled_as_the_authors_do_row_by_row():
    x, shifts = RANDOM.normal(size=(5, 6, 2)).astype(np.float32), np.array([-2, -1, 0, 1, 2])
    found = phase_shuffled(jnp.asarray(x), jnp.asarray(shifts), 2)
    np.testing.assert_array_equal(found, [shuffled_as_the_authors(*row) for row in zip(x, shifts, strict=True)])


@pytest.mark.slow
def test_only_training_shuffles_and_another_key_shuffles_otherwise():
    module, x = WaveGANDiscriminator(2), jnp.asarray(RANDOM.normal(size=(4, 256, 1)), jnp.float32)
    variables = module.init(KEY, x, train=False)

    def logits(seed, **options):
        return module.clone(**options).apply(variables, x, train=True, rngs={"dropout": jax.random.key(seed)})

    plain = module.apply(variables, x, train=False)
    np.testing.assert_array_equal(logits(1, phase_shuffle=0), plain)
    assert np.any(logits(1) != logits(2))
