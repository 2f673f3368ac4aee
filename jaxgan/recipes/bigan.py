"""The recipe of points with their latents: BiGAN, whose encoder may be that of ALI."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.networks import Sizes
from jaxgan.recipes.objectives import is_on
from jaxgan.recipes.pix2pix import Width
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.sources import Grid, LargeGrid, Ring, RotatedGrid, Spirals, SwissRoll, UnequalModes

if TYPE_CHECKING:
    from jaxgan.core import Game
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.recipes.recipe import DataShape

FALLOFF = 0.25
"""Exponent a of the amplitude f^(-a) of frequency f, as in the preset `points`."""
OPENING = (0.45, 0.85)
"""Shares of the steps between which the frequencies are let in one after another, as in the preset `points`."""
Points = Ring | Grid | RotatedGrid | LargeGrid | UnequalModes | Spirals | SwissRoll


@dataclass(frozen=True)
class BiGAN:
    """Points and their latents: a generator and an encoder against a discriminator of both side by side.

    ALI is the same game with another encoder, which is given noise: `encoder_noise`, 2 numbers in the authors' program
    for 25 Gaussians (ali_mixture.py), 0 in BiGAN. Points are scaled to mean 0 and standard deviation 1 for all
    networks. The loss, the penalties and the octaves are those of the preset `points`, not those of the papers.

    Reference:
        Donahue et al., [Adversarial Feature Learning](https://arxiv.org/abs/1605.09782), 2017; Dumoulin et al.,
        [Adversarially Learned Inference](https://arxiv.org/abs/1606.00704), 2017.
    """

    MEDIUM: ClassVar[str] = "points"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Points = Ring()
    """Points to train on."""
    latent_size: Width = 2
    """Size of a latent, normal numbers."""
    encoder_noise: Annotated[int, Range(0)] = 2
    """Count of normal numbers that the encoder is given beside a point; 0: each point has one latent."""
    generator_hidden: Sizes = (128, 128, 128)
    """Widths of the generator's hidden layers."""
    encoder_hidden: Sizes = (128, 128, 128)
    """Widths of the encoder's hidden layers."""
    discriminator_hidden: Sizes = (128, 128, 128)
    """Widths of the hidden layers of each network of the discriminator."""
    alone: bool = True
    """Add the logit of a second network that sees the point without its latent."""
    octaves: Annotated[int, Range(0, at_most=16)] = 8
    """Number of frequencies 1, 2, 4, ... at which the discriminator also sees sines and cosines of points,
    which are let in one after another."""
    loss: Literal["non_saturating", "relativistic_pairing"] = "relativistic_pairing"
    """Loss of both players."""
    r1: Annotated[float, Range(0)] = 0.025
    """Weight of R1, the squared gradient at the data, with respect to points and latents."""
    r2: Annotated[float, Range(0)] = 0.025
    """Weight of R2, the squared gradient at the samples."""
    rule: Rule = Alternating(b1=0.0)
    """How the players move."""
    rates: Rates = Rates(5e-4, 3e-3)
    average: Average = Average()
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of all networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)

    def dataset(self) -> "Dataset":
        """Draw the points."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "DataShape":
        """Shape of the points, which no option changes."""
        return of

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these points."""
        return jaxgan.Experiment(
            data,
            rules.algorithm(self.game(data, steps), self.rule, self.rates, self.average, steps),
            parts=rules.parts(self.rule),
            extendable=not self.rates.schedule.ENDS and self.octaves == 0,
        )

    def game(self, data: Any, steps: int) -> "Game":
        """The game of the players."""
        from jaxgan.games.standardized import standardized

        networks, penalties = jaxgan.networks, jaxgan.penalties
        dtype = None if self.precision == "float32" else self.precision
        begin, end = (round(share * steps) for share in OPENING)
        return standardized(
            jaxgan.bigan(
                networks.MLPGenerator(data.shape, self.generator_hidden, squash=False, dtype=dtype),
                networks.MLPEncoder(self.latent_size, self.encoder_hidden, self.encoder_noise, dtype),
                networks.JointDiscriminator(
                    self.discriminator_hidden, self.alone, self.octaves, FALLOFF, (begin, end), dtype
                ),
                loss=getattr(jaxgan.losses, self.loss)(),
                penalties=[
                    of(weight) for of, weight in ((penalties.r1, self.r1), (penalties.r2, self.r2)) if is_on(weight)
                ],
                latent_size=self.latent_size,
            ),
            asked_by_rows=True,
        )
