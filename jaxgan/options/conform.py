"""Values of a dataclass of options, checked against its annotations as the command line checks its words."""

import contextlib
import os
from dataclasses import fields
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from jaxgan.checks import require_choice
from jaxgan.errors import InputTypeError

NAMES = {int: "a whole number", float: "a number", bool: "True or False", str: "text", tuple: "a list"}


def conform(options: Any) -> None:
    """Check every field, and bring NumPy's numbers, lists and paths to Python's numbers, tuples and strings.

    Args:
        options: an instance of a dataclass whose fields are whole numbers, numbers, booleans, text, paths, choices, or
            tuples of these, some of them optional.

    Raises:
        TypeError: naming the field, what came and what is allowed.
        ValueError: if a value is none of the choices.
    """
    hints = _hints(type(options))  # type: ignore[arg-type]  # classes can be hashed
    for field in fields(options):
        value = getattr(options, field.name)
        object.__setattr__(options, field.name, _conformed(field.name, value, hints[field.name]))


@cache
def _hints(options: type) -> dict[str, Any]:
    return get_type_hints(options)


def _conformed(name: str, value: Any, hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if value is None:
            return None
        *others, last = (argument for argument in arguments if argument is not NoneType)
        for other in others:
            with contextlib.suppress(InputTypeError):
                return _conformed(name, value, other)
        return _conformed(name, value, last)
    if origin is Literal:
        require_choice(name, value, arguments)
        return next(argument for argument in arguments if argument == value)
    if origin is tuple:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise InputTypeError(f"{name} must be a list, got {value!r}")
        return tuple(_conformed(name, each, arguments[0]) for each in value)
    return _plain(name, value, hint)


def _plain(name: str, value: Any, kind: type) -> Any:
    boolean = isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")
    if kind is bool and boolean:
        return bool(value)
    if kind is int and isinstance(value, Integral) and not boolean:
        return int(value)
    if kind is float and isinstance(value, Real) and not boolean:
        return float(value)
    if kind is str and isinstance(value, str | os.PathLike):
        return os.fspath(value)
    if kind not in NAMES and isinstance(value, str | os.PathLike):
        return kind(value)
    raise InputTypeError(f"{name} must be {NAMES.get(kind, 'a path')}, got {value!r}")
