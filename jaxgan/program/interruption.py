"""Stopping a run from outside, between two steps."""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from jaxgan.standard_files import Unbreakable

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPED = 130
"""Exit status of a program that was stopped."""
GRACE = 3.0
"""Seconds that the main thread has to end the program after a second signal."""


class Interruption:
    """A context in which the first Ctrl-C or SIGTERM only sets `asked`, which a loop can check; the next one raises
    `KeyboardInterrupt`.

    That a signal came is said at once on the standard error, also while the main thread compiles or computes and sees
    no signals. Outside the main thread, where Python delivers none, nothing changes.

    Args:
        ends_program: a second signal ends the process even where the main thread sees no signals, with exit status
            130. For a process that has no other purpose than the run.
        before_end: is called before that.
    """

    def __init__(self, *, ends_program: bool = False, before_end: Callable[[], None] = lambda: None) -> None:
        self.asked = self.received = False
        self.ends_program, self.before_end = ends_program, before_end
        self.undo = contextlib.ExitStack()

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            reader, writer = socket.socketpair()
            writer.setblocking(False)
            for each in (reader, writer):
                self.undo.callback(each.close)
            self.undo.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False))
            watcher = threading.Thread(target=self._watch, args=(reader,), daemon=True)
            watcher.start()
            self.undo.callback(watcher.join)
            self.undo.callback(reader.shutdown, socket.SHUT_RDWR)
            for number in SIGNALS:
                before = signal.signal(number, self._ask)  # None if it was not Python that handled it
                self.undo.callback(signal.signal, number, signal.SIG_DFL if before is None else before)
        return self

    def __exit__(self, *_: object) -> None:
        self.undo.close()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.received:
            raise KeyboardInterrupt
        self.received = self.asked = True

    def _watch(self, reader: socket.socket) -> None:
        """Read the numbers of signals. Python writes them when they come, whatever the main thread does."""
        seen = 0
        while received := reader.recv(1):
            if received[0] not in SIGNALS:
                continue
            seen += 1
            if seen == 1:
                name = signal.Signals(received[0]).name
                _say(
                    f"{name} received: the run stops after this step, with a checkpoint. While a step compiles this "
                    f"can take minutes; the same signal again ends it at once, without one"
                )
            elif self.ends_program:
                reader.settimeout(GRACE)
                with contextlib.suppress(TimeoutError):
                    if not reader.recv(1):
                        return
                _say("ended at once; the run keeps the checkpoints that it has")
                self.before_end()
                os._exit(STOPPED)


@contextlib.contextmanager
def outliving_the_terminal() -> Iterator[None]:
    """A context in which the process and its children continue when their terminal is closed."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _say(text: str) -> None:
    print(f"jaxgan: {text}", file=Unbreakable(sys.stderr), flush=True)
