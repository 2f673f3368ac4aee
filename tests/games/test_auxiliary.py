"""Auxiliary heads: their losses against NumPy, whose parameters they are, and what the discriminator is told."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.special import log_softmax, logsumexp

import jaxgan
from jaxgan import Batch, Players, Turn, auxiliary, dynamics, losses, networks
from jaxgan.devices import AXIS
from jaxgan.games.term import Context, Shapes
from jaxgan.networks import Network

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
REAL, FAKE = jnp.asarray(RANDOM.normal(size=(2, 8, 5)), jnp.float32)
LABELS = np.array([0, 1, 2, 2, 1, 0, 0, 1])
CLASSES = jnp.asarray(np.eye(3)[LABELS], jnp.float32)
TURN = Turn(Batch(REAL), KEY, jnp.int32(2))
HEAD, TWIN = (
    {"kernel": jnp.asarray(k, jnp.float32), "bias": jnp.asarray(b, jnp.float32)}
    for k, b in zip(RANDOM.normal(size=(2, 5, 3)), RANDOM.normal(size=(2, 3)), strict=True)
)


def added(term, heads, real=REAL, fake=FAKE, classes=CLASSES):
    """What a term adds to both losses, and its info."""
    fields = dict.fromkeys(Context._fields)
    context = Context(**fields | {"real_features": real, "fake_features": fake, "condition": classes, "turn": TURN})
    values, variables, info = term.losses(heads, None, context)
    assert variables is None
    return values, info


def start(term):
    """Heads on five features of three classes."""
    return term.heads(KEY, Shapes(None, CLASSES, REAL))


def cross_entropy(head, features):
    logits = np.asarray(features, np.float64) @ head["kernel"] + head["bias"]
    return -log_softmax(logits, axis=1)[np.arange(8), LABELS].mean()


def test_the_classifier_s_loss_is_the_cross_entropy_of_both_kinds():
    terms, info = added(auxiliary.classifier(0.5), HEAD)
    on_real, on_fake = cross_entropy(HEAD, REAL), cross_entropy(HEAD, FAKE)
    np.testing.assert_allclose(terms, (0.5 * on_fake, 0.5 * (on_real + on_fake)), rtol=1e-5)
    right = np.argmax(REAL @ HEAD["kernel"] + HEAD["bias"], axis=1) == LABELS
    np.testing.assert_allclose(info["real_accuracy"], right.mean(), rtol=1e-6)


def test_the_twin_learns_samples_alone_and_the_generator_flees_it():
    terms, _ = added(auxiliary.twin(optax.linear_schedule(0.0, 1.0, 4)), (HEAD, TWIN))
    on_real, on_fake, of_twin = cross_entropy(HEAD, REAL), cross_entropy(HEAD, FAKE), cross_entropy(TWIN, FAKE)
    expected = (0.5 * (on_fake - of_twin), 0.5 * (on_real + on_fake + of_twin))
    np.testing.assert_allclose(terms, expected, rtol=1e-5)


def two_c(heads, features, t):
    """The paper's formula, row by row."""
    heads = jax.device_get(heads)
    h = np.asarray(features, np.float64) @ heads["projection"]["kernel"] + heads["projection"]["bias"]
    h, e = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (h, heads["embedding"]["kernel"]))
    total = 0
    for i in range(8):
        own = h[i] @ e[LABELS[i]] / t
        others = [k for k in range(8) if k != i]
        alike = [k for k in others if LABELS[k] == LABELS[i]]
        total += logsumexp([own, *(h[others] @ h[i] / t)]) - logsumexp([own, *(h[alike] @ h[i] / t)])
    return total / 8


