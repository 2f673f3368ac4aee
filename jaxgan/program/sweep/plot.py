"""The picture of a sweep: every seed, a curve with error bars, or a map."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from jaxgan.diagnostics.stability_map import StabilityMap, axis_scale, draw_stability_map
from jaxgan.metrics.summary import summarize
from jaxgan.program.sweep.settings import RATE, Sweep
from jaxgan.runs.quantities import named

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot(sweep: Sweep, shown: Mapping[str, np.ndarray]) -> "Figure | None":
    """Draw a panel for each number `[settings, seeds]`; return None for three or more axes, which make no picture.

    Without axes the seeds are points beside their mean; over one axis the means are a curve; over two they are a map,
    grey where every seed diverged. Bars are standard errors.
    """
    from matplotlib.figure import Figure

    if len(sweep.axes) > 2:
        return None
    wide = 4.5 if len(sweep.axes) == 2 else 3.6
    figure = Figure(figsize=(wide * len(shown), 3.6), layout="constrained")
    lost = int(np.any([np.isnan(values) for values in shown.values()], axis=0).sum())
    panels = np.atleast_1d(figure.subplots(1, len(shown)))
    for panel, (name, values) in zip(panels, shown.items(), strict=True):
        title = "\n".join(textwrap.wrap(named(name), 34))
        if len(sweep.axes) == 2:
            _map(sweep, panel, title, values)
        else:
            _curve(sweep, panel, values)
            panel.set_ylabel(title)
            panel.grid(alpha=0.3)
    if len(sweep.axes) < 2:
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    grey = " (grey: every seed did)" if len(sweep.axes) == 2 else ""
    title = f"{sweep.seeds} seeds, {sweep.program.steps} steps; {lost} of {sweep.members()} runs diverged{grey}"
    figure.suptitle(title)
    return figure


def _curve(sweep: Sweep, panel: "Axes", values: np.ndarray) -> None:
    told = [summarize(seeds) for seeds in values]
    places = np.zeros(1) if not sweep.axes else np.array(sweep.axes[0].values)
    panel.plot(np.repeat(places, sweep.seeds), values.ravel(), ".", color="grey", alpha=0.5, label="a seed")
    means, errors = [one.mean for one in told], [one.standard_error for one in told]
    panel.errorbar(places, means, errors, fmt="o-", capsize=4, label="mean ± standard error")
    if sweep.axes:
        panel.set(xlabel=_option(sweep.axes[0].name), xscale=axis_scale(places))
    else:
        panel.set(xticks=[], xlim=(-1, 1))


def _map(sweep: Sweep, panel: "Axes", name: str, values: np.ndarray) -> None:
    up, across = (np.array(axis.values) for axis in sweep.axes)
    means = np.array([summarize(seeds).mean for seeds in values]).reshape(len(up), len(across))
    draw_stability_map(panel, StabilityMap(across, up, means, np.isfinite(means)), value_label=name)
    panel.set(xlabel=_option(sweep.axes[1].name), ylabel=_option(sweep.axes[0].name))


def _option(name: str) -> str:
    """An axis, by the option that is swept."""
    return f"option --{name.replace('_', '-')}" if name != RATE else "learning rate of both players"
