"""The recipe of GANs that make images or points from latents, with classes or without."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import advice, objectives, rules
from jaxgan.recipes.networks import DCGAN, MLP, R3GAN, Network, Sample, StyleGAN2, Truncation
from jaxgan.recipes.objectives import Augment, NoAugmentation, Objective, is_on
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.sources import Digits, Source

if TYPE_CHECKING:
    from jaxgan.core import Algorithm, Game
    from jaxgan.data.dataset import Dataset
    from jaxgan.data.iterable import IterableDataset
    from jaxgan.experiment import Experiment, Latents
    from jaxgan.recipes.recipe import DataShape

    Data = Dataset | IterableDataset | DataShape

UNTRUNCATED = Truncation()


@dataclass(frozen=True)
class Nothing:
    """The networks are given no condition."""

    NAME: ClassVar[str] = "none"


@dataclass(frozen=True)
class Labels:
    """Both networks are given the classes of the data."""

    NAME: ClassVar[str] = "labels"
    label_dropout: Annotated[float, Range(0, below=1)] = 0.0
    """Share of rows whose label is hidden from both players, in [0, 1)."""
    auxiliary: Literal["none", "classifier", "twin", "contrastive"] = "none"
    """Heads that predict the class, instead of labels for the discriminator (AC-GAN, TAC-GAN, ContraGAN)."""
    auxiliary_weight: Annotated[float, Range(0)] = 1.0
    """Weight of these heads in the losses."""

    def __post_init__(self) -> None:
        conform(self)
        require(
            self.auxiliary != "none" or self.auxiliary_weight == 1,
            f"auxiliary_weight={self.auxiliary_weight} needs an auxiliary",
        )

    def terms(self) -> list[Any]:
        """The heads."""
        return [] if self.auxiliary == "none" else [getattr(jaxgan.terms, self.auxiliary)(self.auxiliary_weight)]


@dataclass(frozen=True)
class LatentOptions:
    """Latents, from which the generator makes samples."""

    latent_size: Annotated[int, Range(1)] = 100
    """Size of a latent."""
    latent: Literal["normal", "uniform", "sphere"] = "normal"
    """Distribution of the latents."""
    latent_signs: Annotated[int, Range(0)] = 0
    """Number of entries that are random signs instead, for data in separate clusters; 2 to this power should be far
    above the number of clusters."""

    def __post_init__(self) -> None:
        conform(self)
        require(
            self.latent_signs <= self.latent_size,
            f"latent_signs={self.latent_signs} must be at most latent_size={self.latent_size}",
        )

    def distribution(self, bound: float | None = None) -> Any:
        """Function that draws one row: `(key, size) -> [size]`; normal numbers stay within a bound if there is one."""
        latents = jaxgan.latents
        draw = getattr(latents, self.latent) if bound is None else latents.truncated(bound)
        return latents.with_signs(self.latent_signs, draw) if self.latent_signs else draw

    def latents(self) -> "Latents":
        """The latents in the form that the program needs."""
        from jaxgan.experiment import Latents

        between = jaxgan.latents.lerp if self.latent == "uniform" else jaxgan.latents.slerp
        bounded = self.latent == "normal" and self.latent_signs < self.latent_size
        normal = self.latent == "normal" and self.latent_signs == 0
        return Latents(
            lambda key: self.distribution()(key, self.latent_size),
            between,
            (lambda bound: lambda key: self.distribution(bound)(key, self.latent_size)) if bounded else None,
            jaxgan.latents.normal_log_density if normal else None,
        )


@dataclass(frozen=True)
class Computation:
    """How the networks compute."""

    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of both networks; parameters, statistics, samples, logits and losses stay float32.
    The products of float32 take TensorFloat-32 on GPUs that have it."""
    remat: bool = False
    """Keep only the input of each pass of a network, and compute the rest again for the derivatives: it saves memory on
    accelerators, but not on CPUs."""
    accumulate: Annotated[int, Range(1)] = 1
    """Number of parts into which each pass splits its rows for one update: a step keeps the activations of one part at
    a time, and needs one more forward pass. The run is the same, up to rounding."""
    accumulate_approximately: bool = False
    """Accumulate even if rows depend on each other; each part then has its own statistics."""
    batch_norm_groups: Annotated[int, Range(1)] = 1
    """Number of groups of rows with batch statistics of their own, such as one per device. Layers on several
    devices then exchange nothing."""
    freeze: tuple[str, ...] = ()
    """Parts of the networks that keep their weights, such as discriminator/Conv_0 (FreezeD)."""

    def __post_init__(self) -> None:
        conform(self)
        require(
            self.accumulate > 1 or not self.accumulate_approximately,
            "accumulate_approximately has no effect: accumulate is 1",
        )


