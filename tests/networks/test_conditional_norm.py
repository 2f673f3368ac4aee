"""Conditional, self-modulated and standing batch normalisation against NumPy."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks import standing_statistics
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)


def normal(*shape):
    return jnp.asarray(RANDOM.normal(size=shape), jnp.float32)


def normalised(x):
    axes = tuple(range(x.ndim - 1))
    return (x - x.mean(axes)) / np.sqrt(x.var(axes) + 1e-5)


def test_each_class_has_its_scale_and_shift():
    x, gain, shift = 1 + 2 * normal(6, 3, 3, 4), normal(2, 4), normal(2, 4)
    labels = np.array([0, 1, 1, 0, 1, 0])
    params = {"gain": {"kernel": gain}, "shift": {"kernel": shift}}
    variables = ConditionalBatchNorm().init(KEY, x, jnp.eye(2)[labels], train=True)
    y, _ = ConditionalBatchNorm().apply(
        {**variables, "params": params}, x, jnp.eye(2)[labels], train=True, mutable=["batch_stats"]
    )
    expected = normalised(x) * (1 + gain[labels])[:, None, None] + shift[labels][:, None, None]
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


def test_it_starts_as_batch_normalisation_and_without_a_condition_is_it():
    x, condition = normal(5, 4), normal(5, 3)
    y, variables = ConditionalBatchNorm().init_with_output(KEY, x, condition, train=True)
    np.testing.assert_allclose(y, normalised(x), rtol=1e-4, atol=1e-5)
    assert set(variables["params"]) == {"gain", "shift"}
    y, variables = ConditionalBatchNorm().init_with_output(KEY, x, train=True)
    np.testing.assert_allclose(y, normalised(x), rtol=1e-4, atol=1e-5)
    assert jax.tree.map(jnp.shape, variables["params"]) == {"BatchNorm_0": {"scale": (4,), "bias": (4,)}}


def test_self_modulation_has_a_hidden_layer_of_its_own():
    x, latent, gain, shift = normal(5, 2, 4), normal(5, 3), normal(6, 4), normal(6, 4)
    layer = ConditionalBatchNorm(hidden=6)
    variables = layer.init(KEY, x, latent, train=True)
    hidden = {"kernel": normal(3, 6), "bias": normal(6)}
    params = {"hidden": hidden, "gain": {"kernel": gain}, "shift": {"kernel": shift}}
    y, _ = layer.apply({**variables, "params": params}, x, latent, train=True, mutable=["batch_stats"])
    units = np.maximum(latent @ hidden["kernel"] + hidden["bias"], 0)
    expected = normalised(x) * (1 + units @ gain)[:, None] + (units @ shift)[:, None]
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)


class Small(nn.Module):
    """Two batch normalisations, of the latent and of a function of it."""

    @nn.compact
    def __call__(self, latent, condition=None, *, train):
        x = nn.Dense(4)(nn.relu(ConditionalBatchNorm()(latent, condition, train=train)))
        return ConditionalBatchNorm()(x, train=train)


@pytest.mark.slow
@pytest.mark.parametrize("classes", [0, 2])
def test_standing_statistics_are_the_average_of_those_of_the_batches(classes):
    latents = 3 + 0.2 * normal(7, 8, 3)
    conditions = jnp.eye(2)[RANDOM.integers(0, 2, (7, 8))] if classes else None
    start = dict(Small().init(KEY, latents[0], None if conditions is None else conditions[0], train=True))
    params, variables = start.pop("params"), {**start, "spectral": {"u": jnp.ones(3)}}
    kept = jax.tree.map(np.array, variables)
    measured = jax.jit(lambda *args: standing_statistics(Small(), *args))(params, variables, latents, conditions)
    jax.tree.map(np.testing.assert_array_equal, variables, kept)
    np.testing.assert_array_equal(measured["spectral"]["u"], 1)
    first, second = (measured["batch_stats"][f"ConditionalBatchNorm_{i}"]["BatchNorm_0"] for i in (0, 1))
    np.testing.assert_allclose(first["mean"], latents.mean((0, 1)), rtol=1e-5)
    np.testing.assert_allclose(first["var"], latents.var(1).mean(0), rtol=1e-3)
    hidden = [np.maximum(normalised(z), 0) @ params["Dense_0"]["kernel"] + params["Dense_0"]["bias"] for z in latents]
    np.testing.assert_allclose(second["mean"], np.mean([h.mean(0) for h in hidden], axis=0), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(second["var"], np.mean([h.var(0) for h in hidden], axis=0), rtol=1e-3)
    made = Small().apply({"params": params, **measured}, latents[0], None, train=False) if not classes else None
    if made is not None:
        x = np.maximum((latents[0] - first["mean"]) / np.sqrt(first["var"] + 1e-5), 0)
        x = x @ params["Dense_0"]["kernel"] + params["Dense_0"]["bias"]
        np.testing.assert_allclose(made, (x - second["mean"]) / np.sqrt(second["var"] + 1e-5), rtol=1e-3, atol=1e-4)


def test_standing_statistics_of_a_network_without_any_are_an_error():
    with pytest.raises(ValueError, match="no batch statistics"):
        standing_statistics(nn.Dense(2), {}, {"spectral": {}}, jnp.ones((1, 2, 3)))
