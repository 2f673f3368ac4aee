"""How the players move: one dataclass of options for each rule."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes.rates import Average, BurnIn, Rates

if TYPE_CHECKING:
    from optax import GradientTransformation as Optimizer

    from jaxgan.core import Algorithm, Dynamics, Game, Players
    from jaxgan.games.weight import Weight

Share = Annotated[float, Range(0, below=1)]
Count = Annotated[int, Range(1)]


@dataclass(frozen=True)
class WithAdam:
    """Options of the rules by which Adam moves both players."""

    b1: Share = 0.5
    """Adam: decay of the first moment, both players."""
    b2: Share = 0.999
    """Adam: decay of the second moment, both players."""

    def __post_init__(self) -> None:
        conform(self)

    def adam(self, rates: Rates, steps: int, moves: tuple[int, int] = (1, 1)) -> "Players[Optimizer]":
        """Adam of both players, which make so many moves a step; its rate and β2 are functions of the step."""
        both = zip(rates.over(steps), moves, strict=True)
        return jaxgan.Players(*(_adam(rate, self.b1, self.b2, rates, count) for rate, count in both))


@dataclass(frozen=True)
class Alternating(WithAdam):
    """The discriminator moves, then the generator."""

    NAME: ClassVar[str] = "alternating"
    discriminator_steps: Count = 1
    """Discriminator steps for each generator step; they share the batch."""
    generator_parts: Annotated[int, Range(0)] = 0
    """Further parts of the batch for the generator step, each as large as that of a discriminator step; 0: it uses the
    part of the last discriminator step."""

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        return jaxgan.dynamics.alternating(
            self.adam(rates, steps, (1, self.discriminator_steps)),
            discriminator_steps=self.discriminator_steps,
            generator_parts=self.generator_parts,
            unroll=_written_out(self.discriminator_steps),
        )


@dataclass(frozen=True)
class Simultaneous(WithAdam):
    """Both players move at once."""

    NAME: ClassVar[str] = "simultaneous"

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        return jaxgan.dynamics.simultaneous(self.adam(rates, steps))


@dataclass(frozen=True)
class Extragradient(WithAdam):
    """Both players look one step ahead, then move by the gradient there."""

    NAME: ClassVar[str] = "extragradient"

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        return jaxgan.dynamics.extragradient(self.adam(rates, steps, (2, 2)))


@dataclass(frozen=True)
class PastExtragradient(WithAdam):
    """Extragradient that looks ahead with the gradient of the previous step."""

    NAME: ClassVar[str] = "past_extragradient"

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        return jaxgan.dynamics.past_extragradient(self.adam(rates, steps, (2, 2)))


@dataclass(frozen=True)
class Optimistic(WithAdam):
    """Both players move by twice the gradient minus the previous one."""

    NAME: ClassVar[str] = "optimistic"

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        return jaxgan.dynamics.optimistic(self.adam(rates, steps))


@dataclass(frozen=True)
class Consensus(WithAdam):
    """Both players also lower the squared norm of the joint gradient."""

    NAME: ClassVar[str] = "consensus"
    consensus_weight: Annotated[float, Range(0)] = 10.0
    """Weight γ of the squared norm."""

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        return jaxgan.dynamics.consensus(self.adam(rates, steps), self.consensus_weight)


@dataclass(frozen=True)
class SymplecticAdjustment(WithAdam):
    """Both players correct for the rotation of the joint gradient."""

    NAME: ClassVar[str] = "symplectic_adjustment"
    align: bool = True
    """Reverse the correction where it would point away from the equilibrium."""

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        return jaxgan.dynamics.symplectic_adjustment(self.adam(rates, steps), align=self.align)


@dataclass(frozen=True)
class Lookahead(WithAdam):
    """Alternating steps, with a step back of both players now and then."""

    NAME: ClassVar[str] = "lookahead"
    discriminator_steps: Count = 1
    """Discriminator steps for each generator step; they share the batch."""
    period: Count = 5
    """Steps from one step back to the next."""
    slow_rate: Annotated[float, Range(0, at_most=1)] = 0.5
    """Step size α of the slow weights towards the fast ones."""

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        inner = jaxgan.dynamics.alternating(
            self.adam(rates, steps, (1, self.discriminator_steps)),
            discriminator_steps=self.discriminator_steps,
            unroll=_written_out(self.discriminator_steps),
        )
        return jaxgan.dynamics.lookahead(inner, period=self.period, slow_rate=self.slow_rate)


@dataclass(frozen=True)
class Unrolled(WithAdam):
    """The generator sees the discriminator some steps ahead."""

    NAME: ClassVar[str] = "unrolled"
    unrolled_steps: Count = 5
    """Number of steps that the generator looks ahead."""

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps.

        Raises:
            ValueError: if b2 has a schedule, which Adam that can be differentiated twice has not here.
        """
        import optax

        require(
            not isinstance(rates.schedule, BurnIn) or rates.schedule.burn_in_b2 is None,
            "burn_in_b2 has no meaning for rule=unrolled",
        )
        both = rates.over(steps)
        adams = (optax.adam(rate, b1=self.b1, b2=self.b2, eps_root=1e-8) for rate in both)
        return jaxgan.dynamics.unrolled(jaxgan.Players(*adams), self.unrolled_steps)


