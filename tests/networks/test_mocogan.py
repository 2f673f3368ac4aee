"""The networks of MoCoGAN: the authors' layers, a convolution against lax, and what each code and logit depends on."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxgan.errors import InputError
from jaxgan.networks import MoCoGANDiscriminator, MoCoGANGenerator
from jaxgan.networks.layers.clips import conv_3d

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
SMALL = MoCoGANGenerator(frames=7, image_size=16, content_size=3, motion_size=2, width=2)


def sizes(module, x):
    shapes = jax.eval_shape(lambda: module.init({"params": KEY, "dropout": KEY}, x, train=True))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))


@pytest.mark.slow
def test_they_have_the_parameters_of_the_authors():
    """models.py with 64 pixels, 3 channels and no categories; here the last layer of the generator has a bias too, and
    of each gate of the recurrent unit the sum of two biases is one, but for the candidate."""
    widths = [64, 128, 256, 512]
    norms = 2 * sum(widths)
    up = 60 * 512 * 16 + 16 * sum(a * b for a, b in zip(widths[1:], widths[:-1], strict=True)) + 16 * 64 * 3
    unit = 3 * (10 * 10 + 10 * 10) + 4 * 10
    assert sizes(MoCoGANGenerator(channels=3), jnp.ones((2, 50 + 17 * 10))) == up + norms + 3 + unit
    image = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256) + 2 * (128 + 256)
    video = 64 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 2 * (128 + 256 + 512)
    assert sizes(MoCoGANDiscriminator(), jnp.ones((2, 16, 64, 64, 3))) == image + video


@pytest.mark.parametrize(("size", "stride", "sides"), [(4, 2, (8, 8)), (4, 2, (7, 10)), (3, 1, (4, 5))])
def test_a_convolution_is_that_of_lax(size, stride, sides):
    with jax.enable_x64(True):
        x, kernel = RANDOM.normal(size=(2, 6, *sides, 3)), RANDOM.normal(size=(size, size, size, 3, 2))
        padding = [(0, 0), *lax.padtype_to_pads(sides, (size, size), (stride, stride), "SAME")]
        strides, layout = (1, stride, stride), ("NDHWC", "DHWIO", "NDHWC")
        expected = lax.conv_general_dilated(x, kernel, strides, padding, dimension_numbers=layout)
        np.testing.assert_allclose(conv_3d(jnp.asarray(x), jnp.asarray(kernel), stride), expected, atol=1e-12)
    with pytest.raises(InputError, match="clips must have at least 7 frames here"):
        conv_3d(jnp.zeros((1, 6, 8, 8, 1)), jnp.zeros((7, 4, 4, 1, 1)), 2)


@pytest.mark.slow
def test_a_code_of_motion_moves_its_frame_and_the_later_ones_and_the_content_all():
    latents = jnp.asarray(RANDOM.normal(size=(1, SMALL.latent_size)), jnp.float32)
    variables = SMALL.init(KEY, latents, train=False)
    plain = SMALL.apply(variables, latents, train=False)
    assert plain.shape == (1, 7, 16, 16, 1)

    def changed(place):
        other = SMALL.apply(variables, latents.at[0, place].add(1.0), train=False)
        return list(np.any(np.asarray(plain != other), axis=(0, 2, 3, 4)))

    assert changed(0) == [True] * 7  # content
    assert changed(3) == [True] * 7  # the state before the first frame
    assert changed(3 + 2 + 4 * 2) == [False] * 4 + [True] * 3  # noise of the fifth frame


@pytest.mark.slow
def test_a_frame_is_judged_alone_and_drawn_anew_in_training():
    judge = MoCoGANDiscriminator(2, batch_norm=False)
    clips = jnp.asarray(RANDOM.normal(size=(3, 7, 16, 16, 1)), jnp.float32)
    variables = judge.init(KEY, clips, train=False)

    def logits(x, seed=None):
        rngs = None if seed is None else {"dropout": jax.random.key(seed)}
        return np.asarray(judge.apply(variables, x, train=seed is not None, rngs=rngs))

    plain, other = logits(clips), logits(clips.at[:, :3].set(0).at[:, 4:].set(0))
    assert plain.shape == (3, 2)
    np.testing.assert_array_equal(plain[:, 0], other[:, 0])  # of the frame in the middle
    assert np.all(plain[:, 1] != other[:, 1])
    assert np.any(logits(clips, 1)[:, 0] != logits(clips, 2)[:, 0])
    np.testing.assert_allclose(logits(clips, 1)[:, 1], plain[:, 1], rtol=1e-5)


def test_the_discriminator_takes_any_number_of_rows():
    judge, clip = MoCoGANDiscriminator(2), (7, 16, 16, 1)
    variables = jax.eval_shape(lambda: judge.init(KEY, jnp.zeros((1, *clip)), train=False))
    (rows,) = jax.export.symbolic_shape("rows")
    clips = jax.ShapeDtypeStruct((rows, *clip), jnp.float32)
    own = {name: variables[name] for name in ("params", "batch_stats")}
    logits = jax.eval_shape(lambda variables, x: judge.apply(variables, x, train=False), own, clips)
    assert logits.shape == (rows, 2)


def test_clips_that_do_not_fit_are_refused():
    assert MoCoGANDiscriminator().logits(16, 64, 64) == (16, 1)
    with pytest.raises(InputError, match="clips of 16 by 16 pixels must have at least 7 frames"):
        MoCoGANDiscriminator().logits(6, 16, 16)
    with pytest.raises(InputError, match="and 16 pixels a side"):
        MoCoGANDiscriminator().logits(16, 8, 8)
    with pytest.raises(InputError, match=r"expected clips \[B, T, H, W, C\], got shape \(2, 16, 16, 1\)"):
        MoCoGANDiscriminator().init(KEY, jnp.zeros((2, 16, 16, 1)), train=False)
    with pytest.raises(InputError, match="image_size"):
        MoCoGANGenerator(image_size=20)
    with pytest.raises(InputError, match="frames must be a whole number of at least 1, got 0"):
        MoCoGANGenerator(frames=0)
    with pytest.raises(InputError, match=r"latents must have 19 numbers, got shape \(1, 20\)"):
        SMALL.init(KEY, jnp.zeros((1, 20)), train=False)
