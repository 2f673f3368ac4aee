"""The game of Goodfellow et al. (2014) over any two networks, with or without conditions."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.augmentation import Augmentation, Transform, augmentation
from jaxgan.checks import described, require, require_number
from jaxgan.core import Batch, Game, Info, Latents, Players, Turn
from jaxgan.devices import global_mean, run_once
from jaxgan.games import conditions, latents
from jaxgan.games.augmented import check_augment, noisy, view
from jaxgan.games.conditions import Condition
from jaxgan.games.former import former_terms
from jaxgan.games.gathering import Generated, Headed, Terms, gathered
from jaxgan.games.losses import Loss, Objective, objective
from jaxgan.games.losses.slope import indecision, vanishing
from jaxgan.games.packing import packed
from jaxgan.games.term import Context, GeneratorContext, Penalty, Shapes, Term
from jaxgan.games.weight import Weight
from jaxgan.networks.adapter import Network, as_network
from jaxgan.networks.errors import errors_of


class GeneratorVariables(NamedTuple):
    """The generator's variables."""

    network: PyTree
    terms: dict[str, PyTree]
    """Variables of the terms that keep some with the generator, by name."""


class DiscriminatorVariables(NamedTuple):
    """The discriminator's variables."""

    network: PyTree
    terms: dict[str, PyTree]
    """Variables of the terms that keep some with the discriminator, by name."""
    augment: PyTree


