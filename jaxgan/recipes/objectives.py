"""What the players want: losses, penalties, terms and augmentations, as options."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.options.conform import is_traced
from jaxgan.recipes.rates import BurnIn, Schedule

if TYPE_CHECKING:
    from jaxgan.augmentation import Augmentation, Transform
    from jaxgan.games.losses import Loss as LossFunction

Weight = Annotated[float, Range(0)]
Share = Annotated[float, Range(0, below=1)]


def is_on(weight: float) -> bool:
    """Whether a term is taken: its weight is above 0, or traced."""
    return is_traced(weight) or weight > 0


@dataclass(frozen=True)
class Smoothed:
    """Options of the losses that have targets."""

    SIGNED: ClassVar[bool] = True
    """Whether the discriminator is undecided at a logit of 0, so that signs of logits say what it takes a row for."""
    label_smoothing: Share = 0.0
    """One-sided label smoothing: the target of real data is 1 minus this number."""

    def __post_init__(self) -> None:
        conform(self)

    def smoothing(self) -> dict[str, float]:
        """The argument of the loss, where there is any."""
        return {"label_smoothing": self.label_smoothing} if is_on(self.label_smoothing) else {}


@dataclass(frozen=True)
class Minimax(Smoothed):
    """Cross entropy, which the generator maximises (Goodfellow et al., 2014)."""

    NAME: ClassVar[str] = "minimax"

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.minimax(**self.smoothing())


@dataclass(frozen=True)
class NonSaturating(Smoothed):
    """Cross entropy, where the generator raises the probability that its samples are data."""

    NAME: ClassVar[str] = "non_saturating"

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.non_saturating(**self.smoothing())


@dataclass(frozen=True)
class LeastSquares(Smoothed):
    """Squared distance from targets (Mao et al., 2017)."""

    NAME: ClassVar[str] = "least_squares"
    SIGNED: ClassVar[bool] = False

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.least_squares(**self.smoothing())


@dataclass(frozen=True)
class Wasserstein:
    """The critic's mean difference (Arjovsky et al., 2017)."""

    NAME: ClassVar[str] = "wasserstein"
    SIGNED: ClassVar[bool] = False

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.wasserstein()


@dataclass(frozen=True)
class Hinge:
    """Margins of 1 around 0 (Lim & Ye, 2017; Miyato et al., 2018)."""

    NAME: ClassVar[str] = "hinge"
    SIGNED: ClassVar[bool] = True

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.hinge()


@dataclass(frozen=True)
class RelativisticPairing:
    """Each sample against its own real row (Huang et al., 2024)."""

    NAME: ClassVar[str] = "relativistic_pairing"
    SIGNED: ClassVar[bool] = False

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.relativistic_pairing()


@dataclass(frozen=True)
class RelativisticAverage:
    """Each sample against the mean of the data (Jolicoeur-Martineau, 2019)."""

    NAME: ClassVar[str] = "relativistic_average"
    SIGNED: ClassVar[bool] = False

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.relativistic_average()


@dataclass(frozen=True)
class FDivergence:
    """An f-divergence that the discriminator estimates (Nowozin et al., 2016)."""

    NAME: ClassVar[str] = "f_divergence"
    SIGNED: ClassVar[bool] = False
    divergence: Literal["kl", "reverse_kl", "pearson", "jensen_shannon"] = "jensen_shannon"
    """Divergence that the discriminator estimates."""
    saturating: bool = True
    """The generator minimises what the discriminator maximises; off: it raises the probability that its samples are
    data."""

    def __post_init__(self) -> None:
        conform(self)

    def loss(self) -> "LossFunction":
        """The loss."""
        return jaxgan.losses.f_divergence(self.divergence, non_saturating=not self.saturating)


Loss = (
    Minimax
    | NonSaturating
    | LeastSquares
    | Wasserstein
    | Hinge
    | RelativisticPairing
    | RelativisticAverage
    | FDivergence
)


@dataclass(frozen=True)
class NoPair:
    """No term on pairs of samples."""

    NAME: ClassVar[str] = "none"

    def terms(self) -> list[Any]:
        """None."""
        return []


@dataclass(frozen=True)
class ModeSeeking:
    """Rewards different samples for different latents (Mao et al., 2019)."""

    NAME: ClassVar[str] = "mode_seeking"
    pair_weight: Weight = 1.0
    """Weight of the term in the generator's loss."""

    def __post_init__(self) -> None:
        conform(self)

    def terms(self) -> list[Any]:
        """The term."""
        return [jaxgan.terms.mode_seeking(self.pair_weight)]