def test_the_contrastive_loss_is_the_paper_s():
    given = auxiliary.contrastive(2.0, temperature=0.7, size=4)
    heads = start(given)
    terms, _ = jax.jit(lambda heads: added(given, heads))(heads)
    expected = (2 * two_c(heads, FAKE, 0.7), 2 * two_c(heads, REAL, 0.7))
    np.testing.assert_allclose(terms, expected, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("given", [auxiliary.classifier(), auxiliary.twin(), auxiliary.contrastive(size=4)])
def test_devices_give_the_loss_and_the_gradients_of_the_whole_batch(given):
    heads = start(given)

    def gradient(real, fake, classes):
        def total(heads, real, fake):
            return sum(added(given, heads, real, fake, classes)[0])

        value, (of_heads, of_real, of_fake) = jax.value_and_grad(total, argnums=(0, 1, 2))(heads, real, fake)
        return jaxgan.devices.average(value), jaxgan.devices.average(of_heads), of_real, of_fake

    value, of_heads, of_real, of_fake = jax.jit(gradient)(REAL, FAKE, CLASSES)
    split = jax.pmap(gradient, axis_name=AXIS)(*(x.reshape(4, 2, -1) for x in (REAL, FAKE, CLASSES)))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[0], b, rtol=1e-4, atol=1e-6), split[:2], (value, of_heads))
    for found, expected in zip(split[2:], (of_real, of_fake), strict=True):
        np.testing.assert_allclose(found.reshape(8, 5) / 4, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("given", [auxiliary.classifier(), auxiliary.twin(), auxiliary.contrastive(size=4)])
def test_rows_without_a_label_weigh_nothing(given):
    heads = start(given)
    terms, _ = added(given, heads, classes=jnp.zeros((8, 3)))
    assert tuple(terms) == (0, 0)


def bare_game(seen, given):
    """D(x) = Σx with x as features."""

    def judge(params, variables, x, condition, *, train, key):
        seen.append(condition)
        return x.sum(axis=1), variables

    def with_features(params, variables, x, condition, *, key):
        return (judge(params, variables, x, condition, train=True, key=key)[0], x), variables

    discriminator = Network(lambda key, x, condition: ({}, {}), judge, with_features)
    generator = Network(lambda key, x, condition: ({}, {}), lambda p, v, x, c, *, train, key: (x, v))
    return jaxgan.gan(generator, discriminator, loss=losses.wasserstein(), latent_size=5, num_classes=3, terms=[given])


def test_the_game_adds_the_terms_of_its_features_and_tells_the_discriminator_no_label():
    seen = []
    given = auxiliary.classifier()
    game = bare_game(seen, given)
    batch = Batch(REAL, jnp.asarray(LABELS))
    params, variables = game.init(KEY, batch)
    assert params.discriminator.network == {}
    assert params.discriminator.heads["auxiliary"]["kernel"].shape == (5, 3)
    terms, _ = added(given, HEAD)
    with_heads = params.discriminator._replace(heads={"auxiliary": HEAD})
    got, (_, info) = game.judge(with_heads, variables.discriminator, FAKE, Turn(batch, KEY, jnp.int32(0)))
    real, fake = REAL.sum(axis=1).mean(), FAKE.sum(axis=1).mean()
    np.testing.assert_allclose(got, (terms.generator - fake, terms.discriminator + fake - real), rtol=1e-5)
    assert {"real_accuracy", "fake_accuracy"} <= set(info)
    assert all(condition is None for condition in seen)


@pytest.mark.slow
def test_a_classifier_teaches_the_generator_its_classes():
    """Three classes at three places; a linear generator is told which, and learns where."""
    places = jnp.array([[2.0, 0], [-1, 1.7], [-1, -1.7]])
    rate = optax.adam(0.02, b1=0.5)
    algorithm = jaxgan.algorithm(
        jaxgan.gan(
            networks.MLPGenerator((2,), hidden=(), squash=False),
            networks.MLPDiscriminator((16,)),
            loss=losses.non_saturating(),
            penalties=[jaxgan.penalties.r1(0.1)],
            latent_size=2,
            num_classes=3,
            terms=[auxiliary.classifier()],
        ),
        dynamics.alternating(Players(rate, rate)),
        ema_decay=0.9,
    )
    labels = jnp.arange(33) % 3
    noise = jnp.asarray(np.random.default_rng(2).normal(size=(300, 33, 2)), jnp.float32)
    state = algorithm.init(KEY, Batch(places[labels] + 0.2 * noise[0], labels))

    @jax.jit
    def train(state):
        def step(s, x):
            return algorithm.step(s, Batch(places[labels] + 0.2 * x, labels), KEY)

        return jax.lax.scan(step, state, noise)

    state, info = train(state)
    samples = algorithm.sample(state, KEY, 33)
    nearest = jnp.argmin(jnp.sum((samples[:, None] - places) ** 2, axis=-1), axis=1)
    assert np.mean(nearest == labels) > 0.9
    assert info["fake_accuracy"][-1] > 0.9


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: auxiliary.classifier(-1.0), "weight must be at least 0, got -1.0"),
        (lambda: auxiliary.twin(-1.0), "weight must be at least 0, got -1.0"),
        (lambda: auxiliary.contrastive(temperature=0.0), "temperature must be above 0, got 0.0"),
        (lambda: auxiliary.contrastive(size=0), "size must be a whole number of at least 1, got 0"),
    ],
)
def test_what_is_out_of_range_is_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_it_needs_classes_single_rows_and_features():
    def game(discriminator=None, **options):
        return jaxgan.gan(
            networks.MLPGenerator((2,)),
            discriminator or networks.MLPDiscriminator((4,)),
            loss=losses.hinge(),
            terms=[auxiliary.classifier()],
            **options,
        )

    with pytest.raises(ValueError, match="auxiliary needs num_classes and pack=1, got None and 1"):
        game()
    with pytest.raises(ValueError, match="auxiliary needs num_classes and pack=1, got 3 and 2"):
        game(num_classes=3, pack=2)
    featureless = networks.linen(networks.MLPDiscriminator((4,)))._replace(apply_with_features=None)
    with pytest.raises(ValueError, match="auxiliary needs a discriminator with features"):
        game(featureless, num_classes=3)


def test_an_auxiliary_of_one_s_own():
    def distance(centres, of_real, of_fake, classes, turn):
        apart = jnp.mean((of_fake - classes @ centres) ** 2)
        return Players(generator=apart, discriminator=jnp.zeros(())), {"apart": apart}

    own = auxiliary.auxiliary(lambda key, features, classes: jnp.ones((classes, features)), distance)
    game = bare_game([], own)
    batch = Batch(REAL, jnp.asarray(LABELS))
    params, variables = game.init(KEY, batch)
    _, (_, info) = game.judge(params.discriminator, variables.discriminator, FAKE, Turn(batch, KEY, jnp.int32(0)))
    np.testing.assert_allclose(info["apart"], np.mean((FAKE - 1) ** 2), rtol=1e-5)
