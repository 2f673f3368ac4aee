"""Samples beside the data that are nearest to them: copies are seen, and the order is that of the distances."""

import jax.numpy as jnp
import numpy as np
from PIL import Image

import jaxgan
from jaxgan import data
from jaxgan.core import Algorithm, Latents
from jaxgan.data.media.images import grid
from jaxgan.metrics.features import pixels
from jaxgan.observe.nearest_rows import save_nearest_rows

ROWS = np.random.default_rng(0).integers(0, 256, (12, 4, 4, 1), np.uint8)
COPIED = [7, 3]
STATE = jaxgan.GANState(*[np.zeros((), np.int32)] * 5)


def test_a_sample_that_is_a_copy_stands_beside_its_row(tmp_path):
    """The generator makes row 7, then row 3 a shade darker."""
    dataset = data.Dataset("x", ROWS)
    made = dataset.decode(dataset.take(np.array(COPIED))).real
    made = np.stack([made[0], np.clip(made[1] - 0.02, -1, 1)])
    algorithm = Algorithm(None, None, lambda state, key, n, condition, z: jnp.asarray(made[:n]))
    experiment = jaxgan.Experiment(dataset, algorithm, latents=Latents(lambda key: jnp.zeros(1), None))
    path = save_nearest_rows(tmp_path / "samples", experiment, STATE, dataset, pixels(), count=2, seed=0)
    flat = ROWS.reshape(12, -1).astype(int)
    order = [np.argsort(((flat - flat[i]) ** 2).sum(axis=1))[:5] for i in COPIED]
    assert [rows[0] for rows in order] == COPIED
    expected = [np.concatenate([made[i : i + 1], ROWS[order[i]] / 127.5 - 1]) for i in (0, 1)]
    with Image.open(path) as picture:
        np.testing.assert_allclose(np.asarray(picture).astype(int), grid(np.concatenate(expected), 6), atol=1)


def test_samples_that_are_not_finite_make_no_picture(tmp_path):
    dataset = data.Dataset("x", ROWS)
    algorithm = Algorithm(None, None, lambda state, key, n, condition, z: jnp.full((n, 4, 4, 1), jnp.nan))
    experiment = jaxgan.Experiment(dataset, algorithm, latents=Latents(lambda key: jnp.zeros(1), None))
    assert save_nearest_rows(tmp_path, experiment, STATE, dataset, pixels(), count=2, seed=0) is None
    assert not list(tmp_path.iterdir())
