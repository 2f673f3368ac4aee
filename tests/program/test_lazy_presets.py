"""Presets with a lazy penalty move as far as the authors' program, which gives the penalty an update of its own."""

import jax.numpy as jnp
import pytest
from recipes_for_tests import flat, optimizers

from jaxgan.recipes.presets import PRESETS

EVERY, RATE, B2 = 16, 2.5e-3, 0.99
"""Karras et al., Training Generative Adversarial Networks with Limited Data, 2020: R1 every 16 steps, Adam."""


@pytest.mark.parametrize("name", ["stylegan2-ffhq-256", "stylegan2-ada-cifar10"])
def test_sixteen_steps_of_the_discriminator_go_as_far_as_seventeen_scaled_updates(name):
    """Under a gradient of one sign Adam moves by its rate; without one its second moment shrinks by β2."""
    correction = EVERY / (EVERY + 1)
    distance, memory = (EVERY + 1) * RATE * correction, (B2**correction) ** (EVERY + 1)
    config = PRESETS[name].config
    assert flat(config)["penalty_every"] == EVERY
    optimizer = optimizers(config).discriminator
    state, moved, moments = optimizer.init(jnp.zeros(())), 0.0, []
    for step in range(2 * EVERY):
        update, state = optimizer.update(jnp.float32(step < EVERY), state)
        moved -= float(update)
        moments.append(float(state[0].nu))
    assert moved == pytest.approx(distance, rel=1e-4)
    assert moments[-1] / moments[EVERY - 1] == pytest.approx(memory, rel=1e-4)
