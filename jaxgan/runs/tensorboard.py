"""A run's numbers and pictures as TensorBoard events."""

import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


class TensorBoard:
    """Writes events to `folder` at once. Earlier events there of steps after `start` are not shown.

    tensorboardX's own writer hands events to a thread. On a full disk that thread ends, and the program waits for it
    for ever.

    Raises:
        OSError: here and below, if the system refuses to write.
    """

    def __init__(self, folder: Path, *, start: int) -> None:
        self.folder, self.files = folder, 0
        self._open(start)

    def _open(self, start: int) -> None:
        """Begin a file of its own: tensorboardX names files by the second, and would write over one of that name."""
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import SessionLog

        self.files += 1
        again = self.folder.exists()
        self.folder.mkdir(exist_ok=True)
        self.file: Any = EventsWriter(str(self.folder / "events"), f".{os.getpid()}.{self.files}")
        if again:
            self._write(start + 1 if start else 0, session_log=SessionLog(status=SessionLog.START))

    def go_back(self, step: int) -> None:
        """Hide the events after `step`."""
        self.close()
        self._open(step)

    def flush(self) -> None:
        """Write the pending events."""
        self.file.flush()

    def close(self) -> None:
        """Write the remaining events."""
        self.file.close()

    def numbers(self, step: int, values: Mapping[str, float]) -> None:
        """Add values: one curve per name. Those that are not finite are left out."""
        from tensorboardX.summary import scalar

        for name, value in values.items():
            if math.isfinite(value):
                self._write(step, summary=scalar(name, value))
        self.flush()

    def picture(self, name: str, step: int, path: Path) -> None:
        """Add the picture at `path`, or the PNG beside it if it is an animation."""
        path = path.with_suffix(".png")
        from tensorboardX.summary import image

        with Image.open(path) as opened:
            pixels = np.asarray(opened.convert("RGB"))
        self._write(step, summary=image(name, pixels, dataformats="HWC"))
        self.flush()

    def _write(self, step: int, **content: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        self.file.write_event(Event(wall_time=time.time(), step=step, **content))
