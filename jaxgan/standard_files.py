"""Standard input, output and error of a program that must not end with them."""

import os
import sys
from typing import Any


class Unbreakable:
    """A text stream that goes quiet, instead of raising, when nobody reads it any more or it cannot be written.

    Args:
        stream: such as `sys.stdout`; None, which Python has for a closed one, is quiet from the start.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.error: OSError | ValueError | None = None
        """Why it went quiet."""

    def write(self, text: str) -> int:
        """Write, if it can be written."""
        return self._call("write", text) or len(text)

    def flush(self) -> None:
        """Flush, if it can be flushed."""
        self._call("flush")

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
            if isinstance(error, UnicodeError):
                raise
            self.stream, self.error = None, error
            return None


def open_closed_ones() -> None:
    """Open those that are closed on the null device: else the next file that is opened would become one of them."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it gets the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def throw_away(stream: Any) -> None:
    """Let what a stream still holds go nowhere, where it cannot be flushed: Python would end in a traceback."""
    try:
        stream.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
