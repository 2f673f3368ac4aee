"""The recipe that makes pictures from maps, SPADE (GauGAN)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.pix2pix import Width, side_by_side
from jaxgan.recipes.pix2pix_hd import vgg19_layers
from jaxgan.recipes.rates import Average, Constant, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.translation_sources import EdgesToDigits, Pairs, stand_in

if TYPE_CHECKING:
    from jaxgan.core import Game
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class SPADE:
    """Turn maps into pictures: every normalisation sees the map. The generator plays against PatchGANs at several
    scales.

    Samples stand between the map and the target. The map is a picture, as it is stored; the authors' has a channel for
    each label and one for edges between instances. Their program has `--vgg19 FILE`: a distance of features of VGG19,
    whose weights are published and not here.

    Reference:
        Park et al., [Semantic Image Synthesis with Spatially-Adaptive Normalization](https://arxiv.org/abs/1903.07291),
        2019, section 3 and appendix A; the numbers are those of the authors' program.
    """

    MEDIUM: ClassVar[str] = "pairs"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: EdgesToDigits | Pairs = EdgesToDigits()
    """Pairs of maps and pictures to train on."""
    generator_width: Width = 64
    """Channels of the generator next to the picture."""
    doublings: Annotated[int, Range(1)] = 5
    """Number of times that the generator doubles the sides of its smallest feature map."""
    hidden: Width = 128
    """Channels inside each normalisation."""
    discriminator_width: Width = 64
    """Channels of the first layer of each PatchGAN."""
    patch_layers: Annotated[int, Range(0)] = 3
    """Layers of stride 2: 3 judge patches of 70 by 70 pixels, 2 of 34, 1 of 16, 0 single pixels."""
    scales: Annotated[int, Range(1)] = 2
    """Number of PatchGANs; each sees the picture at half the size of the one before."""
    layer_weight: Weight = 10.0
    """Weight of the distance between the PatchGANs' layers for the sample and for the target, a mean over scales."""
    vgg19: str | None = None
    """Path of the published weights of VGG19; without it there is no distance of its features."""
    feature_weight: Weight = 10.0
    """Weight of that distance."""
    rule: Rule = Alternating(b1=0.0, b2=0.9)
    """How the players move."""
    rates: Rates = Rates(1e-4, 4e-4, Constant())
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
        """Replacement for pairs that are not there."""
        return stand_in(self.data, of)

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these pairs."""
        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data), self.rule, self.rates, self.average, steps),
            conditional="rows",
            view=lambda rows, samples: side_by_side(rows.condition, samples, rows.real),
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: "Dataset") -> "Game":
        """The game of the players."""
        networks, dtype = jaxgan.networks, None if self.precision == "float32" else self.precision
        patches = networks.MultiScalePatchDiscriminator(
            self.scales,
            self.patch_layers,
            self.discriminator_width,
            spectral_norm=True,
            dtype=dtype,
            padding=2,
            spectral_ends=False,
        )
        listed = [jaxgan.terms.layer_matching(patches, self.layer_weight / self.scales)]
        if self.vgg19 is not None:
            listed.append(jaxgan.terms.perceptual(vgg19_layers(self.vgg19), self.feature_weight))
        return jaxgan.gan(
            networks.SPADEGenerator(
                data.shape[-1], self.generator_width, self.doublings, hidden=self.hidden, dtype=dtype
            ),
            patches,
            loss=jaxgan.losses.by_scale(jaxgan.losses.hinge(), patches.patches(*data.shape[:2])),
            terms=listed,
            condition=jaxgan.conditions.like(data.condition_shape),
            latent_size=1,
        )
