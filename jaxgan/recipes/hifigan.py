"""The recipe that makes waveforms from their mel spectrograms, HiFi-GAN."""

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.pix2pix import Width
from jaxgan.recipes.rates import Average, Exponential, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.sound_sources import Sounds, Tones, silence

if TYPE_CHECKING:
    from jax import Array

    from jaxgan.core import Batch, Game, Players
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape

WINDOW = 4
"""Length of a window of the spectrogram, in hops."""


@dataclass(frozen=True)
class HiFiGAN:
    """Vocoder: sounds from their mel spectrograms, with a multi-period and a multi-scale discriminator.

    A spectrogram has a window for each Π upsampling samples. To the adversarial loss of the generator come a distance
    of the discriminators' layers and a distance of mel spectrograms. The authors' program draws a part of each file at
    random; here the parts are fixed, see `--parts`.

    Reference:
        Kong et al., [HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech
        Synthesis](https://arxiv.org/abs/2010.05646), 2020, section 2; the numbers are those of the authors' program,
        with the generator V3.
    """

    MEDIUM: ClassVar[str] = "sound pairs"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Sounds = Tones()
    """Sounds to train on, of one channel."""
    generator_width: Width = 256
    """Channels of the generator before the first upsampling, halved by each."""
    upsampling: Annotated[tuple[int, ...], Range(2)] = (8, 8, 4)
    """Factors of the generator's upsampling, all even."""
    blocks: Literal["v1", "v3"] = "v3"
    """Residual blocks of the generator: those of V1 and V2, or of V3."""
    bands: Annotated[int, Range(1)] = 80
    """Bands of the spectrogram."""
    highest: Annotated[float, Range(1)] | None = 8000.0
    """Highest frequency of the spectrogram in hertz; none: half of the sample rate, as in the loss."""
    floor: Annotated[float, Range(1e-9)] = 1e-5
    """Level that the spectrogram and the loss take for silence."""
    periods: Annotated[tuple[int, ...], Range(1)] = (2, 3, 5, 7, 11)
    """Periods of the multi-period discriminator."""
    scales: Annotated[int, Range(0)] = 3
    """Number of scales of the multi-scale discriminator."""
    period_width: Width = 32
    """Channels of the first layer for each period."""
    scale_width: Width = 128
    """Channels of the first layer for each scale, a multiple of 16."""
    layer_weight: Weight = 2.0
    """Weight of the distance between the discriminators' layers for the sample and for the sound."""
    mel_weight: Weight = 45.0
    """Weight of the distance of mel spectrograms."""
    rule: Rule = Alternating(b1=0.8, b2=0.99)
    """How the players move."""
    rates: Rates = Rates(2e-4, 2e-4, Exponential(0.999, 809))
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of all networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)

    def dataset(self) -> "Dataset":
        """Load the sounds."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "Dataset":
        """Replacement for sounds that are not there."""
        return silence(self.data, of)

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these sounds."""
        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data), self.rule, self.rates, self.average, steps),
            conditional="rows",
            ask=self.asked(data),
            reconstructs=True,
            view=in_turn,
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: "Dataset") -> "Game":
        """The game of the players.

        Raises:
            ValueError: unless the sounds have one channel and a multiple of the hop's samples.
        """
        networks, dtype = jaxgan.networks, None if self.precision == "float32" else self.precision
        (length, channels), hop = data.shape, math.prod(self.upsampling)
        require(channels == 1, f"HiFi-GAN makes sounds of one channel, got {channels}")
        require(
            length % hop == 0 and length > WINDOW * hop // 2,
            f"length must be a multiple of {hop}, the product of upsampling={self.upsampling}, above "
            f"{WINDOW * hop // 2}; got {length}",
        )
        discriminator = networks.HiFiGANDiscriminator(
            self.periods, self.scales, self.period_width, self.scale_width, dtype
        )
        game = jaxgan.gan(
            networks.HiFiGANGenerator(self.generator_width, self.upsampling, self.blocks, dtype),
            discriminator,
            loss=jaxgan.losses.by_scale(self.added, discriminator.places(length)),
            terms=[
                jaxgan.terms.layer_matching(discriminator, self.layer_weight),
                jaxgan.terms.perceptual(self.spectrogram(data, None), self.mel_weight),
            ],
            condition=jaxgan.conditions.like((length // hop, self.bands)),
            latent_size=1,
        )
        return jaxgan.with_analysis(game, self.spectrogram(data, self.highest))

    def spectrogram(self, data: "Dataset", highest: float | None) -> Any:
        """Function from sounds `[B, T, 1]` to spectrograms `[B, windows, bands]`."""
        from jaxgan.metrics.mel import vocoder_mel

        hop, rate = math.prod(self.upsampling), data.medium.rate
        require(rate is not None, f"HiFi-GAN needs sounds of a known sample rate, got {data!r}")
        options: dict[str, Any] = {
            "rate": rate,
            "size": WINDOW * hop,
            "hop": hop,
            "bands": self.bands,
            "highest": highest,
            "floor": self.floor,
        }
        mel: Any = partial(vocoder_mel, **options)
        return lambda sounds: mel(sounds[..., 0])

    def asked(self, data: "Dataset") -> Any:
        """Function from rows of the data to their spectrograms."""
        analyse = self.spectrogram(data, self.highest)
        return lambda rows: analyse(rows.real)

    def added(self, real: "Array", fake: "Array") -> "Players":
        """The loss for each period and scale, times their number: the authors' program adds them up, and its squared
        distances have no factor ½."""
        both = jaxgan.losses.least_squares()(real, fake)
        factor = 2 * (len(self.periods) + self.scales)
        return jaxgan.Players(factor * both.generator, factor * both.discriminator)


def in_turn(rows: "Batch", samples: "Array") -> "Array":
    """Each sound, and the sample made from its spectrogram."""
    import jax.numpy as jnp

    return jnp.stack([rows.real, samples], axis=1).reshape(-1, *samples.shape[1:])
