"""The recipe of a diffusion model and of its student of one step, by adversarial distillation, DMD2."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.cyclegan import Weight
from jaxgan.recipes.networks import Sizes
from jaxgan.recipes.objectives import is_on
from jaxgan.recipes.pix2pix import Width
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.sources import Digits, Source

if TYPE_CHECKING:
    import flax.linen as nn

    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.games.distillation import Distillation
    from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class Dense:
    """Dense layers, for points and images."""

    NAME: ClassVar[str] = "mlp"
    hidden: Sizes = (128, 128, 128, 128)
    """Widths of the hidden layers."""
    octaves: Annotated[int, Range(0, at_most=16)] = 0
    """Number of frequencies 1, 2, 4, ... whose sines and cosines of the input are seen too."""

    def __post_init__(self) -> None:
        conform(self)

    def module(self, dtype: str | None) -> "nn.Module":
        """The network."""
        return jaxgan.networks.MLPDenoiser(self.hidden, self.octaves, dtype)


@dataclass(frozen=True)
class UNet:
    """Convolutions with skips at every size, for images."""

    NAME: ClassVar[str] = "unet"
    width: Width = 32
    """Channels at the first level."""
    multipliers: Sizes = (1, 2)
    """Channels of each level, as a multiple of the width; the sides are halved between two levels."""
    patch: Width = 2
    """Sides in pixels of the patches that are seen as one."""

    def __post_init__(self) -> None:
        conform(self)

    def module(self, dtype: str | None) -> "nn.Module":
        """The network."""
        return jaxgan.networks.UNetDenoiser(self.width, self.multipliers, self.patch, dtype)


@dataclass(frozen=True)
class DMD2:
    """A diffusion model, and then a generator of one step that learns from it and from data.

    In the first steps the generator learns to denoise data. Then it is the teacher, which rests, and three networks
    begin as it is: the teacher, the student, and the critic that learns to denoise the student's samples and to tell
    them from data. Samples are the student's, in one step.

    Reference:
        Yin et al., [Improved Distribution Matching Distillation for Fast Image
        Synthesis](https://arxiv.org/abs/2405.14867), 2024; the numbers are those of the authors' program for ImageNet,
        which begins with the weights of a published teacher, and also has weight decay and clips gradients.
    """

    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Source = Digits()
    """Data set to train on, images or points."""
    network: Dense | UNet = UNet()
    """Architecture of teacher, student and critic."""
    head_hidden: Sizes = (128,)
    """Widths of the hidden layers by which the critic tells samples from data."""
    deviation: Annotated[float, Range(0)] = 0.5
    """Standard deviation of the numbers of the data, above 0: noise is in proportion to it."""
    adversarial_share: Annotated[float, Range(0, at_most=1)] = 0.5
    """Share of the steps in which the student learns; they come last. 0: a diffusion model alone."""
    pretraining_rate: Annotated[float, Range(0)] = 1e-3
    """Learning rate of the diffusion model; it falls to zero along half a cosine."""
    adversarial_weight: Weight = 3e-3
    """Weight of the adversary in the student's loss."""
    critic_weight: Weight = 1e-2
    """Weight of telling samples from data in the critic's loss, beside denoising."""
    rule: Rule = Alternating(b1=0.9, discriminator_steps=5)
    """How the players move while the student learns."""
    rates: Rates = Rates(2e-6, 2e-6)
    average: Average = Average(0.0)
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of all networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)
        require(is_on(self.deviation), f"deviation must be above 0, got {self.deviation}")
        require(
            not getattr(self.data, "dequantize", False), "dequantize has no meaning for diffusion, which adds noise"
        )

    def dataset(self) -> "Dataset":
        """Load the data."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "DataShape":
        """Shape of the data that the options request, if only the preset's shape is known."""
        if len(of.shape) != 3:
            return of
        height, width, channels = of.shape
        side = getattr(self.data, "image_size", None)
        return of._replace(shape=(side or height, side or width, getattr(self.data, "channels", None) or channels))

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these data."""
        import optax

        parts, alone = self.parts(data), self.pretraining_steps(steps)
        rule = jaxgan.dynamics.pretrained(
            self.rule.dynamics(self.rates, max(1, steps - alone)),
            parts.teaching,
            optax.adam(optax.cosine_decay_schedule(self.pretraining_rate, max(1, alone))),
            steps=alone,
            hand_over=parts.hand_over,
        )
        average = self.average
        algorithm = jaxgan.algorithm(
            parts.game, rule, ema_decay=average.decay(self.rates.schedule), ema_warmup=average.ema_warmup
        )
        return jaxgan.Experiment(data, algorithm, parts=rules.parts(self.rule))

    def pretraining_steps(self, steps: int) -> int:
        """The first of so many steps, in which the diffusion model learns."""
        return round((1 - self.adversarial_share) * steps)

    def parts(self, data: Any) -> "Distillation":
        """The game of the student, and its teacher."""
        dtype = None if self.precision == "float32" else self.precision
        return jaxgan.distilled(
            self.network.module(dtype),
            jaxgan.networks.MLPDiscriminator(self.head_hidden, dtype=dtype),
            data.shape,
            loss=jaxgan.losses.non_saturating(),
            deviation=self.deviation,
            adversarial_weight=self.adversarial_weight,
            critic_weight=self.critic_weight,
        )
