"""A game of translation on data of two domains without pairs, from the first to the second."""

from jaxtyping import Array, Key, PyTree

from jaxgan.core import Batch, Game, Info, Players, Turn
from jaxgan.games.cycle import domains


def one_way(game: Game) -> Game:
    """The game, whose batches have rows `(a, b)` of two domains: b is the real rows, and a the condition.

    Args:
        game: such as `jaxgan.gan(translator, discriminator, condition=conditions.like(shape), ...)`. Its discriminator
            is to judge b alone, see `networks.unconditional`, for the rows of a batch are no pairs.

    Raises:
        ValueError: from its functions, unless `Batch.real` is a pair.

    Examples:
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.ResNetTranslator(channels=3, width=8, blocks=1),
        ...     jaxgan.networks.unconditional(jaxgan.networks.PatchDiscriminator(layers=2, width=8)),
        ...     loss=jaxgan.losses.least_squares(),
        ...     condition=jaxgan.conditions.like((32, 32, 3)),
        ...     latent_size=1,
        ... )
        >>> cut = jaxgan.one_way(game)  # for batches of jaxgan.data.unpaired
    """

    def there(batch: Batch) -> Batch:
        a, b = domains(batch.real)
        return Batch(b, a)

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        return game.init(key, there(batch))

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree]:
        return game.generate(params, variables, turn._replace(batch=there(turn.batch)))

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        return game.judge(params, variables, samples, turn._replace(batch=there(turn.batch)))

    return Game(init, generate, judge, game.sample, critic=game.critic)
