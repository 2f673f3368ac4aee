"""The game of Goodfellow et al. (2014) over any two networks: unconditional, or conditioned on classes or vectors."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.augmentation import Augmentation, Transform, augmentation
from jaxgan.checks import require, require_call, require_number
from jaxgan.core import Batch, Game, Info, Players, Turn
from jaxgan.devices import global_mean
from jaxgan.errors import InputTypeError
from jaxgan.games import latents
from jaxgan.games.augmented import check_augment, view
from jaxgan.games.auxiliary import Auxiliary, headed
from jaxgan.games.conditions import Conditions
from jaxgan.games.feature_matching import feature_distance
from jaxgan.games.losses import Loss, Objective, objective
from jaxgan.games.packing import packed
from jaxgan.games.pairs import Pairs, PairTerm
from jaxgan.games.penalties import Penalty
from jaxgan.games.penalties.contract import check_penalty
from jaxgan.games.penalties.every import Lazy, reported
from jaxgan.games.weight import Weight, at
from jaxgan.networks.adapter import Network, linen


class DiscriminatorVariables(NamedTuple):
    """The discriminator's variables in a game whose loss or augmentation has variables too."""

    network: PyTree
    loss: PyTree
    augment: PyTree


def gan(
    generator: nn.Module | Network,
    discriminator: nn.Module | Network,
    *,
    loss: Loss | Objective,
    penalties: Sequence[Penalty] = (),
    latent_size: int = 100,
    latent: Callable[[Key[Array, ""], int], Float[Array, "size"]] = latents.normal,
    num_classes: int | None = None,
    condition_size: int | None = None,
    label_dropout: float | Float[Array, ""] = 0.0,
    auxiliary: Auxiliary | None = None,
    augment: Transform | Augmentation | None = None,
    instance_noise: Weight = 0.0,
    pack: int = 1,
    pair: PairTerm | None = None,
    feature_matching: Weight = 0.0,
) -> Game:
    """A generator that maps latents to samples against a discriminator that tells them from data.

    In training mode one call of `judge` runs the discriminator on the real rows and then, apart from them, on the
    samples; batch normalisation normalises each by its own statistics, and running statistics move by both passes in
    that order. Penalties see the variables as they were before and move nothing. `generate` moves the generator's
    statistics by its one pass.

    With `num_classes`, batches carry labels `[B]` of integers in [0, num_classes), and both networks are given them
    one-hot, `[B, num_classes]`, as their condition; with `condition_size`, batches carry float vectors
    `[B, condition_size]`, which the networks are given as they are. Without either, the networks see no condition, and
    that of the batch is ignored.

    Args:
        generator: `(latent [B, latent_size], condition, *, train) -> [B, ...]`, a Linen module or a `Network`.
        discriminator: `(x [B, ...], condition, *, train) -> [B]` logits (or `[B, ...]`), high on real data.
        loss: one of `jaxgan.losses`. If it or `augment` has variables, those of the discriminator are
            `DiscriminatorVariables`.
        penalties: any of `jaxgan.penalties`, added to the discriminator's loss.
        latent_size: at least 1.
        latent: how one row of latents is drawn, one of `jaxgan.latents`; `Batch.latent` takes precedence.
        num_classes: at least 2, or None.
        condition_size: at least 1, or None.
        label_dropout: share in [0, 1) of rows whose condition is replaced by zeros in training, for both networks
            alike, so that one generator learns to sample with and without. The label -1 stands for no label then, in
            batches and in `sample`; of vectors it is one of zeros.
        auxiliary: one of `jaxgan.games.auxiliary`: heads that learn to tell the classes from the discriminator's
            features, in place of its being given them. Needs `num_classes`, and `pack` of 1.
        augment: one of `jaxgan.augmentation`, on all that the discriminator sees in training, after the noise and with
            draws of its own for real rows and samples. Penalties see rows before it, through the draws of real rows:
            R1 is that of the augmented discriminator at the data, as in the papers' programs.
        instance_noise: standard deviation of Gaussian noise on all that the discriminator sees in training, real rows,
            samples and the points of penalties; at least 0, or a schedule of the step (Sønderby et al., Amortised MAP
            Inference, 2017; Arjovsky & Bottou, Towards Principled Methods for Training GANs, 2017).
        pack: how many rows the discriminator judges as one, with their conditions, concatenated along the last axis; it
            must divide the rows of each of its steps on each device. Losses and penalties see the packs (Lin et al.,
            PacGAN, 2018).
        pair: one of `jaxgan.pairs`: a term on two samples a row. A second pass of the generator makes the others, with
            the variables as they were before, and moves none.
        feature_matching: weight of ‖E f(x) − E f(G(z))‖² in the generator's loss, f the discriminator's features; at
            least 0, or a schedule of the step. It is added to the loss (Wang et al., High-Resolution Image Synthesis
            with Conditional GANs, 2018), where Salimans et al. (Improved Techniques for Training GANs, 2016, section
            3.1) let it take its place. It costs no further pass.

    Returns:
        A game whose info has `real_logits`, `fake_logits` (means), with penalties their sum as `penalty`, and with
        feature matching the unweighted `feature_distance`. If all penalties are taken `every` n steps, `penalty` is
        without their factor n, and has `penalty_due` beside it, see `core.Info`.

    Raises:
        ValueError: if an argument is out of range; from the game's functions, before anything is compiled, if labels
            are missing, of the wrong shape or out of range, or given latents are of the wrong shape.
    """
    require(isinstance(latent_size, int) and latent_size >= 1, f"latent_size must be at least 1, got {latent_size!r}")
    conditions = Conditions(num_classes, condition_size, label_dropout)
    conditions.check_options()
    require_number("instance_noise", instance_noise, at_least=0)
    require_number("feature_matching", feature_matching, at_least=0)
    require(isinstance(pack, int) and pack >= 1, f"pack must be a whole number of at least 1, got {pack!r}")
    require(pair is None or isinstance(pair, PairTerm), f"pair must be a pairs.PairTerm or None, got {pair!r}")
    if not isinstance(penalties, Sequence):
        raise InputTypeError(f"penalties must be a list, such as [penalties.r1(gamma=1.0)]; got {penalties!r}")
    for penalty in penalties:
        require_call("each of penalties", penalty, "critic, real, fake, turn", "penalties.r1(gamma=1.0)")
    g = generator if isinstance(generator, Network) else linen(generator)
    d = discriminator if isinstance(discriminator, Network) else linen(discriminator)
    if auxiliary is not None:
        require(
            num_classes is not None and pack == 1,
            f"auxiliary needs num_classes and pack=1, got {num_classes} and {pack}",
        )
        d = headed(d, auxiliary)
    matches = not _is_zero(feature_matching)
    require(
        not matches or d.apply_with_features is not None,
        "feature_matching needs a discriminator with features, see Network.apply_with_features",
    )
    intervals = {penalty.n if isinstance(penalty, Lazy) else 1 for penalty in penalties}
    interval = intervals.pop() if len(intervals) == 1 else 1
    score = objective(loss)
    augmenting = augmentation(augment)
    more_variables = bool(jax.tree.leaves(jax.eval_shape(lambda: (score.init(), augmenting.init()))))

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        conditions.check(batch.condition, jax.tree.leaves(batch)[0].shape[0])
        return start(key, jax.tree.map(lambda x: x[:2], batch))

    @jax.jit
    def start(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        key_g, key_d = jax.random.split(key)
        turn = Turn(batch, key, jnp.zeros((), jnp.int32))
        condition = conditions.encode(turn)
        params_g, variables_g = g.init(key_g, latents_of(turn), condition)
        copies = jax.tree.map(lambda x: packed(jnp.repeat(x, pack, axis=0), pack), (turn.batch.real, condition))
        params_d, variables_d = d.init(key_d, *copies)
        if matches:
            jax.eval_shape(run, params_d, variables_d, *copies, key_d)
        made, _ = jax.eval_shape(lambda: generate(params_g, variables_g, turn))
        shape, expected = (made if pair is None else made.samples).shape, turn.batch.real.shape
        require(shape == expected, f"generator makes samples {shape[1:]}, but batch.real has {expected[1:]}")
        check_augment(augmenting, turn)
        return Players(params_g, params_d), Players(variables_g, join(variables_d, score.init(), augmenting.init()))

    def join(network: PyTree, of_loss: PyTree, of_augment: PyTree) -> PyTree:
        return DiscriminatorVariables(network, of_loss, of_augment) if more_variables else network

    def split(variables: PyTree) -> DiscriminatorVariables:
        return variables if more_variables else DiscriminatorVariables(variables, score.init(), augmenting.init())

    def latents_of(turn: Turn) -> Float[Array, "batch size"]:
        if turn.batch.latent is None:
            return turn.draw("latent", lambda key: latent(key, latent_size))
        check_latent("batch.latent", turn.batch.latent, turn.rows())
        return turn.batch.latent

    def check_latent(name: str, given: Any, rows: int) -> None:
        expected, shape = (rows, latent_size), jnp.shape(given)
        require(shape == expected, f"{name} must have shape {expected}, got {shape}")

    def noisy(x: Array, stream: str, turn: Turn) -> Array:
        if _is_zero(instance_noise):
            return x
        noise = turn.draw(stream, lambda key: jax.random.normal(key, x.shape[1:], x.dtype))
        return x + at(instance_noise, turn.step) * noise

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree]:
        condition, z = conditions.in_training(turn), latents_of(turn)

        def make(z: Array) -> tuple[PyTree, PyTree]:
            return g.apply(params, variables, z, condition, train=True, key=turn.stream("generator dropout"))

        samples, moved = make(z)
        if pair is None:
            return samples, moved
        second = pair.second(z, turn.draw("second latent", lambda key: latent(key, latent_size)), turn.within("pair"))
        return Pairs(samples, make(second)[0], z, second), moved

    def run(
        params: PyTree, variables: PyTree, x: PyTree, condition: PyTree, key: Key[Array, ""]
    ) -> tuple[Array, Any, PyTree]:
        if d.apply_with_features is None or not (matches or auxiliary is not None):
            logits, moved = d.apply(params, variables, x, condition, train=True, key=key)
            return logits, None, moved
        (logits, features), moved = d.apply_with_features(params, variables, x, condition, key=key)
        return logits, features, moved

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        variables, of_loss, of_augment = split(variables)
        pairs, samples = samples, samples if pair is None else samples.samples
        real, fake = noisy(turn.batch.real, "real noise", turn), noisy(samples, "fake noise", turn)
        real = real if augmenting.mix is None else augmenting.mix(of_augment, real, fake, turn.within("augment"))
        real, fake, condition = jax.tree.map(lambda x: packed(x, pack), (real, fake, conditions.in_training(turn)))
        rows, turn = turn, turn._replace(batch=Batch(real, condition))
        seen = partial(view, augmenting, of_augment, rows, pack)

        real_logits, of_real, moved = run(params, variables, seen("real", real), condition, turn.stream("real dropout"))
        fake_logits, of_fake, moved = run(params, moved, seen("fake", fake), condition, turn.stream("fake dropout"))
        of_augment, info = augmenting.update(of_augment, real_logits, rows)
        values, of_loss = score.apply(of_loss, real_logits, fake_logits, turn.within("loss"))
        means = Players(*map(global_mean, values))
        info |= {"real_logits": global_mean(real_logits), "fake_logits": global_mean(fake_logits)}
        if auxiliary is not None:
            added, of_heads = auxiliary.losses(params.heads, of_real, of_fake, condition, turn.within("auxiliary"))
            means, info = Players(*(mean + term for mean, term in zip(means, added, strict=True))), info | of_heads
        if matches:
            info["feature_distance"] = feature_distance(of_real, of_fake)
            extra = at(feature_matching, turn.step) * info["feature_distance"]
            means = means._replace(generator=means.generator + extra)

        def critic(turn: Turn, x: PyTree) -> Array:
            key = turn.stream("critic dropout")
            return d.apply(params, variables, seen("real", x), condition, train=True, key=key)[0]

        def penalized(i: int, penalty: Penalty) -> Array:
            own = turn.within(f"penalty {i}")
            return check_penalty(penalty, penalty(partial(critic, own), real, fake, own))

        if pair is not None:
            own = turn.within("pair")
            added = pair.losses(lambda x: critic(own, packed(x, pack)), pairs, own)
            means = Players(*(mean + term for mean, term in zip(means, added, strict=True)))
        if penalties:
            total = sum((penalized(i, p) for i, p in enumerate(penalties)), jnp.zeros(()))
            means = means._replace(discriminator=means.discriminator + total)
            info |= reported("penalty", total / interval, turn.step, interval)
        return means, (join(moved, of_loss, of_augment), info)

    @partial(jax.jit, static_argnums=3)
    def draw(params: PyTree, variables: PyTree, key: Key[Array, ""], n: int, condition: Any, latent: Any) -> PyTree:
        turn = Turn(Batch(jnp.zeros((n, 0)), condition, latent), key, jnp.zeros((), jnp.int32))
        return g.apply(params, variables, latents_of(turn), conditions.encode(turn), train=False, key=None)[0]

    def sample(
        params: PyTree, variables: PyTree, key: Key[Array, ""], n: int, condition: Any = None, latent: Any = None
    ) -> PyTree:
        require(isinstance(n, int) and n >= 1, f"n must be a whole number of at least 1, got {n!r}")
        if latent is not None:
            check_latent("latent", latent, n)
        return draw(params, variables, key, n, conditions.for_samples(condition, n), latent)

    return Game(init, generate, judge, sample)


def _is_zero(weight: Weight) -> bool:
    return isinstance(weight, int | float) and weight == 0
