"""The derivatives of a game, from which every rule is made.

Each is averaged over devices once, so inside `jaxgan.pmapped` the result is that of the whole batch.

Examples:
    >>> from jaxgan.networks import Network
    >>> point = Network(lambda key, z, c: (jnp.array(1.0), {}), lambda p, v, z, c, *, train, key: (p + 0 * z, v))
    >>> slope = Network(lambda key, x, c: (jnp.array(1.0), {}), lambda p, v, x, c, *, train, key: (p * x[:, 0], v))
    >>> bilinear = jaxgan.gan(point, slope, loss=jaxgan.losses.wasserstein(), latent_size=1)
    >>> key, batch = jax.random.key(0), jaxgan.Batch(jnp.zeros([1, 1]))
    >>> turn = jaxgan.Turn(batch, key, jnp.array(0))
    >>> params, (_, variables) = jaxgan.Players(jnp.array(2.0), jnp.array(3.0)), bilinear.init(key, batch)
"""

from collections.abc import Callable

import jax
from jaxtyping import PyTree

from jaxgan.core import Game, Info, Players, Turn
from jaxgan.devices import average

Pullback = Callable[[PyTree], PyTree]
Evaluation = tuple[Players, tuple[Players, Info]]


def play(game: Game, params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree, Pullback]:
    """Run the generator once.

    Returns:
        The samples, the generator's variables after the pass, and the pullback: from a cotangent on the samples
        (`generator_pressure`) to the gradient of the generator's parameters.

    Examples:
        >>> samples, _, pull = jaxgan.games.gradients.play(bilinear, params.generator, variables.generator, turn)
        >>> print(samples, pull(jnp.array([[-3.0]])))
        [[2.]] -3.0
    """
    samples, pull, variables = jax.vjp(lambda p: game.generate(p, variables, turn), params, has_aux=True)
    return samples, variables, lambda cotangent: average(pull(cotangent)[0])


def discriminator_gradient(
    game: Game, params: PyTree, variables: PyTree, samples: PyTree, turn: Turn
) -> tuple[PyTree, tuple[PyTree, Info]]:
    """dL_D/dparams at fixed samples, with the discriminator's variables after the pass and the judge's info.

    No gradient of the generator is paid. Adds `loss_discriminator` to the info.

    Examples:
        >>> samples = jnp.array([[2.0]])
        >>> gradient, _ = jaxgan.games.gradients.discriminator_gradient(
        ...     bilinear, params.discriminator, variables.discriminator, samples, turn
        ... )
        >>> float(gradient)  # of 3 · 2 by the slope
        2.0
    """

    def loss(p):
        losses, (moved, info) = game.judge(p, variables, samples, turn)
        return losses.discriminator, (moved, {**info, "loss_discriminator": losses.discriminator})

    gradient, aux = jax.grad(loss, has_aux=True)(params)
    return average(gradient), aux


def generator_pressure(
    game: Game, params: PyTree, variables: PyTree, samples: PyTree, turn: Turn
) -> tuple[PyTree, Info]:
    """dL_G/dsamples, the force on each sample, with `loss_generator` as info.

    It belongs into the pullback of `play`, which averages it over devices; on its own, inside `jaxgan.pmapped`, it is
    larger by the number of devices. What the pass would do to the discriminator's variables is dropped.

    Examples:
        >>> samples = jnp.array([[2.0]])
        >>> pressure, _ = jaxgan.games.gradients.generator_pressure(
        ...     bilinear, params.discriminator, variables.discriminator, samples, turn
        ... )
        >>> print(pressure)
        [[-3.]]
    """

    def loss(s):
        losses, _ = game.judge(params, variables, s, turn)
        return losses.generator, {"loss_generator": losses.generator}

    return jax.grad(loss, has_aux=True)(samples)


def both(game: Game, params: Players, variables: Players, turn: Turn) -> Evaluation:
    """Both players' gradients at one point: one generator forward, one discriminator forward, two cotangents.

    The discriminator's forward is written twice here and computed once, for the compiler merges the two. Exact for
    every network, batch normalisation included.

    Returns:
        `(gradients, (variables, info))`: the variables after one pass of each player.

    Examples:
        >>> gradients, _ = jaxgan.games.gradients.both(bilinear, params, variables, turn)
        >>> print(*gradients)
        -3.0 2.0
    """
    samples, moved_g, pull = play(game, params.generator, variables.generator, turn)
    judged = (game, params.discriminator, variables.discriminator, samples, turn)
    gradient, (moved_d, info) = discriminator_gradient(*judged)
    pressure, info_g = generator_pressure(*judged)
    return Players(pull(pressure), gradient), (Players(moved_g, moved_d), info | info_g)


def field(game: Game, variables: Players, turn: Turn) -> Callable[[Players], Evaluation]:
    """The joint vector field of the game at fixed variables and randomness: `params -> (gradients, (variables, info))`.

    A rule that evaluates it at extrapolated points drops the variables it gets there. Under `jaxgan.pmapped`, a
    reverse-mode derivative of the field needs `jaxgan.devices.average` once more.

    Examples:
        >>> gradients, _ = jaxgan.games.gradients.field(bilinear, variables, turn)(params)
        >>> print(*gradients)
        -3.0 2.0
    """
    return lambda params: both(game, params, variables, turn)
