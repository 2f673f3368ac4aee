"""Both players move to the equilibrium of a local model of the game: bilinear, with a cost on distance."""

import jax
import jax.numpy as jnp
from jax.scipy.sparse.linalg import cg

from jaxgan.checks import require, require_number
from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.devices import average
from jaxgan.dynamics.move import check_rates, gradient_norms, rates_at
from jaxgan.games.gradients import Evaluation, discriminator_gradient, generator_pressure, play


def competitive(learning_rates: Players, *, iterations: int = 10, tolerance: float = 1e-6) -> Dynamics:
    """Competitive gradient descent: Δθ = −η_g(∇_θ L_G + D_θψ L_G·Δψ), Δψ = −η_d(∇_ψ L_D + D_ψθ L_D·Δθ).

    Each player answers to the other's move, of which only the mixed second derivatives D are seen. Solved for one
    player and with one η this is Δθ = −η(1 − η²·D_θψ L_G·D_ψθ L_D)⁻¹(∇_θ L_G − η·D_θψ L_G·∇_ψ L_D).

    Written (1 + B)z = −√η·v with Δ = √η·z, it is solved by conjugate gradients on (1 + Bᵀ)(1 + B)z = −(1 + Bᵀ)√η·v, so
    that any two losses will do. In a zero-sum game B is antisymmetric and these are the paper's own systems, of
    1 − B². Only products with B and Bᵀ are formed.

    Cost: one gradient evaluation, and in each iteration a forward and a reverse pass through it: in all about 4½
    gradient evaluations and 2¼ more an iteration. Variables move by that evaluation. There is no optimizer, as in the
    paper.

    Args:
        learning_rates: learning rates of the generator and the discriminator, each a number or a schedule of the step.
        iterations: most iterations of conjugate gradients, at least 1.
        tolerance: relative residual at which they stop early; 0 always runs them all.

    Raises:
        TypeError: if `learning_rates` is not `Players`.
        ValueError: if an option is out of range.

    Reference:
        Schäfer & Anandkumar, [Competitive Gradient Descent](https://arxiv.org/abs/1905.12103), 2019, equation 4 and
        algorithm 1.

    Examples:
        >>> after(jaxgan.dynamics.competitive(jaxgan.Players(0.5, 0.5)))  # 1 + 0.5 · 0.4, 1 - 0.5 · 1.2
        [1.2 0.4]
    """
    check_rates(learning_rates)
    whole = isinstance(iterations, int) and iterations >= 1
    require(whole, f"iterations must be a whole number of at least 1, got {iterations!r}")
    require_number("tolerance", tolerance, at_least=0)

    def update(
        game: Game, params: Players, variables: Players, memory: tuple, turn: Turn
    ) -> tuple[Players, Players, tuple, Info]:
        rates = Players(*map(jnp.sqrt, rates_at(learning_rates, turn)))

        def seen_from_here(other: Players) -> Evaluation:
            """Each player's gradient where it stands, as the other one moves."""
            samples, moved_g, pull = play(game, params.generator, variables.generator, turn)
            pressure, info_g = generator_pressure(game, other.discriminator, variables.discriminator, samples, turn)
            samples, _ = game.generate(other.generator, variables.generator, turn)
            gradient_d, (moved_d, info) = discriminator_gradient(
                game, params.discriminator, variables.discriminator, samples, turn
            )
            return Players(pull(pressure), gradient_d), (Players(moved_g, moved_d), info | info_g)

        gradients, mixed, (variables, info) = jax.linearize(seen_from_here, params, has_aux=True)
        mixed_transposed = jax.linear_transpose(mixed, params)

        def scaled(players: Players) -> Players:
            return Players(*(jax.tree.map(lambda x, r=r: r * x, p) for p, r in zip(players, rates, strict=True)))

        def operator(z: Players) -> Players:
            return jax.tree.map(jnp.add, z, scaled(mixed(scaled(z))))

        def transposed(z: Players) -> Players:
            return jax.tree.map(jnp.add, z, scaled(average(mixed_transposed(scaled(z))[0])))

        target = transposed(scaled(gradients))
        z, _ = cg(lambda z: transposed(operator(z)), target, tol=tolerance, maxiter=iterations)
        params = jax.tree.map(jnp.subtract, params, scaled(z))
        return params, variables, memory, info | gradient_norms(gradients)

    return Dynamics(lambda params: (), update)
