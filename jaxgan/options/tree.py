"""Options as a tree of frozen dataclasses.

A field is a value, a group (another dataclass), or a choice: a field whose annotation joins dataclasses by `|`, each
with a `NAME`, and with an `ARGUMENT` if one of its options may follow that and a colon. Only the options of what is
chosen are there, so that none can be given that has no effect. No name
occurs twice in a tree, so that every option can be named without the way to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Annotated, Any, TypeVar, get_args, get_origin

from jaxgan.checks import require
from jaxgan.errors import InputError
from jaxgan.names import nearest
from jaxgan.options.conform import annotations, variant, variants

T = TypeVar("T")
CHOSEN = "is"
"""Key of a choice's name in a tree of plain values."""


def leaves(options: Any) -> dict[str, Any]:
    """The values by their names, in order.

    Raises:
        ValueError: if a name occurs twice.

    Examples:
        >>> jaxgan.options.leaves(jaxgan.Program(steps=500))["steps"]
        500
    """
    found: dict[str, Any] = {}
    for name, value, group in _fields(options):
        more = leaves(value) if group else {name: value}
        twice = sorted(found.keys() & more.keys())
        require(not twice, f"{type(options).__name__} has two options of the name {', '.join(twice)}")
        found |= more
    return found


def leaf_types(options: Any) -> dict[str, Any]:
    """Types of the values by their names, with their annotations."""
    hints = annotations(type(options))
    found: dict[str, Any] = {}
    for name, value, group in _fields(options):
        found |= leaf_types(value) if group else {name: hints[name]}
    return found


def every_name(kind: type) -> set[str]:
    """The names of all values that a tree may have, whatever is chosen.

    Examples:
        >>> "batch_size" in jaxgan.options.every_name(jaxgan.Program)
        True
    """
    names: set[str] = set()
    for name, hint in annotations(kind).items():
        kinds: Any = variants(hint) or ((hint,) if is_dataclass(hint) else ())
        for one in kinds:
            names |= every_name(one)
        names |= set() if kinds else {name}
    return names


def choices(options: Any) -> dict[str, tuple[type, ...]]:
    """All choices by their names, each with the dataclasses to choose from."""
    found: dict[str, tuple[type, ...]] = {}
    for name, value, group in _fields(options):
        if group:
            alternatives = variants(annotations(type(options))[name])
            found |= ({name: alternatives} if alternatives else {}) | choices(value)
    return found


def chosen(options: Any) -> dict[str, str]:
    """Names of the chosen dataclasses, by the names of the choices.

    Examples:
        >>> jaxgan.options.chosen(jaxgan.preset("ring").recipe)["network"]
        'mlp'
    """
    found: dict[str, str] = {}
    for name, value, group in _fields(options):
        if group:
            named = variants(annotations(type(options))[name])
            found |= ({name: value.NAME} if named else {}) | chosen(value)
    return found


def changed(options: T, **values: Any) -> T:
    """The same options with these values changed, by their own names, without those of their groups.

    A choice may be given by its name, `network="mlp"`, or with one of its options, `data="npz:FILE"`. It keeps
    what it shares with what was chosen before.

    Raises:
        ValueError: if there is no option of a name, or a value is out of its range.
        TypeError: if a value is of another kind.

    Examples:
        >>> jaxgan.options.changed(jaxgan.Program(steps=500), batch_size=32).batch_size
        32
    """
    left = dict(values)
    result = _changed(options, left)
    if left:
        name = next(iter(left))
        every = [*leaves(result), *choices(result)]
        raise InputError(f"there is no option {name}{nearest(name, every)}; there are {', '.join(every)}")
    return result


def to_tree(options: Any) -> dict[str, Any]:
    """Plain values for JSON. A choice also stores its name.

    Examples:
        >>> jaxgan.options.to_tree(jaxgan.Program(steps=500))["steps"]
        500
    """
    tree: dict[str, Any] = {}
    for name, value, group in _fields(options):
        named = group and bool(variants(annotations(type(options))[name]))
        tree[name] = (({CHOSEN: value.NAME} if named else {}) | to_tree(value)) if group else value
    return tree


def from_tree(kind: type[T], tree: Mapping[str, Any]) -> T:
    """The inverse of `to_tree`. Options that the tree does not name have their defaults.

    Raises:
        ValueError: naming options that this version does not know.

    Examples:
        >>> program = jaxgan.Program(steps=500)
        >>> jaxgan.options.from_tree(jaxgan.Program, jaxgan.options.to_tree(program)) == program
        True
    """
    require(isinstance(tree, Mapping), f"options of {kind.__name__} must be an object, got {tree!r}")
    hints = annotations(kind)
    unknown = sorted(set(tree) - {field.name for field in fields(kind)} - {CHOSEN})  # type: ignore[arg-type]
    require(not unknown, f"unknown options of {kind.__name__}: {', '.join(unknown)}")
    values: dict[str, Any] = {}
    for name, value in tree.items():
        if name == CHOSEN:
            continue
        hint = _plain_hint(hints[name])
        if variants(hint):
            require(isinstance(value, Mapping) and CHOSEN in value, f"{name} must name what is chosen, got {value!r}")
            value = from_tree(type(variant(name, value[CHOSEN], variants(hint))), value)
        elif is_dataclass(hint):
            value = from_tree(hint, value)  # type: ignore[arg-type]
        values[name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def _changed(options: Any, left: dict[str, Any]) -> Any:
    new: dict[str, Any] = {}
    for name, value, group in _fields(options):
        alternatives = variants(annotations(type(options))[name])
        if name in left:
            given = left.pop(name)
            if alternatives and isinstance(given, str):
                given = _with_shared(variant(name, given, alternatives), value, given)
            new[name] = _changed(given, left) if is_dataclass(given) else given
        elif group:
            new[name] = _changed(value, left)
    return replace(options, **new) if any(getattr(options, name) is not new[name] for name in new) else options


def _with_shared(new: Any, old: Any, spelling: str) -> Any:
    """The new choice with those values of the old one that both have and that the new one accepts."""
    given = new.ARGUMENT if ":" in spelling else None
    mine, theirs = {name: value for name, value, group in _fields(new) if not group}, leaves(old)
    if type(new) is type(old) and given is None:
        return old
    for name in mine.keys() & theirs.keys() - {given}:
        try:
            new = replace(new, **{name: theirs[name]})
        except (ValueError, TypeError):
            continue
    return new


def _fields(options: Any) -> Iterator[tuple[str, Any, bool]]:
    """Name, value, and whether it is a group."""
    for field in fields(options):
        value = getattr(options, field.name)
        yield field.name, value, is_dataclass(value)


def _plain_hint(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint
