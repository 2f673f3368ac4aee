"""DiffAugment's transforms against NumPy, and the gradient through them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import augmentation

KEYS = jax.random.split(jax.random.key(0), 200)


def image(side=8, channels=3, dtype=np.float32):
    return np.random.default_rng(1).uniform(-1, 1, (side, side, channels)).astype(dtype)


def draws(transform, x):
    return np.asarray(jax.jit(jax.vmap(transform, (0, None)))(KEYS, x))


def shifted(x, down, right):
    """Moved, with zeros where nothing comes from."""
    padded = np.pad(x, [(8, 8), (8, 8), (0, 0)])
    return padded[8 - down : 8 - down + x.shape[0], 8 - right : 8 - right + x.shape[1]]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_translation_is_an_exact_shift_filled_with_zeros(channels):
    x = image(16, channels)
    possible = [shifted(x, down, right) for down in range(-2, 3) for right in range(-2, 3)]
    found = [[np.array_equal(y, p) for p in possible] for y in draws(augmentation.translate, x)]
    assert np.all(np.sum(found, axis=1) == 1)
    assert np.all(np.sum(found, axis=0) > 0)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_color_is_brightness_then_saturation_then_contrast(channels):
    x = image(channels=channels)
    for key, y in zip(KEYS[:20], draws(augmentation.jitter_color, x), strict=False):
        b, s, c = np.asarray(jax.random.uniform(key, (3,)))
        expected = x + b - 0.5
        gray = expected.mean(-1, keepdims=True)
        expected = gray + 2 * s * (expected - gray)
        expected = expected.mean() + (c + 0.5) * (expected - expected.mean())
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("side", "shift", "hole"), [(28, 4, 14), (32, 4, 16), (20, 3, 10), (11, 1, 6), (3, 0, 2)])
def test_shifts_and_holes_are_rounded_as_in_the_paper_s_program(side, shift, hole):
    """DiffAugment_pytorch.py: int(side · 0.125 + 0.5) and int(side · 0.5 + 0.5)."""
    x = np.ones((side, side, 1), np.float32)
    filled = (draws(augmentation.translate, x)[..., 0] == 0).all(axis=2)
    assert np.max(np.sum(filled, axis=1)) == shift
    cut = (draws(augmentation.cut_out, x)[..., 0] == 0).any(axis=2)
    assert np.max(np.sum(cut, axis=1)) == hole


@pytest.mark.parametrize(("side", "size"), [(8, 4), (10, 5), (9, 5)])
def test_cutout_sets_a_rectangle_of_half_the_sides_around_a_place_in_the_image_to_zero(side, size):
    x = image(side) + 2
    possible = []
    for row in range(side + 1 - size % 2):
        for column in range(side + 1 - size % 2):
            y = x.copy()
            y[
                max(0, row - size // 2) : row - size // 2 + size, max(0, column - size // 2) : column - size // 2 + size
            ] = 0
            possible.append(y)
    found = [[np.array_equal(y, p) for p in possible] for y in draws(augmentation.cut_out, x)]
    assert np.all(np.sum(found, axis=1) == 1)
    assert np.mean(np.any(found, axis=0)) > 0.8


def test_a_policy_is_its_transforms_in_order_with_keys_of_their_own():
    x = image()
    key = KEYS[0]
    first, second = jax.random.split(key)
    expected = augmentation.cut_out(second, augmentation.translate(first, jnp.asarray(x)))
    got = augmentation.diffaugment(["translation", "cutout"])(key, jnp.asarray(x))
    np.testing.assert_array_equal(got, expected)


def test_the_gradient_is_that_of_finite_differences():
    """The transform is affine in the image, so a central difference is exact to rounding."""
    with jax.enable_x64(True):
        transform = augmentation.diffaugment()
        x = jnp.asarray(image(8, 2, np.float64))
        weights = jnp.asarray(np.random.default_rng(2).normal(size=x.shape))

        @jax.jit
        def score(x, key):
            return jnp.sum(weights * jnp.sin(transform(key, x)))

        directions = np.random.default_rng(3).normal(size=(5, *x.shape))
        gradient_of = jax.jit(jax.grad(score))
        for key, direction in zip(KEYS, directions, strict=False):
            gradient = gradient_of(x, key)
            h = 1e-5
            slope = (score(x + h * direction, key) - score(x - h * direction, key)) / (2 * h)
            np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-7)
            assert abs(slope) > 1e-3


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ((), "policy must name at least one"),
        (("blur",), "policy must be one of color, translation, cutout; got 'blur'"),
    ],
)
def test_what_is_no_policy_is_named(policy, message):
    with pytest.raises(ValueError, match=message):
        augmentation.diffaugment(policy)
