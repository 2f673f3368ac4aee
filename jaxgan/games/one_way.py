"""A game of translation on data of two domains without pairs, from the first to the second."""

from jaxgan.core import Batch, Game
from jaxgan.games.batches import on_batches
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

    return on_batches(game, there)
