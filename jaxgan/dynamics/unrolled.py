"""The generator looks some steps of the discriminator ahead, and sees how its own move changes them."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require
from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.devices import average
from jaxgan.dynamics.move import check_optimizers, gradient_norms, init_optimizers, move
from jaxgan.games.gradients import discriminator_gradient


def unrolled(optimizers: Players, k: int = 5) -> Dynamics:
    """Unrolled GAN: θ ← θ + u_g(−∇_θ L_G(θ, ψ_k(θ))), ψ ← ψ_1, where ψ_0 = ψ, ψ_{i+1} = ψ_i + u_d(−∇_ψ L_D(θ, ψ_i)).

    The generator's gradient goes through k steps of the discriminator, its optimizer included, and so counts in how
    the discriminator will answer. The discriminator itself takes the first of those steps.

    Cost: k discriminator gradients and one reverse pass through all of them, about 1.6 gradient evaluations for each of
    the k (2 with R1 and R2); memory grows with k. All see the same samples and randomness. Variables move by the
    generator's one pass and by the first of the discriminator's steps. `loss_generator` is that of the unrolled
    discriminator.

    A derivative through Adam is NaN where a gradient is exactly zero, unless `optax.adam(..., eps_root=1e-8)` or the
    like; this is tried on zeros beforehand, except where a population traces the optimizer's hyper-parameters.

    Args:
        optimizers: optax optimizers of the generator and the discriminator.
        k: at least 1.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.
        ValueError: if k is out of range; from `init`, if the discriminator's optimizer cannot be differentiated.

    Reference:
        Metz et al., [Unrolled Generative Adversarial Networks](https://arxiv.org/abs/1611.02163), 2017, sections 2.2
        and 2.3.

    Examples:
        >>> after(jaxgan.dynamics.unrolled(optimizers, k=1))
        [1.  0.5]
    """
    check_optimizers(optimizers)
    require(isinstance(k, int) and k >= 1, f"k must be a whole number of at least 1, got {k!r}")

    def init(params: Players) -> Players:
        memory = init_optimizers(optimizers, params)
        check_differentiable(optimizers.discriminator, params.discriminator)
        return memory

    def update(
        game: Game, params: Players, variables: Players, memory: Players, turn: Turn
    ) -> tuple[Players, Players, Players, Info]:
        def unrolled_loss(params_g: PyTree) -> tuple[Float[Array, ""], tuple]:
            samples, moved_g = game.generate(params_g, variables.generator, turn)
            ahead, steps = (params.discriminator, memory.discriminator), []
            for _ in range(k):
                gradient, aux = discriminator_gradient(game, ahead[0], variables.discriminator, samples, turn)
                loss = aux[1]["loss_discriminator"]
                ahead = move(optimizers.discriminator, gradient, ahead[1], ahead[0], loss)
                steps.append((*ahead, gradient, aux))
            loss = game.judge(ahead[0], variables.discriminator, samples, turn)[0].generator
            return loss, (loss, moved_g, steps[0])

        gradient_g, aux = jax.grad(unrolled_loss, has_aux=True)(params.generator)
        loss, variables_g, (params_d, memory_d, gradient_d, (variables_d, info)) = aux
        gradients = Players(average(gradient_g), gradient_d)
        params_g, memory_g = move(optimizers.generator, gradients.generator, memory.generator, params.generator, loss)
        info = info | {"loss_generator": loss} | gradient_norms(gradients)
        return Players(params_g, params_d), Players(variables_g, variables_d), Players(memory_g, memory_d), info

    return Dynamics(init, update)


def check_differentiable(optimizer: optax.GradientTransformation, params: PyTree) -> None:
    """Raise `ValueError` if the derivative of the optimizer's first update is NaN where a gradient is zero.

    Tried on arrays of two numbers in place of `params`. Optimizers with traced hyper-parameters pass.
    """

    def first_update(gradient: PyTree) -> PyTree:
        support = optax.with_extra_args_support(optimizer)
        return support.update(gradient, memory, tiny, value=jnp.zeros(()))[0]

    with jax.ensure_compile_time_eval():
        tiny = jax.tree.map(_zero_and_one, params)
        memory = optimizer.init(tiny)
        updates, pull = jax.vjp(first_update, tiny)
        (derivative,) = pull(updates)
    for leaf in jax.tree.leaves(derivative):
        require(
            isinstance(leaf, jax.core.Tracer) or not np.isnan(leaf).any(),
            "optimizers.discriminator has no finite derivative where a gradient is zero, so unrolling it would give "
            "NaN; Adam needs eps_root > 0, as in optax.adam(rate, eps_root=1e-8)",
        )


def _zero_and_one(x: Array) -> Array:
    return jnp.arange(2, dtype=x.dtype).reshape(*[1] * (x.ndim - 1), 2) if x.ndim else jnp.zeros((), x.dtype)
