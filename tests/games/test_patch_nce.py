"""PatchNCE against its equation in NumPy, and in a game: who learns from it, and what its heads are."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import Batch, conditions, losses, networks, terms
from jaxgan.games.terms.patch_nce import GAIN, at_places, embedded, head, nce

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)


def test_it_is_the_cross_entropy_of_the_place():
    q, k = (RANDOM.normal(size=(2, 5, 3)) for _ in range(2))
    right = np.zeros((2, 5))
    for image in range(2):
        for i in range(5):
            scores = np.array([q[image, i] @ k[image, j] for j in range(5)]) / 0.07
            right[image, i] = np.log(np.sum(np.exp(scores - scores[i])))
    np.testing.assert_allclose(nce(jnp.asarray(q), jnp.asarray(k), 0.07), right, rtol=1e-4, atol=1e-5)


def test_what_is_the_same_everywhere_is_a_guess_and_what_is_at_right_angles_is_found():
    alike, apart = jnp.ones((1, 4, 3)), jnp.eye(4)[None]
    np.testing.assert_allclose(nce(alike, alike, 0.07), np.log(4), rtol=1e-5)
    np.testing.assert_allclose(nce(apart, apart, 0.5), np.log(1 + 3 * np.exp(-2)), rtol=1e-5)


def test_heads_are_two_layers_and_make_vectors_of_length_1():
    one, x = head(KEY, 7, 256), RANDOM.normal(size=(2, 5, 7)).astype(np.float32)
    out = np.maximum(x @ one.first, 0) @ one.second
    np.testing.assert_allclose(embedded(one, x), out / np.linalg.norm(out, axis=-1, keepdims=True), rtol=2e-2)
    np.testing.assert_allclose(jnp.linalg.norm(embedded(one, x), axis=-1), 1, rtol=2e-2)
    np.testing.assert_allclose(np.std(one.second), GAIN * np.sqrt(2 / 512), rtol=0.02)


def test_places_are_the_same_for_all_rows_and_both_images_and_none_occurs_twice():
    place = jnp.broadcast_to(jnp.arange(36.0).reshape(1, 6, 6, 1), (3, 6, 6, 1))
    (few,), (again,), (whole,) = (at_places([place], KEY, count) for count in (10, 10, 256))
    assert few.shape == (3, 10, 1)
    np.testing.assert_array_equal(few, again)
    np.testing.assert_array_equal(few[0], few[2])
    assert len(np.unique(few[0])) == 10
    assert sorted(whole[0].ravel()) == list(range(36))


class Small(nn.Module):
    """Pixels and one map."""

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        x = x if condition is None else condition
        self.sow("intermediates", "maps", x)
        x = networks.layers.Conv(3, 3, 1)(x, train=train)
        self.sow("intermediates", "maps", x)
        return jnp.tanh(x)


def evaluated(identity, weight=2.0, maps=(0, 1), **options):
    term = terms.patch_nce(Small(), weight, identity=identity, maps=maps, size=5, **{"patches": 4} | options)
    game = jaxgan.gan(
        Small(),
        networks.unconditional(networks.PatchDiscriminator(layers=0, width=2, norm="none")),
        loss=losses.least_squares(),
        terms=[term] if weight else [],
        condition=conditions.like((4, 4, 3)),
        latent_size=1,
    )
    batch = Batch(*np.random.default_rng(0).normal(size=(2, 2, 4, 4, 3)).astype(np.float32))
    params, variables = game.init(KEY, batch)

    def both(g, d, key=KEY):
        turn = jaxgan.Turn(batch, key, jnp.zeros((), jnp.int32))
        made, _ = game.generate(g, variables.generator, turn)
        values, (_, info) = game.judge(d, variables.discriminator, made, turn)
        return values, info

    return both, params


def test_in_a_game_it_moves_heads_and_generator_but_no_critic():
    both, params = evaluated(identity=True)
    by_generator, by_discriminator = jax.jit(jax.grad(lambda g, d: both(g, d)[1]["patch_nce"], (0, 1)))(*params)
    heads = by_discriminator.heads["patch nce"]
    assert [one.first.shape for one in heads] == [(3, 5), (3, 5)]
    assert all(np.abs(one.first).max() > 0 for one in heads)
    assert max(np.abs(x).max() for x in jax.tree.leaves(by_generator)) > 0
    assert max(np.abs(x).max() for x in jax.tree.leaves(by_discriminator.network)) == 0


def test_flips_compare_with_the_maps_of_the_source_turned_and_turned_back():
    """At every place, so that the value depends on the coin alone."""
    plain, params = evaluated(identity=False, patches=16)
    flips, _ = evaluated(identity=False, patches=16, flip_equivariance=True)
    keys = jax.random.split(KEY, 16)

    def values(both, params):
        return np.asarray(jax.jit(jax.vmap(lambda key: both(*params, key)[1]["patch_nce"]))(keys))

    one, found = values(plain, params), values(flips, params)
    assert np.ptp(one) < 1e-5
    same = np.abs(found - one[0]) < 1e-5
    assert 3 <= same.sum() <= 13
    assert np.ptp(found[~same]) < 1e-5

    def symmetric(params):
        kernel = params.generator["Conv_0"]["kernel"]
        generator = params.generator | {"Conv_0": params.generator["Conv_0"] | {"kernel": kernel + kernel[:, ::-1]}}
        return params._replace(generator=generator)

    np.testing.assert_allclose(values(flips, symmetric(params)), values(plain, symmetric(params))[0], rtol=1e-5)


@pytest.mark.usefixtures("without_shape_checks")
def test_what_is_out_of_range_is_said():
    with pytest.raises(ValueError, match=r"maps=\(0, 9\) must be below 2, the number of feature maps that Small sows"):
        evaluated(identity=False, maps=(0, 9))
    with pytest.raises(ValueError, match="temperature must be above 0, got 0"):
        terms.patch_nce(Small(), temperature=0)
    with pytest.raises(ValueError, match="patches must be a whole number of at least 1, got 0"):
        terms.patch_nce(Small(), patches=0)