@dataclass(frozen=True)
class LatentConsistency:
    """Latents close to each other make different samples, which get the same logits (Zhao et al., 2021)."""

    NAME: ClassVar[str] = "latent_consistency"
    pair_generator_weight: Weight = 0.5
    """Weight of the squared distance of samples, which the generator raises."""
    pair_discriminator_weight: Weight = 5.0
    """Weight of the squared distance of logits, which the discriminator lowers."""
    pair_deviation: Weight = 0.03
    """Standard deviation of the difference of the latents."""

    def __post_init__(self) -> None:
        conform(self)

    def terms(self) -> list[Any]:
        """The term."""
        weights = self.pair_generator_weight, self.pair_discriminator_weight
        return [jaxgan.terms.latent_consistency(*weights, self.pair_deviation)]


Pair = NoPair | ModeSeeking | LatentConsistency


@dataclass(frozen=True)
class Objective:
    """What the players want."""

    loss: Loss = NonSaturating()
    """Loss that both players minimise."""
    r1: Weight = 0.0
    """Weight γ of the R1 penalty, γ/2·E‖∇D‖² on real data."""
    r2: Weight = 0.0
    """Weight γ of the R2 penalty, the same on samples."""
    gradient_penalty: Weight = 0.0
    """Weight of the one-centred gradient penalty of WGAN-GP."""
    one_sided: Weight = 0.0
    """Weight of the one-sided form of that penalty."""
    zero_centered: Weight = 0.0
    """Weight of the zero-centred gradient penalty between data and samples."""
    dragan: Weight = 0.0
    """Weight of DRAGAN's penalty around real data."""
    consistency: Weight = 0.0
    """Images: weight of consistency regularisation (CR) under flips and shifts."""
    balanced_consistency: Weight = 0.0
    """Images: weight of the balanced form of CR (bCR), on data and samples."""
    penalty_every: Annotated[int, Range(1)] = 1
    """Steps from one penalty to the next; each weight is multiplied by this number."""
    lecam: Weight = 0.0
    """Weight of LeCam regularisation."""
    top_k: Annotated[float, Range(0, at_most=1)] = 1.0
    """Share of the samples from which the generator learns: those with the highest logits."""
    feature_matching: Weight = 0.0
    """Weight of the distance of mean features in the generator's loss."""
    pair: Pair = NoPair()
    """Term that compares two samples of each row."""
    instance_noise: Weight = 0.0
    """Standard deviation of the noise on all that the discriminator sees."""
    instance_noise_share: Annotated[float, Range(0, at_most=1)] = 0.0
    """Share of the steps in which noise falls exponentially to a thousandth; 0: constant."""
    pack: Annotated[int, Range(1)] = 1
    """Number of rows that the discriminator judges together (PacGAN)."""

    def __post_init__(self) -> None:
        conform(self)
        require(
            self.penalty_every == 1 or self.has_penalties(),
            f"penalty_every={self.penalty_every} needs a penalty: {', '.join(self._weights())} above 0",
        )
        require(
            not is_on(self.instance_noise_share) or is_on(self.instance_noise),
            f"instance_noise_share={self.instance_noise_share} needs instance_noise above 0",
        )
        require(is_traced(self.top_k) or self.top_k > 0, f"top_k must be above 0, got {self.top_k}")

    def arguments(self, steps: int) -> dict[str, Any]:
        """Arguments of `jaxgan.gan` for a run of so many steps."""
        loss: Any = self.loss.loss()
        if is_traced(self.top_k) or self.top_k < 1:
            loss = jaxgan.losses.top_k(loss, self.top_k)
        return {"loss": loss, "instance_noise": self._noise(steps), "pack": self.pack}

    def terms(self, schedule: Schedule) -> list[Any]:
        """What adds to the losses."""
        terms = [*self._penalties(schedule), *self.pair.terms()]
        for name in ("lecam", "feature_matching"):
            weight = getattr(self, name)
            terms += [getattr(jaxgan.terms, name)(weight)] if is_on(weight) else []
        return terms

    def needs_images(self) -> list[str]:
        """The options that have a meaning for images alone, as they are given."""
        names = ("consistency", "balanced_consistency")
        return [f"{name}={getattr(self, name)}" for name in names if is_on(getattr(self, name))]

    def estimates_log_ratio(self) -> bool:
        """Whether the best logit without penalties is log p_data/p_G, up to a constant."""
        loss = self.loss
        if self.pack > 1:
            return False
        if isinstance(loss, FDivergence):
            return loss.divergence != "pearson"
        return isinstance(loss, Minimax | NonSaturating) and not is_on(loss.label_smoothing)

    def has_penalties(self) -> bool:
        """Whether any is taken."""
        return any(is_on(weight) for weight in self._weights().values())

    def summary(self) -> str:
        """Loss and penalties, in a line."""
        terms = [f"{name} {value:g}" for name, value in self._weights().items() if is_on(value)]
        return " + ".join([self.loss.NAME, *terms])

    def _noise(self, steps: int) -> Any:
        if not is_on(self.instance_noise_share):
            return self.instance_noise
        import jax.numpy as jnp

        falling = self.instance_noise_share * steps
        return lambda step: self.instance_noise * jnp.power(10.0, -3 * jnp.minimum(step / falling, 1))

    def _weights(self) -> dict[str, float]:
        names = ("r1", "r2", "gradient_penalty", "one_sided", "zero_centered", "dragan", "consistency")
        return {name: getattr(self, name) for name in (*names, "balanced_consistency")}

    def _penalties(self, schedule: Schedule) -> list[Any]:
        penalties = []
        for name, weight in self._weights().items():
            if not is_on(weight):
                continue
            over: Any = schedule.penalty(weight) if isinstance(schedule, BurnIn) else weight
            make: Callable[..., Any] = getattr(jaxgan.terms, name)
            penalty = make(over, over) if name == "balanced_consistency" else make(over)
            penalties.append(penalty if self.penalty_every == 1 else jaxgan.terms.every(self.penalty_every, penalty))
        return penalties


