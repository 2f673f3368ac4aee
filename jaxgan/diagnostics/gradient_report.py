"""The size and direction of both players' gradients at a state."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require_key
from jaxgan.core import Batch, Game, GANState, Players, Turn
from jaxgan.devices import average
from jaxgan.games.gradients import discriminator_gradient, generator_pressure, play


class GradientReport(NamedTuple):
    """A pytree of arrays. Pass it as `previous` to the next one."""

    gradients: Players
    """∇_θ L_G and ∇_ψ L_D."""
    norms: Players
    """Euclidean norm of each player's whole gradient."""
    layers: Players
    """For each player, a dict from a layer's name to the norm of its gradient; the squares sum to the whole's."""
    pressure: Float[Array, ""]
    """Mean over samples of ‖∂ℓ_G/∂x‖, where L_G is the mean of ℓ_G: how hard the discriminator pushes a sample. Where
    it is small, the generator has nothing to learn from, whatever its own gradient is."""
    cosines: Players
    """Cosine of each player's gradient with that of `previous`, in [−1, 1], 0 if either is 0; None without it. Near 1
    on a steady course, negative if the player goes to and fro."""


def gradient_report(
    game: Game, state: GANState, batch: Batch, key: Key[Array, ""], *, previous: GradientReport | None = None
) -> GradientReport:
    """Both players' gradients at one point, as a simultaneous step would see them next.

    It costs such a step without its optimizers, and can be traced: compile it with `jax.jit`, static in `game`, or call
    it inside a step under any wrapper.

    Args:
        game: whose gradients.
        state: where.
        batch: the data.
        key: the key of the run.
        previous: an earlier report of the same game, for the cosines.

    Examples:
        >>> away = state._replace(params=jaxgan.Players(jnp.array(2.0), jnp.array(3.0)))
        >>> report = jaxgan.diagnostics.gradient_report(bilinear, away, batch, key)
        >>> print(*report.norms)  # of the gradients -3 and 2
        3.0 2.0
    """
    require_key(key)
    turn = Turn(batch, jax.random.fold_in(key, state.step), state.step)
    samples, _, pull = play(game, state.params.generator, state.variables.generator, turn)
    judged = (game, state.params.discriminator, state.variables.discriminator, samples, turn)
    gradient, _ = discriminator_gradient(*judged)
    pressure, _ = generator_pressure(*judged)
    gradients = Players(pull(pressure), gradient)
    per_row = jax.vmap(optax.tree.norm)(pressure) * turn.rows()
    return GradientReport(
        gradients,
        Players(*map(optax.tree.norm, gradients)),
        Players(*map(_layer_norms, gradients)),
        average(jnp.mean(per_row)),
        Players(None, None) if previous is None else Players(*map(_cosine, gradients, previous.gradients)),
    )


def _layer_norms(gradient: PyTree) -> dict[str, Float[Array, ""]]:
    """Norms by the path to the dict of the parameters; a parameter outside a dict goes by its own path."""
    layers: dict[str, list[Array]] = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(gradient):
        name = jax.tree_util.keystr(path[:-1] or path, simple=True, separator="/")
        layers.setdefault(name or "params", []).append(leaf)
    return {name: optax.tree.norm(leaves) for name, leaves in layers.items()}


def _cosine(a: PyTree, b: PyTree) -> Float[Array, ""]:
    norms = optax.tree.norm(a) * optax.tree.norm(b)
    return optax.tree.vdot(a, b) / jnp.where(norms > 0, norms, 1)
