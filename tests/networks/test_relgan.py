"""The LSTM against Flax's cell, its samples against its likelihood; the discriminator against the authors' layers."""

import itertools

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import latents
from jaxgan.data.oracle import of_random_weights
from jaxgan.networks import LSTMGenerator, RelGANDiscriminator

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)


def with_weights(weights, length, **options):
    vocabulary, hidden = weights.embedding.shape
    params = dict(zip(("embeddings", "kernel", "bias", "projection", "shift"), map(jnp.asarray, weights), strict=True))
    return LSTMGenerator(length, vocabulary, hidden, hidden, **options), {"params": params}


def one_hot(rows, vocabulary):
    return jnp.asarray(np.eye(vocabulary, dtype=np.float32)[np.asarray(rows)])


@pytest.mark.slow
def test_the_likelihood_is_that_of_flaxs_cell():
    weights = of_random_weights(RANDOM, 6)
    module, variables = with_weights(weights, 4)
    rows = RANDOM.integers(0, 6, (3, 4))
    cell, names = nn.OptimizedLSTMCell(32), "ifgo"
    of_input, of_state = (np.split(part, 4, axis=1) for part in np.split(weights.kernel, 2))
    biases = np.split(weights.bias, 4)
    params = {f"i{name}": {"kernel": of_input[i]} for i, name in enumerate(names)}
    params |= {f"h{name}": {"kernel": of_state[i], "bias": biases[i]} for i, name in enumerate(names)}
    carry, before, total = (jnp.zeros((3, 32)), jnp.zeros((3, 32))), np.zeros(3, int), 0
    for t in range(4):
        carry, hidden = cell.apply({"params": params}, carry, weights.embedding[before])
        logs = jax.nn.log_softmax(hidden @ weights.projection + weights.shift)
        total, before = total + logs[np.arange(3), rows[:, t]], rows[:, t]
    found = module.apply(variables, one_hot(rows, 6), method="log_likelihood")
    np.testing.assert_allclose(found, total, rtol=1e-4)
    np.testing.assert_allclose(weights.log_probability(rows), total, rtol=1e-4)


@pytest.mark.slow
def test_samples_are_drawn_with_their_probabilities():
    module, variables = with_weights(of_random_weights(np.random.default_rng(3), 3), 2)
    every = np.array(list(itertools.product(range(3), repeat=2)))
    expected = np.exp(module.apply(variables, one_hot(every, 3), method="log_likelihood"))
    z = jax.vmap(lambda key: latents.uniform(key, 6))(jax.random.split(KEY, 20_000))
    rows = np.asarray(module.apply(variables, z, train=False)).argmax(-1)
    shares = np.bincount(rows @ [3, 1], minlength=9) / len(rows)
    assert np.abs(shares - expected).max() < 4 * (0.25 / len(rows)) ** 0.5
    assert expected.sum() == pytest.approx(1, rel=1e-4)


@pytest.mark.slow
def test_tokens_in_training_are_relaxed_by_the_temperature():
    """The first token is softmax(β (scores + g))."""
    weights = of_random_weights(RANDOM, 5)
    module, variables = with_weights(weights, 1, inverse_temperature=lambda step: 1.0 + step)
    z = RANDOM.uniform(-0.9, 0.9, (2, 5)).astype(np.float32)
    scores = module.apply(
        variables, one_hot([[0]], 5)[:, 0] * 0, method=lambda m, _: m._scores(m._next(*m._start(1))[0])
    )
    gumbel = -np.log(-np.log((z + 1) / 2))
    found = module.apply(variables, z, train=True, step=jnp.asarray(3))[:, 0]
    np.testing.assert_allclose(found, jax.nn.softmax(4 * (scores + gumbel)), rtol=1e-4, atol=1e-6)
    hard = module.apply(variables, z, train=False)[:, 0]
    np.testing.assert_array_equal(hard, np.eye(5)[np.argmax(scores + gumbel, -1)])


@pytest.mark.slow
def test_straight_through_has_hard_tokens_and_the_gradients_of_soft_ones():
    weights = of_random_weights(RANDOM, 5)
    z = RANDOM.uniform(-0.9, 0.9, (2, 10)).astype(np.float32)
    target = jnp.asarray(RANDOM.normal(size=(2, 2, 5)))

    def of(straight_through):
        module, variables = with_weights(weights, 2, straight_through=straight_through)
        made = module.apply(variables, z, train=True)
        gradient = jax.grad(lambda v: jnp.sum(module.apply(v, z, train=True) * target))(variables)
        return made, module.apply(variables, z, train=False), gradient

    (soft, _, of_soft), (hard, tokens, of_hard) = of(False), of(True)
    np.testing.assert_allclose(hard, tokens, atol=1e-6)
    assert float(jnp.abs(soft - hard).max()) > 0.1
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), of_soft, of_hard)


@pytest.mark.slow
def test_noise_at_its_ends_is_finite():
    module, variables = with_weights(of_random_weights(RANDOM, 3), 2)
    for end in (-1.0, 1.0):
        assert np.isfinite(module.apply(variables, jnp.full((1, 6), end), train=True)).all()


@pytest.mark.slow
def test_the_discriminator_has_the_authors_layers():
    """Its numbers of weights with the authors' sizes, and its convolutions by lax over the embedding as an image."""
    module, x = RelGANDiscriminator(), jnp.zeros((1, 20, 5000))
    shapes = jax.eval_shape(lambda: module.init(KEY, x, train=False))["params"]
    convolutions = sum(size * 300 + 300 for size in (2, 3, 4, 5))
    rest = 2 * 1200**2 + (1200 * 100 + 100) + (100 + 1)
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes)) == 5000 * 64 + convolutions + rest
    small = RelGANDiscriminator(embedding=6, representations=3, filters=2, dropout=0.0)
    rows = jnp.asarray(RANDOM.dirichlet(np.ones(4), (2, 7)), jnp.float32)
    params = jax.tree.map(
        lambda leaf: jnp.asarray(RANDOM.normal(0, 0.5, leaf.shape), jnp.float32),
        small.init(KEY, rows, train=False)["params"],
    )
    embedded = (rows @ params["embedding"])[..., None]
    pooled = []
    for size in (2, 3, 4, 5):
        kernel = params[f"conv_{size}"]["kernel"].reshape(size, 2, 1, 2)
        conv = jax.lax.conv_general_dilated(
            embedded, kernel, (1, 2), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        pooled.append(jnp.max(jax.nn.relu(conv + params[f"conv_{size}"]["bias"]), axis=1))
    h = jnp.concatenate(pooled, -1)
    gate = jax.nn.sigmoid(h @ params["highway_gate"]["kernel"])
    h = gate * jax.nn.relu(h @ params["highway"]["kernel"]) + (1 - gate) * h
    h = h @ params["hidden"]["kernel"] + params["hidden"]["bias"]
    expected = (h @ params["logits"]["kernel"] + params["logits"]["bias"])[..., 0]
    np.testing.assert_allclose(small.apply({"params": params}, rows, train=True), expected, rtol=1e-4, atol=1e-5)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="representations=3 must divide embedding=8"):
        RelGANDiscriminator(8, 3).init(KEY, jnp.zeros((1, 5, 2)), train=False)
    with pytest.raises(ValueError, match=r"T at least 5, got \(1, 4, 2\)"):
        RelGANDiscriminator(8, 4).init(KEY, jnp.zeros((1, 4, 2)), train=False)