@dataclass(frozen=True)
class Competitive:
    """Both players move to the equilibrium of the game as it looks nearby; without Adam."""

    NAME: ClassVar[str] = "competitive"
    iterations: Count = 10
    """Most iterations of conjugate gradients."""
    tolerance: Annotated[float, Range(0)] = 1e-6
    """Relative residual at which they stop early."""

    def __post_init__(self) -> None:
        conform(self)

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        _check_no_adam(self.NAME, rates)
        return jaxgan.dynamics.competitive(rates.over(steps), iterations=self.iterations, tolerance=self.tolerance)


@dataclass(frozen=True)
class RungeKutta:
    """The joint gradient as a differential equation, integrated to higher order; without Adam."""

    NAME: ClassVar[str] = "runge_kutta"
    order: Literal[2, 4] = 4
    """Order of the method."""
    regularization: Annotated[float, Range(0)] = 0.0
    """Weight λ of the squared norm of the generator's gradient, which the discriminator lowers."""

    def __post_init__(self) -> None:
        conform(self)

    def dynamics(self, rates: Rates, steps: int) -> "Dynamics":
        """The rule of a run of so many steps."""
        _check_no_adam(self.NAME, rates)
        return jaxgan.dynamics.runge_kutta(rates.over(steps), order=self.order, regularization=self.regularization)


Rule = (
    Alternating
    | Simultaneous
    | Extragradient
    | PastExtragradient
    | Optimistic
    | Consensus
    | SymplecticAdjustment
    | Lookahead
    | Unrolled
    | Competitive
    | RungeKutta
)


def algorithm(game: "Game", rule: "Rule", rates: Rates, average: Average, steps: int) -> "Algorithm":
    """A game with how its players move in so many steps, and the average of its generator."""
    made = jaxgan.algorithm(
        game, rule.dynamics(rates, steps), ema_decay=average.decay(rates.schedule), ema_warmup=average.ema_warmup
    )
    return jaxgan.power_averaged(made, average.ema_lengths) if average.ema_lengths else made


def parts(rule: Rule) -> int:
    """The number of parts into which a step splits its batch."""
    return getattr(rule, "discriminator_steps", 1) + getattr(rule, "generator_parts", 0)


def _written_out(discriminator_steps: int) -> bool | None:
    """`unroll` for so many steps: on a CPU, two are faster written out; more compile faster as a loop, no slower."""
    return None if discriminator_steps <= 2 else False


def _adam(rate: "Weight", b1: float, b2: float, rates: Rates, moves: int) -> "Optimizer":
    """Adam of a player that moves `moves` times a step."""
    import optax

    def by_moves(value: Any) -> Any:
        """The same schedule for an optimizer, which counts its moves."""
        return (lambda count: value(count // moves)) if callable(value) else value

    if isinstance(rates.schedule, BurnIn):
        return jaxgan.optimizers.adam(by_moves(rate), b1=b1, b2=by_moves(rates.schedule.b2(b2)))
    return optax.adam(by_moves(rate), b1=b1, b2=b2)


def _check_no_adam(rule: str, rates: Rates) -> None:
    require(
        not isinstance(rates.schedule, BurnIn) or rates.schedule.burn_in_b2 is None,
        f"burn_in_b2 has no meaning for rule={rule}, which has no Adam",
    )
