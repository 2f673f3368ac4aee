"""The recipe that makes waveforms from latents, WaveGAN."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.pix2pix import Width
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.sound_sources import Sounds, Tones, silence

if TYPE_CHECKING:
    from jaxgan.core import Game
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class WaveGAN:
    """Sounds: DCGAN in one dimension with the loss of WGAN-GP, against a critic that shuffles phases.

    Sounds have 16·4^k samples, such as 1,024, 4,096, 16,384 or 65,536: the shorter, the fewer layers. The authors'
    program takes longer files in parts that begin at random places; here the beginning of each file is taken, as it
    does with `--data_first_slice`. Its optional filter behind the generator is left out.

    Reference:
        Donahue et al., [Adversarial Audio Synthesis](https://arxiv.org/abs/1802.04208), 2019; the numbers are those of
        the authors' program.
    """

    MEDIUM: ClassVar[str] = "sound"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Sounds = Tones()
    """Sounds to train on."""
    generator_width: Width = 64
    """Channels of the generator next to the waveform."""
    discriminator_width: Width = 64
    """Channels of the critic's first layer."""
    phase_shuffle: Annotated[int, Range(0)] = 2
    """Largest number of places by which each critic layer but the last is shifted; 0: no shifts."""
    latent_size: Annotated[int, Range(1)] = 100
    """Size of a latent, whose numbers are uniform in [-1, 1]."""
    gradient_penalty: Weight = 10.0
    """Weight of the one-centred gradient penalty."""
    rule: Rule = Alternating(b1=0.5, b2=0.9, discriminator_steps=5, generator_parts=1)
    """How the players move."""
    rates: Rates = Rates(1e-4, 1e-4)
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of both networks."""

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
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: "Dataset") -> "Game":
        """The game of the players.

        Raises:
            ValueError: unless the sounds have 16·4^k samples.
        """
        networks, dtype = jaxgan.networks, None if self.precision == "float32" else self.precision
        length, channels = data.shape
        return jaxgan.gan(
            networks.WaveGANGenerator(length, channels, self.generator_width, dtype),
            networks.WaveGANDiscriminator(self.discriminator_width, self.phase_shuffle, dtype),
            loss=jaxgan.losses.wasserstein(),
            terms=[jaxgan.terms.gradient_penalty(self.gradient_penalty)],
            latent_size=self.latent_size,
            latent=jaxgan.latents.uniform,
            condition=jaxgan.conditions.nothing(),
        )
