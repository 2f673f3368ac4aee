"""Two games of translation as one, there and back, without pairs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.arguments import named
from jaxgan.checks import described, require, require_number
from jaxgan.core import Batch, Game, Info, Players, Turn, stream
from jaxgan.devices import global_mean
from jaxgan.games.gathering import Generated
from jaxgan.games.pool import Pool
from jaxgan.games.weight import Weight, at

NAMES = ("to b", "to a")


class Cycled(NamedTuple):
    """The discriminators' variables."""

    games: tuple[PyTree, ...]
    """Variables of the game to b, and of the game to a."""
    pool: PyTree
    """None without one."""


class Translated(NamedTuple):
    """Images that the generators make in a step; each field is a pair, of domain b and of domain a."""

    samples: tuple[PyTree, ...]
    """b made from a, and a made from b."""
    back: tuple[PyTree, ...]
    """b made from the second sample, and a made from the first."""
    same: tuple[PyTree, ...]
    """b made from b, and a made from a; empty if no term needs it."""


def cycle(to_b: Game, to_a: Game, *, weight: Weight = 10.0, identity: Weight = 0.0, pool: Pool | None = None) -> Game:
    """CycleGAN: a translator to each domain, each against its own discriminator, with a distance for the way there and
    back.

        L_G = L_G(to b) + L_G(to a) + weight · (E|G(F(b)) − b| + E|F(G(a)) − a|)
              + identity · (E|G(b) − b| + E|F(a) − a|),
        L_D = L_D(to b) + L_D(to a)

    G translates to b, F to a. Both games may have any loss, terms, augmentation and networks. `Batch.real` is a pair of
    rows, `(a, b)`, such as `jaxgan.data.unpaired` has. Samples are a pair too, `(G(a), F(b))`, and are asked for by the
    condition `(a, b)`. The info has the means of what both games report, and the distances without their weights, each
    a sum over both domains: `cycle_distance`, and `identity_distance` where it is taken.

    Args:
        to_b: such as `jaxgan.gan(translator, discriminator, condition=conditions.like(shape), ...)`. Its batches have
            rows of b, and as condition rows of a. The discriminator is to judge b alone, see `networks.unconditional`.
        to_a: likewise.
        weight: λ ≥ 0, or a schedule of the step; the paper's is 10.
        identity: at least 0, or a schedule of the step. The paper takes 0.5·λ for paintings, the authors' program
            always. Above 0 both domains must have rows of one shape.
        pool: pool of earlier samples, from which the discriminators learn instead of the newest; the authors' holds 50.
            The variables of the discriminators are then those of the pass over its rows.

    Raises:
        ValueError: if a weight is negative; from `init`, unless `Batch.real` is a pair, or if shapes do not fit.

    Reference:
        Zhu et al., [Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
        Networks](https://arxiv.org/abs/1703.10593), 2017, equations 1 to 3 and section 5.2.

    Examples:
        >>> def direction():
        ...     return jaxgan.gan(
        ...         jaxgan.networks.ResNetTranslator(channels=3, width=8, blocks=1),
        ...         jaxgan.networks.unconditional(jaxgan.networks.PatchDiscriminator(layers=2, width=8)),
        ...         loss=jaxgan.losses.least_squares(),
        ...         condition=jaxgan.conditions.like((32, 32, 3)),
        ...         latent_size=1,
        ...     )
        >>> game = jaxgan.cycle(direction(), direction(), weight=10.0, pool=jaxgan.pool(50))
    """
    require_number("weight", weight, at_least=0)
    require_number("identity", identity, at_least=0)
    games, same = (to_b, to_a), not (isinstance(identity, int | float) and identity == 0)

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        a, b = domains(batch.real)
        shapes = [jax.tree.map(jnp.shape, rows) for rows in (a, b)]
        require(
            not same or shapes[0] == shapes[1],
            f"identity needs domains of one shape, got {shapes[0]} and {shapes[1]}",
        )
        batches = zip(games, NAMES, (Batch(b, a), Batch(a, b)), strict=True)
        params, variables = zip(*(game.init(stream(key, name), own) for game, name, own in batches), strict=True)
        params, variables = (Players(*zip(*each, strict=True)) for each in (params, variables))
        held = None if pool is None else pool.init(jax.tree.map(lambda x: x[:2], (b, a)))
        return params, variables._replace(discriminator=Cycled(variables.discriminator, held))

    def run(
        params: Sequence[PyTree], variables: Sequence[PyTree], turns: Sequence[Turn]
    ) -> tuple[tuple[PyTree, ...], tuple[PyTree, ...]]:
        each = zip(games, params, variables, turns, strict=True)
        made, moved = zip(*(game.generate(*rest) for game, *rest in each), strict=True)
        return made, moved

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[Translated, PyTree]:
        a, b = domains(turn.batch.real)
        made, moved = run(params, variables, _turns(turn, (a, b)))
        to_b, to_a = map(_samples, made)
        back = run(params, variables, _turns(turn.within("back"), (to_a, to_b), (b, a)))[0]
        alike = run(params, variables, _turns(turn.within("same"), (b, a), (b, a)))[0] if same else ()
        return Translated(made, tuple(map(_samples, back)), tuple(map(_samples, alike))), moved

    def judge(params: PyTree, variables: Cycled, made: Translated, turn: Turn) -> tuple[Players, tuple[Cycled, Info]]:
        a, b = domains(turn.batch.real)
        judged, held, old = [], variables.pool, made.samples
        if pool is not None:
            rows, held = pool.exchange(held, tuple(map(_samples, made.samples)), turn)
            old = tuple(map(_with_samples, made.samples, rows))
        for game, *of, new, past, own in zip(
            games, params, variables.games, made.samples, old, _turns(turn, (a, b)), strict=True
        ):
            losses, (moved, info) = game.judge(*of, new, own)
            if pool is not None:
                earlier, (moved, _) = game.judge(*of, past, own)
                losses = Players(losses.generator, earlier.discriminator)
            judged.append((losses, moved, info))
        losses, moved, info = zip(*judged, strict=True)
        total, told = jax.tree.map(jnp.add, *losses), jax.tree.map(lambda x, y: (x + y) / 2, *info)
        told["cycle_distance"] = _distance(made.back, (b, a))
        more = at(weight, turn.step) * told["cycle_distance"]
        if same:
            told["identity_distance"] = _distance(made.same, (b, a))
            more += at(identity, turn.step) * told["identity_distance"]
        return total._replace(generator=total.generator + more), (Cycled(moved, held), told)

    def sample(
        params: PyTree,
        variables: PyTree,
        key: Key[Array, ""],
        n: int,
        condition: Any,
        step: Int[Array, ""] | None = None,
    ) -> tuple[PyTree, ...]:
        each = zip(games, NAMES, params, variables, domains(condition), strict=True)
        return tuple(
            game.sample(*of, stream(key, name), n, rows, **named(game.sample, step=step))
            for game, name, *of, rows in each
        )

    return Game(init, generate, judge, sample)


