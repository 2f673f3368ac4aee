"""Standard input, output and error, for a program that must not end when they are closed."""

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

PLAIN = {"×": "x", "±": "+-", "·": "*", "²": "^2", "−": "-", "‖": "||", "∇": "grad ", "γ": "gamma", "β": "beta"}
"""Replacements for our characters in encodings that lack them."""


class Unbreakable:
    """A text stream that never raises. It goes quiet when nobody reads it any more or when it cannot be written. It
    replaces characters that its encoding lacks.

    Args:
        stream: such as `sys.stdout`; None, which Python has for a closed one, is quiet from the start.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.error: OSError | ValueError | None = None
        """Why it went quiet."""

    def write(self, text: str) -> int:
        """Write, if it can be written."""
        return self._call("write", encodable(text, getattr(self.stream, "encoding", None))) or len(text)

    def flush(self) -> None:
        """Flush, if it can be flushed."""
        self._call("flush")

    def close(self) -> None:
        """Stay open, because others may still write: libraries close their log streams when the program ends."""

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return bool(self._call("isatty"))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def _call(self, name: str, *arguments: str) -> Any:
        if self.stream is None:
            return None
        try:
            return getattr(self.stream, name)(*arguments)
        except (OSError, ValueError) as error:
            self.stream, self.error = None, error
            return None


def encodable(text: str, encoding: str | None) -> str:
    """The text in characters that the encoding has: `PLAIN` ones for some, else escapes such as \\u20ac."""
    if encoding is None:
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        if len(text) > 1:
            return "".join(encodable(character, encoding) for character in text)
        return PLAIN.get(text) or text.encode("ascii", "backslashreplace").decode()
    return text


def console(stream: Any = None, *, width: int | None = None, soft_wrap: bool = False) -> "Console":
    """A console of rich that shows text as it is: square brackets are no markup, `:smile:` is no picture.

    Args:
        stream: where it prints; the standard output if None.
        width: in characters; that of the terminal if None.
        soft_wrap: leave long lines to the terminal.
    """
    from rich.console import Console

    file = cast(TextIO, Unbreakable(sys.stdout if stream is None else stream))
    return Console(file=file, width=width, soft_wrap=soft_wrap, markup=False, emoji=False, highlight=False)


def open_closed_ones() -> None:
    """Open closed standard streams on the null device. Otherwise the next opened file would become one of them."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it gets the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def throw_away(stream: Any) -> None:
    """Discard the rest of a stream that cannot be flushed. Otherwise Python would end in a traceback."""
    try:
        stream.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
