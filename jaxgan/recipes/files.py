"""Recipes in your own files: `jaxgan train my_recipe.py`.

Such a file has a module-level `recipe`, an instance of a frozen dataclass with the functions of `Recipe`, and may have
a `program`, a `Program` of its own defaults.
"""

import hashlib
import importlib.util
import inspect
import sys
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from jaxgan.checks import described, require
from jaxgan.configuration import Configuration
from jaxgan.errors import InputError, NotFoundError
from jaxgan.failures import MODULE
from jaxgan.options import conform, leaves
from jaxgan.program.program import Program

ORIGIN = "__origin__"
"""Name in a recipe's module for the original place of the file that a run's folder has a copy of."""


def load(path: Path, origin: Path | None = None) -> Configuration:
    """Run a recipe's file and take its `recipe` and `program`.

    Args:
        path: path of the file.
        origin: where it was copied from; modules beside that, or beside the file, can be imported.

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
    require(recipe is not None, f"{path} has no recipe: add a last line such as recipe = Mine()")
    check(recipe, f"`recipe` of {path}")
    require(isinstance(program, Program), f"program of {path} must be a jaxgan.Program, got {program!r}")
    return Configuration(recipe, program)


def check(recipe: Any, where: str) -> None:
    """Raise `ValueError` unless this is a recipe and all of its options fit their types."""
    fault = _fault(recipe)
    require(
        fault is None,
        f"{where} must be a recipe, an instance of a frozen dataclass with dataset(self) and "
        f"experiment(self, data, steps); {fault}",
    )
    for name, value in vars(type(recipe)).items():
        untyped = name.islower() and not name.startswith("_") and name not in inspect.get_annotations(type(recipe))
        require(
            not (untyped and isinstance(value, bool | int | float | str | tuple)),
            f"{where}: {name} = {value!r} has no type, so it is no option: write {name}: {type(value).__name__} = "
            f"{value!r}; what is no option is written in capitals",
        )
    try:
        conform(recipe)
    except NameError as error:
        raise InputError(f"{where}: the type of an option is not known: {error}") from error
    clashing = sorted(leaves(recipe).keys() & leaves(Program()).keys())
    require(not clashing, f"{where} has options that the program has too: {', '.join(clashing)}; name them otherwise")


def _fault(recipe: Any) -> str | None:
    """Reason why this is not a recipe, or None."""
    if isinstance(recipe, type):
        return f"got a class: write {recipe.__name__}()"
    name = type(recipe).__name__
    if not is_dataclass(recipe):
        return f"got {described(recipe)}, which is no dataclass: write @dataclass(frozen=True) above its class"
    for function, arguments in (("dataset", ()), ("experiment", ("data", "steps"))):
        own = getattr(recipe, function, None)
        if not callable(own):
            return f"{name} has no function {function}"
        try:
            inspect.signature(own).bind(*arguments)
        except TypeError:
            return f"{name} has {function}({', '.join(['self', *inspect.signature(own).parameters])})"
    return None


def file_of(recipe: Any) -> Path | None:
    """File of a recipe; None for the recipes of `jaxgan.recipes`.

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
    """Original place of the file from which a recipe was loaded."""
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
    beside = list(dict.fromkeys([str(origin.parent), str(path.parent)]))
    sys.path[:0] = beside
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        del sys.modules[name]
        raise InputError(f"{path}: {error}. It is not installed and does not lie in {' or '.join(beside)}") from error
    except SyntaxError as error:
        del sys.modules[name]
        raise InputError(f"{error.filename}, line {error.lineno}: {error.msg}") from error
    except Exception:
        del sys.modules[name]
        raise
    finally:
        for folder in beside:
            sys.path.remove(folder)
    return module
