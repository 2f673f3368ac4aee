"""Games written by hand, as a researcher would, that strain the interface."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

import jaxgan
from jaxgan import Batch, Dynamics, Game, Players
from jaxgan.devices import average, global_mean
from jaxgan.dynamics.move import init_optimizers, move
from jaxgan.games.gan import DiscriminatorVariables, GeneratorVariables
from jaxgan.games.gradients import field
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.dropout import Dropout
from jaxgan.networks.layers.linear import Dense

POOL = 6
"""Samples that the pool of `pooled_game` holds."""


def of_generator(network=None, **terms):
    """Variables of the generator in a game of `jaxgan.gan`."""
    return GeneratorVariables({} if network is None else network, terms)


def of_discriminator(network=None, augment=(), **terms):
    """Variables of the discriminator in a game of `jaxgan.gan`."""
    return DiscriminatorVariables({} if network is None else network, terms, augment)


def dirac(loss, penalty=None, start=(1.0, -1.0)):
    """Dirac-GAN (Mescheder et al., 2018): data is a point at 0, the generator a point, D(x) = psi * x, high on real.

    A latent in the batch is noise on the samples.
    """

    def init(key, batch):
        theta, psi = (jnp.asarray(s, jnp.result_type(float)) for s in start)
        return Players(theta, psi), Players({}, {})

    def generate(theta, variables, turn):
        noise = 0.0 if turn.batch.latent is None else turn.batch.latent
        return jnp.broadcast_to(theta, (turn.rows(), 1)) + noise, variables

    def judge(psi, variables, samples, turn):
        def critic(x):
            return psi * x[:, 0]

        losses = Players(*map(global_mean, loss(critic(turn.batch.real), critic(samples))))
        extra = 0.0 if penalty is None else penalty(critic, turn.batch.real, samples, turn)
        return losses._replace(discriminator=losses.discriminator + extra), (variables, {})

    def sample(theta, variables, key, n, condition):
        return jnp.broadcast_to(theta, (n, 1))

    return Game(init, generate, judge, sample)


def point_game(losses, start):
    """A game of two vectors: `losses(x, y) -> Players` of scalars; a sample is x itself."""

    def init(key, batch):
        return Players(*map(jnp.asarray, start)), Players({}, {})

    def generate(x, variables, turn):
        return jnp.broadcast_to(x, (turn.rows(), *x.shape)), variables

    def judge(y, variables, samples, turn):
        return Players(*map(global_mean, jax.vmap(lambda x: losses(x, y))(samples))), (variables, {})

    def sample(x, variables, key, n, condition):
        return jnp.broadcast_to(x, (n, *x.shape))

    return Game(init, generate, judge, sample)


def bilinear(start=(0.6, -0.8)):
    """min over x, max over y of x * y."""
    return point_game(lambda x, y: Players(x * y, -x * y), [jnp.asarray(s, float) for s in start])


class SmallNetwork(nn.Module):
    """Two layers with batch normalisation and dropout between them, and the second spectrally normalised in a
    discriminator."""

    features: int | None
    """Features of a sample; None for a discriminator."""

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        x = nn.leaky_relu(batch_norm(train=train)(Dense(4, use_bias=False)(x, train=train)))
        x = Dropout(0.2)(x, train=train)
        judge = self.features is None
        x = Dense(self.features or 1, spectral_norm=judge)(x, train=train)
        return x[:, 0] if judge else x


def pooled_game():
    """A point generator θ·z against D(x) = w·x, which sees rows of the pool."""
    one = jaxgan.pool(POOL)

    def init(key, batch):
        return Players(jnp.ones(()), jnp.ones(2)), Players({}, {"pool": one.init(batch.real)})

    def generate(theta, variables, turn):
        return theta * turn.draw("latent", lambda key: jax.random.normal(key, (2,))), variables

    def judge(w, variables, samples, turn):
        earlier, held = one.exchange(variables["pool"], samples, turn)
        real, fake, shown = (global_mean(x @ w) for x in (turn.batch.real, samples, earlier))
        return Players(-fake, shown - real), (variables | {"pool": held}, {})

    return Game(init, generate, judge, lambda theta, variables, key, n, condition: jnp.zeros((n, 2)))


def cycle_gan(weight=10.0, features=3):
    """CycleGAN in small: each player is a dict of two networks; `condition` is an image of the other domain."""

    def linear(key):
        return 0.3 * jax.random.normal(key, (features, features))

    def init(key, batch):
        keys = jax.random.split(key, 4)
        return Players(
            {"to_real": linear(keys[0]), "to_condition": linear(keys[1])},
            {"real": linear(keys[2])[0], "condition": linear(keys[3])[0]},
        ), Players({}, {})

    def generate(params, variables, turn):
        def to(name, x):
            return jnp.tanh(x @ params[name])

        made = {"real": to("to_real", turn.batch.condition), "condition": to("to_condition", turn.batch.real)}
        back = {"real": to("to_real", made["condition"]), "condition": to("to_condition", made["real"])}
        return {"made": made, "back": back}, variables

    def judge(params, variables, samples, turn):
        given = {"real": turn.batch.real, "condition": turn.batch.condition}
        on_real = {k: given[k] @ params[k] for k in params}
        on_made = {k: samples["made"][k] @ params[k] for k in params}
        cycle = sum(global_mean(jnp.abs(samples["back"][k] - given[k])) for k in params)
        generator = sum(global_mean((on_made[k] - 1) ** 2) for k in params) + weight * cycle
        discriminator = sum(global_mean((on_real[k] - 1) ** 2) + global_mean(on_made[k] ** 2) for k in params)
        return Players(generator, discriminator), (variables, {"cycle": cycle})

    def sample(params, variables, key, n, condition):
        return jnp.tanh(condition @ params["to_real"])

    return Game(init, generate, judge, sample)


def consensus(optimizers, gamma):
    """Consensus optimisation (Mescheder et al., 2017): v + gamma * J^T v, differentiating through the joint field."""

    def update(game, params, variables, memory, turn):
        evaluate = field(game, variables, turn)

        def half_square(params):
            gradients, aux = evaluate(params)
            return 0.5 * optax.tree.norm(gradients, squared=True), (gradients, aux)

        pull, (gradients, (variables, info)) = jax.grad(half_square, has_aux=True)(params)
        gradients = jax.tree.map(lambda v, p: v + gamma * p, gradients, average(pull))
        moved = [move(*player) for player in zip(optimizers, gradients, memory, params, strict=True)]
        params, memory = (Players(*column) for column in zip(*moved, strict=True))
        return params, variables, memory, info

    return Dynamics(lambda params: init_optimizers(optimizers, params), update)


def point_batch(rows=1):
    """Real data of Dirac-GAN."""
    return Batch(jnp.zeros((rows, 1), jnp.result_type(float)))
