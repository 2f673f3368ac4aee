"""The recipe of pictures in the style of another class, StarGAN v2."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.pix2pix import Width, side_by_side
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.translation_sources import Classes, DigitStyles, black

if TYPE_CHECKING:
    from jaxgan.core import Game
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class StarGANv2:
    """Translate pictures between classes, in many styles: one translator, random styles, a logit for each class.

    Half of a batch are sources, and the others show the new classes. A picture of the run shows sources beside what is
    made of them in the next class. Styles are drawn from latents in training, as in the paper's formulas; the authors'
    program also takes them from pictures of the new class, in moves of their own, draws rows of all classes alike,
    crops at random and has a weight decay of 1e-4. Their networks for human faces see landmarks, which are not here.

    Reference:
        Choi et al., [StarGAN v2: Diverse Image Synthesis for Multiple Domains](https://arxiv.org/abs/1912.01865), 2020,
        section 2; the numbers are those of the authors' program, which counts sources alone as its batch.
    """

    MEDIUM: ClassVar[str] = "images"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: DigitStyles | Classes = DigitStyles()
    """Pictures with classes, which are the domains."""
    generator_width: Width = 64
    """Channels of all networks next to the picture; they double with every halving, up to `widest`."""
    widest: Width = 512
    """Largest number of channels."""
    halvings: Annotated[int, Range(0)] = 4
    """Number of times that the translator halves the sides."""
    style_size: Width = 64
    """Size of a style."""
    hidden: Width = 512
    """Width of the layers from latents to styles."""
    latent_size: Width = 16
    """Size of the latent from which a style is computed."""
    mapping_rate: Annotated[float, Range(1e-6)] = 0.01
    """Learning rate of the layers from latents to styles, as a multiple of the generator's."""
    style_weight: Weight = 1.0
    """Weight of the distance between a style and the style read from the sample."""
    cycle_weight: Weight = 1.0
    """Weight of the distance between a source and the sample in the style of the source."""
    diversity_weight: Weight = 1.0
    """Weight of the distance between samples of two styles, which the generator raises; it falls to 0 linearly."""
    r1: Weight = 1.0
    """Weight of the discriminator's gradient penalty."""
    rule: Rule = Alternating(b1=0.0, b2=0.99)
    """How the players move."""
    rates: Rates = Rates(1e-4, 1e-4)
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of the convolutional networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)

    def dataset(self) -> "Dataset":
        """Load the pictures."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "Dataset":
        """Replacement for pictures that are not there."""
        return black(self.data, of)

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these pictures."""
        from jaxgan.games.restyled import to_next_class

        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data, steps), self.rule, self.rates, self.average, steps),
            conditional="rows",
            ask=lambda rows: to_next_class(rows, data.num_classes),
            view=lambda rows, samples: side_by_side(rows.real, samples),
            parts=2 * rules.parts(self.rule),
        )

    def game(self, data: "Dataset", steps: int) -> "Game":
        """The game of the players.

        Raises:
            ValueError: unless the pictures have classes.
        """
        import optax

        from jaxgan.games.restyled import restyled, restyling

        classes: Any = data.num_classes
        require(
            classes is not None and classes > 1,
            f"pictures in the style of another class need at least 2 classes, but the data have {classes or 'none'}",
        )
        networks, terms, dtype = jaxgan.networks, jaxgan.terms, None if self.precision == "float32" else self.precision
        translator = networks.StarGANv2(
            *(data.shape[-1], self.generator_width, self.widest, self.halvings),
            *(self.style_size, self.hidden, self.mapping_rate, dtype),
        )
        discriminator = networks.StarGANv2Discriminator(self.generator_width, self.widest, dtype)
        return restyled(
            jaxgan.gan(
                translator,
                networks.told(discriminator, lambda condition: condition.to),
                loss=jaxgan.losses.non_saturating(),
                penalties=[jaxgan.penalties.r1(self.r1)],
                terms=[
                    terms.style_reconstruction(translator, self.style_weight),
                    terms.style_cycle(translator, self.cycle_weight),
                    terms.diversity(optax.linear_schedule(self.diversity_weight, 0.0, steps)),
                ],
                condition=restyling(data.shape, classes),
                latent_size=self.latent_size,
            )
        )
