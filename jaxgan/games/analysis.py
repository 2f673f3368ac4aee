"""A game in which samples are made from what an analysis tells of rows of the data."""

from collections.abc import Callable

from jaxtyping import PyTree

from jaxgan.core import Batch, Game
from jaxgan.games.batches import on_batches


def with_analysis(game: Game, analyse: Callable[[PyTree], PyTree]) -> Game:
    """The game, in which the condition of each row is `analyse(real)`, such as the spectrogram of a sound.

    The data need no condition. A condition that they have is not looked at.

    Args:
        game: such as `jaxgan.gan(vocoder, discriminator, condition=conditions.like(shape), ...)`.
        analyse: `real rows -> conditions`, one for each row.

    Examples:
        >>> spectrogram = lambda waves: jaxgan.metrics.mel.vocoder_mel(waves[..., 0], 4000, size=64, hop=16, bands=8)
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.HiFiGANGenerator(width=8, upsampling=(4, 4)),
        ...     jaxgan.networks.HiFiGANDiscriminator(periods=(2, 3), scales=0, period_width=1),
        ...     loss=jaxgan.losses.least_squares(),
        ...     condition=jaxgan.conditions.like((16, 8)),
        ...     latent_size=1,
        ... )
        >>> vocoder = jaxgan.with_analysis(game, spectrogram)  # for batches of waveforms [B, 256, 1]
    """
    return on_batches(game, lambda batch: Batch(batch.real, analyse(batch.real)))
