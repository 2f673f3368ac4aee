"""BiGAN: an encoder beside the generator, against a discriminator of rows together with their latents."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require, require_call
from jaxgan.core import Batch, Game, Info, Latents, Players, Turn
from jaxgan.devices import global_mean, run_once
from jaxgan.errors import InputTypeError
from jaxgan.games import latents
from jaxgan.games.losses import Loss, objective
from jaxgan.games.penalties.contract import Penalty, check_penalty
from jaxgan.networks.adapter import Network, as_network
from jaxgan.networks.errors import errors_of
from jaxgan.networks.parallel import parallel


class Pair(NamedTuple):
    """What the discriminator judges."""

    row: Float[Array, "batch ..."]
    latent: Float[Array, "batch size"]


class Pairs(NamedTuple):
    """What the generator's player makes in a step."""

    encoded: Pair
    """Real rows x with E(x)."""
    generated: Pair
    """Samples G(z) with z."""
    again: Float[Array, "batch ..."]
    """Reconstructions G(E(x))."""


def bigan(
    generator: nn.Module | Network,
    encoder: nn.Module | Network,
    discriminator: nn.Module | Network,
    *,
    loss: Loss,
    penalties: Sequence[Penalty] = (),
    latent_size: int = 50,
    latent: Callable[[Key[Array, ""], int], Float[Array, "size"]] = latents.normal,
) -> Game:
    """A generator G and an encoder E, one player, against a discriminator D of pairs.

    D learns to tell (x, E(x)) of real rows from (G(z), z) of drawn latents. The other player has the same loss with
    both kinds of pairs in each other's place, so that G and E learn together:

        L_D = loss_D(D(x, E(x)), D(G(z), z)),    L_GE = loss_D(D(G(z), z), D(x, E(x)))

    Where neither can be told from the other, E inverts G. Nothing asks for G(E(x)) = x: how far it is kept is the
    number `reconstruction_distance`, the mean of |G(E(x)) − x|.

        game = jaxgan.bigan(
            networks.MLPGenerator(output_shape=(2,), hidden=(64,), squash=False),
            networks.MLPGenerator(output_shape=(4,), hidden=(64,), squash=False),
            networks.JointDiscriminator(hidden=(64,)),
            loss=losses.relativistic_pairing(), penalties=[penalties.r1(0.1)], latent_size=4,
        )

    Samples are G(z); samples that are asked for by the condition x, real rows, are their reconstructions G(E(x)).

    Args:
        generator: `[B, latent_size]` to rows.
        encoder: rows, flattened to `[B, n]`, to `[B, latent_size]`.
        discriminator: a `Pair` to logits `[B]`, such as `networks.JointDiscriminator`.
        loss: loss of which the discriminator's half is taken.
        penalties: penalties of the discriminator, on pairs: those that take gradients do so by rows and latents alike.
        latent_size: numbers in a latent.
        latent: how a latent is drawn, see `jaxgan.latents`.

    Raises:
        ValueError: if an argument is out of range; from `init`, if the networks do not fit each other or the data.
        TypeError: if an argument is of another kind.

    Reference:
        Donahue et al., [Adversarial Feature Learning](https://arxiv.org/abs/1605.09782), 2017, equation 3, with the
        opposite labels of their program for G and E; Dumoulin et al., [Adversarially Learned
        Inference](https://arxiv.org/abs/1606.00704), 2017.

    Examples:
        >>> game = jaxgan.bigan(
        ...     jaxgan.networks.MLPGenerator(output_shape=(3,), hidden=(8,)),
        ...     jaxgan.networks.MLPGenerator(output_shape=(4,), hidden=(8,), squash=False),
        ...     jaxgan.networks.JointDiscriminator(hidden=(8,)),
        ...     loss=jaxgan.losses.non_saturating(),
        ...     latent_size=4,
        ... )
    """
    whole = isinstance(latent_size, int) and latent_size >= 1
    require(whole, f"latent_size must be a whole number of at least 1, got {latent_size!r}")
    if not isinstance(penalties, Sequence):
        raise InputTypeError(f"penalties must be a list, such as [penalties.r1(gamma=1.0)]; got {penalties!r}")
    for penalty in penalties:
        require_call("each of penalties", penalty, "critic, real, fake, turn", "penalties.r1(gamma=1.0)")
    g, e, d, score = as_network(generator), as_network(encoder), as_network(discriminator), objective(loss)
    both = parallel(g, e)

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        return start(key, jax.tree.map(lambda x: x[:2], batch))

    @run_once
    def start(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        key_g, key_d = jax.random.split(key)
        x, z = batch.real, jnp.zeros((len(batch.real), latent_size))
        params_g, variables_g = both.init(key_g, (z, _flat(x)), None)
        step = jnp.zeros((), jnp.int32)
        samples, codes = jax.eval_shape(partial(encode_and_generate, params_g, variables_g), x, z, key, step)[0]
        for player, found, expected in (("generator", samples, x), ("encoder", codes, z)):
            require(
                found.shape == expected.shape,
                f"{player} makes rows of shape {found.shape[1:]}, but they must be {expected.shape[1:]}",
            )
        with errors_of("discriminator", Pair(x, z), None):
            params_d, variables_d = d.init(key_d, Pair(x, z), None)
        return Players(params_g, params_d), Players(variables_g, variables_d)

    def encode_and_generate(params: PyTree, variables: PyTree, x: Array, z: Array, key: Any, step: Any) -> PyTree:
        return both.apply(params, variables, (z, _flat(x)), None, train=True, key=key, step=step)

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[Pairs, PyTree]:
        x, z = turn.batch.real, turn.draw("latent", lambda key: latent(key, latent_size))
        key = turn.stream("generator dropout")
        (samples, codes), moved = encode_and_generate(params, variables, x, z, key, turn.step)
        (again, _), _ = encode_and_generate(params, variables, x, codes, key, turn.step)
        return Pairs(Pair(x, codes), Pair(samples, z), again), moved

    def judge(params: PyTree, variables: PyTree, made: Pairs, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        def logits(variables: PyTree, pair: Pair, name: str) -> tuple[Array, PyTree]:
            return d.apply(
                params, variables, pair, None, train=True, key=turn.stream(f"{name} dropout"), step=turn.step
            )

        real, moved = logits(variables, made.encoded, "real")
        fake, moved = logits(moved, made.generated, "fake")
        right, wrong = score.apply(real, fake, turn), score.apply(fake, real, turn)
        info: Info = {"real_logits": global_mean(real), "fake_logits": global_mean(fake)}
        info["reconstruction_distance"] = global_mean(jnp.abs(made.again - made.encoded.row))
        total = global_mean(right.discriminator)
        if penalties:
            critic: Any = lambda pair: logits(variables, pair, "critic")[0]  # noqa: E731
            values = [check_penalty(each, each(critic, made.encoded, made.generated, turn)) for each in penalties]
            info["penalty"] = sum(values, jnp.zeros(()))
            total += info["penalty"]
        return Players(global_mean(wrong.discriminator), total), (moved, info)

    def sample(
        params: PyTree,
        variables: PyTree,
        key: Key[Array, ""],
        n: int,
        condition: Any = None,
        given: Any = None,
        step: Int[Array, ""] | None = None,
    ) -> PyTree:
        run = {"condition": None, "train": False, "key": key, "step": step}
        if condition is not None:
            given = e.apply(params[1], variables[1], _flat(condition), **run)[0]
        elif given is None:
            given = jax.vmap(lambda key: latent(key, latent_size))(jax.random.split(key, n))
        return g.apply(params[0], variables[0], given, **run)[0]

    between = latents.lerp if latent is latents.uniform else latents.slerp
    return Game(init, generate, judge, sample, Latents(lambda key: latent(key, latent_size), between))


def _flat(rows: Float[Array, "batch ..."]) -> Float[Array, "batch n"]:
    return rows.reshape(rows.shape[0], -1)
