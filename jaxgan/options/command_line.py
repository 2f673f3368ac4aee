"""Options on the command line: only those of the choices made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, is_dataclass, make_dataclass
from itertools import pairwise
from typing import Any

from jaxgan.checks import require
from jaxgan.errors import InputError
from jaxgan.names import nearest
from jaxgan.options.help import help_text
from jaxgan.options.tree import changed, choices, leaf_types, leaves


def parse(
    arguments: Sequence[str],
    *options: Any,
    prog: str,
    description: str,
    allowed: Callable[..., Mapping[str, Sequence[str]]] = lambda *options: {},
) -> tuple[Any, ...]:
    """The options that the arguments change.

    Choices are read first, wherever they stand, so that the options of what is chosen are known, and no others.

    Args:
        arguments: as the shell gave them.
        options: dataclasses, see `jaxgan.options.tree`; their values are the defaults.
        prog: the command.
        description: above the help.
        allowed: called with the options after the choices: the values that the help lists for some options, by their
            names, instead of all.

    Raises:
        ValueError: for an argument that is no option, or a value that is none of the choices.
        SystemExit: from `tyro`, after help, or after saying what else is wrong.
    """
    rest = list(arguments)
    options = tuple(_choose(one, rest) for one in options)
    refuse_unknown(prog, rest, options)
    if any(word in ("-h", "--help") for word in rest):
        print(help_text(f"usage: {prog} [--OPTION VALUE ...]", description, *options, allowed=allowed(*options)))
        raise SystemExit(0)
    import tyro

    values = {name: value for one in options for name, value in leaves(one).items()}
    types = {name: hint for one in options for name, hint in leaf_types(one).items()}
    flat = make_dataclass("Options", [(name, types[name], field(default=value)) for name, value in values.items()])
    parsed: Any = tyro.cli(flat, prog=prog, args=rest)
    return tuple(changed(one, **{name: getattr(parsed, name) for name in leaves(one)}) for one in options)


def _choose(options: Any, rest: list[str]) -> Any:
    """Options after the choices in the arguments, which are removed; a choice may bring further choices."""
    while True:
        known = choices(options)
        place = next((i for i, word in enumerate(rest) if _name(word) in known), None)
        if place is None:
            return options
        word = rest.pop(place)
        if "=" in word:
            value = word.partition("=")[2]
        else:
            require(place < len(rest) and not rest[place].startswith("--"), f"{word} needs a value")
            value = rest.pop(place)
        options = changed(options, **{_name(word): value})


def refuse_unknown(prog: str, arguments: Sequence[str], options: tuple[Any, ...]) -> None:
    """Raise `ValueError` if one of the arguments is an option that none of these dataclasses has, or one that needs a
    value and got none."""
    values = {name: value for one in options for name, value in leaves(one).items()}
    known = {_spelled(name) for name in values} | {_spelled(name) for one in options for name in choices(one)}
    negated = {f"no-{_spelled(name)}" for name, value in values.items() if isinstance(value, bool)}
    for argument in arguments:
        name = argument.removeprefix("--").partition("=")[0].replace("_", "-")
        if argument.startswith("--") and name and name not in known | negated | {"help"} and name[:5] != "tyro-":
            near = nearest(name, known).replace("mean ", "mean --").replace(" or ", " or --")
            raise InputError(f"{prog} has no option --{name}{_of_another_choice(name, options) or near}")
    never_bare = {f"--{_spelled(name)}" for one in options for name in _never_bare(one)}
    for argument, after in pairwise([*arguments, "--"]):
        bare = argument.replace("_", "-") in never_bare and after.startswith("--")
        require(not bare, f"{prog}: {argument} needs a value")


def _never_bare(options: Any) -> set[str]:
    """Names of the options that need a value: all but flags and lists that are empty only if the user says so."""
    names: set[str] = set()
    for each in fields(options):
        value = getattr(options, each.name)
        if is_dataclass(value):
            names |= _never_bare(value)
        elif not isinstance(value, bool | tuple) or each.default == ():
            names.add(each.name)
    return names


def _of_another_choice(name: str, options: tuple[Any, ...]) -> str:
    """The choice that has an option which the present choices lack."""
    field_name = name.removeprefix("no-").replace("-", "_")
    owners = [
        f"--{_spelled(choice)} {kind.NAME}"  # type: ignore[attr-defined]
        for one in options
        for choice, kinds in choices(one).items()
        for kind in kinds
        if field_name in {each.name for each in fields(kind)}  # type: ignore[arg-type]
    ]
    return f" here; it is one of {', '.join(owners)}" if owners else ""


def _name(word: str) -> str:
    return word.removeprefix("--").partition("=")[0].replace("-", "_") if word.startswith("--") else ""


def _spelled(name: str) -> str:
    return name.replace("_", "-")