def gan(
    generator: nn.Module | Network,
    discriminator: nn.Module | Network,
    *,
    loss: Loss | Objective,
    penalties: Sequence[Penalty] = (),
    terms: Sequence[Term | Penalty | Callable[[Context], tuple[Players, Info]]] = (),
    latent_size: int = 100,
    latent: Callable[[Key[Array, ""], int], Float[Array, "size"]] = latents.normal,
    condition: Condition | None = None,
    num_classes: int | None = None,
    condition_size: int | None = None,
    label_dropout: float | Float[Array, ""] = 0.0,
    augment: Transform | Augmentation | None = None,
    instance_noise: Weight = 0.0,
    pack: int = 1,
    pair: Term | None = None,
    auxiliary: Term | None = None,
    feature_matching: Weight = 0.0,
) -> Game:
    """A generator that maps latents to samples, against a discriminator that distinguishes samples from data.

    In training mode one call of `judge` runs the discriminator on the real rows and then, apart from them, on the
    samples; batch normalisation normalises each by its own statistics, and running statistics move by both passes in
    that order. Terms see the variables as they were before and move none of the network's. `generate` moves the
    generator's statistics by its one pass.

    Args:
        generator: `(latent [B, latent_size], condition, *, train) -> [B, ...]`, a Linen module or a `Network`. A module
            may leave out `train`, and `condition` in a game without one, or also take `step` and `key`, see
            `jaxgan.networks.linen`.
        discriminator: `(x [B, ...], condition, *, train) -> [B]` logits (or `[B, ...]`), high on real data.
        loss: one of `jaxgan.losses`.
        penalties: any of `jaxgan.penalties`, added to the discriminator's loss; short for terms.
        terms: any of `jaxgan.terms`, added to the losses.
        latent_size: at least 1.
        latent: how one row of latents is drawn, one of `jaxgan.latents`; `Batch.latent` takes precedence.
        condition: one of `jaxgan.conditions`: what both networks are given of `Batch.condition`. None: nothing; labels
            in batches are ignored then, while other conditions are refused unless it is `conditions.nothing()`.
        num_classes: short for `condition=conditions.labels(num_classes, label_dropout)`; at least 2, or None.
        condition_size: short for `condition=conditions.vectors(condition_size, label_dropout)`; at least 1, or None.
        label_dropout: share in [0, 1) of rows whose condition is replaced by zeros in training.
        augment: one of `jaxgan.augmentation`, on all that the discriminator sees in training, after the noise and with
            draws of its own for real rows and samples. Terms see rows before it, through the draws of real rows:
            R1 is that of the augmented discriminator at the data, as in the papers' programs.
        instance_noise: standard deviation of Gaussian noise on all that the discriminator sees in training, real rows,
            samples and the points of penalties; at least 0, or a schedule of the step (Sønderby et al., Amortised MAP
            Inference, 2017; Arjovsky & Bottou, Towards Principled Methods for Training GANs, 2017).
        pack: how many rows the discriminator judges as one, with their conditions, concatenated along the last axis; it
            must divide the rows of each of its steps on each device. Losses and terms see the packs (Lin et al.,
            PacGAN, 2018).
        pair: deprecated: one of `terms`.
        auxiliary: deprecated: one of `terms`.
        feature_matching: deprecated: `terms.feature_matching(weight)`.

    Returns:
        A game whose variables are `GeneratorVariables` and `DiscriminatorVariables`, and whose info has `real_logits`,
        `fake_logits` (means), `vanishing` (see `jaxgan.diagnostics.Saturation`, at most 1), `indecision` (the loss of
        the discriminator, without terms, over that of one whose logits are 0), what the terms report, and with
        penalties their sum as `penalty`. If all penalties are taken `every` n steps, `penalty` is without their
        factor n, and has `penalty_due` beside it, see `core.Info`.

    Raises:
        ValueError: if an argument is out of range; from the game's functions, before anything is compiled, if labels
            are missing, of the wrong shape or out of range, or given latents are of the wrong shape.
        TypeError: if an argument is of another kind.

    Examples:
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.MLPGenerator(output_shape=(2,), hidden=(8,), squash=False),
        ...     jaxgan.networks.MLPDiscriminator(hidden=(8,)),
        ...     loss=jaxgan.losses.hinge(),
        ...     penalties=[jaxgan.penalties.r1(gamma=0.1)],
        ...     latent_size=4,
        ... )
        >>> params, variables = game.init(jax.random.key(0), jaxgan.Batch(jnp.zeros([4, 2])))
        >>> jax.tree.map(jnp.shape, params.generator["Dense_0"]["kernel"])
        (4, 8)
    """
    require(
        isinstance(latent_size, int) and latent_size >= 1,
        f"latent_size must be a whole number of at least 1, got {latent_size!r}",
    )
    told = conditions.chosen(condition, num_classes, condition_size, label_dropout)
    require_number("instance_noise", instance_noise, at_least=0)
    require(isinstance(pack, int) and pack >= 1, f"pack must be a whole number of at least 1, got {pack!r}")
    score, augmenting = objective(loss), augmentation(augment)
    summands = gathered(penalties, terms, [*score.terms, *former_terms(pair, auxiliary, feature_matching)])
    g, d = as_network(generator), as_network(discriminator)
    featured = _names(summands, "needs_features")
    require(
        not featured or d.apply_with_features is not None,
        f"{featured} needs a discriminator with features, see Network.apply_with_features",
    )
    readers = _names(summands, "replaces_labels")
    require(
        not readers or (told.num_classes is not None and pack == 1),
        f"{readers} needs num_classes and pack=1, got {told.num_classes} and {pack}",
    )

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        told.check(batch.condition, jax.tree.leaves(batch)[0].shape[0])
        return start(key, jax.tree.map(lambda x: x[:2], batch))

    @run_once
    def start(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        key_g, key_d = jax.random.split(key)
        turn = Turn(batch, key, jnp.zeros((), jnp.int32))
        condition = told.of(turn)
        z = latents_of(turn)
        with errors_of("generator", z, condition):
            params_g, variables_g = g.init(key_g, z, condition)
        variables_g = GeneratorVariables(variables_g, summands.start_generator_variables())
        real, condition = jax.tree.map(lambda x: packed(jnp.repeat(x, pack, axis=0), pack), (batch.real, condition))
        key_d, *keys = jax.random.split(key_d, 1 + len(summands.headed)) if summands.headed else [key_d]
        with errors_of("discriminator", real, shown(condition)):
            params_d, variables_d = d.init(key_d, real, shown(condition))
        logits, features, _ = jax.eval_shape(run, params_d, variables_d, real, condition, key, turn.step)
        check_logits(logits, jax.tree.leaves(real)[0].shape[0])
        shapes = jax.eval_shape(lambda: Shapes(real, condition, None))._replace(features=features)
        params_d = Headed(params_d, summands.start_heads(jnp.stack(keys), shapes)) if keys else params_d
        variables_d = DiscriminatorVariables(variables_d, summands.start_variables(shapes), augmenting.init())
        made = jax.eval_shape(lambda: generate(params_g, variables_g, turn)[0])
        made = made.samples if isinstance(made, Generated) else made
        shape, expected = (jax.tree.map(lambda x: x.shape[1:], tree) for tree in (made, batch.real))
        require(shape == expected, f"generator makes samples {shape}, but batch.real has {expected}")
        kinds = {leaf.dtype for leaf in jax.tree.leaves(made) if not jnp.issubdtype(leaf.dtype, jnp.floating)}
        require(not kinds, f"generator makes samples of {', '.join(map(str, kinds))}: they must be of a type of floats")
        check_augment(augmenting, turn)
        return Players(params_g, params_d), Players(variables_g, variables_d)

    def latents_of(turn: Turn) -> Float[Array, "batch size"] | Float[Array, "batch layers style"]:
        if turn.batch.latent is None:
            return turn.draw("latent", lambda key: latent(key, latent_size))
        check_latent("batch.latent", turn.batch.latent, turn.rows())
        return turn.batch.latent

    def check_latent(name: str, given: Any, rows: int) -> None:
        expected, shape = (rows, latent_size), jnp.shape(given)
        styles = len(shape) == 3 and shape[0] == rows  # of a generator that takes them, see `StyleGAN2Generator`
        require(shape == expected or styles, f"{name} must have shape {expected}, got {shape}")

    def check_logits(logits: Any, rows: int) -> None:
        require(
            getattr(logits, "shape", ())[:1] == (rows,) and jnp.issubdtype(logits.dtype, jnp.floating),
            f"discriminator must return one floating-point array of logits, of shape [B] or [B, ...] for B rows; of "
            f"{rows} rows it returned {described(logits)}",
        )

    def generate(params: PyTree, variables: GeneratorVariables, turn: Turn) -> tuple[PyTree, GeneratorVariables]:
        condition, z = told.in_training(turn), latents_of(turn)

        def make(z: Array) -> tuple[PyTree, PyTree]:
            key = turn.stream("generator dropout")
            return g.apply(params, variables.network, z, condition, train=True, key=key, step=turn.step)

        samples, moved = make(z)
        if not summands.making:
            return samples, GeneratorVariables(moved, variables.terms)
        others = turn.draw("second latent", lambda key: latent(key, latent_size))
        context = GeneratorContext(lambda z: make(z)[0], z, others, told.in_training, params, variables.network)
        extra, kept = summands.generate(variables.terms, context, turn)
        return Generated(samples, extra), GeneratorVariables(moved, kept)

    def shown(condition: PyTree) -> PyTree:
        return None if readers else condition

    def run(
        params: PyTree, variables: PyTree, x: PyTree, condition: PyTree, key: Key[Array, ""], step: Int[Array, ""]
    ) -> tuple[Any, Any, PyTree]:
        condition = shown(condition)
        if not featured or d.apply_with_features is None:
            logits, moved = d.apply(params, variables, x, condition, train=True, key=key, step=step)
            return logits, None, moved
        (logits, features), moved = d.apply_with_features(params, variables, x, condition, key=key, step=step)
        return logits, features, moved

    def judge(
        params: PyTree, variables: DiscriminatorVariables, samples: PyTree, turn: Turn
    ) -> tuple[Players, tuple[DiscriminatorVariables, Info]]:
        samples, extra = samples if summands.making else (samples, {})
        params, heads = params if summands.headed else (params, {})
        real, fake = (
            noisy(instance_noise, x, f"{n} noise", turn) for n, x in (("real", turn.batch.real), ("fake", samples))
        )
        real = real if augmenting.mix is None else augmenting.mix(variables.augment, real, fake, turn.within("augment"))
        real, fake, condition = jax.tree.map(lambda x: packed(x, pack), (real, fake, told.in_training(turn)))
        rows, turn = turn, turn._replace(batch=Batch(real, condition))
        seen = partial(view, augmenting, variables.augment, rows, pack)

        before = variables.network
        key, step = turn.stream("real dropout"), turn.step
        real_logits, of_real, moved = run(params, before, seen("real", real), condition, key, step)
        key = turn.stream("fake dropout")
        fake_logits, of_fake, moved = run(params, moved, seen("fake", fake), condition, key, step)
        augment_variables, info = augmenting.update(variables.augment, real_logits, rows)
        info |= {"real_logits": global_mean(real_logits), "fake_logits": global_mean(fake_logits)}
        own_turn = turn.within("loss")
        values = Players(*map(global_mean, score.apply(real_logits, fake_logits, own_turn)))
        logits, scored = (real_logits, fake_logits), lambda real, fake: score.apply(real, fake, own_turn)
        info |= {"vanishing": jnp.minimum(vanishing(*logits, scored), 1)}
        info |= {"indecision": indecision(values.discriminator, *logits, scored)}

        def critic(turn: Turn, x: PyTree) -> Array:
            key = turn.stream("critic dropout")
            return d.apply(params, before, seen("real", x), shown(condition), train=True, key=key, step=turn.step)[0]

        def context(term: Term) -> Context:
            own = turn.within(term.name)
            return Context(
                *(real, fake, condition, partial(critic, own), real_logits, fake_logits, of_real, of_fake),
                *(rows.batch, samples, extra.get(term.name), lambda x: packed(x, pack), own),
            )

        added, kept, reported = summands.add(heads, variables.terms, context)
        total = Players(*(value + more for value, more in zip(values, added, strict=True)))
        return total, (DiscriminatorVariables(moved, kept, augment_variables), reported | info)

    @partial(jax.jit, static_argnums=3)
    def draw(
        params: PyTree, variables: PyTree, key: Key[Array, ""], n: int, condition: Any, latent: Any, step: Any
    ) -> PyTree:
        turn = Turn(Batch(jnp.zeros((n, 0)), condition, latent), key, jnp.zeros((), jnp.int32))
        own, z = turn.stream("generator dropout"), latents_of(turn)
        return g.apply(params, variables.network, z, told.of(turn), train=False, key=own, step=step)[0]

    def sample(
        params: PyTree,
        variables: PyTree,
        key: Key[Array, ""],
        n: int,
        condition: Any = None,
        latent: Any = None,
        step: Int[Array, ""] | None = None,
    ) -> PyTree:
        whole = isinstance(n, int) and n >= 1
        require(whole or jax.export.is_symbolic_dim(n), f"n must be a whole number of at least 1, got {n!r}")
        if latent is not None:
            check_latent("latent", latent, n)
        return draw(params, variables, key, n, told.for_samples(condition, n), latent, step)

    @jax.jit
    def critic(
        params: PyTree,
        variables: DiscriminatorVariables,
        samples: PyTree,
        condition: Any = None,
        step: Int[Array, ""] | int = 0,
    ) -> Float[Array, "n"]:
        params = params.network if summands.headed else params
        given = shown(told.of(Turn(Batch(samples, condition), jax.random.key(0), jnp.asarray(step))))
        logits, _ = d.apply(params, variables.network, samples, given, train=False, key=None, step=jnp.asarray(step))
        return jnp.mean(logits.reshape(logits.shape[0], -1), axis=1)

    between = latents.lerp if latent is latents.uniform else latents.slerp
    bounded = (
        (lambda bound: lambda key: latents.truncated(bound)(key, latent_size)) if latent is latents.normal else None
    )
    density = latents.normal_log_density if latent is latents.normal else None
    drawn = Latents(lambda key: latent(key, latent_size), between, bounded, density)
    return Game(init, generate, judge, sample, drawn, critic if pack == 1 else None)


def _names(terms: Terms, field: str) -> str:
    return ", ".join(term.name for term in terms.listed if getattr(term, field))
