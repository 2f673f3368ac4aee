"""The recipe that makes clips from latents, MoCoGAN."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.clip_sources import Clips, MovingDigits, darkness
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.pix2pix import Width
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule

if TYPE_CHECKING:
    from jax import Array

    from jaxgan.core import Game, Players
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class MoCoGAN:
    """Clips: a frame is made of a code of the content and a code of the motion, and judged alone and within its clip.

    Frames have 16, 28, 32, 64 or 128 pixels a side, and clips at least 7 frames at 16 pixels, 13 at 64. The program's
    categories of actions are left out.

    Reference:
        Tulyakov et al., [MoCoGAN: Decomposing Motion and Content for Video
        Generation](https://arxiv.org/abs/1707.04993), 2018; the numbers are those of the authors' program.
    """

    MEDIUM: ClassVar[str] = "clips"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Clips = MovingDigits()
    """Clips to train on."""
    generator_width: Width = 64
    """Channels of the generator next to the frames."""
    discriminator_width: Width = 64
    """Channels of the first layer of both discriminators."""
    content_size: Annotated[int, Range(1)] = 50
    """Size of the code of the content."""
    motion_size: Annotated[int, Range(1)] = 10
    """Size of the code of the motion in each frame."""
    batch_norm: bool = True
    """Batch normalisation in both discriminators."""
    r1: Weight = 0.0
    """Weight γ of R1, on the sum of all logits."""
    rule: Rule = Alternating(b1=0.5)
    """How the players move."""
    rates: Rates = Rates(2e-4, 2e-4)
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of all networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)

    def dataset(self) -> "Dataset":
        """Load the clips."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "Dataset":
        """Replacement for clips that are not there."""
        return darkness(self.data, of)

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these clips."""
        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data), self.rule, self.rates, self.average, steps),
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: "Dataset") -> "Game":
        """The game of the players.

        Raises:
            ValueError: if frames are of another size, or there are too few.
        """
        networks, dtype = jaxgan.networks, None if self.precision == "float32" else self.precision
        frames, height, width, channels = data.shape
        size = height if height == width else (height, width)
        codes = (self.content_size, self.motion_size)
        generator = networks.MoCoGANGenerator(frames, size, channels, *codes, self.generator_width, dtype)
        discriminator = networks.MoCoGANDiscriminator(self.discriminator_width, self.batch_norm, dtype)
        return jaxgan.gan(
            generator,
            discriminator,
            loss=jaxgan.losses.by_scale(self.added, discriminator.logits(frames, height, width)),
            terms=[jaxgan.terms.r1(self.r1)] if self.r1 > 0 else [],
            latent_size=generator.latent_size,
            condition=jaxgan.conditions.nothing(),
        )

    def added(self, real: "Array", fake: "Array") -> "Players":
        """The loss of both discriminators, twice their mean: the authors' program adds them up."""
        both = jaxgan.losses.non_saturating()(real, fake)
        return jaxgan.Players(2 * both.generator, 2 * both.discriminator)
