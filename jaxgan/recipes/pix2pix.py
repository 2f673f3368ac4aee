"""The recipe of image translation from pairs, pix2pix."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.rates import Average, Linear, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.translation_sources import EdgesToDigits, PairsOfImages, stand_in

if TYPE_CHECKING:
    from flax import linen as nn
    from jax import Array

    from jaxgan.core import Game
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape

Width = Annotated[int, Range(1)]


@dataclass(frozen=True)
class Pix2Pix:
    """Translate pictures to pictures: a U-Net against a PatchGAN, with an L1 distance. Pictures of the run show source,
    sample and target side by side.

    The paper's program: learning rates stay for half of the steps and then fall to 0, and its only noise is dropout.

    Reference:
        Isola et al., [Image-to-Image Translation with Conditional Adversarial
        Networks](https://arxiv.org/abs/1611.07004), 2017, equation 4 and appendix 6; the numbers are those of the
        authors' PyTorch program.
    """

    MEDIUM: ClassVar[str] = "pairs"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: PairsOfImages = EdgesToDigits()
    """Pairs of pictures to train on."""
    generator_width: Width = 64
    """Channels of the U-Net next to the picture."""
    depth: Annotated[int | None, Range(1)] = None
    """Number of times that the U-Net halves the sides (default: until one is odd or 1, at most 8)."""
    dropout: Annotated[float, Range(0, below=1)] = 0.5
    """Share of units dropped in the U-Net's smallest layers, in training."""
    keep_luma: bool = False
    """Only colour a gray source: the U-Net makes two colour differences, and samples keep the source's luma."""
    sampling_dropout: bool = False
    """Use dropout in sampling too, as the paper does: samples from one source then differ."""
    discriminator_width: Width = 64
    """Channels of the PatchGAN's first layer."""
    patch_layers: Annotated[int, Range(0)] = 3
    """Layers of stride 2: 3 judge patches of 70 by 70 pixels, 2 of 34, 1 of 16, 0 single pixels."""
    norm: Literal["batch", "instance", "none"] = "batch"
    """Normalisation in both networks."""
    loss: Literal["non_saturating", "least_squares"] = "non_saturating"
    """Loss: cross-entropy, as in the paper, or squared distance, as in CycleGAN."""
    distance_weight: Annotated[float, Range(0)] = 100.0
    """Weight of the mean absolute distance between sample and target."""
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
        """The game of the players.

        Raises:
            ValueError: with `keep_luma`, unless the pairs are of gray and colour.
        """
        dtype = None if self.precision == "float32" else self.precision
        source, channels = data.condition_shape, data.shape[-1]
        require(
            not self.keep_luma or (source[-1], channels) == (1, 3),
            f"keep_luma needs pairs of gray and colour, got sources of {source[-1]} channels and targets of {channels}",
        )
        unet: "nn.Module" = jaxgan.networks.UNetGenerator(
            channels=2 if self.keep_luma else channels,
            width=self.generator_width,
            depth=self.depth,
            norm=self.norm,
            dropout=self.dropout,
            sampling_dropout=self.sampling_dropout,
            dtype=dtype,
        )
        if self.keep_luma:
            unet = jaxgan.networks.LumaKeeper(unet)
        patches = jaxgan.networks.PatchDiscriminator(
            layers=self.patch_layers, width=self.discriminator_width, norm=self.norm, dtype=dtype
        )
        return jaxgan.gan(
            unet,
            patches,
            loss=getattr(jaxgan.losses, self.loss)(),
            terms=[jaxgan.terms.reconstruction(self.distance_weight)],
            condition=jaxgan.conditions.like(source),
            latent_size=1,
        )


def side_by_side(*images: "Array") -> "Array":
    """Images in one row, all with as many channels, where one is gray and another is not."""
    import jax.numpy as jnp

    most = max(image.shape[-1] for image in images)
    return jnp.concatenate([jnp.broadcast_to(image, (*image.shape[:-1], most)) for image in images], axis=2)
