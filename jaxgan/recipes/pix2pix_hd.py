"""The recipe of image translation from pairs at high resolution, pix2pixHD."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.pix2pix import Width, side_by_side
from jaxgan.recipes.rates import Average, Linear, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.translation_sources import EdgesToDigits, PairsOfImages, stand_in

if TYPE_CHECKING:
    from jax import Array

    from jaxgan.core import Game, Players
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class Pix2PixHD:
    """Translate pictures to pictures: residual blocks against PatchGANs at several scales, whose layers are to see the
    same in the sample and in its target.

    Samples stand between source and target. The source is a picture, as it is stored; the authors' has a channel for
    each label and one for edges between instances. Their program has `--vgg19 FILE`: a distance of features of VGG19,
    whose weights are published and not here. This is their generator of 512 by 1024 pixels, without the enhancer that
    doubles it, and without features of instances.

    Reference:
        Wang et al., [High-Resolution Image Synthesis and Semantic Manipulation with Conditional
        GANs](https://arxiv.org/abs/1711.11585), 2018, section 3; the numbers are those of the authors' program.
    """

    MEDIUM: ClassVar[str] = "pairs"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: PairsOfImages = EdgesToDigits()
    """Pairs of pictures to train on."""
    generator_width: Width = 64
    """Channels of the generator's layers next to the picture."""
    blocks: Annotated[int, Range(0)] = 9
    """Residual blocks of the generator."""
    halvings: Annotated[int, Range(0)] = 4
    """Number of times that the generator halves the sides before the blocks."""
    discriminator_width: Width = 64
    """Channels of the first layer of each PatchGAN."""
    patch_layers: Annotated[int, Range(0)] = 3
    """Layers of stride 2: 3 judge patches of 70 by 70 pixels, 2 of 34, 1 of 16, 0 single pixels."""
    scales: Annotated[int, Range(1)] = 2
    """Number of PatchGANs; each sees the picture at half the size of the one before."""
    norm: Literal["batch", "instance", "none"] = "instance"
    """Normalisation in all networks."""
    loss: Literal["least_squares", "non_saturating"] = "least_squares"
    """Loss of each scale: squared distance, as in the paper, or cross-entropy."""
    layer_weight: Weight = 10.0
    """Weight of the distance between the PatchGANs' layers for the sample and for the target."""
    vgg19: str | None = None
    """Path of the published weights of VGG19; without it there is no distance of its features."""
    feature_weight: Weight = 10.0
    """Weight of that distance."""
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
            self.scales, self.patch_layers, self.discriminator_width, self.norm, dtype=dtype, padding=2
        )
        of_layers = self.layer_weight * 4 / (self.patch_layers + 1) / self.scales
        listed = [jaxgan.terms.layer_matching(patches, of_layers)]
        if self.vgg19 is not None:
            listed.append(jaxgan.terms.perceptual(vgg19_layers(self.vgg19), self.feature_weight))
        return jaxgan.gan(
            networks.ResNetTranslator(
                data.shape[-1], self.generator_width, self.blocks, self.halvings, self.norm, dtype
            ),
            patches,
            loss=jaxgan.losses.by_scale(self.added, patches.patches(*data.shape[:2])),
            terms=listed,
            condition=jaxgan.conditions.like(data.condition_shape),
            latent_size=1,
        )

    def added(self, real: "Array", fake: "Array") -> "Players":
        """The loss of each scale, times their number: the authors' program adds up the scales. Its squared distance of
        the generator has no factor ½."""
        both = getattr(jaxgan.losses, self.loss)()(real, fake)
        factor = 2 if self.loss == "least_squares" else 1
        return jaxgan.Players(self.scales * factor * both.generator, self.scales * both.discriminator)


def vgg19_layers(weights: str) -> "Callable[[Array], list[Array]]":
    """Features that the authors' program compares: layers relu1_1 to relu5_1 of VGG19 times 1/32, 1/16, 1/8, 1/4, 1. It
    does not standardize the images."""
    layers = tuple(f"relu{block}_1" for block in range(1, 6))
    features = jaxgan.metrics.vgg.vgg19(weights, layers, standardized=False)
    return lambda images: [x * w for x, w in zip(features(images), (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1), strict=True)]
