"""ADA: its transforms in closed form, its probability, and what it leaves alone."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tiers import mostly_slow

from jaxgan import Batch, Turn, augmentation
from jaxgan.augmentation.adaptive import Adaptive
from jaxgan.augmentation.color import turn_hue
from jaxgan.devices import AXIS

KEYS = jax.random.split(jax.random.key(0), 64)


def image(side=8, channels=3):
    return jnp.asarray(np.random.default_rng(1).uniform(-1, 1, (side, side, channels)), jnp.float32)


@partial(jax.jit, static_argnums=0)
def draws(transform, x, probability):
    return jax.vmap(transform, (0, None, None))(KEYS, x, probability)


def turn_of(rows):
    return Turn(Batch(jnp.zeros((rows, 1))), jax.random.key(0), jnp.int32(0))


@mostly_slow("channels", [1, 3], quick=1)
def test_probability_0_is_the_identity_and_1_changes_every_image(channels):
    x = image(9, channels)
    np.testing.assert_array_equal(draws(augmentation.blit_geometry_color, x, 0.0), np.broadcast_to(x, (64, *x.shape)))
    changed = draws(augmentation.blit_geometry_color, x, 1.0)
    assert changed.shape == (64, *x.shape)
    assert np.all(np.abs(changed - x).max((1, 2, 3)) > 1e-2)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.diag([1.0, -1, 1]), lambda x: x[:, ::-1]),
        (np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]), lambda x: np.rot90(x)),
        (
            np.array([[1.0, 0, -2], [0, 1, 1], [0, 0, 1]]),
            lambda x: np.pad(x, [(2, 0), (0, 1), (0, 0)], "reflect")[:-2, 1:],
        ),
        (np.array([[1.0, 0, 0.5], [0, 1, 0], [0, 0, 1]]), lambda x: (x + np.concatenate([x[1:], x[-2:-1]])) / 2),
    ],
)
def test_a_warp_is_exact_on_pixels_bilinear_between_them_and_mirrored_beyond_the_edge(matrix, expected):
    x = image()
    np.testing.assert_allclose(augmentation.warp(x, jnp.asarray(matrix)), expected(x), rtol=0, atol=1e-6)


def test_a_warp_scales_about_the_centre():
    x = jnp.broadcast_to(jnp.linspace(-1, 1, 9)[:, None, None], (9, 9, 1))
    np.testing.assert_allclose(augmentation.warp(x, jnp.diag(jnp.array([0.5, 0.5, 1]))), x / 2, atol=1e-6)


@pytest.mark.slow
def test_its_share_of_images_is_the_probability_of_any_transform():
    """Eight gates of geometry, two of which are for either turn, and halves and quarters of draws that do nothing."""
    x, p = image(), 0.1
    keys = jax.random.split(jax.random.key(1), 2000)
    moved = jax.jit(jax.vmap(augmentation.change_geometry, (0, None, None)))(keys, x, p) != x
    still = (1 - p / 2) * (1 - 0.75 * p) * (1 - p) ** 5 * (1 - p * 1e-3)
    assert abs(1 - still - np.mean(np.any(moved, (1, 2, 3)))) < 0.04


def test_hue_turns_colours_about_the_gray_axis():
    x = image()
    np.testing.assert_allclose(turn_hue(x, 2 * np.pi / 3), np.roll(x, 1, axis=-1), atol=1e-6)
    np.testing.assert_allclose(turn_hue(x, 0.7).mean(-1), x.mean(-1), atol=1e-6)
    np.testing.assert_allclose(np.sum(turn_hue(x, 0.7) ** 2, -1), np.sum(x**2, -1), rtol=1e-5)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_colours_change_affinely_and_alike_at_every_place(channels):
    x = image(8, channels)
    design = np.concatenate([x.reshape(-1, channels), np.ones((64, 1))], axis=1)
    for y in np.asarray(draws(augmentation.change_color, x, 0.6))[:20]:
        _, residual, _, _ = np.linalg.lstsq(design, y.reshape(-1, channels), rcond=None)
        assert np.all(residual < 1e-6 * np.sum(y**2))


@pytest.mark.slow
def test_the_gradient_is_the_transpose_of_the_jacobian_by_columns():
    x = image(4, 2)
    units = jnp.eye(x.size).reshape(-1, *x.shape)
    weights = np.random.default_rng(2).normal(size=x.shape).astype(np.float32)

    @jax.jit
    def columns_and_gradient(x):
        transform = partial(augmentation.blit_geometry_color, KEYS[3], probability=1.0)
        columns = jax.vmap(lambda e: transform(x + e) - transform(x))(units)
        return columns, jax.grad(lambda x: jnp.sum(weights * transform(x)))(x)

    columns, gradient = columns_and_gradient(x)
    np.testing.assert_allclose(gradient.reshape(-1), columns.reshape(x.size, -1) @ weights.reshape(-1), atol=1e-4)


def probabilities(given, logits, rows=8):
    variables, found = given.init(), []
    for mean in logits:
        variables, info = given.update(variables, jnp.asarray(mean), turn_of(rows))
        found.append(float(info["augment_probability"]))
    return found


@pytest.mark.parametrize("make", [augmentation.ada, augmentation.apa])
def test_the_probability_moves_by_the_rows_seen_over_500_000_every_fourth_pass(make):
    surely = np.ones(8)
    np.testing.assert_allclose(probabilities(make(), [surely] * 8), [0] * 3 + [32 / 5e5] * 4 + [64 / 5e5], rtol=1e-5)


def test_it_rises_above_its_target_falls_below_it_and_stays_within_0_and_1():
    quick = augmentation.ada(target=0.5, images=20, interval=1)
    at = {share: np.where(np.arange(8) < share, 3.0, -0.1) for share in (8, 6, 4)}
    logits = [at[4], at[8], at[8], at[8], at[6], at[4]]
    np.testing.assert_allclose(probabilities(quick, logits), [0, 0.4, 0.8, 1, 1, 0.6], rtol=1e-6)


def test_the_mean_over_the_interval_counts():
    given = augmentation.ada(target=0.0, images=100, interval=3)
    up, down = np.ones(8), -np.ones(8)
    np.testing.assert_allclose(
        probabilities(given, [up, down, up, down, down, up]), [0, 0, 0.24, 0.24, 0.24, 0], atol=1e-7
    )


def test_devices_count_together():
    given = augmentation.ada(target=0.1, images=100, interval=1)
    logits = jnp.array([1.0, 1, 1, 1, 1, 1, -1, -1])

    def p(x):
        return given.update(given.init(), x, turn_of(len(x)))[0].probability

    np.testing.assert_allclose(jax.pmap(p, axis_name=AXIS)(logits.reshape(4, 2)), [p(logits)] * 4, rtol=1e-6)
    np.testing.assert_allclose(p(logits), 0.08, rtol=1e-6)


def test_apa_replaces_a_share_of_whole_rows_by_the_samples_of_these_rows():
    given = augmentation.apa()
    real, fake = (
        jnp.zeros((1000, 2, 2, 1)),
        jnp.broadcast_to(jnp.arange(1.0, 1001)[:, None, None, None], (1000, 2, 2, 1)),
    )
    mixed = {p: given.mix(Adaptive(jnp.float32(p), 0.0, 0), real, fake, turn_of(1000)) for p in (0.0, 0.3, 1.0)}
    np.testing.assert_array_equal(mixed[0.0], real)
    np.testing.assert_array_equal(mixed[1.0], fake)
    rows = np.asarray(mixed[0.3]).reshape(1000, -1)
    replaced = rows[:, 0] > 0
    np.testing.assert_array_equal(rows, np.where(replaced, np.arange(1, 1001), 0)[:, None].repeat(4, axis=1))
    assert abs(replaced.mean() - 0.3) < 0.05


@pytest.mark.parametrize("make", [augmentation.ada, augmentation.apa])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": 1.5}, "target must be at most 1, got 1.5"),
        ({"target": -1.5}, "target must be at least -1, got -1.5"),
        ({"images": 0}, "images must be a whole number of at least 1, got 0"),
        ({"interval": 0}, "interval must be a whole number of at least 1, got 0"),
    ],
)
def test_what_is_out_of_range_is_named(make, options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)
