"""The recipe of images from few codes: VQGAN, and VAE-GAN."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.networks import Sizes
from jaxgan.recipes.objectives import is_on
from jaxgan.recipes.pix2pix import Width, side_by_side
from jaxgan.recipes.pix2pix_hd import vgg19_layers
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.sources import TFDS, Digits, Folder, Npz, Parquet, WebDataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from jax import Array
    from jaxtyping import PyTree

    from jaxgan.core import Game, Players
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.games.bottlenecks import Bottleneck
    from jaxgan.recipes.recipe import DataShape

Pictures = Digits | TFDS | Folder | Parquet | WebDataset | Npz


@dataclass(frozen=True)
class Codebook:
    """Each code is the nearest of a codebook: VQGAN."""

    NAME: ClassVar[str] = "codebook"
    codes: Annotated[int, Range(1)] = 1024
    """Number of codes in the codebook."""
    codebook_weight: Weight = 0.25
    """Weight of the squared distance by which the codes move to the encoder's output."""
    commitment: Weight = 1.0
    """Weight of the squared distance by which the encoder's output moves to the codes. The paper has 1 and 0.25, and
    the authors' program exchanges them."""

    def __post_init__(self) -> None:
        conform(self)

    def made(self) -> "Bottleneck":
        """The bottleneck of the game."""
        return jaxgan.bottlenecks.codebook(self.codes, weight=self.codebook_weight, commitment=self.commitment)

    def size(self, code: int) -> int:
        """Numbers that the encoder makes for a code of so many."""
        return code


@dataclass(frozen=True)
class Gaussian:
    """Each code is drawn from a normal distribution that the encoder makes: VAE-GAN, as latent diffusion has it."""

    NAME: ClassVar[str] = "gaussian"
    kl_weight: Weight = 1e-6
    """Weight of the divergence from a standard normal distribution, relative to the sum of absolute differences."""

    def __post_init__(self) -> None:
        conform(self)

    def made(self) -> "Bottleneck":
        """The bottleneck of the game."""
        return jaxgan.bottlenecks.gaussian(self.kl_weight)

    def size(self, code: int) -> int:
        """Numbers that the encoder makes for a code of so many: a mean and a variance for each."""
        return 2 * code


@dataclass(frozen=True)
class VQGAN:
    """Pictures from few codes: an autoencoder against a PatchGAN. A picture of the run shows images beside their
    reconstructions.

    The codes come from a codebook, or are normal with `--bottleneck gaussian`. The perceptual distance of the programs
    is LPIPS, whose weights are not here: `--vgg19 FILE` takes that of pix2pixHD, and without it the features are those
    of a random network. The models that draw codes, a transformer and latent diffusion, are left out: samples are
    reconstructions. `--adversarial-weight 0` is the same autoencoder without an adversary.

    Reference:
        Esser et al., [Taming Transformers for High-Resolution Image Synthesis](https://arxiv.org/abs/2012.09841), 2021;
        Rombach et al., [High-Resolution Image Synthesis with Latent Diffusion
        Models](https://arxiv.org/abs/2112.10752), 2022. The numbers are those of their programs, taming-transformers
        and latent-diffusion.
    """

    MEDIUM: ClassVar[str] = "pairs"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Pictures = Digits()
    """Pictures to train on."""
    width: Width = 128
    """Channels of encoder and decoder at the first level."""
    multipliers: Sizes = (1, 1, 2, 2, 4)
    """Channels of each level, as a multiple of the width; the sides are halved between two levels."""
    blocks: Annotated[int, Range(1)] = 2
    """Number of residual blocks in each level of the encoder; the decoder has one more."""
    attention: Sizes = (16,)
    """Sides of the feature maps that have self-attention, besides the smallest."""
    bottleneck: Codebook | Gaussian = Codebook()
    """What the codes are."""
    code_size: Width = 256
    """Numbers in a code."""
    perceptual_weight: Weight = 1.0
    """Weight of the mean absolute distance between features of image and reconstruction."""
    vgg19: str | None = None
    """Path of the published weights of VGG19 (default: features of a random network)."""
    adversarial_weight: Weight = 0.8
    """Factor of the adaptive weight; 0: no adversary."""
    adversarial_start: Annotated[int, Range(0)] = 0
    """Number of steps before the adversary begins."""
    discriminator_width: Width = 64
    """Channels of the PatchGAN's first layer."""
    patch_layers: Annotated[int, Range(0)] = 3
    """Layers of stride 2: 3 judge patches of 70 by 70 pixels, 2 of 34, 1 of 16, 0 single pixels."""
    norm: Literal["batch", "instance", "none"] = "batch"
    """Normalisation in the discriminator."""
    rule: Rule = Alternating(b1=0.5, b2=0.9)
    """How the players move."""
    rates: Rates = Rates(2.25e-5, 2.25e-5)
    average: Average = Average(0.0)
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of all networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)
        require(len(self.multipliers) >= 1, "multipliers must name at least one level, got ()")
        on = is_on(self.adversarial_weight)
        require(on or self.adversarial_start == 0, "adversarial_start has no effect with adversarial_weight=0")
        require(self.vgg19 is None or is_on(self.perceptual_weight), "vgg19 has no effect with perceptual_weight=0")

    def dataset(self) -> "Dataset":
        """Load the pictures."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "DataShape":
        """Shape of the pictures that the options request, if only the preset's shape is known."""
        height, width, channels = of.shape
        side = getattr(self.data, "image_size", None)
        return of._replace(shape=(side or height, side or width, getattr(self.data, "channels", None) or channels))

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these pictures."""
        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data), self.rule, self.rates, self.average, steps),
            conditional="rows",
            ask=lambda rows: rows.real,
            reconstructs=True,
            view=lambda rows, samples: side_by_side(rows.real, samples),
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS,
        )

    def game(self, data: Any) -> "Game":
        """The game of the players.

        Raises:
            ValueError: unless the sides of the pictures can be halved so often.
        """
        networks, dtype = jaxgan.networks, None if self.precision == "float32" else self.precision
        levels = (self.width, self.multipliers, self.blocks, self.attention, dtype)
        perceptual = is_on(self.perceptual_weight)
        return jaxgan.autoencoder(
            networks.VQGANEncoder(self.bottleneck.size(self.code_size), *levels),
            self.bottleneck.made(),
            networks.VQGANDecoder(*levels),
            networks.PatchDiscriminator(self.patch_layers, self.discriminator_width, self.norm, dtype=dtype),
            loss=halved_hinge,
            adversarial_weight=self.adversarial_weight,
            start=self.adversarial_start,
            features=self.features(data.shape) if perceptual else None,
            perceptual_weight=self.perceptual_weight,
        )

    def features(self, shape: tuple[int, ...]) -> "Callable[[Array], PyTree]":
        """What the perceptual distance compares of images of this shape."""
        if self.vgg19 is not None:
            return vgg19_layers(self.vgg19)
        seen = jaxgan.metrics.random_features.random_features(shape)
        return lambda images: seen.of(images).features


def halved_hinge(real: "Array", fake: "Array") -> "Players":
    """The loss of the authors' program: `jaxgan.losses.hinge` with half of the discriminator's."""
    both = jaxgan.losses.hinge()(real, fake)
    return jaxgan.Players(both.generator, both.discriminator / 2)
