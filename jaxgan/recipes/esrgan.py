"""The recipe of super-resolution, ESRGAN."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.objectives import is_on
from jaxgan.recipes.pix2pix import Width, side_by_side
from jaxgan.recipes.rates import Average, Halving, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.translation_sources import CoarseToFine, CoarseToSharpDigits, stand_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from jax import Array
    from jaxtyping import PyTree

    from jaxgan.core import Game, Players
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class ESRGAN:
    """Enlarge pictures: dense residual blocks against a discriminator that compares with the mean.

    A picture of the run shows the source enlarged by bicubic interpolation, the sample, and the target. The authors
    start from a generator that was trained on the distance alone, for a million steps: `--adversarial-weight 0
    --perceptual-weight 0 --distance-weight 0.5`, then `--start RUN`. Their perceptual distance has the weight 1 and the
    features of VGG19, whose weights are published and not here: `--vgg19 FILE --perceptual-weight 1`. They also turn
    pictures by 90 degrees, and let no gradient flow through the mean that each logit is compared with.

    Reference:
        Wang et al., [ESRGAN: Enhanced Super-Resolution Generative Adversarial
        Networks](https://arxiv.org/abs/1809.00219), 2018, section 3; the numbers are those of the authors' program
        BasicSR, whose images are in [0, 1]: distances here are twice as long.
    """

    MEDIUM: ClassVar[str] = "pairs"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: CoarseToFine = CoarseToSharpDigits()
    """Pairs of pictures, small and large."""
    generator_width: Width = 64
    """Channels between the generator's blocks."""
    blocks: Annotated[int, Range(0)] = 23
    """Number of residual blocks, each of three dense blocks with five convolutions."""
    growth: Annotated[int, Range(1)] = 32
    """Channels that each convolution of a dense block adds."""
    discriminator_width: Width = 64
    """Channels of the discriminator's first layers."""
    distance_weight: Weight = 0.005
    """Weight of the mean absolute distance between sample and target, in [-1, 1]."""
    perceptual_weight: Weight = 0.0
    """Weight of the mean absolute distance between their features."""
    vgg19: str | None = None
    """Path of the published weights of VGG19, for its layer conv5_4 (default: features of a random network)."""
    adversarial_weight: Weight = 0.005
    """Weight of the adversarial loss in the generator's loss."""
    rule: Rule = Alternating(b1=0.9, b2=0.99)
    """How the players move."""
    rates: Rates = Rates(1e-4, 1e-4, Halving((0.125, 0.25, 0.5, 0.75)))
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of both networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)

    def dataset(self) -> "Dataset":
        """Load the pairs."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "Dataset":
        """Replacement for pairs that are not there, four times as large as their sources."""
        return stand_in(self.data, of, smaller=4)

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these pairs."""
        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data), self.rule, self.rates, self.average, steps),
            conditional="rows",
            view=lambda rows, samples: side_by_side(enlarged(rows.condition, samples), samples, rows.real),
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: "Dataset") -> "Game":
        """The game of the players.

        Raises:
            ValueError: unless the sides of targets are those of sources, doubled some times.
        """
        networks, terms = jaxgan.networks, jaxgan.terms
        dtype = None if self.precision == "float32" else self.precision
        source, target = data.condition_shape, data.shape
        doublings = (target[0] // source[0]).bit_length() - 1
        sides = tuple(side << doublings for side in source[:2])
        require(
            sides == target[:2],
            f"targets of {target} must have the sides of sources {source}, doubled several times",
        )
        listed = [terms.reconstruction(self.distance_weight)]
        if is_on(self.perceptual_weight):
            listed.append(terms.perceptual(self.features(target), self.perceptual_weight))
        return jaxgan.gan(
            networks.RRDBGenerator(target[-1], doublings, self.generator_width, self.blocks, self.growth, dtype),
            networks.unconditional(networks.VGGDiscriminator(self.discriminator_width, dtype=dtype)),
            loss=lambda real, fake: compared(real, fake, self.adversarial_weight),
            terms=listed,
            condition=jaxgan.conditions.like(source),
            latent_size=1,
        )

    def features(self, shape: tuple[int, ...]) -> "Callable[[Array], PyTree]":
        """What the perceptual distance compares of images of this shape."""
        if self.vgg19 is not None:
            return jaxgan.metrics.vgg.vgg19(self.vgg19, ("conv5_4",))
        seen = jaxgan.metrics.random_features.random_features(shape)
        return lambda images: seen.of(images).features


def compared(real: "Array", fake: "Array", weight: float) -> "Players":
    """The loss of the authors' program: half of `jaxgan.losses.relativistic_average`, with the generator's half times
    `weight`."""
    both = jaxgan.losses.relativistic_average()(real, fake)
    return jaxgan.Players(weight / 2 * both.generator, both.discriminator / 2)


def enlarged(images: "Array", like: "Array") -> "Array":
    """Enlarge images by bicubic interpolation to the size of others."""
    import jax

    return jax.image.resize(images, (*like.shape[:3], images.shape[-1]), "cubic").clip(-1, 1)
