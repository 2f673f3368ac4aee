"""Resampling against scipy's filters, its derivatives, and what it keeps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from scipy.signal import correlate2d, upfirdn

from jaxgan.networks.layers import fir

X = np.random.default_rng(0).normal(size=(2, 6, 4, 3))
FILTERS = [(1, 3, 3, 1), (1, 2, 1), (1, 1), (1,), (1.0, 2.0, -3.0, 5.0, 0.5), (2, 1, 0, 0, 1, 3)]


def along(axis, function):
    return lambda x: np.apply_along_axis(function, axis, x)


def upsampled(x, taps):
    taps = np.array(taps) / np.sum(taps)
    before = (len(taps) - 1) // 2

    def one(row):
        return np.pad(upfirdn(2 * taps, np.pad(row, 3), up=2), 6)[12 + before :][: 2 * len(row)]

    return along(2, one)(along(1, one)(x))


def blurred(x, taps):
    taps = np.array(taps, float) / np.sum(taps)
    before = (len(taps) - 1) // 2
    both = np.outer(taps, taps)
    ends = (before, len(taps) - 1 - before)
    planes = [[correlate2d(np.pad(row[..., c], (ends, ends)), both, "valid") for c in range(3)] for row in x]
    return np.array(planes).transpose(0, 2, 3, 1)


@pytest.mark.parametrize("taps", FILTERS, ids=str)
def test_is_that_of_scipy(taps):
    with jax.enable_x64(True):
        x = jnp.asarray(X)
        np.testing.assert_allclose(fir.upsample(x, taps), upsampled(X, taps), atol=1e-12)
        np.testing.assert_allclose(fir.blur(x, taps), blurred(X, taps), atol=1e-12)
        np.testing.assert_allclose(fir.downsample(x, taps), blurred(X, taps)[:, ::2, ::2], atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("function", [fir.upsample, fir.downsample, fir.blur])
def test_derivatives_are_exact_to_second_order(function):
    with jax.enable_x64(True):
        check_grads(lambda x: jnp.sin(function(jnp.asarray(x))), (jnp.asarray(X),), order=2)


def test_keeps_one_value_and_the_dtype():
    flat = jnp.ones((1, 8, 8, 1), jnp.bfloat16)
    for y in (fir.upsample(flat), fir.downsample(flat), fir.blur(flat)):
        assert y.dtype == jnp.bfloat16
        np.testing.assert_allclose(np.asarray(y[:, 2:-2, 2:-2], np.float32), 1)


def test_bilinear_values():
    row = jnp.arange(4.0).reshape(1, 1, 4, 1) * jnp.ones((1, 4, 1, 1))
    np.testing.assert_allclose(fir.upsample(row)[0, 3, 1:-1, 0], [0.25, 0.75, 1.25, 1.75, 2.25, 2.75])
    np.testing.assert_allclose(fir.downsample(row, (1, 1))[0, 0, :, 0], [0.5, 2.5])


@pytest.mark.usefixtures("without_shape_checks")
def test_refuses():
    with pytest.raises(ValueError, match=r"only even sides can be halved, got images of shape \(1, 3, 4, 1\)"):
        fir.downsample(jnp.ones((1, 3, 4, 1)))
    for function in (fir.upsample, fir.downsample, fir.blur):
        with pytest.raises(ValueError, match=r"sum other than 0, got \(1, -1\)"):
            function(jnp.ones((1, 4, 4, 1)), (1, -1))
