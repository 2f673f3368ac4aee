"""The gradient field along the line between two states: whether the end attracts, or the field turns around it."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Key

from jaxgan.checks import require, require_key
from jaxgan.core import Batch, Game, GANState, Players, Turn
from jaxgan.games.gradients import field

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Ends = tuple[Players, Players]
"""Parameters and variables of both players, at one end."""


class PathAngle(NamedTuple):
    """The field v = (∇_θ L_G, ∇_ψ L_D) at the points (1 − α)·start + α·end."""

    alphas: np.ndarray
    """`[points]`; 0 at the start, 1 at the end."""
    cosines: np.ndarray
    """`[points]`, in [−1, 1], of the angle between v and end − start; 0 where v is 0. Descent walks along −v, so the
    players move towards the end where it is negative."""
    norms: np.ndarray
    """`[points]`: ‖v‖."""


def path_angle(
    game: Game,
    start: GANState,
    end: GANState,
    batch: Batch,
    key: Key[Array, ""],
    *,
    points: int = 41,
    span: tuple[float, float] = (0.0, 1.5),
) -> PathAngle:
    """c(α) = ⟨end − start, v(ω_α)⟩ / (‖end − start‖·‖v(ω_α)‖) on the line ω_α = (1 − α)·start + α·end.

    Take an early state as the start and a late one as the end. If the end attracts, c switches from −1 to +1 at α = 1;
    if the field turns around a point close to it, c has a bump there and is near 0 away from it; a switch with a bump
    is both.

    Variables lie between those of both states, at α held in [0, 1]. The batch and the randomness are the same at every
    point: those of the end's next step.

    Args:
        game: whose field.
        start: where α = 0.
        end: where α = 1; of other parameters than the start.
        batch: the data.
        key: the key of the run.
        points: at least 2, evenly spaced.
        span: first and last α.

    Raises:
        ValueError: if an option is out of range, or the two states have the same parameters.

    Reference:
        Berard et al., [A Closer Look at the Optimization Landscapes of Generative Adversarial
        Networks](https://arxiv.org/abs/1906.04848), 2020, section 4.1.
    """
    require_key(key)
    require(points >= 2, f"points must be at least 2, got {points}")
    require(span[0] < span[1], f"span must be two rising numbers, got {span}")
    length = float(optax.tree.norm(optax.tree.sub(end.params, start.params)))
    require(length > 0, "start and end have the same parameters: there is no line between them")
    turn = Turn(batch, jax.random.fold_in(key, end.step), end.step)
    alphas = np.linspace(*span, points)
    ends = (start.params, start.variables), (end.params, end.variables)
    found = [_at(game, *ends, turn, alpha) for alpha in alphas]
    return PathAngle(alphas, *np.array(jax.device_get(found), float).T)


def plot_path_angle(path: PathAngle) -> "Figure":
    """The cosine, and below it the norm of the field, over α."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 5), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    above.plot(path.alphas, path.cosines, color="tab:blue")
    limit = 1.1 * max(0.01, np.abs(path.cosines).max())
    above.set(
        ylim=(-limit, limit),
        ylabel="cosine to the line (−1 to 1)",
        title="gradient field on the line between two states",
    )
    above.axhline(0, color="0.7", linewidth=0.8)
    below.plot(path.alphas, path.norms, color="tab:red")
    below.set(ylim=(0, None), xlabel="place α on the line (0: start, 1: end)", ylabel="norm of the field")
    for axes in (above, below):
        axes.axvline(1, color="0.7", linewidth=0.8)
    return figure


@partial(jax.jit, static_argnums=0)
def _at(game: Game, start: Ends, end: Ends, turn: Turn, alpha: Float[Array, ""]) -> tuple[Array, Array]:
    params = _between(start[0], end[0], alpha)
    variables = _between(start[1], end[1], jnp.clip(alpha, 0, 1))
    gradients, _ = field(game, variables, turn)(params)
    along = optax.tree.sub(end[0], start[0])
    norm = optax.tree.norm(gradients)
    cosine = optax.tree.vdot(along, gradients) / (optax.tree.norm(along) * jnp.where(norm > 0, norm, 1))
    return cosine, norm


def _between(a: Players, b: Players, alpha: Float[Array, ""]) -> Players:
    def leaf(a: Array, b: Array) -> Array:
        return ((1 - alpha) * a + alpha * b).astype(b.dtype) if jnp.issubdtype(b.dtype, jnp.inexact) else b

    return jax.tree.map(leaf, a, b)
