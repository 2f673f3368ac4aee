"""The recipe of image translation without pairs, CycleGAN."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.pix2pix import Width, side_by_side
from jaxgan.recipes.rates import Average, Linear, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.translation_sources import DomainsOfImages, InvertedDigits, stand_in

if TYPE_CHECKING:
    from jax import Array

    from jaxgan.core import Game, Players
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape

Weight = Annotated[float, Range(0)]


@dataclass(frozen=True)
class CycleGAN:
    """Translate pictures between two domains, without pairs: two translators, two PatchGANs, and the way there and
    back.

    A picture of the run shows a, b made of it, b, and a made of it. Learning rates stay for half of the steps and then
    fall to 0. In the authors' program the generators move before the discriminators.

    Reference:
        Zhu et al., [Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
        Networks](https://arxiv.org/abs/1703.10593), 2017, section 4 and appendix 7; the numbers are those of the
        authors' PyTorch program.
    """

    MEDIUM: ClassVar[str] = "images"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: DomainsOfImages = InvertedDigits()
    """Pictures of two domains to train on."""
    generator_width: Width = 64
    """Channels of both translators' layers next to the picture."""
    blocks: Annotated[int | None, Range(0)] = None
    """Residual blocks of each translator (default: 9 from 256 pixels on, 6 below)."""
    halvings: Annotated[int, Range(0)] = 2
    """Number of times that the translators halve the sides before the blocks."""
    discriminator_width: Width = 64
    """Channels of the first layer of both PatchGANs."""
    patch_layers: Annotated[int, Range(0)] = 3
    """Layers of stride 2: 3 judge patches of 70 by 70 pixels, 2 of 34, 1 of 16, 0 single pixels."""
    norm: Literal["batch", "instance", "none"] = "instance"
    """Normalisation in all networks."""
    loss: Literal["least_squares", "non_saturating"] = "least_squares"
    """Loss: squared distance, as in the paper, or cross-entropy."""
    cycle_weight: Weight = 10.0
    """Weight of the mean absolute distance between an image and its translation there and back."""
    identity_share: Weight = 0.5
    """Weight, times `cycle_weight`, of the distance by which a translator changes pictures of its target domain."""
    pool: Annotated[int, Range(0)] = 50
    """Number of earlier samples that the discriminators also learn from; 0: they learn from the newest alone."""
    rule: Rule = Alternating(b1=0.5)
    """How the players move."""
    rates: Rates = Rates(2e-4, 2e-4, Linear(constant_share=0.5))
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of all networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)

    def dataset(self) -> "Dataset":
        """Load both domains."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "Dataset":
        """Replacement for data that are not there."""
        return stand_in(self.data, of)

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these data."""
        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data), self.rule, self.rates, self.average, steps),
            conditional="rows",
            ask=lambda rows: tuple(rows.real),
            view=lambda rows, samples: side_by_side(rows.real[0], samples[0], rows.real[1], samples[1]),
            compared=lambda rows: rows.b if hasattr(rows, "b") else rows[0],
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: "Dataset") -> "Game":
        """The game of the players."""
        a, b = data.shape
        to_b = self.direction(a, b)
        return jaxgan.cycle(
            to_b,
            to_b if a == b else self.direction(b, a),
            weight=self.cycle_weight,
            identity=self.identity_share * self.cycle_weight,
            pool=jaxgan.pool(self.pool) if self.pool else None,
        )

    def direction(self, source: tuple[int, ...], target: tuple[int, ...]) -> "Game":
        """A translator from pictures of one shape to those of another, against a discriminator."""
        networks, dtype = jaxgan.networks, None if self.precision == "float32" else self.precision
        blocks = (9 if min(source[:2]) >= 256 else 6) if self.blocks is None else self.blocks
        return jaxgan.gan(
            networks.ResNetTranslator(target[-1], self.generator_width, blocks, self.halvings, self.norm, dtype),
            networks.unconditional(
                networks.PatchDiscriminator(self.patch_layers, self.discriminator_width, self.norm, dtype=dtype)
            ),
            loss=least_squares if self.loss == "least_squares" else jaxgan.losses.non_saturating(),
            condition=jaxgan.conditions.like(source),
            latent_size=1,
        )


def least_squares(real: "Array", fake: "Array") -> "Players":
    """Like `jaxgan.losses.least_squares`, but without the factor ½ for the generators: the authors' program has (D(x) −
    1)²."""
    both = jaxgan.losses.least_squares()(real, fake)
    return both._replace(generator=2 * both.generator)
