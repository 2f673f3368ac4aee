"""The recipe of image translation without pairs and without a way back, CUT."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight, least_squares
from jaxgan.recipes.pix2pix import Width, side_by_side
from jaxgan.recipes.rates import Average, Linear, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.translation_sources import DomainsOfImages, InvertedDigits, stand_in

if TYPE_CHECKING:
    from jaxgan.core import Game
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class CUT:
    """Translate pictures of domain A to domain B, without pairs: one translator, one PatchGAN, and patches that keep
    their place.

    The defaults are CUT's. FastCUT is `--nce-weight 10 --no-identity --flip-equivariance --constant-share 0.75`.

    Reference:
        Park et al., [Contrastive Learning for Unpaired Image-to-Image Translation](https://arxiv.org/abs/2007.15651),
        2020; the numbers are those of the authors' program.
    """

    MEDIUM: ClassVar[str] = "images"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: DomainsOfImages = InvertedDigits()
    """Pictures of two domains to train on."""
    generator_width: Width = 64
    """Channels of the translator next to the picture."""
    blocks: Annotated[int, Range(1)] = 9
    """Residual blocks."""
    halvings: Annotated[int, Range(0)] = 2
    """Number of times that the translator halves the sides before the blocks."""
    discriminator_width: Width = 64
    """Channels of the PatchGAN's first layer."""
    patch_layers: Annotated[int, Range(0)] = 3
    """Layers of stride 2: 3 judge patches of 70 by 70 pixels, 2 of 34, 1 of 16, 0 single pixels."""
    norm: Literal["batch", "instance", "none"] = "instance"
    """Normalisation in both networks."""
    nce_weight: Weight = 1.0
    """Weight of the contrastive term."""
    identity: bool = True
    """Compute half of the contrastive term on pictures of B, which should not change."""
    nce_maps: tuple[Annotated[int, Range(0)], ...] = ()
    """Feature maps that the contrastive term compares: 0 is the pixels, then come halvings and blocks (default: pixels,
    halvings, first and fifth block)."""
    patches: Annotated[int, Range(1)] = 256
    """Number of places in each feature map that are compared."""
    head_size: Annotated[int, Range(1)] = 256
    """Size of the vectors that are compared."""
    temperature: Annotated[float, Range(1e-6)] = 0.07
    """Temperature, by which the products of the vectors are divided."""
    flip_equivariance: bool = False
    """In half of the steps, compare with the feature maps of the picture turned left to right, turned back."""
    antialias: bool = True
    """Blur where both networks halve the sides, and interpolate where the translator doubles them; if not, convolve
    with strides of 2 as in CycleGAN."""
    kernel_init: Literal["normal", "glorot"] = "glorot"
    """Distribution of the first kernels; normal: CycleGAN's."""
    rule: Rule = Alternating(b1=0.5)
    """How the players move."""
    rates: Rates = Rates(2e-4, 2e-4, Linear(constant_share=0.5))
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of both networks."""

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
            ask=lambda rows: rows.real[0],
            view=lambda rows, samples: side_by_side(rows.real[0], target(samples)),
            compared=target,
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: "Dataset") -> "Game":
        """The game of the players."""
        networks, dtype = jaxgan.networks, None if self.precision == "float32" else self.precision
        source, made = data.shape
        shared: dict[str, Any] = {
            "norm": self.norm,
            "dtype": dtype,
            "antialias": self.antialias,
            "kernel_init": self.kernel_init,
        }
        translator = networks.ResNetTranslator(made[-1], self.generator_width, self.blocks, self.halvings, **shared)
        blocks = (self.halvings + 1, self.halvings + 5)[: 1 + (self.blocks >= 5)]
        nce = jaxgan.terms.patch_nce(
            translator,
            self.nce_weight,
            identity=self.identity,
            maps=self.nce_maps or (*range(1 + self.halvings), *blocks),
            patches=self.patches,
            size=self.head_size,
            temperature=self.temperature,
            flip_equivariance=self.flip_equivariance,
        )
        discriminator = networks.PatchDiscriminator(self.patch_layers, self.discriminator_width, **shared)
        return jaxgan.one_way(
            jaxgan.gan(
                translator,
                networks.unconditional(discriminator),
                loss=least_squares,
                terms=[nce],
                condition=jaxgan.conditions.like(source),
                latent_size=1,
            )
        )


def target(rows: Any) -> Any:
    """Domain B of rows of data, to which all samples belong."""
    return rows.b if hasattr(rows, "b") else rows
