"""Normal codes against their equations: the divergence, the drawn codes, the loss by hand, and their errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from autoencoders_for_tests import KEY, TURN, X, convolved, judged_by_pixels, pixelwise, played

import jaxgan
from jaxgan import losses
from jaxgan.games.bottlenecks import gaussian
from jaxgan.games.bottlenecks.gaussian import divergence


def game_of(kl_weight=1e-6, sizes=(4, 2), **options):
    parts = (pixelwise(1, sizes[0]), gaussian(kl_weight), pixelwise(sizes[1], 3), judged_by_pixels())
    return jaxgan.autoencoder(*parts, **({"loss": losses.hinge()} | options))


def test_the_divergence_is_the_integral():
    """KL(p | q) = ∫ p log(p / q), summed by the trapezoidal rule; rows add up over their numbers."""
    mean, log_variance = np.array([[0.5, -1.5]]), np.array([[0.8, -1.2]])
    x = np.linspace(-20, 20, 400_001)
    whole = 0.0
    for m, v in zip(mean[0], log_variance[0], strict=True):
        p = np.exp(-((x - m) ** 2) / (2 * np.exp(v))) / np.sqrt(2 * np.pi * np.exp(v))
        ratio = -((x - m) ** 2) / (2 * np.exp(v)) - v / 2 + x**2 / 2
        whole += np.trapezoid(p * ratio, x)
    np.testing.assert_allclose(divergence(jnp.asarray(mean), jnp.asarray(log_variance)), [whole], rtol=1e-5)


def test_codes_are_drawn_around_the_means_and_samples_take_the_means():
    mean, log_variance = jnp.full((4, 30, 30, 2), 0.5), jnp.full((4, 30, 30, 2), 2 * jnp.log(3.0))
    z = jnp.concatenate([mean, log_variance], axis=-1)
    drawn, kept = gaussian().apply({}, z, TURN)
    assert float(jnp.mean(drawn)) == pytest.approx(0.5, abs=5 * 3 / np.sqrt(drawn.size))
    assert float(jnp.std(drawn)) == pytest.approx(3, rel=5 / np.sqrt(2 * drawn.size))
    assert len(np.unique(np.asarray(drawn))) > 0.99 * drawn.size
    np.testing.assert_array_equal(gaussian().apply({}, z, None)[0], mean)
    np.testing.assert_allclose(kept, np.full(4, 1800 * (0.25 + 9 - 1 - 2 * np.log(3)) / 2), rtol=1e-5)


def test_the_logarithm_of_a_variance_is_bounded_as_in_the_program():
    z = jnp.stack([jnp.zeros(2), jnp.array([-1e3, 1e3])], axis=-1).reshape(2, 1, 1, 2)
    _, kept = gaussian().apply({}, z, None)
    np.testing.assert_allclose(kept, [(30 - 1) / 2, (np.exp(20) - 1 - 20) / 2], rtol=1e-5)


@pytest.mark.slow
def test_the_loss_is_the_sum_of_the_program_divided_by_the_numbers_of_an_image():
    """LPIPSWithDiscriminator sums |x - x̂| and the KL over all numbers, and divides both by the number of images."""
    values, info, (generator, _), made = played(game_of(kl_weight=0.3, adversarial_weight=0.0))
    z = X @ np.asarray(generator.encoder)
    image = convolved(np.asarray(made.features), np.asarray(generator.last.kernel)) + np.asarray(generator.last.bias)
    mean, log_variance = z[..., :2], z[..., 2:]
    kl = np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance) / 2 / len(X)
    program = np.sum(np.abs(image - X)) / len(X) + 0.3 * kl
    assert float(info["divergence"]) == pytest.approx(kl, rel=1e-5)
    assert float(values.generator) == pytest.approx(program / X[0].size, rel=1e-5)


@pytest.mark.slow
def test_samples_are_the_decoded_means():
    game = game_of()
    params, variables = game.init(KEY, TURN.batch)
    again = game.sample(params.generator, variables.generator, KEY, 4, X)
    mean = (X @ np.asarray(params.generator.encoder))[..., :2]
    maps = mean @ np.asarray(params.generator.decoder)
    np.testing.assert_allclose(again, convolved(maps, np.asarray(params.generator.last.kernel)), rtol=1e-4, atol=1e-5)


def test_options_out_of_range_and_odd_sizes_are_named():
    with pytest.raises(ValueError, match="weight"):
        game_of(kl_weight=-1.0)
    odd = game_of(sizes=(3, 1))
    with pytest.raises(ValueError, match="a mean and a variance for each number of a code, got size 3"):
        jax.eval_shape(lambda: odd.init(KEY, TURN.batch))
