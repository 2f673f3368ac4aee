"""The wrappers: donation, what they refuse, and what a step costs."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, data, dynamics, losses, networks, penalties

SGD = Players(optax.sgd(0.05), optax.sgd(0.1))
WRAPPERS = {"jitted": jaxgan.jitted, "pmapped": jaxgan.pmapped, "sharded": jaxgan.sharded}
POINTS = Batch(np.random.default_rng(0).normal(size=(16, 2)).astype(np.float32))


def points_algorithm(rule=None, lazy=False):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(16,), squash=False),
        networks.MLPDiscriminator(hidden=(16,)),
        loss=losses.non_saturating(),
        penalties=[penalties.every(4, penalties.r1(1.0))] if lazy else [],
        latent_size=3,
    )
    return jaxgan.algorithm(game, rule or dynamics.alternating(SGD))


def flops(step, *arguments):
    return jax.jit(step).lower(*arguments).compile().cost_analysis()["flops"]


def dense_flops(rule):
    """FLOPs of a step whose cost is one square layer in each player: 2 * 64 rows * 256 * 256 a product."""
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(256,), hidden=(256,), squash=False),
        networks.MLPDiscriminator(hidden=(256,)),
        loss=losses.non_saturating(),
        latent_size=256,
    )
    algorithm, batch = jaxgan.algorithm(game, rule), Batch(jnp.zeros((64, 256)))
    state = algorithm.init(jax.random.key(0), batch)
    return flops(algorithm.step, state, batch, jax.random.key(0)) / (2 * 64 * 256 * 256)


@pytest.mark.slow
def test_cost_of_the_rules_in_products():
    """Generator: two layers; forward 2, gradient 3 (its input needs none). Discriminator: one layer.

    Simultaneous: forward on real and on samples, their weight gradients, one input gradient: 5. Alternating: one
    forward on samples more, with the moved weights: 6.
    """
    sgd = Players(optax.sgd(0.1), optax.sgd(0.1))
    np.testing.assert_allclose(dense_flops(dynamics.simultaneous(sgd)), 5 + 5, rtol=0.1)
    np.testing.assert_allclose(dense_flops(dynamics.alternating(sgd)), 5 + 6, rtol=0.1)
    np.testing.assert_allclose(dense_flops(dynamics.alternating(sgd, first="generator")), 7 + 6, rtol=0.1)


@mostly_slow("wrapper", WRAPPERS, quick=1)
def test_state_is_donated(wrapper):
    algorithm, key = points_algorithm(), jax.random.key(0)
    step = WRAPPERS[wrapper](algorithm.step)
    state, _ = step(algorithm.init(key, POINTS), POINTS, key)
    step(state, POINTS, key)
    assert all(leaf.is_deleted() for leaf in jax.tree.leaves(state))


@pytest.mark.parametrize("wrapper", ["pmapped", "sharded"])
def test_a_batch_that_devices_do_not_divide_is_refused(wrapper):
    algorithm, key = points_algorithm(), jax.random.key(0)
    step = WRAPPERS[wrapper](algorithm.step, jax.devices()[:3])
    with pytest.raises(ValueError, match=r"shape \(16, 2\) is not divisible by the number of devices, 3"):
        step(algorithm.init(key, POINTS), POINTS, key)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_discriminator_steps_that_do_not_divide_are_refused(wrapper):
    algorithm, key = points_algorithm(dynamics.alternating(SGD, discriminator_steps=3)), jax.random.key(0)
    with pytest.raises(ValueError, match=r"3 parts a step .* do not divide the 16 rows"):
        WRAPPERS[wrapper](algorithm.step)(algorithm.init(key, POINTS), POINTS, key)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize("raw", [np.zeros(2, np.uint32), 0, None], ids=["uint32", "int", "None"])
def test_raw_keys_are_refused_everywhere(raw):
    algorithm = points_algorithm()
    state = algorithm.init(jax.random.key(0), POINTS)
    for call in (
        lambda: algorithm.init(raw, POINTS),
        lambda: algorithm.step(state, POINTS, raw),
        lambda: algorithm.sample(state, raw, 4),
    ):
        with pytest.raises(TypeError, match=r"key must be a typed random key, made by jax.random.key\(seed\)"):
            call()
    with pytest.raises(TypeError, match="key must be a typed random key"):
        jaxgan.jitted(algorithm.step)(state, POINTS, np.zeros(2, np.uint32))


@pytest.mark.slow
def test_resident_steps_are_the_steps_on_the_hosts_batches():
    digits = data.load("digits", image_size=8)
    game = jaxgan.gan(
        networks.DCGANGenerator(image_size=8, width=4),
        networks.DCGANDiscriminator(width=4),
        loss=losses.hinge(),
        num_classes=10,
    )
    algorithm, key = jaxgan.algorithm(game, dynamics.alternating(SGD)), jax.random.key(0)
    batches = digits.batches(8, seed=3)
    state = algorithm.init(key, next(digits.batches(8, seed=3)))
    by_host = jaxgan.jitted(algorithm.step)
    for _ in range(3):
        state, _ = by_host(state, next(batches), key)
    expected = jax.device_get(state)
    for wrapper in WRAPPERS.values():
        resident = wrapper(data.resident(algorithm.step, batch_size=8, seed=3))
        state = algorithm.init(key, next(digits.batches(8, seed=3)))
        for _ in range(3):
            state, _ = resident(state, digits.on_device(), key)
        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6), jax.device_get(state), expected
        )


def test_same_key_same_run_bit_for_bit_and_another_key_another():
    algorithm = points_algorithm()
    step = jaxgan.jitted(algorithm.step)

    def run(seed):
        state = algorithm.init(jax.random.key(0), POINTS)
        for _ in range(3):
            state, _ = step(state, POINTS, jax.random.key(seed))
        return jax.device_get(state.params)

    jax.tree.map(np.testing.assert_array_equal, run(0), run(0))
    assert not np.array_equal(run(0).generator["Dense_0"]["kernel"], run(1).generator["Dense_0"]["kernel"])


@pytest.mark.slow
@pytest.mark.parametrize("resident", [False, True])
def test_sharded_work_is_split_and_not_gathered(resident):
    """Each of four devices does a quarter of the work, several discriminator steps and drawn batches included."""
    digits = data.load("digits", image_size=8)
    game = jaxgan.gan(
        networks.DCGANGenerator(image_size=8, width=16),
        networks.DCGANDiscriminator(width=16),
        loss=losses.relativistic_average(),
        penalties=[penalties.gradient_penalty()],
        num_classes=10,
    )
    algorithm = jaxgan.algorithm(game, dynamics.alternating(SGD, discriminator_steps=2))
    batch, key = next(digits.batches(64, seed=0)), jax.random.key(0)
    step, given = algorithm.step, batch
    if resident:
        step, given = data.resident(algorithm.step, batch_size=64), digits.on_device()
    state = algorithm.init(key, batch)
    split = jaxgan.sharded(step).lower(state, given, key).compile()
    # a little over a quarter: every device moves all parameters
    assert 0.25 <= split.cost_analysis()["flops"] / flops(step, state, given, key) < 0.3
    assert "all-gather" not in split.as_text()


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_every_wrapper_can_be_lowered(wrapper):
    algorithm, key = points_algorithm(), jax.random.key(0)
    lowered = WRAPPERS[wrapper](algorithm.step).lower(algorithm.init(key, POINTS), POINTS, key)
    assert lowered.compile().cost_analysis()["flops"] > 0


@pytest.mark.parametrize("wrap", [jaxgan.jitted, jaxgan.pmapped, jaxgan.sharded])
@pytest.mark.usefixtures("without_shape_checks")
def test_a_whole_algorithm_in_the_place_of_its_step_is_refused(wrap):
    algorithm = jaxgan.Algorithm(None, None, None)
    with pytest.raises(TypeError, match=r"step must be a function, such as algorithm\.step; got Algorithm"):
        wrap(algorithm)
