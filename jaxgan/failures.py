"""What the machine refuses, in words: no space, no rights, no memory, a process that was killed."""

import errno
import re

SYSTEM_TEXT = re.compile(r"os_error_code=|error writing|No space left on device|RESOURCE_EXHAUSTED|PERMISSION_DENIED")
"""In the messages of XLA and of TensorStore, which have no exception types of their own for what a system refuses."""
LONGEST = 300


def sentence(error: BaseException) -> str | None:
    """What the operating system or a device refused, in a line or two; None for any other error.

    Args:
        error: an `OSError`, a `MemoryError`, or an error of XLA or TensorStore that reports either.
    """
    if isinstance(error, OSError):
        return _of_the_system(error)
    if isinstance(error, MemoryError):
        return f"not enough memory. {_first_line(error)}".strip()
    text = str(error)
    if not isinstance(error, ValueError | RuntimeError) or not SYSTEM_TEXT.search(text):
        return None
    if "RESOURCE_EXHAUSTED" in text and "os_error_code" not in text:
        return f"not enough memory on the device: a smaller batch or network needs less. {_first_line(error)}"
    return _first_line(error)


def _of_the_system(error: OSError) -> str:
    if error.errno is None:
        return _first_line(error)
    names = " -> ".join(repr(str(name))[1:-1] for name in (error.filename, error.filename2) if name is not None)
    reason = error.strerror or errno.errorcode.get(error.errno, "unknown error")
    return f"{names}: {reason}" if names else reason


def _first_line(error: BaseException) -> str:
    line = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
