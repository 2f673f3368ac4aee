"""Consistency penalties: zero for what an augmentation leaves, closed forms on linear critics, the default's images."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan import Batch, Turn, penalties

RANDOM = np.random.default_rng(0)
REAL, FAKE = jnp.asarray(RANDOM.normal(size=(2, 5, 4, 6, 2)), jnp.float32)
W = jnp.asarray(RANDOM.normal(size=48), jnp.float32)


def turn_at(step):
    return Turn(Batch(REAL), jax.random.key(7), jnp.int32(step))


def linear(x):
    return x.reshape(len(x), -1) @ W


def add_noise(key, image):
    return image + jax.random.normal(key, image.shape)


def change(stream):
    """E[(w·n)²] of the noise n that each row's own key draws."""
    keys = [jax.random.fold_in(turn_at(0).stream(stream), row) for row in range(5)]
    noise = np.array([jax.random.normal(key, REAL.shape[1:]) for key in keys])
    return np.mean(np.asarray(linear(noise)) ** 2)


def test_a_linear_critic_sees_the_noise_that_is_added():
    on_real, on_fake = change("augment real"), change("augment fake")
    assert abs(on_real - on_fake) > 0.1
    arguments = linear, REAL, FAKE, turn_at(0)
    np.testing.assert_allclose(penalties.consistency(2.0, add_noise)(*arguments), 2 * on_real, rtol=1e-4)
    balanced = penalties.balanced_consistency(2.0, 3.0, add_noise)(*arguments)
    np.testing.assert_allclose(balanced, 2 * on_real + 3 * on_fake, rtol=1e-4)


def test_a_critic_that_the_augmentation_does_not_change_pays_nothing():
    def mirror(key, image):
        return jnp.where(jax.random.bernoulli(key), image[:, ::-1], image)

    def symmetric(x):
        return jnp.sum(x[:, :2] ** 2, axis=(1, 2, 3))

    for penalty in (penalties.consistency(1.0, mirror), penalties.balanced_consistency(1.0, 1.0, mirror)):
        np.testing.assert_allclose(penalty(symmetric, REAL, FAKE, turn_at(0)), 0, atol=1e-9)
        assert penalty(linear, REAL, FAKE, turn_at(0)) > 1


@pytest.mark.parametrize(
    ("build", "stream"),
    [
        (lambda weight: penalties.consistency(weight, add_noise), "augment real"),
        (lambda weight: penalties.balanced_consistency(weight, 0.0, add_noise), "augment real"),
        (lambda weight: penalties.balanced_consistency(0.0, weight, add_noise), "augment fake"),
    ],
)
def test_the_weights_are_numbers_traced_numbers_or_schedules(build, stream):
    whole = change(stream)
    schedule = optax.linear_schedule(0.0, 1.0, 4)
    for step, weight in [(1, 0.25), (9, 1.0)]:
        # the draws are those of the turn, whose key does not know the step here
        np.testing.assert_allclose(build(schedule)(linear, REAL, FAKE, turn_at(step)), weight * whole, rtol=1e-4)
    np.testing.assert_allclose(jax.jit(lambda w: build(w)(linear, REAL, FAKE, turn_at(0)))(0.5), 0.5 * whole, rtol=1e-4)


def test_the_default_mirrors_and_moves_by_up_to_an_eighth_and_reaches_every_such_image():
    image = RANDOM.normal(size=(16, 8, 2)).astype(np.float32)
    padded = {flip: np.pad(image[:, ::flip], [(2, 2), (1, 1), (0, 0)], mode="edge") for flip in (1, -1)}
    possible = {
        padded[flip][down : down + 16, right : right + 8].tobytes()
        for flip, down, right in itertools.product((1, -1), range(5), range(3))
    }
    keys = jax.random.split(jax.random.key(0), 600)
    made = np.asarray(jax.jit(jax.vmap(penalties.flip_and_shift, (0, None)))(keys, image))
    assert {one.tobytes() for one in made} == possible


def test_images_below_four_pixels_are_mirrored_alone():
    keys, image = jax.random.split(jax.random.key(0), 20), REAL[0][:3, :3]
    made = np.asarray(jax.vmap(penalties.flip_and_shift, (0, None))(keys, image))
    assert {one.tobytes() for one in made} == {np.asarray(x).tobytes() for x in (image, image[:, ::-1])}


def test_an_eighth_of_28_pixels_is_rounded_to_four():
    """As DiffAugment's translation, which its authors also take for consistency."""
    image = jnp.broadcast_to(jnp.arange(28.0)[:, None, None], (28, 28, 1))
    made = jax.jit(jax.vmap(penalties.flip_and_shift, (0, None)))(jax.random.split(jax.random.key(0), 200), image)
    assert (jnp.min(made[:, 14, 14, 0]), jnp.max(made[:, 14, 14, 0])) == (10, 18)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: penalties.consistency(-1.0), "^weight must be at least 0, got -1.0"),
        (lambda: penalties.balanced_consistency(-1.0), "real_weight must be at least 0, got -1.0"),
        (lambda: penalties.balanced_consistency(1.0, -1.0), "fake_weight must be at least 0, got -1.0"),
    ],
)
def test_weights_out_of_range_are_errors(build, message):
    with pytest.raises(ValueError, match=message):
        build()
