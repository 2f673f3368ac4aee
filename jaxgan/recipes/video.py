"""The recipe that makes clips from latents: MoCoGAN, and a DCGAN in three dimensions."""

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
    """Codes of the content and of the motion make each frame, judged alone and in its clip (Tulyakov et al., 2018)."""

    NAME: ClassVar[str] = "mocogan"
    content_size: Annotated[int, Range(1)] = 50
    """Size of the code of the content."""
    motion_size: Annotated[int, Range(1)] = 10
    """Size of the code of the motion in each frame."""

    def __post_init__(self) -> None:
        conform(self)

    def game(self, recipe: "VideoGAN", shape: tuple[int, ...]) -> "Game":
        """The game for clips of this shape."""
        networks, (frames, height, width, channels) = jaxgan.networks, shape
        codes = (self.content_size, self.motion_size)
        generator = networks.MoCoGANGenerator(
            frames, sides(height, width), channels, *codes, recipe.generator_width, recipe.dtype
        )
        discriminator = networks.MoCoGANDiscriminator(recipe.discriminator_width, recipe.batch_norm, recipe.dtype)
        return jaxgan.gan(
            generator,
            discriminator,
            loss=jaxgan.losses.by_scale(added, discriminator.logits(frames, height, width)),
            terms=recipe.terms(),
            latent_size=generator.latent_size,
            condition=jaxgan.conditions.nothing(),
        )


@dataclass(frozen=True)
class DCGAN3D:
    """Convolutions over time as well as places make and judge whole clips (Vondrick et al., 2016)."""

    NAME: ClassVar[str] = "dcgan_3d"
    latent_size: Annotated[int, Range(1)] = 100
    """Size of a latent."""

    def __post_init__(self) -> None:
        conform(self)

    def game(self, recipe: "VideoGAN", shape: tuple[int, ...]) -> "Game":
        """The game for clips of this shape."""
        networks, (frames, height, width, channels) = jaxgan.networks, shape
        return jaxgan.gan(
            networks.DCGAN3DGenerator(frames, sides(height, width), channels, recipe.generator_width, recipe.dtype),
            networks.DCGAN3DDiscriminator(recipe.discriminator_width, recipe.batch_norm, recipe.dtype),
            loss=jaxgan.losses.non_saturating(),
            terms=recipe.terms(),
            latent_size=self.latent_size,
            condition=jaxgan.conditions.nothing(),
        )


@dataclass(frozen=True)
class VideoGAN:
    """Clips from latents.

    Frames have 16, 28, 32, 64 or 128 pixels a side. For MoCoGAN, clips have at least 7 frames at 16 pixels and 13 at
    64; the program's categories of actions are left out. For the other network, which also makes frames of 8 pixels,
    the number of frames can be halved as often as the sides: twice at 16 pixels, four times at 64; its generator is
    the paper's without the stream of the background.

    Reference:
        Tulyakov et al., [MoCoGAN: Decomposing Motion and Content for Video
        Generation](https://arxiv.org/abs/1707.04993), 2018; Vondrick et al., [Generating Videos with Scene
        Dynamics](https://arxiv.org/abs/1609.02612), 2016. The numbers are those of the authors' programs.
    """

    MEDIUM: ClassVar[str] = "clips"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Clips = MovingDigits()
    """Clips to train on."""
    network: MoCoGAN | DCGAN3D = MoCoGAN()
    """Architecture of both players."""
    generator_width: Width = 64
    """Channels of the generator next to the frames."""
    discriminator_width: Width = 64
    """Channels of the discriminator's first layer."""
    batch_norm: bool = True
    """Batch normalisation in the discriminator."""
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
            ValueError: if frames are of another size, or their number does not fit the network.
        """
        return self.network.game(self, data.shape)

    def terms(self) -> list[Any]:
        """Terms of the game."""
        return [jaxgan.terms.r1(self.r1)] if self.r1 > 0 else []

    @property
    def dtype(self) -> str | None:
        """Precision as networks take it."""
        return None if self.precision == "float32" else self.precision


def sides(height: int, width: int) -> int | tuple[int, int]:
    """Size of a frame as networks take it."""
    return height if height == width else (height, width)


def added(real: "Array", fake: "Array") -> "Players":
    """The loss of MoCoGAN's discriminators, twice their mean: the authors' program adds them up."""
    both = jaxgan.losses.non_saturating()(real, fake)
    return jaxgan.Players(2 * both.generator, 2 * both.discriminator)
