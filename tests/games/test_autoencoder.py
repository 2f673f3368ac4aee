"""Autoencoders against the equations of VQGAN: the codes, the adaptive weight by hand, and their errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from autoencoders_for_tests import KEY, TURN, X, convolved, judged_by_pixels, pixelwise, played

import jaxgan
from jaxgan import bottlenecks, losses
from jaxgan.games.bottlenecks.codebook import perplexity, quantized

CODES = 5


def game_of(discriminator=None, codes=CODES, codebook_weight=1.0, commitment=0.25, **options):
    bottleneck = bottlenecks.codebook(codes, weight=codebook_weight, commitment=commitment)
    parts = (pixelwise(1, 2), bottleneck, pixelwise(2, 3), discriminator or judged_by_pixels())
    return jaxgan.autoencoder(*parts, **({"loss": losses.hinge()} | options))


def slope(features, pressure):
    """Derivative with respect to the kernel of a function of the image whose derivative is the pressure."""
    padded = np.pad(features, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows = [[np.einsum("bhwc,bhwd->cd", padded[:, i : i + 4, j : j + 4], pressure) for j in range(3)] for i in range(3)]
    return np.array(rows)


def test_each_vector_becomes_the_nearest_code_and_gradients_pass_as_if_it_had_not():
    z, codebook = jax.random.normal(KEY, (2, 3, 3, 2)), jax.random.normal(jax.random.key(1), (CODES, 2))
    found = quantized(z, codebook)
    apart = np.sum((np.asarray(z)[..., None, :] - np.asarray(codebook)) ** 2, axis=-1)
    np.testing.assert_array_equal(found.chosen, apart.argmin(axis=-1))
    np.testing.assert_allclose(found.passed, np.asarray(codebook)[apart.argmin(axis=-1)], rtol=1e-5, atol=1e-6)
    weights = jax.random.normal(jax.random.key(2), z.shape)
    to_z, to_codes = jax.grad(lambda *a: jnp.sum(weights * quantized(*a).passed), (0, 1))(z, codebook)
    np.testing.assert_allclose(to_z, weights)
    np.testing.assert_array_equal(to_codes, 0)
    to_z, to_codes = jax.grad(lambda *a: jnp.sum(quantized(*a).nearest), (0, 1))(z, codebook)
    np.testing.assert_array_equal(to_z, 0)
    np.testing.assert_allclose(to_codes[:, 0], np.bincount(np.ravel(found.chosen), minlength=CODES))


def test_perplexity_is_one_for_one_code_and_all_for_all():
    assert float(perplexity(jnp.array([[1.0, 0, 0, 0]] * 3))) == pytest.approx(1)
    assert float(perplexity(jnp.full((3, 4), 0.25))) == pytest.approx(4)
    shares = np.array([0.5, 0.25, 0.25])
    assert float(perplexity(jnp.asarray([shares]))) == pytest.approx(np.exp(-np.sum(shares * np.log(shares))))


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.0, 1e-7])
def test_the_adversary_weighs_as_much_as_the_distance_in_the_last_layer(scale):
    """The weight is |dR/dW| / (|dA/dW| + 1e-4); the smaller D's slope, the more, as far as 1e4."""
    values, info, (generator, discriminator), _ = played(
        game_of(judged_by_pixels(scale), codebook_weight=2.0, commitment=0.5)
    )
    (encoder, codebook, decoder, (kernel, bias)), d = jax.device_get(generator), np.asarray(discriminator)[0, 0]
    z = X @ encoder
    codes = codebook[np.sum((z[..., None, :] - codebook) ** 2, axis=-1).argmin(axis=-1)]
    features = codes @ decoder
    image = convolved(features, kernel) + bias
    logits = scale * np.tanh(d * image[..., 0])
    on_distance = slope(features, np.sign(image - X) / X.size)
    on_judgement = slope(features, (-scale * d * (1 - np.tanh(d * image) ** 2)) / X.size)
    weight = min(np.linalg.norm(on_distance) / (np.linalg.norm(on_judgement) + 1e-4), 1e4)
    apart, committed = np.mean(np.abs(image - X)), np.mean((z - codes) ** 2)
    assert float(info["adaptive_weight"]) == pytest.approx(weight, rel=1e-4)
    assert float(info["reconstruction_distance"]) == pytest.approx(apart, rel=1e-5)
    assert float(info["codebook_distance"]) == pytest.approx(committed, rel=1e-5)
    expected = apart + 0.8 * weight * -logits.mean() + (2.0 + 0.5) * committed
    assert float(values.generator) == pytest.approx(expected, rel=1e-4)
    real = scale * np.tanh(d * X[..., 0])
    assert float(values.discriminator) == pytest.approx(np.mean(1 - real) + np.mean(1 + logits), rel=1e-4)


