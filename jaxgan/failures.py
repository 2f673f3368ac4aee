"""Failures of the machine in words: no space, no permission, no memory, a killed process."""

import contextlib
import errno
import functools
import gc
import logging
import os
import re
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator

SYSTEM_TEXT = re.compile(
    r"os_error_code=|error writing|No space left on device|RESOURCE_EXHAUSTED|Out of memory|PERMISSION_DENIED"
)
"""Texts in messages of XLA and of TensorStore, which have no exception types for failures of the system."""
OS_ERROR = re.compile(r"os_error_code='(\d+)'")
QUOTED = re.compile(r'local file "([^"]+)"')
KILLED_WORKER = re.compile(r"Worker process was terminated unexpectedly with exit code (-?[0-9]+)")
"""Grain's message about a killed worker."""
OTHER_PROCESS = re.compile(r"Gloo .* failed|remote process exited|coordination service")
"""JAX's messages in the other processes when one has ended."""
LONGEST = 300
MOMENT = 0.02
"""Seconds until a lost Ctrl-C is sent again."""
MODULE = "jaxgan_recipe_"
"""Name of the modules of recipes in files."""


def sentence(error: BaseException) -> str | None:
    """A failure of the operating system or of a device in a line or two; None for any other error.

    Args:
        error: an `OSError`, a `MemoryError`, or an error of XLA or TensorStore that reports either.
    """
    if isinstance(error, OSError):
        return _of_the_system(error)
    if isinstance(error, MemoryError):
        return f"not enough memory. {_first_line(error)}".strip()
    text = str(error)
    if killed := KILLED_WORKER.search(text):
        return (
            f"a process that gathers batches was ended from outside (exit code {killed[1]}), for want of memory "
            f"perhaps: take fewer --workers"
        )
    if isinstance(error, RuntimeError) and OTHER_PROCESS.search(text):
        return f"another process of this run has ended, or cannot be reached. {_first_line(error)}"
    if not isinstance(error, ValueError | RuntimeError) or not SYSTEM_TEXT.search(text):
        return None
    if code := OS_ERROR.search(text):
        path = QUOTED.search(text)
        return f"{path[1]}: {os.strerror(int(code[1]))}" if path else os.strerror(int(code[1]))
    if "RESOURCE_EXHAUSTED" in text or "Out of memory" in text:
        return f"not enough memory on the device: a smaller batch or network needs less. {_first_line(error)}"
    return _first_line(error)


@contextlib.contextmanager
def said_once() -> Iterator[None]:
    """A context in which errors in threads of orbax and TensorStore are raised, but not also printed with
    tracebacks."""
    loggers = {name: logging.getLogger(name) for name in ("absl", "asyncio", "concurrent.futures")}
    levels = {name: logger.level for name, logger in loggers.items()}
    hooks = sys.excepthook, sys.unraisablehook
    sys.excepthook, sys.unraisablehook = _say_nothing, functools.partial(_unraisable, _say_nothing)
    try:
        for logger in loggers.values():
            logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except BaseException:
        _join_threads_of("orbax")
        raise
    finally:
        sys.excepthook, sys.unraisablehook = hooks
        for name, logger in loggers.items():
            logger.setLevel(levels[name])


@contextlib.contextmanager
def interruptions_heard() -> Iterator[None]:
    """A context in which a Ctrl-C is not lost where Python cannot raise it, as in JAX's callback of the garbage
    collector: it is sent again a moment later."""
    before = sys.unraisablehook
    sys.unraisablehook = functools.partial(_unraisable, before)
    try:
        yield
    finally:
        sys.unraisablehook = before


def let_go() -> None:
    """Delete the coroutines that a failure interrupted. Otherwise Python would print a traceback for each at its
    end."""
    with said_once():
        gc.collect()


def _join_threads_of(package: str) -> None:
    """Wait until these threads end: otherwise they would fail with a traceback when Python ends."""
    for thread in threading.enumerate():
        if type(thread).__module__.split(".")[0] == package:
            threading.Thread.join(thread, timeout=60)


def _say_nothing(*_: object) -> None: ...


def _unraisable(otherwise: Callable[["sys.UnraisableHookArgs"], object], lost: "sys.UnraisableHookArgs") -> None:
    """Have a Ctrl-C sent again; hand any other error to `otherwise`."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Thread(target=_interrupt, args=(threading.get_ident(),)).start()
    else:
        otherwise(lost)


def _interrupt(main: int) -> None:
    """Send Ctrl-C once the main thread has left `_unraisable`: raised in there, it would be lost again."""
    busy = True
    while busy:
        time.sleep(MOMENT)
        stack = traceback.walk_stack(sys._current_frames()[main])
        busy = any(frame.f_code is _unraisable.__code__ for frame, _ in stack)
    os.kill(os.getpid(), signal.SIGINT)


def _of_the_system(error: OSError) -> str:
    if error.errno is None:
        return _first_line(error)
    names = " -> ".join(repr(str(name))[1:-1] for name in (error.filename, error.filename2) if name is not None)
    reason = error.strerror or errno.errorcode.get(error.errno, "unknown error")
    return f"{names}: {reason}" if names else reason


def _first_line(error: BaseException) -> str:
    line = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def recipe_of(error: BaseException) -> str | None:
    """The file of a user's recipe through which an error came, or None."""
    frames = traceback.walk_tb(error.__traceback__)
    return next((f.f_code.co_filename for f, _ in frames if f.f_globals.get("__name__", "").startswith(MODULE)), None)
