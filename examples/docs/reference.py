"""Make the pages of the reference from the public names of the packages, so that none can be missing."""

import inspect
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from types import ModuleType

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

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
PICTURE = Path(__file__).parents[1] / "digits.png"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, and the picture of the README."""
    shown: set[str] = set()
    for page, (title, modules) in PAGES.items():
        sections = [section(name, shown) for name in modules]
        text = "\n\n".join([f"# {title}", *sections]) + "\n"
        files.append(File.generated(config, f"reference/{page}.md", content=text))
    files.append(File.generated(config, PICTURE.name, content=PICTURE.read_bytes()))
    return files


def section(name: str, shown: set[str]) -> str:
    """The docstring of a module and all of its public names, except those that are `shown` already."""
    module = named(name)
    paths = [path for path in map(path_in(module), public(module)) if path is not None and path not in shown]
    shown.update(paths)
    return "\n\n".join([f"## {name}", inspect.cleandoc(module.__doc__ or ""), *(f"::: {path}" for path in paths)])


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


def path_in(module: ModuleType) -> Callable[[str], str | None]:
    """Place where a name in a module is defined; None for modules with their own section."""
    sections = [named(each) for _, page in PAGES.values() for each in page]

    def path(name: str) -> str | None:
        value = getattr(module, name)
        if inspect.ismodule(value):
            return None if value in sections else value.__name__
        if getattr(value, "__module__", "").startswith("jaxgan") and getattr(value, "__name__", None) == name:
            return f"{value.__module__}.{name}"
        return f"{module.__name__}.{name}"

    return path
