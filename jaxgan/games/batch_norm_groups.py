"""Batch normalisation of groups of rows, so that devices do not wait for each other at every layer."""

from jaxtyping import PyTree

from jaxgan.checks import require
from jaxgan.core import Game, Info, Players, Turn
from jaxgan.networks.layers.batch_norm import normalising_groups


def batch_norm_groups(game: Game, groups: int) -> Game:
    """The same game, whose batch normalisation takes the statistics of groups of rows (ghost batch normalisation).

    The rows of each pass are split into `groups` groups of rows that follow each other. With the whole batch, every
    layer of batch normalisation is an exchange between all devices, forwards and backwards. With as many groups as
    devices, or a multiple of it, each device has the statistics that it needs, and a step exchanges only gradients and
    what is reported. Small groups also make training noisier, which may help or harm.

    The groups belong to the game, not to the devices: a run is the same on one device and on several.

    Args:
        game: whose networks normalise with `jaxgan.networks.layers.batch_norm`.
        groups: at least 1; the same as the batch, for 1. They must divide the rows of each pass.

    Raises:
        ValueError: if `groups` is no such number; while tracing, if they do not divide the rows or, under
            `jaxgan.pmapped`, are no multiple of the devices.

    Reference:
        Hoffer et al., [Train Longer, Generalize Better](https://arxiv.org/abs/1705.08741), 2017, algorithm 1.

    Examples:
        >>> from jaxgan.games.batch_norm_groups import batch_norm_groups
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.DCGANGenerator(image_size=8, channels=3, width=4),
        ...     jaxgan.networks.DCGANDiscriminator(width=4),
        ...     loss=jaxgan.losses.hinge(),
        ... )
        >>> rule = jaxgan.dynamics.alternating(jaxgan.Players(optax.adam(1e-3), optax.adam(1e-3)))
        >>> algorithm = jaxgan.algorithm(batch_norm_groups(game, 2), rule)
        >>> state = algorithm.init(jax.random.key(0), jaxgan.Batch(jnp.zeros([4, 8, 8, 3])))
    """
    require(isinstance(groups, int) and groups >= 1, f"groups must be a whole number of at least 1, got {groups!r}")
    if groups == 1:
        return game

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree]:
        with normalising_groups(groups):
            return game.generate(params, variables, turn)

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        with normalising_groups(groups):
            return game.judge(params, variables, samples, turn)

    return game._replace(generate=generate, judge=judge)