@dataclass(frozen=True)
class NoAugmentation:
    """The discriminator sees rows as they are."""

    NAME: ClassVar[str] = "none"

    def augmentation(self, schedule: Schedule) -> None:
        """None."""


@dataclass(frozen=True)
class DiffAugment:
    """Changes of colour, shifts and cutout, with fixed strength (Zhao et al., 2020)."""

    NAME: ClassVar[str] = "diffaugment"

    def augmentation(self, schedule: Schedule) -> "Transform":
        """The augmentation."""
        return jaxgan.augmentation.diffaugment()


@dataclass(frozen=True)
class Adaptive:
    """Options of augmentations whose probability follows the signs of the discriminator's logits."""

    ada_target: Annotated[float, Range(-1, at_most=1)] = 0.6
    """Mean sign of the logits of real rows to which the probability is moved, in [-1, 1]."""
    ada_images: Annotated[int, Range(1)] = 500_000
    """Number of real rows in which the probability moves by 1; fewer for short runs."""

    def __post_init__(self) -> None:
        conform(self)


@dataclass(frozen=True)
class ADA(Adaptive):
    """Adaptive geometry and colours (Karras et al., 2020)."""

    NAME: ClassVar[str] = "ada"

    def augmentation(self, schedule: Schedule) -> "Augmentation":
        """The augmentation."""
        return jaxgan.augmentation.ada(self.ada_target, self.ada_images)


@dataclass(frozen=True)
class APA(Adaptive):
    """Now and then the discriminator sees a sample as if it were data (Jiang et al., 2021)."""

    NAME: ClassVar[str] = "apa"

    def augmentation(self, schedule: Schedule) -> "Augmentation":
        """The augmentation."""
        return jaxgan.augmentation.apa(self.ada_target, self.ada_images)


@dataclass(frozen=True)
class R3GANAugmentation:
    """Geometry and colours with a given probability, which a burn-in starts at 0 (Huang et al., 2024)."""

    NAME: ClassVar[str] = "r3gan"
    augment_probability: Annotated[float, Range(0, at_most=1)] = 0.55
    """Probability of each transform; colours have half of it."""

    def __post_init__(self) -> None:
        conform(self)

    def augmentation(self, schedule: Schedule) -> "Augmentation":
        """The augmentation."""
        over: Any = self.augment_probability
        return jaxgan.augmentation.r3gan(schedule.share(over) if isinstance(schedule, BurnIn) else over)


Augment = NoAugmentation | DiffAugment | ADA | APA | R3GANAugmentation


def check_augment(augment: Augment, loss: Loss, shape: tuple[int, ...]) -> None:
    """Raise `ValueError` if an augmentation does not fit the data, or follows signs that say nothing."""
    require(
        isinstance(augment, NoAugmentation | APA) or len(shape) == 3,
        f"augment={augment.NAME} needs images, but the data have shape {shape}",
    )
    signed = ", ".join(one.NAME for one in Loss.__args__ if one.SIGNED)
    require(
        not isinstance(augment, Adaptive) or loss.SIGNED,
        f"augment={augment.NAME} follows the signs of logits, which mean nothing with loss={loss.NAME}; it needs one "
        f"of {signed}",
    )
