"""A recipe in the `config.json` of a run, and the copy of its file beside it."""

import shutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from jaxgan.checks import require
from jaxgan.errors import InputError
from jaxgan.options import from_tree, to_tree
from jaxgan.recipes import files
from jaxgan.recipes.recipe import Recipe

COPY = "recipe.py"
"""Name of the copy in the run's folder."""


def write(recipe: Recipe | None, folder: Path) -> dict[str, Any] | None:
    """Plain values for JSON. If the recipe comes from a file, write a copy of the file to the folder."""
    if recipe is None:
        return None
    kind, path = type(recipe), files.file_of(recipe)
    record = {"kind": kind.__name__, "options": to_tree(recipe)}
    if path is None:
        return {"module": kind.__module__, **record}
    copy = folder / COPY
    if not copy.exists():
        shutil.copyfile(path, copy)
    return {"file": str(files.origin_of(path)), **record}


def read(record: Mapping[str, Any] | None, folder: Path) -> Recipe | None:
    """The recipe of a run.

    Raises:
        ValueError: if this version has no such recipe, or its options or the copy of its file cannot be used.
    """
    if record is None:
        return None
    if "file" in record:
        kind = type(files.load(folder / COPY, origin=Path(record["file"])).recipe)
    else:
        module = str(record["module"])
        require(module.startswith("jaxgan.recipes."), f"{folder} names a recipe in {module}, outside jaxgan.recipes")
        try:
            kind = getattr(import_module(module), record["kind"])
        except (ImportError, AttributeError) as error:
            raise InputError(f"{folder} has a recipe that this version does not know: {error}") from error
    return from_tree(kind, record["options"])
