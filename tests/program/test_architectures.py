"""From configurations to networks, and to what changes over the steps of a run."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import Batch, Config
from jaxgan.recipes import rates
from jaxgan.recipes.architectures import players
from jaxgan.recipes.build import DataShape, build

NARROW = Config(
    data="digits",
    width=2,
    widths=(32, 16),
    channel_base=32,
    channel_max=4,
    mapping_layers=1,
    latent_size=5,
    batch_size=8,
    steps=100,
)
BURN_IN = replace(
    NARROW, network="r3gan", r1=0.1, burn_in=10, burn_in_rate=4.0, burn_in_penalty=10.0, burn_in_b2=0.9, b2=0.99
)


@pytest.mark.parametrize("network", ["dcgan", "mlp", "sn_resnet", "biggan", "biggan_deep", "r3gan", "stylegan2"])
def test_every_network_is_built(network):
    config = replace(NARROW, network=network, conditional=True)
    batch = Batch(jax.ShapeDtypeStruct((8, 8, 8, 1), jnp.float32), jax.ShapeDtypeStruct((8,), jnp.int32))
    state = jax.eval_shape(build(config, DataShape((8, 8, 1), 10)).init, jax.random.key(0), batch)
    assert jax.tree.leaves(state.params)


def test_options_reach_the_networks():
    made = players(replace(NARROW, network="biggan", attention=(8,), spectral_norm=True), (8, 8, 1))
    assert made.generator.attention == made.discriminator.attention == (8,)
    assert (made.generator.spectral_norm, made.discriminator.spectral_norm) == (False, True)
    made = players(replace(NARROW, network="stylegan2", mixing=0.5, stddev_group=2), (8, 8, 1))
    assert (made.generator.mixing, made.discriminator.group_size) == (0.5, 2)
    assert players(replace(NARROW, network="r3gan"), (8, 8, 1)).discriminator.widths == (32, 16)


def test_networks_for_images_refuse_points():
    with pytest.raises(ValueError, match="network=r3gan needs square images"):
        players(replace(NARROW, network="r3gan"), (2,))


def test_stylegan2_trains_with_path_length():
    config = replace(NARROW, network="stylegan2", path_length=2.0, r1=1.0)
    algorithm = build(config, DataShape((8, 8, 1), None))
    batch, key = Batch(np.zeros((8, 8, 8, 1), np.float32)), jax.random.key(0)
    state = algorithm.init(key, batch)
    moved, info = jax.jit(algorithm.step)(state, batch, key)
    assert float(info["path_penalty"]) > 0
    assert np.isfinite(float(info["loss_generator"]))
    assert float(moved.variables.generator.terms["path length"]) > 0


def at(weight, step):
    return float(weight(jnp.int32(step)))


def test_burn_in_goes_from_its_starts_to_the_values():
    penalty, decay = rates.penalty_weight(BURN_IN, 0.1), rates.average_decay(BURN_IN, 0.99)
    assert [at(penalty, step) for step in (0, 5, 10, 99)] == pytest.approx([1.0, 0.55, 0.1, 0.1])
    assert [at(decay, step) for step in (0, 10, 99)] == pytest.approx([0.0, 0.99, 0.99], abs=1e-6)
    optimizer = rates.optimizers(BURN_IN, {}).generator
    state = optimizer.init(jnp.zeros(()))
    moves = []
    for _ in range(11):
        update, state = optimizer.update(jnp.ones(()), state)
        moves.append(-float(update))
    assert moves[0] == pytest.approx(4 * BURN_IN.generator_rate, rel=1e-4)
    assert moves[5] == pytest.approx(2.5 * BURN_IN.generator_rate, rel=1e-4)
    assert moves[10] == pytest.approx(BURN_IN.generator_rate, rel=1e-4)


def test_schedules_count_the_moves_of_each_player():
    config = replace(NARROW, schedule="linear", discriminator_steps=4, steps=10)
    for optimizer, moves in zip(rates.optimizers(config, {}), (10, 40), strict=True):
        state, sizes = optimizer.init(jnp.zeros(())), []
        for _ in range(moves + 1):
            update, state = optimizer.update(jnp.ones(()), state)
            sizes.append(abs(float(update)))
        assert sizes[-1] == 0
        assert sizes[moves // 2] == pytest.approx(sizes[0] / 2, rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"burn_in_rate": 2.0}, "need a burn_in"),
        ({"burn_in": 10, "schedule": "cosine"}, "schedule=constant"),
        ({"burn_in": 10, "burn_in_b2": 1.5}, "burn_in_b2"),
        ({"path_length": 1.0}, "network=stylegan2"),
    ],
)
def test_wrong_configurations_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        replace(NARROW, **changes)
