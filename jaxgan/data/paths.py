"""Paths of data: where they lead, and how they are shown."""

from pathlib import Path

from jaxgan.errors import NotFoundError


def expanded(path: str | Path) -> Path:
    """The path with `~` and `~user` replaced.

    Raises:
        FileNotFoundError: if there is no such user.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise NotFoundError(f"{shown(path)}: {error}") from error


def shown(text: str | Path) -> str:
    r"""The text with what cannot be printed as an escape, such as `\n`, or `\udce9` of a name that is not UTF-8."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))
