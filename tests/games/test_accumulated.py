"""A batch in parts is the same game, or is refused."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, augmentation, dynamics, losses, networks, penalties, terms
from jaxgan.games.accumulated import accumulated

ROWS = 16
SGD = Players(optax.sgd(0.02), optax.sgd(0.05))
IMAGES = Batch(np.tanh(np.random.default_rng(0).normal(size=(ROWS, 8, 8, 2))).astype(np.float32), np.arange(ROWS) % 3)
MLP = networks.MLPGenerator(output_shape=(8, 8, 2), hidden=(8,)), networks.MLPDiscriminator(hidden=(8,), dropout=0.3)
PLAIN = (
    networks.MLPGenerator(output_shape=(8, 8, 2), hidden=(8,)),
    networks.DCGANDiscriminator(width=4, batch_norm=False, spectral_norm=True),
)
GROUPS = networks.StyleGAN2Discriminator(group_size=4, mapping_layers=1, channel_base=32, channel_max=4)
BATCH_NORM = networks.DCGANGenerator(image_size=8, channels=2, width=4), networks.DCGANDiscriminator(width=4)


def game(pair, *, loss=None, **options):
    return jaxgan.gan(*pair, loss=loss or losses.non_saturating(), latent_size=5, num_classes=3, **options)


EXACT = {
    "dropout and R1": game(MLP, penalties=[penalties.r1(1.0)]),
    "pairs of rows, R1 and R2": game(
        PLAIN, loss=losses.relativistic_pairing(), penalties=[penalties.r1(1.0), penalties.r2(1.0)]
    ),
    "noise, labels left out, lazy": game(
        MLP, instance_noise=0.2, label_dropout=0.3, penalties=[penalties.every(2, penalties.gradient_penalty(1.0))]
    ),
    "augmented": game(PLAIN, augment=augmentation.diffaugment()),
    "bfloat16": game(
        (
            networks.MLPGenerator(output_shape=(8, 8, 2), hidden=(8,), dtype=jnp.bfloat16),
            networks.DCGANDiscriminator(width=4, batch_norm=False, dtype=jnp.bfloat16),
        )
    ),
}
RULES = {
    "alternating": dynamics.alternating(SGD),
    "extragradient": dynamics.extragradient(SGD),
    "critic steps": dynamics.alternating(SGD, discriminator_steps=2),
    "consensus": dynamics.consensus(SGD, 0.1),
}
CASES = [("dropout and R1", "alternating"), ("pairs of rows, R1 and R2", "extragradient")]
CASES += [("noise, labels left out, lazy", "critic steps"), ("dropout and R1", "consensus")]
CASES += [("augmented", "alternating"), ("bfloat16", "alternating")]
QUICK = CASES[:1]


def run(algorithm, wrap=jaxgan.jitted, steps=2):
    key = jax.random.key(0)
    state, step = algorithm.init(key, IMAGES), wrap(algorithm.step)
    for _ in range(steps):
        state, info = step(state, IMAGES, key)
    return jax.device_get((state, {name: info[name] for name in ("loss_generator", "loss_discriminator")}))


def same(found, expected, rtol=2e-4, atol=2e-5):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=rtol, atol=atol), found, expected)


@pytest.mark.parametrize(
    ("name", "rule"), [pytest.param(*case, marks=() if case in QUICK else pytest.mark.slow) for case in CASES]
)
def test_parts_make_the_step_of_the_whole(name, rule):
    whole, split = (jaxgan.algorithm(one, RULES[rule]) for one in (EXACT[name], accumulated(EXACT[name], 4)))
    same(run(split), run(whole), **({"rtol": 2e-2, "atol": 2e-3} if name == "bfloat16" else {}))


@pytest.mark.slow
@pytest.mark.parametrize("wrap", [jaxgan.pmapped, jaxgan.sharded])
def test_parts_on_several_devices_make_the_step_of_one(wrap):
    whole = jaxgan.algorithm(EXACT["dropout and R1"], RULES["alternating"])
    split = jaxgan.algorithm(accumulated(EXACT["dropout and R1"], 2), RULES["alternating"])
    same(run(split, wrap), run(whole))


class Centred(nn.Module):
    """A network of one's own, in which rows depend on each other without saying so."""

    @nn.compact
    def __call__(self, x, condition, *, train):
        return nn.Dense(1)(x.reshape(len(x), -1) - jnp.mean(x.reshape(len(x), -1), axis=0))[:, 0]


COUPLED = {
    "batch normalisation": game(BATCH_NORM),
    "a relativistic average": game(PLAIN, loss=losses.relativistic_average()),
    "the losses of a batch in parts": game((PLAIN[0], Centred())),
    "mode seeking": game(PLAIN, terms=[terms.mode_seeking(1.0)]),
    "an adaptive augmentation": game(PLAIN, augment=augmentation.ada(images=64, interval=1)),
    "the minibatch standard deviation": game((PLAIN[0], GROUPS)),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", COUPLED)
def test_rows_that_depend_on_each_other_are_refused_and_an_approximation_is_not(what):
    coupled = COUPLED[what]
    with pytest.raises(ValueError, match=rf"accumulate=2 would change the game: {what}.* depend on each other"):
        accumulated(coupled, 2).init(jax.random.key(0), IMAGES)
    accumulated(coupled, 2, approximate=True).init(jax.random.key(0), IMAGES)


def test_what_needs_all_rows_at_once_is_refused():
    top = game(PLAIN, loss=losses.top_k(losses.hinge(), 0.5))
    with pytest.raises(ValueError, match="needs all rows of the batch at once"):
        accumulated(top, 2).init(jax.random.key(0), IMAGES)


@pytest.mark.slow
def test_parts_must_divide_the_rows():
    algorithm = jaxgan.algorithm(accumulated(EXACT["dropout and R1"], 3), RULES["alternating"])
    with pytest.raises(ValueError, match="accumulate=3 does not divide the 16 rows"):
        algorithm.init(jax.random.key(0), IMAGES)


@pytest.mark.parametrize("parts", [0, 1.5])
def test_a_number_of_parts_that_is_none_is_refused(parts):
    with pytest.raises(ValueError, match="parts must be a whole number of at least 1"):
        accumulated(EXACT["dropout and R1"], parts)


def test_one_part_is_the_game_itself():
    assert accumulated(EXACT["dropout and R1"], 1) is EXACT["dropout and R1"]


@pytest.mark.slow
def test_a_step_holds_the_activations_of_one_part():
    wide = networks.MLPGenerator(output_shape=(4,), hidden=(256,) * 6), networks.MLPDiscriminator(hidden=(256,) * 6)
    points = Batch(np.zeros((1024, 4), np.float32))
    one = jaxgan.gan(*wide, loss=losses.non_saturating(), latent_size=4)

    def temporary(game):
        algorithm = jaxgan.algorithm(game, RULES["alternating"])
        key = jax.random.key(0)
        state = jax.eval_shape(algorithm.init, key, points)
        return jax.jit(algorithm.step).lower(state, points, key).compile().memory_analysis().temp_size_in_bytes

    assert temporary(accumulated(one, 8)) < temporary(one) / 2
