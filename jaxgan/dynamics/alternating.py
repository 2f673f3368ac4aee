"""The players move in turns, the discriminator one or several times."""

from typing import Any, Literal, NamedTuple

import jax
from jaxtyping import Array, Int, PyTree

from jaxgan.checks import require, require_choice
from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.devices import platform
from jaxgan.dynamics.move import check_optimizers, gradient_norms, init_optimizers, move
from jaxgan.games.gradients import discriminator_gradient, generator_pressure, play


class Critic(NamedTuple):
    """State that changes from one discriminator step to the next."""

    params: PyTree
    variables: Players
    memory: PyTree


def alternating(
    optimizers: Players,
    *,
    discriminator_steps: int = 1,
    generator_parts: int = 0,
    first: Literal["discriminator", "generator"] = "discriminator",
    unroll: bool | None = None,
) -> Dynamics:
    """Alternating gradient steps, the algorithm of the original paper.

    `discriminator_steps=n` splits a batch of B rows into n parts (rows `i::n`), one for each discriminator step, so B
    is the data of the whole step. The generator runs forward once for each part.

    Discriminator first: the last part's samples serve the generator's own step against the moved discriminator, so
    with n = 1 there is one generator forward a step. Generator first: it moves on the first part, and the
    discriminator's steps see samples of the moved generator, one generator forward more.

    `generator_parts=m` splits the batch into n + m parts instead, and the generator moves on the last m of them: its
    own rows and latents, one forward more. R3GAN does so with n = m = 1, BigGAN with 4 and 1, SNGAN with 5 and 2.

    Batch statistics: the generator's move by each of its forwards; the discriminator's by its own steps (real rows,
    then samples) and not by the pass that serves the generator.

    The discriminator's steps but the last are one loop, which compiles once however many there are.

    Info is that of the last of the discriminator's steps and of the generator's.

    Negative momentum is a matter of the optimizers: `optax.sgd(rate, momentum=-0.3)` for both players makes bilinear
    games contract, which neither positive momentum nor simultaneous steps do (Gidel et al., Negative Momentum for
    Improved Game Dynamics, 2019).

    Args:
        optimizers: optax optimizers of the generator and the discriminator.
        discriminator_steps: n ≥ 1; n + m must divide the batch on each device.
        generator_parts: m ≥ 0.
        first: who moves first.
        unroll: write the discriminator's steps out one after another instead. None: on the CPU alone, where gradients
            of XLA's own convolutions are many times slower inside a loop; those of `jaxgan.networks` are not.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.
        ValueError: if an option is out of range or, while tracing, if the steps do not divide the batch.

    Reference:
        Goodfellow et al., [Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), 2014, algorithm 1 (k =
        `discriminator_steps`).

    Examples:
        >>> after(jaxgan.dynamics.alternating(optimizers))  # 1 + 0.5 · 0.5, 1 - 0.5 · 1
        [1.25 0.5 ]
    """
    check_optimizers(optimizers)
    n, m = discriminator_steps, generator_parts
    require(isinstance(n, int) and n >= 1, f"discriminator_steps must be a whole number of at least 1, got {n!r}")
    require(isinstance(m, int) and m >= 0, f"generator_parts must be a whole number of at least 0, got {m!r}")
    require_choice("first", first, ("discriminator", "generator"))

    def init(params: Players) -> Players:
        return init_optimizers(optimizers, params)

    def update(
        game: Game, params: Players, variables: Players, memory: Players, turn: Turn
    ) -> tuple[Players, Players, Players, Info]:
        (params_g, params_d), (variables_g, variables_d), (memory_g, memory_d) = params, variables, memory
        own = turn.part(n, n + m, m) if m else None
        if first == "generator":
            part = own or turn.part(0, n)
            samples, variables_g, pull = play(game, params_g, variables_g, part)
            pressure, info_g = generator_pressure(game, params_d, variables_d, samples, part)
            gradient_g = pull(pressure)
            params_g, memory_g = move(optimizers.generator, gradient_g, memory_g, params_g, info_g["loss_generator"])

        def critic_step(i: int | Int[Array, ""], critic: Critic) -> tuple[Critic, Any]:
            part = turn.part(i, n + m)
            samples, variables_g, pull = play(game, params_g, critic.variables.generator, part)
            gradient, (variables_d, info) = discriminator_gradient(
                game, critic.params, critic.variables.discriminator, samples, part
            )
            loss = info["loss_discriminator"]
            params_d, memory_d = move(optimizers.discriminator, gradient, critic.memory, critic.params, loss)
            return Critic(params_d, Players(variables_g, variables_d), memory_d), (part, samples, pull, gradient, info)

        critic = Critic(params_d, Players(variables_g, variables_d), memory_d)
        if unroll if unroll is not None else platform() == "cpu":
            for i in range(n - 1):
                critic, _ = critic_step(i, critic)
        elif n > 1:
            critic = jax.lax.fori_loop(0, n - 1, lambda i, critic: critic_step(i, critic)[0], critic)
        critic, (part, samples, pull, gradient_d, info) = critic_step(n - 1, critic)
        params_d, (variables_g, variables_d), memory_d = critic
        if first == "discriminator":
            if own:
                part = own
                samples, variables_g, pull = play(game, params_g, variables_g, part)
            pressure, info_g = generator_pressure(game, params_d, variables_d, samples, part)
            gradient_g = pull(pressure)
            params_g, memory_g = move(optimizers.generator, gradient_g, memory_g, params_g, info_g["loss_generator"])
        info = info | info_g | gradient_norms(Players(gradient_g, gradient_d))
        return Players(params_g, params_d), Players(variables_g, variables_d), Players(memory_g, memory_d), info

    return Dynamics(init, update)
