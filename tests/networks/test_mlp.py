"""Fully connected networks: shapes, ranges, sizes and options."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks import JointDiscriminator, MLPDiscriminator, MLPEncoder, MLPGenerator

KEY = jax.random.key(0)


def count(variables):
    return sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))


def dense(*widths):
    return sum(before * after + after for before, after in pairwise(widths))


@pytest.mark.parametrize("classes", [0, 10])
@pytest.mark.parametrize(
    ("module", "values"), [(MLPGenerator(), 784), (MLPGenerator((2,), (5, 6, 7)), 2), (MLPGenerator((4, 3), ()), 12)]
)
def test_generator_shape_and_number_of_parameters(module, values, classes):
    latent, condition = jnp.ones((3, 16)), jnp.ones((3, classes)) if classes else None
    samples, variables = jax.eval_shape(lambda: module.init_with_output(KEY, latent, condition, train=True))
    assert samples.shape == (3, *module.output_shape)
    assert count(variables) == dense(16 + classes, *module.hidden, values)


@pytest.mark.parametrize("classes", [0, 10])
@pytest.mark.parametrize("shape", [(2,), (28, 28, 1), (4, 4, 3)])
@pytest.mark.parametrize("hidden", [(512, 256, 128), (8,)])
def test_discriminator_shape_and_number_of_parameters(hidden, shape, classes):
    x, condition = jnp.ones((3, *shape)), jnp.ones((3, classes)) if classes else None
    module = MLPDiscriminator(hidden)
    logits, variables = jax.eval_shape(lambda: module.init_with_output(KEY, x, condition, train=True))
    assert logits.shape == (3,)
    assert count(variables) == dense(np.prod(shape), *hidden, 1) + classes * hidden[-1]


def test_discriminator_that_appends_the_condition_has_wider_first_layer_only():
    x, condition = jnp.ones((3, 5)), jnp.ones((3, 10))
    module = MLPDiscriminator((8, 4), projection=False)
    variables = jax.eval_shape(lambda: module.init(KEY, x, condition, train=True))
    assert count(variables) == dense(15, 8, 4, 1)


def test_projection_adds_the_product_of_the_embedded_label_and_the_features():
    x, condition = jax.random.normal(KEY, (3, 5)), jnp.eye(3)
    logits, variables = MLPDiscriminator((8,)).init_with_output(KEY, x, condition, train=True)
    weights = variables["params"]
    hidden = x @ weights["Dense_0"]["kernel"]
    features = np.maximum(hidden, 0.2 * hidden)
    expected = (features @ weights["Dense_1"]["kernel"])[:, 0]
    expected += np.sum(weights["embedding"]["kernel"] * features, axis=-1)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("squash", "bounded"), [(True, True), (False, False)])
def test_images_are_squashed_into_range_and_points_are_not(squash, bounded):
    samples, _ = MLPGenerator((6,), (8,), squash=squash).init_with_output(KEY, 100 * jnp.ones((4, 5)), train=True)
    assert (np.abs(samples).max() <= 1) == bounded


def test_generator_is_its_parameters_by_hand():
    z = jax.random.normal(KEY, (4, 5))
    samples, variables = MLPGenerator((2, 3), (8,)).init_with_output(KEY, z, train=True)
    first, last = (variables["params"][f"Dense_{i}"]["kernel"] for i in range(2))
    hidden = z @ first
    expected = np.tanh(np.maximum(hidden, 0.2 * hidden) @ last).reshape(4, 2, 3)
    np.testing.assert_allclose(samples, expected, rtol=1e-4, atol=1e-5)


def test_conditions_change_the_output():
    condition = jnp.eye(3)
    samples, _ = MLPGenerator((2,), (8,)).init_with_output(KEY, jnp.ones((3, 5)), condition, train=True)
    logits, _ = MLPDiscriminator((8,)).init_with_output(KEY, jnp.ones((3, 2)), condition, train=True)
    assert len(np.unique(samples, axis=0)) == len(np.unique(logits)) == 3


@pytest.mark.slow
def test_dropout_acts_in_training_mode_alone():
    x = jnp.ones((1, 4))
    dropping, plain = MLPDiscriminator((64,), dropout=0.5), MLPDiscriminator((64,))
    variables = plain.init(KEY, x, train=True)
    np.testing.assert_array_equal(dropping.apply(variables, x, train=False), plain.apply(variables, x, train=False))

    def logit(key):
        return dropping.apply(variables, x, train=True, rngs={"dropout": key})[0]

    logits = jax.vmap(logit)(jax.random.split(KEY, 4000))
    np.testing.assert_allclose(
        logits.mean(), plain.apply(variables, x, train=True)[0], atol=5 * logits.std() / 4000**0.5
    )
    assert logits.std() > 0.1


def test_spectral_norm_keeps_a_vector_for_each_kernel():
    x = jnp.ones((2, 4))

    def variables(spectral_norm):
        return jax.eval_shape(lambda: MLPDiscriminator((6, 5), spectral_norm=spectral_norm).init(KEY, x, train=True))

    assert sorted(u.size for u in jax.tree.leaves(variables(True)["spectral"])) == [1, 5, 6]
    assert "spectral" not in variables(False)


@pytest.mark.slow
def test_a_network_with_spectral_norm_is_lipschitz():
    module = MLPDiscriminator((16, 16), spectral_norm=True)
    x = 3 * jax.random.normal(KEY, (64, 5))
    variables = jax.tree.map(lambda leaf: 4 * leaf, module.init(KEY, x, train=True))
    train = jax.jit(lambda v: module.apply(v, x, train=True, mutable=["spectral"])[1])
    for _ in range(50):
        variables = {**variables, **train(variables)}
    gradient = jax.grad(lambda x: module.apply(variables, x, train=False).sum())(x)
    assert 0.05 < np.linalg.norm(gradient, axis=1).max() <= 1 + 1e-3


def test_an_encoder_has_numbers_of_its_own_beside_a_row_as_in_alis_program():
    """Its mapping takes 2·INPUT_DIM numbers, half of them normal noise; without noise it is a function of the row."""
    x = jnp.ones((3, 2))
    module = MLPEncoder(2, (8,), noise=2)
    variables = module.init(KEY, x, train=True)
    assert count(variables) == dense(4, 8, 2)

    def encoded(seed):
        key = jax.random.key(seed)
        return module.apply(variables, x, train=False, key=key, rngs={"dropout": key})

    assert not np.allclose(encoded(1)[0], encoded(1)[1])
    assert not np.allclose(encoded(1), encoded(2))
    plain = module.apply(variables, x, train=False)
    np.testing.assert_allclose(plain[0], plain[1])
    assert count(jax.eval_shape(lambda: MLPEncoder(2, (8,), noise=0).init(KEY, x, train=True))) == dense(2, 8, 2)


def test_the_logit_of_a_row_alone_is_added_to_that_of_the_pair():
    row, latent = jax.random.normal(KEY, (3, 2)), jax.random.normal(jax.random.key(1), (3, 4))
    module = JointDiscriminator((8,), alone=True)
    logits, variables = module.init_with_output(KEY, (row, latent), train=True)
    both, alone = (variables["params"][f"MLPDiscriminator_{i}"] for i in range(2))
    expected = MLPDiscriminator((8,)).apply({"params": both}, np.concatenate([row, latent], axis=1), train=True)
    expected += MLPDiscriminator((8,)).apply({"params": alone}, row, train=True)
    np.testing.assert_allclose(logits, expected, rtol=1e-5)
    octaves = JointDiscriminator((8,), octaves=3)
    assert count(jax.eval_shape(lambda: octaves.init(KEY, (row, latent), train=True))) == dense(2 + 2 * 3 * 2 + 4, 8, 1)
