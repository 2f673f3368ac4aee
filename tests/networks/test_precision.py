"""Networks in bfloat16: what is narrow, what stays float32, and that they train as float32 ones do."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.flatten_util import ravel_pytree
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, penalties
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm
from jaxgan.networks.layers.linear import Conv, ConvTranspose, Dense
from jaxgan.networks.layers.precision import at_least_float32
from jaxgan.observe.requests import any_batch
from jaxgan.recipes.making import made
from jaxgan.recipes.presets import PRESETS

KEY = jax.random.key(0)
NARROW = jnp.bfloat16
BATCH = Batch(np.tanh(np.random.default_rng(0).normal(size=(16, 8, 8, 2))).astype(np.float32), np.arange(16) % 3)


def dcgan(dtype):
    return Players(
        networks.DCGANGenerator(image_size=8, channels=2, width=8, dtype=dtype),
        networks.DCGANDiscriminator(width=8, dtype=dtype),
    )


def spectral(dtype):
    return dcgan(dtype)._replace(
        discriminator=networks.DCGANDiscriminator(width=8, batch_norm=False, spectral_norm=True, dtype=dtype)
    )


def dense(dtype):
    return Players(
        networks.MLPGenerator(output_shape=(8, 8, 2), hidden=(16, 16), dtype=dtype),
        networks.MLPDiscriminator(hidden=(16, 16), dropout=0.1, dtype=dtype),
    )


PAIRS = {"dcgan": dcgan, "spectral": spectral, "mlp": dense}


def game_of(pair, dtype):
    return jaxgan.gan(
        *PAIRS[pair](dtype), loss=losses.non_saturating(), penalties=[penalties.r1(1.0)], latent_size=5, num_classes=3
    )


def trained(pair, dtype, steps):
    rule = dynamics.alternating(Players(optax.adam(1e-3, b1=0.5), optax.adam(1e-3, b1=0.5)))
    algorithm = jaxgan.algorithm(game_of(pair, dtype), rule)
    state, step, infos = algorithm.init(KEY, BATCH), jax.jit(algorithm.step), []
    for _ in range(steps):
        state, info = step(state, BATCH, KEY)
        infos.append(info)
    return state, jax.tree.map(lambda *x: np.array(x), *infos)


@pytest.mark.parametrize("layer", [Dense(4), Conv(4), ConvTranspose(4), batch_norm(train=True)], ids=lambda x: x.name)
def test_a_layer_computes_in_its_dtype_and_keeps_its_parameters_in_float32(layer):
    x = jnp.ones((2, 4) if isinstance(layer, Dense) else (2, 4, 4, 4))
    train = {"train": True} if isinstance(layer, Dense | Conv) else {}
    for dtype, expected in ((None, jnp.float32), (NARROW, NARROW)):
        y, variables = layer.clone(dtype=dtype).init_with_output(KEY, x, **train)
        assert y.dtype == expected
        assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype(jnp.float32)}


def test_a_narrow_product_is_that_of_rounded_factors():
    x, kernel = (jnp.asarray(np.random.default_rng(seed).normal(size=(8, 8)), jnp.float32) for seed in (1, 2))
    y = Dense(8, use_bias=False, dtype=NARROW).apply({"params": {"kernel": kernel}}, x, train=True)
    rounded = [np.asarray(jnp.asarray(a, NARROW), np.float64) for a in (x, kernel)]
    np.testing.assert_allclose(np.asarray(y, np.float64), rounded[0] @ rounded[1], rtol=2**-8, atol=2**-8)
    assert np.abs(np.asarray(y, np.float64) - x @ kernel).max() > 1e-3


def test_batch_statistics_are_taken_in_float32():
    x = jnp.asarray(256 + np.arange(512).reshape(-1, 1) % 2, NARROW)  # sums that bfloat16 cannot hold
    _, moved = batch_norm(train=True, dtype=NARROW).init_with_output(KEY, x)
    _, moved = batch_norm(train=True, dtype=NARROW).apply(moved, x, mutable=["batch_stats"])
    exact = np.asarray(x, np.float64)
    np.testing.assert_allclose(moved["batch_stats"]["mean"], 0.1 * exact.mean(0), rtol=1e-6)
    np.testing.assert_allclose(moved["batch_stats"]["var"], 0.9 + 0.1 * exact.var(0), rtol=1e-3)


LAYERS = {
    "bias": (Conv(1, 1, 1, dtype=NARROW), {"train": True}, "bias"),
    "shift": (ConditionalBatchNorm(dtype=NARROW), {"condition": jnp.ones((4, 1)), "train": False}, "shift"),
}


@pytest.mark.parametrize(("layer", "how", "name"), LAYERS.values(), ids=LAYERS)
def test_the_derivative_by_what_all_places_share_is_summed_in_float32(layer, how, name):
    """bfloat16 cannot count beyond 256 by ones."""
    x = jnp.ones((4, 32, 32, 1), NARROW)

    @jax.jit
    def gradient():
        variables = layer.init(KEY, x, **how)

        def total(params):
            return jnp.sum(layer.apply({**variables, "params": params}, x, **how).astype(jnp.float32))

        return jax.grad(total)(variables["params"])[name]

    np.testing.assert_array_equal(jax.tree.leaves(gradient())[0].ravel(), [4 * 32 * 32])


def test_wider_than_float32_stays():
    with jax.enable_x64(True):
        assert at_least_float32(jnp.ones(1, jnp.float64)).dtype == jnp.float64
    assert at_least_float32(jnp.ones(1, NARROW)).dtype == jnp.float32


@mostly_slow("pair", PAIRS, quick=["mlp"])
def test_all_that_a_step_keeps_or_tells_is_float32(pair):
    algorithm = jaxgan.algorithm(
        game_of(pair, NARROW), dynamics.simultaneous(Players(optax.adam(1e-3), optax.adam(1e-3)))
    )
    state = jax.eval_shape(algorithm.init, KEY, BATCH)
    after, info = jax.eval_shape(algorithm.step, state, BATCH, KEY)
    samples = jax.eval_shape(lambda state: algorithm.sample(state, KEY, 4), state)
    floating = {x.dtype for x in jax.tree.leaves((after, info, samples)) if jnp.issubdtype(x.dtype, jnp.floating)}
    assert floating == {jnp.dtype(jnp.float32)}
    program = str(jax.make_jaxpr(algorithm.step)(state, BATCH, KEY))
    assert "bf16" in program


@mostly_slow("pair", PAIRS, quick=["mlp"])
def test_features_for_matching_are_float32(pair):
    d, real = networks.linen(PAIRS[pair](NARROW).discriminator), jnp.asarray(BATCH.real)
    state = jax.eval_shape(d.init, KEY, real, None)
    (_, features), _ = jax.eval_shape(lambda *state: d.apply_with_features(*state, real, None, key=KEY), *state)
    assert features.dtype == jnp.float32


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS)
def test_the_first_losses_and_the_penalty_are_close_to_those_of_float32(pair):
    (_, narrow), (_, wide) = (trained(pair, dtype, 1) for dtype in (NARROW, None))
    for name in ("loss_generator", "loss_discriminator", "penalty", "real_logits", "fake_logits"):
        np.testing.assert_allclose(narrow[name], wide[name], rtol=3e-2, atol=2e-3, err_msg=name)
        assert not np.array_equal(narrow[name], wide[name]), name
    for name in ("gradient_norm_generator", "gradient_norm_discriminator"):
        np.testing.assert_allclose(narrow[name], wide[name], rtol=3e-2, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS)
def test_a_short_training_is_finite_and_goes_as_in_float32(pair):
    (state, narrow), (_, wide) = (trained(pair, dtype, 30) for dtype in (NARROW, None))
    assert all(np.isfinite(x).all() for x in jax.tree.leaves((jax.device_get(state), narrow)))
    for name in ("loss_discriminator", "loss_generator"):
        np.testing.assert_allclose(narrow[name].mean(), wide[name].mean(), rtol=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS)
def test_the_second_derivatives_of_r1_are_close_to_those_of_float32(pair):
    real = jnp.asarray(BATCH.real)

    def gradient(dtype):
        d = networks.linen(PAIRS[pair](dtype).discriminator)
        params, variables = d.init(KEY, real, None)

        def squared(params):
            def critic(x):
                return d.apply(params, variables, x, None, train=True, key=KEY)[0]

            return jnp.mean(penalties.squared_gradient_norm(critic, real))

        return jax.jit(jax.grad(squared))(params)

    narrow, wide = (ravel_pytree(gradient(dtype))[0] for dtype in (NARROW, None))
    assert narrow.dtype == jnp.float32
    assert np.linalg.norm(narrow - wide) < 0.05 * np.linalg.norm(wide)


TOKENS = jnp.asarray(np.eye(6, dtype=np.float32)[np.random.default_rng(0).integers(0, 6, (4, 5))])
NOISE = jnp.asarray(np.random.default_rng(1).uniform(-1, 1, (4, 30)), jnp.float32)
POINTS = jnp.asarray(np.random.default_rng(2).normal(size=(4, 3)), jnp.float32)
LEVELS = jnp.array([0.1, 0.3, 1.0, 3.0])
NETWORKS = {
    "encoder": (networks.MLPEncoder(4, (16,)), (POINTS,)),
    "pairs": (networks.JointDiscriminator((16,), alone=True), (POINTS, POINTS[:, :2])),
    "denoiser of points": (networks.MLPDenoiser((16, 16), 2), (POINTS, LEVELS)),
    "denoiser of images": (networks.UNetDenoiser(8), (jnp.asarray(BATCH.real[:4]), LEVELS)),
    "lstm": (networks.LSTMGenerator(5, 6, 8, 8), (NOISE,)),
    "relgan": (networks.RelGANDiscriminator(8, 4, 8), (TOKENS,)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_computes_narrowly_and_what_it_tells_is_float32(name):
    network, given = NETWORKS[name]
    given = (given,) if name == "pairs" else given
    variables = network.init(KEY, *given, train=True)

    def told(dtype):
        """Result and features."""
        one, rngs = network.clone(dtype=dtype), {"dropout": KEY}
        return one.apply(variables, *given, train=True, mutable="intermediates", rngs=rngs)

    (narrow, features), (wide, _) = told(NARROW), told(None)
    assert {x.dtype for x in jax.tree.leaves((narrow, features))} == {jnp.dtype(jnp.float32)}
    assert "bf16" in str(jax.make_jaxpr(lambda: told(NARROW))())
    np.testing.assert_allclose(narrow, wide, rtol=0.1, atol=0.05 * float(jnp.abs(wide).max()))
    assert not np.array_equal(narrow, wide)


def test_the_likelihood_of_tokens_is_close_to_that_of_float32():
    network = NETWORKS["lstm"][0]
    variables = network.init(KEY, NOISE, train=True)
    wide, narrow = (
        network.clone(dtype=dtype).apply(variables, TOKENS, method="log_likelihood") for dtype in (None, NARROW)
    )
    assert narrow.dtype == jnp.float32
    np.testing.assert_allclose(narrow, wide, rtol=1e-2)


@pytest.mark.parametrize("name", ["bigan-ring", "distill-digits", "relgan-grammar"])
def test_a_recipe_passes_its_precision_on(name):
    config = jaxgan.preset(name).replace(precision="bfloat16")
    experiment = made(config.recipe, config.recipe.asked_for(PRESETS[name].of), config.program)
    algorithm, batch = experiment.algorithm, any_batch(experiment, 12 * experiment.parts)
    state = jax.eval_shape(algorithm.init, KEY, batch)
    after, _ = jax.eval_shape(algorithm.step, state, batch, KEY)
    kept = {x.dtype for x in jax.tree.leaves(after) if jnp.issubdtype(x.dtype, jnp.floating)}
    assert kept == {jnp.dtype(jnp.float32)}
    turn = jaxgan.Turn(batch, KEY, jnp.zeros((), jnp.int32))
    made_by = jax.make_jaxpr(algorithm.game.generate)(state.params.generator, state.variables.generator, turn)
    assert "bf16" in str(made_by)
