"""The public names of the library, as the pages of the reference show them."""

import inspect
from functools import reduce
from types import ModuleType

import jaxgan

PAGES = {
    "jaxgan": ("jaxgan", ("jaxgan",)),
    "games": (
        "Losses, penalties, terms",
        (
            *("jaxgan.losses", "jaxgan.penalties", "jaxgan.terms", "jaxgan.conditions", "jaxgan.latents"),
            *("jaxgan.pairs", "jaxgan.auxiliary", "jaxgan.games.gradients"),
        ),
    ),
    "dynamics": ("Rules", ("jaxgan.dynamics",)),
    "networks": ("Networks", ("jaxgan.networks", "jaxgan.networks.layers")),
    "execution": ("Wrappers", ("jaxgan.execution",)),
    "data": ("Data", ("jaxgan.data", "jaxgan.data.media")),
    "metrics": ("Metrics", ("jaxgan.metrics",)),
    "diagnostics": ("Diagnostics", ("jaxgan.diagnostics",)),
    "augmentation": ("Augmentation", ("jaxgan.augmentation",)),
    "optimizers": ("Schedules and optimizers", ("jaxgan.schedules", "jaxgan.optimizers")),
    "targets": ("Targets", ("jaxgan.targets",)),
    "core": ("Values, options, errors", ("jaxgan.core", "jaxgan.options", "jaxgan.errors")),
}
"""The title of each page, and the modules that it shows."""


def named(name: str) -> ModuleType:
    """The module of a dotted name, even if the package only re-exports it."""
    return reduce(getattr, name.split(".")[1:], jaxgan)


def public(module: ModuleType) -> list[str]:
    """The public names of a module, or those of functions and classes that begin there."""
    if hasattr(module, "__all__"):
        return [name for name in module.__all__ if not name.startswith("_")]
    return [name for name, value in vars(module).items() if not name.startswith("_") and begins_in(value, module)]


def begins_in(value: object, module: ModuleType) -> bool:
    """Whether a function or class is defined in a module."""
    return (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == module.__name__