@dataclass(frozen=True)
class GAN:
    """A generator that maps latents to images or points, against a discriminator."""

    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    """Options that may change when a run goes on, as long as its rows are the same."""
    data: Source = Digits()
    """Data set to train on."""
    network: Network = DCGAN()
    """Architecture of both players."""
    condition: Nothing | Labels = Nothing()
    """Condition that both networks are given."""
    latents: LatentOptions = LatentOptions()
    objective: Objective = Objective()
    augment: Augment = NoAugmentation()
    """Augmentation of all that the discriminator sees."""
    rule: Rule = Alternating()
    """How the players move."""
    rates: Rates = Rates()
    average: Average = Average()
    computation: Computation = Computation()

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)
        network, condition, latents = self.network, self.condition, self.latents
        schedule: Any = self.rates.schedule
        require(
            not isinstance(network, R3GAN)
            or not isinstance(condition, Labels)
            or condition.label_dropout == 0
            or condition.auxiliary != "none",
            "label_dropout above 0 has no meaning for network=r3gan: its logit is 0 without a label",
        )
        if isinstance(network, StyleGAN2):
            own = [name for name in ("mixing", "path_length") if getattr(network, name) > 0]
            require(
                not own or (latents.latent != "uniform" and latents.latent_signs == 0),
                f"{' and '.join(own)} above 0 need latent=normal or sphere and latent_signs=0, because stylegan2 draws "
                f"normal latents for them, got latent={latents.latent} and latent_signs={latents.latent_signs}",
            )
        require(
            self.computation.batch_norm_groups == 1 or not isinstance(network, MLP | R3GAN | StyleGAN2),
            f"batch_norm_groups above 1 needs batch normalisation, which network={network.NAME} has not",
        )
        require(
            getattr(schedule, "burn_in_penalty", 1) == 1 or self.objective.has_penalties(),
            "burn_in_penalty needs a penalty",
        )

    def dataset(self) -> "Dataset":
        """Load the data."""
        return self.data.dataset()

    def advice(self, finding: str) -> tuple[str, ...]:
        """What to try where a detector of that name fires, see `jaxgan.recipes.recipe`."""
        return advice.of(self, finding)

    def asked_for(self, of: "DataShape") -> "DataShape":
        """Shape of the data that the options request, if only the preset's shape is known."""
        if len(of.shape) != 3:
            return of
        height, width, channels = of.shape
        side = getattr(self.data, "image_size", None)
        sides = (height, width) if side is None else (side, side)
        return of._replace(shape=(*sides, getattr(self.data, "channels", None) or channels))

    def experiment(self, data: "Data", steps: int) -> "Experiment":
        """The experiment on these data.

        Raises:
            ValueError: if the data do not fit the networks, or labels are asked for and there are none.
        """
        from jaxgan.experiment import Experiment
        from jaxgan.recipes.latent_weights import latent_weights

        styled, labelled = isinstance(self.network, StyleGAN2), isinstance(self.condition, Labels)
        sample, classes = Sample(data.shape, None, self.latents.latent_size), data.num_classes if labelled else None
        algorithm = self.algorithm(data, steps)
        return Experiment(
            data,
            algorithm,
            conditional="classes" if labelled else "nothing",
            unlabelled=isinstance(self.condition, Labels) and is_on(self.condition.label_dropout),
            latents=self.latents.latents(),
            truncated=(lambda psi, layers: self.algorithm(data, steps, Truncation(psi, layers))) if styled else None,
            styled=self.network.styles(sample, classes) if isinstance(self.network, StyleGAN2) else None,
            log_ratio=self._log_ratio(algorithm),
            latent_weights=latent_weights(self.network, self.latents.latent_size),
            group=self._group(),
            parts=rules.parts(self.rule) * self.computation.accumulate,
            extendable=not (self.rates.schedule.ENDS or self._follows_steps()),
        )

    def algorithm(self, data: "Data", steps: int, truncation: Truncation = UNTRUNCATED) -> "Algorithm":
        """Game, dynamics and average."""
        return rules.algorithm(self.game(data, steps, truncation), self.rule, self.rates, self.average, steps)

    def game(self, data: "Data", steps: int, truncation: Truncation = UNTRUNCATED) -> "Game":
        """The game of the players."""
        shape, condition = data.shape, self.condition
        objectives.check_augment(self.augment, self.objective.loss, shape)
        images = [*self.objective.needs_images(), *(["dequantize"] if self._dequantizes() else [])]
        require(not images or len(shape) == 3, f"{', '.join(images)} needs images, but the data have shape {shape}")
        labels = condition if isinstance(condition, Labels) else Labels()
        classes = data.num_classes if isinstance(condition, Labels) else None
        require(
            not isinstance(condition, Labels) or classes is not None,
            f"condition=labels needs data with labels; data={self.data.NAME} has none. condition=none takes such data",
        )
        require(
            classes is None or classes > 1,
            f"condition=labels needs at least 2 classes; data={self.data.NAME} has 1. condition=none takes such data",
        )
        dtype = None if self.computation.precision == "float32" else self.computation.precision
        modules = self.network.players(Sample(shape, dtype, self.latents.latent_size, truncation, steps))
        adapt = jaxgan.networks.rematerialized if self.computation.remat else jaxgan.networks.linen
        game = jaxgan.gan(
            *map(adapt, modules),
            terms=[*self.objective.terms(self.rates.schedule), *labels.terms(), *self.network.terms(modules)],
            latent_size=self.latents.latent_size,
            latent=self.latents.distribution(),
            condition=None if isinstance(condition, Labels) else jaxgan.conditions.nothing(),
            num_classes=classes,
            label_dropout=labels.label_dropout,
            augment=self.augment.augmentation(self.rates.schedule),
            **self.objective.arguments(steps),
        )
        from jaxgan.games.accumulated import accumulated
        from jaxgan.games.batch_norm_groups import batch_norm_groups

        if self.computation.freeze:
            game = jaxgan.frozen(game, self.computation.freeze)
        if self._dequantizes():
            from jaxgan.games.dequantized import dequantized

            game = dequantized(game)
        if isinstance(self.network, MLP) and self.network.standardize:
            from jaxgan.games.standardized import standardized

            game = standardized(game)
        computation = self.computation
        game = batch_norm_groups(game, computation.batch_norm_groups)
        return accumulated(game, computation.accumulate, approximate=computation.accumulate_approximately)

    def _log_ratio(self, algorithm: "Algorithm") -> Any:
        critic = None if algorithm.game is None else algorithm.game.critic
        headed = isinstance(self.condition, Labels) and self.condition.auxiliary != "none"
        if critic is None or headed or self._group() > 1 or not self.objective.estimates_log_ratio():
            return None
        return lambda state, samples, condition: critic(
            state.params.discriminator, state.variables.discriminator, samples, condition, state.step
        )

    def _group(self) -> int:
        return self.network.stddev_group if isinstance(self.network, StyleGAN2) else 1

    def _follows_steps(self) -> bool:
        opens = isinstance(self.network, MLP) and self.network.octave_opening != MLP.ALL
        return opens or is_on(self.objective.instance_noise_share)

    def _dequantizes(self) -> bool:
        return getattr(self.data, "dequantize", False)
