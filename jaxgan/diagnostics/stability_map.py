"""Map of a plane of two hyper-parameters that shows where training converges: one run per cell, all in one program."""

from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from jaxgan.checks import require, require_choice, require_key
from jaxgan.core import Algorithm, Batch, GANState
from jaxgan.errors import InputError
from jaxgan.execution import population, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class StabilityMap(NamedTuple):
    """Measurements of each run."""

    x: np.ndarray
    """`[X]`: values of the first hyper-parameter."""
    y: np.ndarray
    """`[Y]`: values of the second hyper-parameter."""
    values: np.ndarray
    """`[Y, X]`; NaN where not `finite`."""
    finite: np.ndarray
    """`[Y, X]` bool: whether the run's parameters and its measurement are finite."""


def stability_map(
    build: Callable[[Any, Any], Algorithm],
    x: np.ndarray,
    y: np.ndarray,
    batches: Iterable[Batch],
    key: Key[Array, ""],
    *,
    steps: int,
    measure: Callable[[Algorithm, GANState, Key[Array, ""]], Float[Array, ""]],
) -> StabilityMap:
    """Train `build(x_j, y_i)` for every pair, as one population spread over the devices, and measure each at the end.

    All runs see the same batches and the same randomness, so they differ by their hyper-parameters alone; a run that
    diverges leaves the others as they are. Memory and time are those of X·Y runs.

    Args:
        build: from two traced numbers to an algorithm; pure.
        x: `[X]`, rising, at least two values.
        y: `[Y]`, likewise.
        batches: at least `steps` of them.
        key: key of all runs; their initial parameters are equal where the hyper-parameters do not enter them.
        steps: at least 1.
        measure: `(algorithm, state, key) -> number` of one run, traced: a distance to the equilibrium, a loss.


    Raises:
        ValueError: if an axis is not rising, `steps` is less than 1, or there are too few batches.

    Examples:
        >>> def build(x, y):
        ...     rule = jaxgan.dynamics.simultaneous(jaxgan.Players(optax.sgd(x), optax.sgd(y)))
        ...     return jaxgan.algorithm(bilinear, rule)
        >>> def distance(algorithm, state, key):
        ...     return jnp.hypot(*state.params)
        >>> found = jaxgan.diagnostics.stability_map(
        ...     build, [0.1, 0.2], [0.1, 0.2, 0.3], [batch] * 2, key, steps=2, measure=distance
        ... )
        >>> found.values.shape
        (3, 2)
    """
    require_key(key)
    x, y = np.asarray(x), np.asarray(y)
    for name, values in (("x", x), ("y", y)):
        rising = values.ndim == 1 and len(values) >= 2 and bool(np.all(np.diff(values) > 0))
        require(rising, f"{name} must be two or more rising numbers, got {values}")
    require(steps >= 1, f"steps must be at least 1, got {steps}")
    columns, rows = (jnp.asarray(grid.ravel()) for grid in np.meshgrid(x, y))
    members = population(lambda pair: build(*pair), (columns, rows))
    same = jnp.broadcast_to(key, (x.size * y.size,))
    source, taken = iter(batches), 0
    first = next(source, None)
    if first is None:
        raise InputError("batches is empty")
    state = members.init(same, first)
    step = spread(members.step)
    for batch in islice(chain([first], source), steps):
        state, _ = step(state, batch, same)
        taken += 1
    require(taken == steps, f"batches has {taken} batches for {steps} steps")

    each: Any = 0
    shared: Any = None
    members_axes = GANState(step=shared, params=each, variables=each, average=each, memory=each)

    @jax.jit
    def measured(state: GANState) -> tuple[Array, Array]:
        def one(pair: tuple[Array, Array], member: GANState) -> tuple[Array, Array]:
            value = measure(build(*pair), member, key)
            numbers = [value, *jax.tree.leaves(member.params)]
            return value, jnp.all(jnp.stack([jnp.isfinite(number).all() for number in numbers]))

        return jax.vmap(one, in_axes=(0, members_axes))((columns, rows), state)

    values, finite = (np.asarray(a).reshape(y.size, x.size) for a in measured(state))
    return StabilityMap(x, y, np.where(finite, values, np.nan), finite)


def plot_stability_map(
    stability: StabilityMap,
    *,
    x_label: str,
    y_label: str,
    value_label: str,
    scale: Literal["linear", "log"] = "linear",
) -> "Figure":
    """Draw a coloured cell for each run, grey if it diverged. An axis of even ratios is logarithmic.

    Args:
        stability: what to draw.
        x_label: name of the first hyper-parameter.
        y_label: name of the second.
        value_label: name of what was measured.
        scale: scale of the colours; "log" leaves values that are not positive uncoloured.

    Raises:
        ValueError: for another scale.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    draw_stability_map(axes, stability, value_label=value_label, scale=scale)
    axes.set(xlabel=x_label, ylabel=y_label)
    if not stability.finite.all():
        axes.set_title("grey: not finite", fontsize="medium")
    return figure


def draw_stability_map(
    axes: "Axes", stability: StabilityMap, *, value_label: str, scale: Literal["linear", "log"] = "linear"
) -> None:
    """The cells of `plot_stability_map` and their colour bar, on axes of a larger figure."""
    require_choice("scale", scale, ("linear", "log"))
    across, up = (_edges(values) for values in (stability.x, stability.y))
    lost = np.where(stability.finite, np.nan, 0.0)
    axes.pcolormesh(across, up, np.ma.masked_invalid(lost), cmap="Greys", vmin=-1, vmax=1)
    shown = np.ma.masked_invalid(stability.values)
    if scale == "log":
        shown = np.ma.masked_less_equal(shown, 0)
    mesh = axes.pcolormesh(across, up, shown, cmap="viridis", norm=scale)
    axes.figure.colorbar(mesh, ax=axes, label=value_label)
    axes.set(xscale=axis_scale(stability.x), yscale=axis_scale(stability.y))


def axis_scale(values: np.ndarray) -> Literal["linear", "log"]:
    """Logarithmic scale for three or more values of even ratios, else linear."""
    ratios = values[1:] / values[:-1] if (values > 0).all() else np.array([0.0, 1.0])
    return "log" if len(values) > 2 and np.allclose(ratios, ratios[0], rtol=1e-3) else "linear"


def _edges(values: np.ndarray) -> np.ndarray:
    """Borders of the cells about the values, `[n + 1]`."""
    if axis_scale(values) == "log":
        return np.exp(_middles(np.log(values)))
    return _middles(values)


def _middles(values: np.ndarray) -> np.ndarray:
    middles = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middles[0]], middles, [2 * values[-1] - middles[-1]]])
