"""What the discriminator sees in training: instance noise and packs, on one device and on several."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator
from jax.flatten_util import ravel_pytree

import jaxgan
from jaxgan import Batch, Turn, losses, penalties
from jaxgan.devices import AXIS
from jaxgan.games.gradients import field
from jaxgan.networks import Network

KEY = jax.random.key(0)
REAL, FAKE = jnp.asarray(np.random.default_rng(0).normal(size=(2, 6, 4)), jnp.float32)
LABELS = jnp.array([0, 1, 2, 2, 1, 0])


def turn_of(batch, step=0):
    return Turn(batch, KEY, jnp.int32(step))


def identity():
    return Network(lambda key, x, condition: ({}, {}), lambda p, v, x, c, *, train, key: (x[:, :4], v))


def linear(seen=None):
    """D(x) = w·x, and a list of all that it was given."""

    def init(key, x, condition):
        return jnp.ones(x[0].size), {}

    def apply(params, variables, x, condition, *, train, key):
        if seen is not None:
            seen.append((x, condition))
        return x.reshape(len(x), -1) @ params, variables

    return Network(init, apply)


def game(discriminator=None, **options):
    settings = {"loss": losses.wasserstein(), "latent_size": 4} | options
    return jaxgan.gan(identity(), discriminator or linear(), **settings)


def noise(stream, turn, shape=(4,)):
    keys = [jax.random.fold_in(turn.stream(stream), row) for row in range(6)]
    return np.array([jax.random.normal(key, shape) for key in keys])


@pytest.mark.parametrize("deviation", [0.3, optax.linear_schedule(0.0, 0.4, 4)])
def test_noise_of_its_own_is_on_real_rows_samples_and_the_points_of_penalties(deviation):
    seen, turn = [], turn_of(Batch(REAL), step=3)
    noisy = game(linear(seen), instance_noise=deviation, penalties=[penalties.r1(1.0), penalties.r2(1.0)])
    noisy.judge(jnp.ones(4), of_discriminator(), FAKE, turn)
    real, fake = REAL + 0.3 * noise("real noise", turn), FAKE + 0.3 * noise("fake noise", turn)
    assert len(seen) == 4
    for (x, _), expected in zip(seen[:2], (real, fake), strict=True):
        np.testing.assert_allclose(x, expected, rtol=1e-5, atol=1e-6)
    assert np.abs(real - REAL - fake + FAKE).max() > 0.1


def test_penalties_are_taken_at_the_noisy_points():
    def where(critic, real, fake, turn):
        return jnp.mean(real) + 10 * jnp.mean(fake)

    turn = turn_of(Batch(REAL))
    _, (_, info) = game(instance_noise=0.5, penalties=[where]).judge(jnp.ones(4), of_discriminator(), FAKE, turn)
    real, fake = REAL + 0.5 * noise("real noise", turn), FAKE + 0.5 * noise("fake noise", turn)
    np.testing.assert_allclose(info["penalty"], real.mean() + 10 * fake.mean(), rtol=1e-5)


def test_noise_may_be_traced_and_without_it_nothing_is_drawn():
    turn = turn_of(Batch(REAL))

    def logits(deviation):
        return game(instance_noise=deviation).judge(jnp.ones(4), of_discriminator(), FAKE, turn)[1][1]["real_logits"]

    np.testing.assert_allclose(jax.jit(logits)(0.5), logits(0.5), rtol=1e-5)
    assert logits(0.0) == game().judge(jnp.ones(4), of_discriminator(), FAKE, turn)[1][1]["real_logits"]
    assert "random_bits" not in str(jax.make_jaxpr(lambda: logits(0.0))())


def test_eigenvalues_of_dirac_gan_with_instance_noise():
    """f''(0)σ² ± √(f''(0)²σ⁴ − f'(0)²), Mescheder et al. (2018), with the mean square of the noise drawn as σ²."""
    with jax.enable_x64(True):
        rows, sigma = 2000, 1.3
        zero = jnp.zeros(())
        generator = Network(
            lambda key, x, condition: (zero, {}),
            lambda theta, v, x, condition, *, train, key: (theta + 0 * x[:, :1], v),
        )
        discriminator = Network(
            lambda key, x, condition: (zero, {}),
            lambda psi, v, x, condition, *, train, key: (psi * x[:, 0], v),
        )
        dirac = jaxgan.gan(generator, discriminator, loss=losses.minimax(), latent_size=1, instance_noise=sigma)
        batch = Batch(jnp.zeros((rows, 1)), latent=jnp.zeros((rows, 1)))
        params, variables = dirac.init(KEY, batch)
        flat, unravel = ravel_pytree(params)
        evaluate = field(dirac, variables, turn_of(batch))
        jacobian = jax.jit(jax.jacfwd(lambda p: -ravel_pytree(evaluate(unravel(p))[0])[0]))(flat)
        turn = turn_of(batch)
        drawn = [
            turn.draw(name, lambda key: jax.random.normal(key, (1,), float)) for name in ("real noise", "fake noise")
        ]
        square = sigma**2 * np.mean([np.mean(np.square(n)) for n in drawn])
    assert abs(square / sigma**2 - 1) < 0.1
    half = np.emath.sqrt(square**2 / 16 - 1 / 4)
    expected = np.array([-square / 4 - half, -square / 4 + half])
    np.testing.assert_allclose(np.sort_complex(np.linalg.eigvals(jacobian)), np.sort_complex(expected), rtol=1e-9)
    assert expected.real.max() < -0.1


def test_a_pack_is_consecutive_rows_and_their_labels_side_by_side():
    seen = []
    packing = game(linear(seen), pack=2, num_classes=3)
    params, variables = packing.init(KEY, Batch(REAL, LABELS))
    assert params.discriminator.shape == (8,)
    seen.clear()  # of the rows that the game looks at when it begins
    packing.judge(params.discriminator, variables.discriminator, FAKE, turn_of(Batch(REAL, LABELS)))
    (real, of_real), (fake, of_fake) = seen
    np.testing.assert_array_equal(real, REAL.reshape(3, 8))
    np.testing.assert_array_equal(fake, FAKE.reshape(3, 8))
    for condition in (of_real, of_fake):
        np.testing.assert_array_equal(condition, np.eye(3)[LABELS].reshape(3, 6))


def test_images_are_packed_along_their_channels():
    seen = []
    images = jnp.asarray(np.random.default_rng(1).normal(size=(6, 2, 3, 4)), jnp.float32)
    game(linear(seen), pack=3).judge(jnp.ones(72), of_discriminator(), images, turn_of(Batch(images)))
    np.testing.assert_array_equal(seen[0][0], [np.concatenate(images[i : i + 3], axis=-1) for i in (0, 3)])


def test_penalties_see_the_gradient_of_the_whole_pack():
    w = jnp.asarray(np.random.default_rng(2).normal(size=8), jnp.float32)
    terms = [penalties.r1(2.0), penalties.gradient_penalty(1.0), penalties.dragan(1.0)]
    packing = game(pack=2, penalties=terms)
    turn = turn_of(Batch(REAL))
    values, (_, info) = packing.judge(w, of_discriminator(), FAKE, turn)
    norm = np.linalg.norm(w)
    np.testing.assert_allclose(info["penalty"], norm**2 + 2 * (norm - 1) ** 2, rtol=1e-5)
    gap = FAKE.reshape(3, 8) @ w - REAL.reshape(3, 8) @ w
    np.testing.assert_allclose(values.discriminator, gap.mean() + info["penalty"], rtol=1e-5)


def test_packs_lie_on_one_device():
    packing = game(pack=3, instance_noise=0.1)
    w = jnp.asarray(np.random.default_rng(2).normal(size=12), jnp.float32)

    def logits(real, fake):
        return packing.judge(w, of_discriminator(), fake, turn_of(Batch(real)))[1][1]

    one = logits(REAL, FAKE)
    two = jax.pmap(logits, axis_name=AXIS)(REAL.reshape(2, 3, 4), FAKE.reshape(2, 3, 4))
    for name, value in one.items():
        np.testing.assert_allclose(two[name], [value] * 2, rtol=1e-5)


def test_a_pack_that_does_not_divide_the_rows_is_an_error():
    packing = game(pack=4)
    params, variables = packing.init(KEY, Batch(REAL))
    with pytest.raises(
        ValueError, match="pack=4 does not divide the 6 rows that the discriminator gets on each device"
    ):
        jax.eval_shape(packing.judge, params.discriminator, variables.discriminator, FAKE, turn_of(Batch(REAL)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pack": 0}, "pack must be a whole number of at least 1, got 0"),
        ({"instance_noise": -0.1}, "instance_noise must be at least 0, got -0.1"),
    ],
)
def test_options_out_of_range_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        game(**options)