@pytest.mark.slow
def test_the_weight_has_no_derivative_but_the_parts_have():
    """dL_G of the last kernel is that of R and of 0.8 λ A, with λ a number; so their norms are as 1 to 0.8."""
    game = game_of()
    _, info, params, _ = played(game)
    variables = game.init(KEY, TURN.batch)[1]

    def loss(generator, adversarial_weight):
        each = game_of(adversarial_weight=adversarial_weight)
        made, _ = each.generate(generator, variables.generator, TURN)
        return each.judge(params.discriminator, variables.discriminator, made, TURN)[0].generator

    whole, alone = (np.asarray(jax.grad(loss)(params.generator, w).last.kernel) for w in (0.8, 0.0))
    expected = 0.8 * np.linalg.norm(alone) * (1 - 1e-4 * float(info["adaptive_weight"]) / np.linalg.norm(alone))
    assert np.linalg.norm(whole - alone) == pytest.approx(expected, rel=1e-3)


def test_before_the_start_and_without_a_weight_there_is_no_adversary():
    early, info, _, _ = played(game_of(start=3))
    alone, without, _, _ = played(game_of(adversarial_weight=0.0))
    assert float(early.generator) == pytest.approx(float(alone.generator))
    assert float(early.discriminator) == float(alone.discriminator) == 0
    assert "adaptive_weight" in info
    assert "adaptive_weight" not in without
    late, _, _, _ = played(game_of(start=3), TURN._replace(step=jnp.array(3)))
    assert float(late.discriminator) > 0


def test_features_add_their_distance():
    values, info, _, _ = played(game_of(features=lambda images: [images, 2 * images], adversarial_weight=0.0))
    plain, _, _, _ = played(game_of(adversarial_weight=0.0))
    assert float(info["perceptual"]) == pytest.approx(3 * float(info["reconstruction_distance"]), rel=1e-5)
    assert float(values.generator - plain.generator) == pytest.approx(float(info["perceptual"]), rel=1e-5)


def test_samples_are_reconstructions_of_images_that_must_be_given():
    game = game_of()
    params, variables = game.init(KEY, TURN.batch)
    again = game.sample(params.generator, variables.generator, KEY, 4, X)
    made, _ = game.generate(params.generator, variables.generator, TURN)
    expected = convolved(np.asarray(made.features), np.asarray(made.last.kernel))
    np.testing.assert_allclose(again, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="give images as the condition"):
        game.sample(params.generator, variables.generator, KEY, 4)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"codes": 0}, "codes"), ({"commitment": -1.0}, "commitment"), ({"start": -1}, "start")],
)
def test_options_out_of_range_are_named(options, said):
    with pytest.raises(ValueError, match=said):
        game_of(**options)


def test_networks_that_do_not_fit_are_named():
    def halved(params, variables, x, condition, *, train, key):
        return (x @ params)[:, ::2], variables

    decoder = pixelwise(2, 3)._replace(apply=halved)
    parts = (pixelwise(1, 2), bottlenecks.codebook(CODES), decoder, judged_by_pixels())
    game = jaxgan.autoencoder(*parts, loss=losses.hinge())
    with pytest.raises(
        ValueError, match=r"decoder makes feature maps of \(2, 4\) pixels, but the images have \(4, 4\)"
    ):
        game.init(KEY, TURN.batch)
