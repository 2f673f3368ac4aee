"""Make the pages of the reference from the public names of the packages, so that none can be missing."""

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from types import ModuleType

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.append(str(Path(__file__).parent))
from public import PAGES, named, public

YEAR = re.compile(r"\b(?:19|20)\d\d\b")
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
    return "\n\n".join([f"## {name}", about(module), *map(entry, paths)])


def entry(path: str) -> str:
    """A public name. Where its docstring names no paper, those follow that the docstring of its file names."""
    place, _, name = path.rpartition(".")
    module = sys.modules.get(place)
    about_it = getattr(getattr(module, name, None), "__doc__", None) or ""
    paragraphs = inspect.cleandoc(getattr(module, "__doc__", None) or "").split("\n\n")
    papers = [] if YEAR.search(about_it) else [text for text in paragraphs if YEAR.search(text)]
    text = indent("\n\n".join(papers), "    ")
    return f'::: {path}\n\n!!! note "Reference"\n{text}' if papers else f"::: {path}"


def about(module: ModuleType) -> str:
    """The docstring of a module as Markdown."""
    text, _, examples = inspect.cleandoc(module.__doc__ or "").partition("\nExamples:\n")
    return f"{text}\nThe examples below use\n\n```pycon\n{dedent(examples)}\n```" if examples else text


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
