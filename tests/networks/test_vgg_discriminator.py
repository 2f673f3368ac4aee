"""The discriminator of ESRGAN: its parameters and the sizes that it takes."""

import jax
import jax.numpy as jnp
import pytest

from jaxgan.errors import InputError
from jaxgan.networks import VGGDiscriminator

KEY = jax.random.key(0)


def authors_parameters(halvings, width=64, channels=3):
    """Parameters of BasicSR's `VGGStyleDiscriminator`; all convolutions but the first have batch norm and no bias."""
    total = 9 * channels * width + width + 16 * width**2 + 2 * width
    before = width
    for i in range(1, halvings):
        after = width * min(2**i, 8)
        total += 9 * before * after + 16 * after**2 + 4 * after
        before = after
    return total + 16 * before * 100 + 100 + 101


@pytest.mark.parametrize(("side", "halvings"), [(128, 5), (256, 6)])
def test_it_has_the_parameters_of_the_authors(side, halvings):
    shapes = jax.eval_shape(lambda: VGGDiscriminator().init(KEY, jnp.ones((1, side, side, 3)), train=False))
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes["params"])) == authors_parameters(halvings)


def test_a_logit_is_made_of_each_image_and_sides_that_do_not_fit_are_refused():
    module = VGGDiscriminator(width=2, hidden=3)
    logits, _ = jax.eval_shape(lambda: module.init_with_output(KEY, jnp.ones((2, 8, 12, 1)), train=True))
    assert logits.shape == (2,)
    for size in ((4, 4), (12, 12), (8, 9)):
        with pytest.raises(InputError, match=f"sides of 4 pixels, doubled at least once, got {size[0]} by {size[1]}"):
            module.init(KEY, jnp.ones((2, *size, 1)), train=True)
