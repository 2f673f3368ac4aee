"""Speed of a run over the last seconds, not since its start."""

import time
from collections import deque
from collections.abc import Callable

SECONDS = 10.0
"""Seconds over which the speed is measured, or since the step before the last one if that took longer."""


class Pace:
    """The speed of a run, from the times at which its steps ended.

    Args:
        clock: seconds that only rise.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.marks: deque[tuple[float, int]] = deque()

    def mark(self, step: int) -> None:
        """Note that a step is done now. An earlier step starts a new measurement: the run went back."""
        if self.marks and step == self.marks[-1][1]:
            return
        if self.marks and step < self.marks[-1][1]:
            self.marks.clear()
        now = self.clock()
        self.marks.append((now, step))
        while len(self.marks) > 2 and self.marks[0][0] < now - SECONDS:
            self.marks.popleft()

    @property
    def speed(self) -> float | None:
        """Steps per second; None until two different steps were seen."""
        if len(self.marks) < 2:
            return None
        (begun, first), (ended, last) = self.marks[0], self.marks[-1]
        return (last - first) / max(ended - begun, 1e-9)