def _turns(turn: Turn, sources: tuple[PyTree, PyTree], targets: tuple[PyTree, PyTree] | None = None) -> list[Turn]:
    """The turn of each game; the targets of rows (a, b) are (b, a)."""
    each = zip(NAMES, targets or reversed(sources), sources, strict=True)
    return [turn.within(name)._replace(batch=Batch(target, source)) for name, target, source in each]


def domains(rows: Any) -> tuple[PyTree, PyTree]:
    """The pair of rows (a, b); raise `ValueError` unless it is a pair."""
    require(
        isinstance(rows, tuple) and len(rows) == 2,
        f"translation without pairs needs rows of two domains, (a, b), such as jaxgan.data.unpaired has; got "
        f"{described(rows)}",
    )
    return rows[0], rows[1]


def _samples(made: PyTree) -> PyTree:
    return made.samples if isinstance(made, Generated) else made


def _with_samples(made: PyTree, samples: PyTree) -> PyTree:
    return made._replace(samples=samples) if isinstance(made, Generated) else samples


def _distance(made: tuple[PyTree, ...], aim: tuple[PyTree, ...]) -> Float[Array, ""]:
    """Sum of the mean absolute distances of the leaves."""
    distances = jax.tree.map(lambda x, y: global_mean(jnp.abs(x - y)), made, aim)
    return sum(jax.tree.leaves(distances), jnp.zeros(()))
