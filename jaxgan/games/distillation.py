"""Adversarial distillation, DMD2: a generator of one step against a critic, beside a diffusion model that it learns
from."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Batch, Game, GANState, Info, Latents, Players, Turn
from jaxgan.devices import Kept, global_mean, run_once
from jaxgan.games import latents
from jaxgan.games.denoising import (
    Denoise,
    denoising_loss,
    noised,
    probability_flow,
    spaced,
    weighted_error,
)
from jaxgan.games.losses import Loss, objective
from jaxgan.networks.adapter import Network, as_network
from jaxgan.networks.denoiser import DEVIATION
from jaxgan.networks.errors import errors_of

SHARES = (0.02, 0.98)
"""Between them lie the noise levels at which teacher and student are compared, see `denoising.level_at`."""

Rows = Float[Array, "batch ..."]


class Critic(NamedTuple):
    """Parameters of the discriminator's player."""

    denoiser: PyTree
    """The denoiser that learns from the student's samples."""
    head: PyTree
    """The network that judges its features."""


class Distillation(NamedTuple):
    """A game of a student, and what its teacher is."""

    game: Game
    teaching: Callable[[PyTree, Turn], Float[Array, ""]]
    """`(parameters of the generator, turn) -> loss` as a diffusion model, for `dynamics.pretrained`."""
    hand_over: Callable[[Players, Players], tuple[Players, Players]]
    """`(params, variables) -> (params, variables)`, where teacher and critic begin as the generator is: for
    `dynamics.pretrained`."""
    teacher: Callable[[GANState, Float[Array, "n size"], int], Rows]
    """`(state, latents, steps) -> samples` of the teacher, see `denoising.probability_flow`."""


def matching_gradient(x: Rows, by_teacher: Rows, by_critic: Rows) -> Rows:
    """Where samples are to move, times −1: (C − T)/mean|x − T|, with a mean for each row.

    T and C are what teacher and critic make of x with noise on it. Up to a positive factor this is the slope of
    KL(samples, data), both with that noise, with respect to x.

    Reference:
        Yin et al., [One-step Diffusion with Distribution Matching
        Distillation](https://arxiv.org/abs/2311.18828), 2024, equations 7 and 8.

    Examples:
        >>> x, teacher, critic = jnp.array([[3.0]]), jnp.array([[1.0]]), jnp.array([[2.0]])
        >>> print(jaxgan.games.distillation.matching_gradient(x, teacher, critic))
        [[0.5]]
    """
    size = jnp.mean(jnp.abs(x - by_teacher), axis=range(1, x.ndim), keepdims=True)
    return jnp.nan_to_num((by_critic - by_teacher) / size)


