"""Recipes in files of one's own: `jaxgan train my_recipe.py`.

Such a file has a module-level `recipe`, an instance of a frozen dataclass with the functions of `Recipe`, and may have
a `program`, a `Program` of its own defaults.
"""

import hashlib
import importlib.util
import sys
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from jaxgan.checks import require
from jaxgan.configuration import Configuration
from jaxgan.errors import InputError, NotFoundError
from jaxgan.failures import MODULE
from jaxgan.options import conform, leaves
from jaxgan.program.program import Program

ORIGIN = "__origin__"
"""In the module of a recipe: where the file came from that a run's folder has a copy of."""


def load(path: Path, origin: Path | None = None) -> Configuration:
    """Run a recipe's file and take its `recipe` and `program`.

    Args:
        path: of the file.
        origin: where it was copied from; modules beside that can be imported.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if the file cannot be run, or has no such recipe or program.
    """
    path = path.absolute()
    if not path.is_file():
        raise NotFoundError(f"no recipe {path}")
    module = _run(path, (origin or path).absolute())
    recipe: Any = getattr(module, "recipe", None)
    program = getattr(module, "program", Program())
    check(recipe, str(path))
    require(isinstance(program, Program), f"program of {path} must be a jaxgan.Program, got {program!r}")
    return Configuration(recipe, program)


def check(recipe: Any, where: str) -> None:
    """Raise `ValueError` unless this is a recipe, and all of its options are as their types say."""
    instance = is_dataclass(recipe) and not isinstance(recipe, type)
    require(
        instance and all(callable(getattr(recipe, name, None)) for name in ("dataset", "experiment")),
        f"{where} must be a recipe, and have one as its module-level `recipe` if it is a file: an instance of a frozen "
        f"dataclass with the functions dataset() and experiment(data, steps); got {recipe!r:.200}",
    )
    try:
        conform(recipe)
    except NameError as error:
        raise InputError(f"{where}: the type of an option is not known: {error}") from error
    clashing = sorted(leaves(recipe).keys() & leaves(Program()).keys())
    require(not clashing, f"{where} has options that the program has too: {', '.join(clashing)}; name them otherwise")


def file_of(recipe: Any) -> Path | None:
    """The file of a recipe that lies in one; None of those of `jaxgan.recipes`.

    Raises:
        ValueError: if its class was not defined in a file.
    """
    name = type(recipe).__module__
    if name.startswith("jaxgan.recipes."):
        return None
    file = getattr(sys.modules.get(name), "__file__", None)
    require(
        file is not None and Path(file).is_file(),
        f"{type(recipe).__name__} is defined in {name}, which is no file: a run keeps a copy of its recipe's file. Put "
        f"the recipe into a file, or pass an Experiment",
    )
    return Path(str(file))


def origin_of(path: Path) -> Path:
    """Where the file came from that a recipe was loaded from."""
    modules = [module for module in list(sys.modules.values()) if getattr(module, "__file__", None) == str(path)]
    return next((getattr(module, ORIGIN) for module in modules if hasattr(module, ORIGIN)), path.absolute())


def _run(path: Path, origin: Path) -> ModuleType:
    content = path.read_bytes()
    name = f"{MODULE}{path.stem}_{hashlib.blake2b(content + str(path).encode(), digest_size=6).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    require(spec is not None and spec.loader is not None, f"{path} must be a Python file, whose name ends in .py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    setattr(module, ORIGIN, origin)
    sys.modules[name] = module
    sys.path.insert(0, str(origin.parent))
    try:
        spec.loader.exec_module(module)
    except Exception:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(origin.parent))
    return module
