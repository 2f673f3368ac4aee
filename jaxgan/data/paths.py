"""Paths of data: how they are expanded and shown."""

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
    r"""The text with unprintable characters as escapes, such as `\n`, or `\udce9` in a name that is not UTF-8."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))
