"""How fast the players learn over the steps: one dataclass of options for each schedule."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from jaxgan.checks import require
from jaxgan.options import Range, conform

if TYPE_CHECKING:
    from jaxgan.core import Players
    from jaxgan.games.weight import Weight

Steps = Annotated[int, Range(0)]
Factor = Annotated[float, Range(0)]


@dataclass(frozen=True)
class Constant:
    """Rates are constant."""

    NAME: ClassVar[str] = "constant"
    ENDS: ClassVar[bool] = False
    """Whether it depends on the number of steps of the run."""

    def over(self, value: "Weight", steps: int) -> "Weight":
        """The value over a run of so many steps."""
        return value


@dataclass(frozen=True)
class Cosine:
    """Rates fall to zero over all steps along half a cosine."""

    NAME: ClassVar[str] = "cosine"
    ENDS: ClassVar[bool] = True

    def over(self, value: Any, steps: int) -> "Weight":
        """The value over a run of so many steps."""
        import optax

        return optax.cosine_decay_schedule(value, steps)


@dataclass(frozen=True)
class Linear:
    """Rates fall to zero linearly."""

    NAME: ClassVar[str] = "linear"
    ENDS: ClassVar[bool] = True
    constant_share: Annotated[float, Range(0, below=1)] = 0.0
    """Share of the steps before rates begin to fall."""

    def __post_init__(self) -> None:
        conform(self)

    def over(self, value: Any, steps: int) -> "Weight":
        """The value over a run of so many steps."""
        import optax

        begin = round(self.constant_share * steps)
        return optax.linear_schedule(value, 0.0, steps - begin, begin)


@dataclass(frozen=True)
class Halving:
    """Rates are halved at some steps."""

    NAME: ClassVar[str] = "halving"
    ENDS: ClassVar[bool] = True
    halved_at: Annotated[tuple[float, ...], Range(0, at_most=1)] = (0.5, 0.75)
    """Shares of the steps after which rates are halved."""

    def __post_init__(self) -> None:
        conform(self)

    def over(self, value: Any, steps: int) -> "Weight":
        """The value over a run of so many steps."""
        import optax

        return optax.piecewise_constant_schedule(value, {round(share * steps): 0.5 for share in self.halved_at})


@dataclass(frozen=True)
class Exponential:
    """Rates fall by a constant factor again and again."""

    NAME: ClassVar[str] = "exponential"
    ENDS: ClassVar[bool] = False
    rate_decay: Annotated[float, Range(0, at_most=1)] = 0.999
    """Factor of the learning rates."""
    decay_every: Annotated[int, Range(1)] = 1000
    """Steps from one fall to the next."""

    def __post_init__(self) -> None:
        conform(self)

    def over(self, value: Any, steps: int) -> "Weight":
        """The value over a run of so many steps."""
        import optax

        return optax.exponential_decay(value, self.decay_every, self.rate_decay, staircase=True)


@dataclass(frozen=True)
class BurnIn:
    """Rates, penalties and b2 go to their values along half a cosine, and the half-life of the average from 0, as
    R3GAN's do."""

    NAME: ClassVar[str] = "burn_in"
    ENDS: ClassVar[bool] = False
    burn_in: Annotated[int, Range(1)] = 1000
    """Steps of the burn-in."""
    burn_in_rate: Factor = 1.0
    """Learning rates start this many times as high."""
    burn_in_penalty: Factor = 1.0
    """Penalties start this many times as strong."""
    burn_in_b2: Annotated[float | None, Range(0, below=1)] = None
    """Where b2 starts (default: at its value)."""

    def __post_init__(self) -> None:
        conform(self)

    def over(self, value: "Weight", steps: int) -> "Weight":
        """A learning rate over a run."""
        return self._from(self.burn_in_rate, value)

    def penalty(self, value: "Weight") -> "Weight":
        """The weight of a penalty over a run."""
        return self._from(self.burn_in_penalty, value)

    def b2(self, value: Any) -> "Weight":
        """Adam's β2 over a run."""
        from jaxgan.schedules import cosine_burn_in

        return cosine_burn_in(value if self.burn_in_b2 is None else self.burn_in_b2, value, self.burn_in)

    def share(self, value: Any) -> "Weight":
        """From 0 to a value."""
        from jaxgan.schedules import cosine_burn_in

        return cosine_burn_in(0.0, value, self.burn_in)

    def _from(self, factor: float, value: Any) -> "Weight":
        from jaxgan.schedules import cosine_burn_in

        return value if factor == 1 else cosine_burn_in(factor * value, value, self.burn_in)


Schedule = Constant | Cosine | Linear | Halving | Exponential | BurnIn


@dataclass(frozen=True)
class Rates:
    """Learning rates of both players."""

    generator_rate: Annotated[float, Range(0)] = 2e-4
    """Learning rate of the generator."""
    discriminator_rate: Annotated[float, Range(0)] = 2e-4
    """Learning rate of the discriminator."""
    schedule: Schedule = Constant()
    """How learning rates change over the steps."""

    def __post_init__(self) -> None:
        conform(self)

    def over(self, steps: int) -> "Players[Weight]":
        """Both over a run of so many steps."""
        from jaxgan.core import Players

        return Players(
            self.schedule.over(self.generator_rate, steps), self.schedule.over(self.discriminator_rate, steps)
        )


@dataclass(frozen=True)
class Average:
    """The averaged generator, from which samples are drawn."""

    ema_decay: Annotated[float, Range(0, below=1)] = 0.999
    """Decay of the average."""
    ema_warmup: Annotated[float | None, Range(1)] = None
    """Limits the decay after t steps to (1 + t) / (ema_warmup + t), so that the first weights are forgotten; 1: no
    limit (default: 10, and 1 with a burn-in or ema_start)."""
    ema_start: Steps = 0
    """Steps before averaging starts; until then the average equals the generator."""
    ema_lengths: Annotated[tuple[float, ...], Range(0, below=0.28)] = ()
    """Two or more lengths of averages to keep for sample --ema, such as 0.05 0.1."""

    def __post_init__(self) -> None:
        conform(self)
        require(
            self.ema_warmup is None or self.ema_start == 0,
            f"ema_warmup={self.ema_warmup} has no effect with ema_start={self.ema_start}",
        )
        lengths = self.ema_lengths
        require(
            len(lengths) != 1 and len(set(lengths)) == len(lengths),
            f"ema_lengths must be two or more different lengths, or none, got {lengths}",
        )
        require(not lengths or min(lengths) > 0, f"each of ema_lengths must be above 0, got {lengths}")

    def check(self, schedule: Schedule) -> None:
        """Raise `ValueError` if an option has no effect beside the schedule."""
        for name in ("ema_warmup", "ema_start"):
            value = getattr(self, name)
            require(
                not isinstance(schedule, BurnIn) or not value,
                f"{name}={value} has no effect with schedule=burn_in, where the average starts at once",
            )

    def decay(self, schedule: Schedule) -> "Weight":
        """The decay over a run: a schedule with burn-in or a late start, else a number."""
        import jax.numpy as jnp

        decay: Any = self.ema_decay
        if isinstance(schedule, BurnIn):
            share: Any = schedule.share(1.0)
            return lambda step: decay ** (1 / share(step))  # of `share` times the half-life
        if self.ema_start > 0:
            return lambda step: jnp.where(step < self.ema_start, 0.0, decay)
        return decay
