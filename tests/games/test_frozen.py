"""Frozen parts do not move by a bit under any rule, and what is left moves as before."""

import jax
import numpy as np
import optax
import pytest
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, penalties

IMAGES = Batch(np.tanh(np.random.default_rng(0).normal(size=(8, 8, 8, 1))).astype(np.float32))
ADAM = Players(optax.adam(1e-2, b1=0.5), optax.adam(1e-2, b1=0.5))
PARTS = ("generator/Dense_0", "discriminator/Conv_0", "discriminator/Dense_0/kernel")
RULES = {
    "alternating": dynamics.alternating(ADAM, discriminator_steps=2),
    "consensus": dynamics.consensus(ADAM, 1.0),
    "extragradient": dynamics.extragradient(ADAM),
    "competitive": dynamics.competitive(Players(0.02, 0.05), iterations=3),
}


def play(parts=()):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(8, 8, 1), hidden=(4,)),
        networks.DCGANDiscriminator(width=4, batch_norm=False),
        loss=losses.non_saturating(),
        penalties=[penalties.r1(0.5)],
        latent_size=3,
    )
    return jaxgan.frozen(game, parts) if parts else game


def after(rule, steps, parts):
    algorithm, key = jaxgan.algorithm(play(parts), RULES[rule]), jax.random.key(0)
    start = state = algorithm.init(key, IMAGES)
    step = jax.jit(algorithm.step)
    for _ in range(steps):
        state, _ = step(state, IMAGES, key)
    return jax.device_get((start.params, state.params))


def leaves(params):
    return {
        f"{player}/{jax.tree_util.keystr(path, simple=True, separator='/')}": leaf
        for player, tree in params._asdict().items()
        for path, leaf in jax.tree_util.tree_leaves_with_path(tree)
    }


def is_frozen(name):
    return any(name == part or name.startswith(f"{part}/") for part in PARTS)


@mostly_slow("rule", RULES, quick=["consensus"])
def test_frozen_parts_stay_bit_for_bit_and_all_others_move(rule):
    before, now = map(leaves, after(rule, 3, PARTS))
    held = [name for name in before if is_frozen(name)]
    assert held == [
        *("generator/Dense_0/bias", "generator/Dense_0/kernel"),
        *("discriminator/Conv_0/bias", "discriminator/Conv_0/kernel", "discriminator/Dense_0/kernel"),
    ]
    for name, old in before.items():
        assert np.array_equal(now[name], old) == (name in held), name


def test_the_gradient_of_all_others_is_the_same():
    fields = []
    for parts in ((), PARTS):
        algorithm = jaxgan.algorithm(play(parts), dynamics.simultaneous(Players(optax.sgd(1.0), optax.sgd(1.0))))
        start = algorithm.init(jax.random.key(0), IMAGES)
        state, _ = jax.jit(algorithm.step)(start, IMAGES, jax.random.key(0))
        fields.append(leaves(jax.tree.map(np.subtract, *jax.device_get((state.params, start.params)))))
    for name, free in fields[0].items():
        np.testing.assert_allclose(fields[1][name], 0 * free if is_frozen(name) else free, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("discriminator/Conv_7", "nothing is named 'discriminator/Conv_7'; there are discriminator/Conv_0, "),
        ("Conv_0", r"nothing is named 'Conv_0'; there are generator/\.\.\. and discriminator/"),
    ],
)
def test_a_part_that_is_not_there_is_named_with_those_that_are(part, message):
    algorithm = jaxgan.algorithm(play([part]), RULES["alternating"])
    with pytest.raises(ValueError, match=message):
        algorithm.init(jax.random.key(0), IMAGES)
