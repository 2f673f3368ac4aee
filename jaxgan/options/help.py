"""Help for a tree of options: a line or two for each option with its value, in the groups of the tree."""

import ast
import inspect
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin

from jaxgan.options.conform import annotations, spellings, variants

NAME_WIDTH = 34
EVERY: Mapping[str, Sequence[str]] = {}


def help_text(usage: str, description: str, *options: Any, allowed: Mapping[str, Sequence[str]] = EVERY) -> str:
    """All options with their values and the first sentence about each; choices come first.

    Args:
        usage: the first line.
        description: the next.
        options: dataclasses, see `jaxgan.options.tree`.
        allowed: values to list for some options, by their names, instead of all.
    """
    width = min(shutil.get_terminal_size().columns, 120)
    choice_lines: list[str] = []
    groups: list[tuple[str, list[str]]] = []
    for one in options:
        _collect(one, "", choice_lines, groups, width, allowed)
    titled = [("Options" if title == description.rstrip(".") else title, lines) for title, lines in groups if lines]
    sections = ["\n".join([*textwrap.wrap(title, width), *lines]) for title, lines in titled]
    first = ["Choices: each has its own options\n" + "\n".join(choice_lines)] if choice_lines else []
    return "\n\n".join([usage, *textwrap.wrap(description, width), *first, *sections])


def _collect(
    options: Any,
    choice: str,
    choice_lines: list[str],
    groups: list[tuple[str, list[str]]],
    width: int,
    allowed: Mapping[str, Sequence[str]],
) -> None:
    own: list[str] = []
    kind: Any = type(options)
    groups.append((choice + first_sentence(inspect.getdoc(kind) or kind.__name__).rstrip("."), own))
    documents = field_documents(kind)
    for each in fields(options):
        name, hint = each.name, annotations(kind)[each.name]
        value: Any = getattr(options, name)
        about = documents.get(name, "")
        alternatives = variants(hint)
        if alternatives:
            names = ", ".join(spellings(alternatives))
            choice_lines += _lines(name, value.NAME, f"{first_sentence(about)} {names}.", width)
        if is_dataclass(hint) or alternatives:
            chosen = f"--{name} {value.NAME}: " if alternatives else ""
            _collect(value, chosen, choice_lines, groups, width, allowed)
        elif not alternatives:
            values = allowed.get(name) or _values(hint)
            listed = f" {', '.join(values)}." if values else ""
            own += _lines(name, value, first_sentence(about) + listed, width)


def _lines(name: str, value: Any, about: str, width: int) -> list[str]:
    start = f"  --{name.replace('_', '-')} {spelled(value)}"
    if isinstance(value, bool):
        start = f"  --[no-]{name.replace('_', '-')} {'on' if value else 'off'}"
    wrapped = textwrap.wrap(about, max(20, width - NAME_WIDTH)) or [""]
    rest = [" " * NAME_WIDTH + line for line in wrapped[1:]]
    if len(start) >= NAME_WIDTH:
        return [start, " " * NAME_WIDTH + wrapped[0], *rest]
    return [start.ljust(NAME_WIDTH) + wrapped[0], *rest]


def _values(hint: Any) -> list[str]:
    """Values to choose from, if an annotation lists them."""
    return [str(value) for part in (hint, *get_args(hint)) if get_origin(part) is Literal for value in get_args(part)]


def spelled(value: Any) -> str:
    """A value as the command line takes it; a dash for None and for no value."""
    if isinstance(value, tuple):
        return " ".join(map(spelled, value)) or "-"
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def first_sentence(text: str) -> str:
    """The text up to the first full stop that ends a sentence."""
    joined = " ".join(text.split())
    end = joined.find(". ")
    return joined if end < 0 else joined[: end + 1]


@cache
def field_documents(kind: Any) -> dict[str, str]:
    """The string below each field of a dataclass and of those that it extends."""
    documents: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        try:
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        except (OSError, TypeError, SyntaxError):
            continue
        body = definition.body if isinstance(definition, ast.ClassDef) else []
        for before, after in pairwise(body):
            if (
                isinstance(before, ast.AnnAssign)
                and isinstance(before.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
            ):
                documents[before.target.id] = str(after.value.value)
    return documents
