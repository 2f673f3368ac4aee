"""Check the values of a dataclass of options against its annotations, like the command line checks its arguments."""

import contextlib
import os
import sys
from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from jaxgan.checks import require, require_choice, require_number
from jaxgan.errors import InputTypeError

NAMES = {int: "a whole number", float: "a number", bool: "True or False", str: "text", tuple: "a list"}


class Range(NamedTuple):
    """Range of a number: `Annotated[int, Range(1)]`. It applies to each number of a list, and not to None."""

    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None


def conform(options: Any) -> None:
    """Check every field, and convert NumPy numbers, lists and paths to Python numbers, tuples and strings.

    The name of a choice becomes its dataclass, see `jaxgan.options.tree`. Traced numbers pass, as a sweep needs it.

    Args:
        options: an instance of a dataclass whose fields are whole numbers, numbers, booleans, text, paths, choices,
            other such dataclasses, or tuples of these, some of them optional.

    Raises:
        TypeError: naming the field, what came and what is allowed.
        ValueError: if a value is none of the choices, or out of its range.

    Examples:
        >>> jaxgan.options.conform(jaxgan.Program(steps=500))  # raises if a value is not what its annotation says
    """
    hints = annotations(type(options))
    for field in fields(options):
        value = getattr(options, field.name)
        object.__setattr__(options, field.name, _conformed(field.name, value, hints[field.name]))


def annotations(options: Any) -> dict[str, Any]:
    """Types of the fields of a dataclass, with their annotations."""
    return _annotations(options)


@cache
def _annotations(options: Hashable) -> dict[str, Any]:
    return get_type_hints(options, include_extras=True)


def variants(hint: Any) -> tuple[type, ...]:
    """Dataclasses of a choice, which an annotation joins by `|`; none if it is no choice."""
    each = get_args(hint) if get_origin(hint) in (Union, UnionType) else ()
    return each if each and all(is_dataclass(one) for one in each) else ()


def variant(name: str, value: str, allowed: tuple[type, ...]) -> Any:
    """The choice of that name, with its defaults. Text after a colon is the value of the option that its `ARGUMENT`
    names."""
    kind, colon, argument = value.partition(":")
    names: dict[str, Any] = {str(one.NAME): one for one in allowed}  # type: ignore[attr-defined]
    taken: dict[str, Any] = {kind: getattr(one, "ARGUMENT", None) for kind, one in names.items()}
    known = spellings(allowed)
    require_choice(name, known[list(names).index(kind)] if kind in names else value, known)
    require(not colon or bool(taken[kind] and argument), f"{name} must be one of {', '.join(known)}; got {value!r}")
    return names[kind](**{taken[kind]: argument}) if colon else names[kind]()


def spellings(allowed: tuple[type, ...]) -> tuple[str, ...]:
    """Spellings of choices: `npz:PATH` if one of the options of a choice may follow its name."""
    each: tuple[Any, ...] = allowed
    arguments = (getattr(one, "ARGUMENT", "").removeprefix(f"{one.NAME}_").upper() for one in each)
    return tuple(f"{one.NAME}:{name}" if name else one.NAME for one, name in zip(each, arguments, strict=True))


def is_traced(value: Any) -> bool:
    """Whether JAX traces a number; while it is not imported, it does not."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.core.Tracer)


def _conformed(name: str, value: Any, hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if is_traced(value):
        return value
    if origin is Annotated:
        value = _conformed(name, value, arguments[0])
        for limits in arguments[1:]:
            _check_range(name, value, limits)
        return value
    if variants(hint) or is_dataclass(hint):
        return _group(name, value, variants(hint) or (hint,))
    if origin in (Union, UnionType):
        if value is None and NoneType in arguments:
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


def _group(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if isinstance(value, str) and len(allowed) > 1:
        return variant(name, value, allowed)
    if not isinstance(value, allowed):
        names = " or ".join(one.__name__ for one in allowed)
        raise InputTypeError(f"{name} must be {names}, got {value!r}")
    return value


def _check_range(name: str, value: Any, limits: Any) -> None:
    if not isinstance(limits, Range) or value is None:
        return
    for each in value if isinstance(value, tuple) else (value,):
        of = f"each of {name}" if isinstance(value, tuple) else name
        require_number(of, each, at_least=limits.at_least, below=limits.below)
        require(limits.at_most is None or each <= limits.at_most, f"{of} must be at most {limits.at_most}, got {each}")


def _plain(name: str, value: Any, kind: type) -> Any:
    if not (kind in NAMES or (isinstance(kind, type) and issubclass(kind, os.PathLike))):
        raise InputTypeError(
            f"{name} is annotated as {kind}; an option must be an int, float, bool, str, Path, Literal or "
            f"tuple of them, such as tuple[int, ...]"
        )
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