def distilled(
    denoiser: nn.Module | Network,
    head: nn.Module | Network,
    shape: tuple[int, ...],
    *,
    loss: Loss,
    deviation: float = DEVIATION,
    adversarial_weight: float | Float[Array, ""] = 3e-3,
    critic_weight: float | Float[Array, ""] = 1e-2,
) -> Distillation:
    """A student G of one step that learns from a diffusion model T and from data.

    Teacher T, student and critic C are denoisers D(x; σ) of one kind. The student's samples are G(z) = D(80z; 80). C
    learns to denoise them, and a head h on its features learns to tell them from data, both with noise on them. With
    y = G(z) + σn, g = (C(y; σ) − T(y; σ)) / mean|G(z) − T(y; σ)|, and [...] a number to all derivatives,

        L_G = E(G(z) − [G(z) − g])²/2 + adversarial_weight · loss_G(h(x), h(G(z))),
        L_C = denoising loss of C at G(z) + critic_weight · loss_D(h(x), h(G(z))).

    The first mean is over all numbers of a row too. All noise levels σ are `denoising.spaced`: all of the way while the
    teacher learns, 2 % to 98 % of it in the game. The authors' program draws other noise for C than for g. T lies in
    the variables and never moves. A run begins with steps in which the generator alone learns to denoise data and the
    others are as it is; then it is the student:

        parts = jaxgan.distilled(networks.MLPDenoiser(), networks.MLPDiscriminator((64,)), (2,), loss=...)
        rule = dynamics.pretrained(rule, parts.teaching, optax.adam(1e-3), steps=1000, hand_over=parts.hand_over)
        algorithm = jaxgan.algorithm(parts.game, rule)

    The info has `matching` (the first mean), `critic_loss` (the denoising loss), `real_logits` and `fake_logits`.

    Args:
        denoiser: `(rows [B, *shape], σ [B]) -> rows`, with features, such as `networks.MLPDenoiser`; without variables
            such as batch statistics.
        head: features `[B, n]` to logits `[B]`, such as `networks.MLPDiscriminator`.
        shape: of one datum.
        loss: the paper's program takes `losses.non_saturating()`.
        deviation: standard deviation of the numbers of the data, above 0. Networks see data that are scaled to 0.5.
        adversarial_weight: at least 0.
        critic_weight: at least 0.

    Raises:
        ValueError: if an argument is out of range; from `init`, if the networks do not fit each other or the data.
        TypeError: if an argument is of another kind.

    Reference:
        Yin et al., [Improved Distribution Matching Distillation for Fast Image
        Synthesis](https://arxiv.org/abs/2405.14867), 2024; the numbers are those of the authors' program for ImageNet.

    Examples:
        >>> parts = jaxgan.distilled(
        ...     jaxgan.networks.MLPDenoiser(hidden=(8, 8)),
        ...     jaxgan.networks.MLPDiscriminator(hidden=(8,)),
        ...     (2,),
        ...     loss=jaxgan.losses.non_saturating(),
        ... )
        >>> params, variables = parts.game.init(jax.random.key(0), jaxgan.Batch(jnp.zeros([4, 2])))
    """
    d, h, score = as_network(denoiser), as_network(head), objective(loss)
    require_number("adversarial_weight", adversarial_weight, at_least=0)
    require_number("critic_weight", critic_weight, at_least=0)
    require_number("deviation", deviation, at_least=0)
    require(deviation > 0, f"deviation must be above 0, got {deviation}")
    require(d.apply_with_features is not None, "denoiser must have features, see Network.apply_with_features")
    scale, size = DEVIATION / deviation, math.prod(shape)

    def denoise_by(params: PyTree) -> Denoise:
        return lambda x, level: d.apply(params, {}, x, level, train=False, key=None, step=jnp.zeros((), jnp.int32))[0]

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        return start(key, jax.tree.map(lambda x: x[:2], batch))

    @run_once
    def start(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        x, level = batch.real, jnp.ones(len(batch.real))
        require(x.shape[1:] == shape, f"the data must have shape {shape}, got {x.shape[1:]}")
        key_d, key_h = jax.random.split(key)
        with errors_of("denoiser", x, level):
            params, variables = d.init(key_d, x, level)
        require(not jax.tree.leaves(variables), "denoiser must have no variables, such as batch statistics")
        made, features = jax.eval_shape(lambda: seen(params, x, level, key))
        require(made.shape == x.shape, f"denoiser makes rows of shape {made.shape[1:]}, but they must be {shape}")
        with errors_of("head", features, None):
            params_h, variables_h = h.init(key_h, jnp.zeros(features.shape), None)
        return hand_over(Players(params, Critic(params, params_h)), Players({}, (Kept(params), variables_h)))

    def hand_over(params: Players, variables: Players) -> tuple[Players, Players]:
        critic, teacher = jax.tree.map(jnp.copy, (params.generator, params.generator))
        return (
            params._replace(discriminator=params.discriminator._replace(denoiser=critic)),
            variables._replace(discriminator=(Kept(teacher), variables.discriminator[1])),
        )

    def teaching(params: PyTree, turn: Turn) -> Float[Array, ""]:
        turn = turn.within("teaching")
        return denoising_loss(denoise_by(params), scale * turn.batch.real, spaced(turn), turn)

    def seen(params: PyTree, x: Rows, level: Array, key: Any) -> tuple[Rows, Array]:
        assert d.apply_with_features is not None
        step = jnp.zeros((), jnp.int32)
        return d.apply_with_features(params, {}, x, level, key=key, step=step)[0]

    def from_latents(denoise: Denoise, z: Float[Array, "n size"], steps: int = 1) -> Rows:
        return probability_flow(denoise, z.reshape(-1, *shape), steps)

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[Rows, PyTree]:
        z = turn.draw("latent", lambda key: latents.normal(key, size))
        return from_latents(denoise_by(params), z), variables

    def judge(params: Critic, variables: PyTree, x: Rows, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        teacher, moved = variables

        def judged(rows: Rows, variables: PyTree, name: str) -> tuple[Rows, Array, Rows, Array, PyTree]:
            """The rows with noise, its levels, and what the critic makes of them."""
            own = turn.within(name)
            level, key = spaced(own, *SHARES), own.stream("dropout")
            y = noised(rows, level, own)
            clean, features = seen(params.denoiser, y, level, key)
            logits, moved = h.apply(params.head, variables, features, None, train=True, key=key, step=turn.step)
            return y, level, clean, logits, moved

        _, _, _, real, moved = judged(scale * turn.batch.real, moved, "real")
        y, level, by_critic, fake, moved = judged(x, moved, "fake")
        aim = jax.lax.stop_gradient(x - matching_gradient(x, denoise_by(teacher.value)(y, level), by_critic))
        matching, critic_loss = global_mean((x - aim) ** 2) / 2, weighted_error(by_critic, x, level)
        values = Players(*map(global_mean, score.apply(real, fake, turn.within("loss"))))
        total = Players(
            matching + adversarial_weight * values.generator, critic_loss + critic_weight * values.discriminator
        )
        info: Info = {"matching": matching, "critic_loss": critic_loss}
        info |= {"real_logits": global_mean(real), "fake_logits": global_mean(fake)}
        return total, ((teacher, moved), info)

    @jax.jit
    def draw(params: PyTree, z: Float[Array, "n size"]) -> Rows:
        return from_latents(denoise_by(params), z) / scale

    def sample(
        params: PyTree, variables: PyTree, key: Key[Array, ""], n: int, condition: Any = None, latent: Any = None
    ) -> Rows:
        if latent is None:
            latent = jax.vmap(lambda key: latents.normal(key, size))(jax.random.split(key, n))
        return draw(params, latent)

    def teacher(state: GANState, z: Float[Array, "n size"], steps: int) -> Rows:
        return from_latents(denoise_by(state.variables.discriminator[0].value), z, steps) / scale

    drawn = Latents(lambda key: latents.normal(key, size), latents.slerp, None, latents.normal_log_density)
    return Distillation(Game(init, generate, judge, sample, drawn), teaching, hand_over, teacher)
