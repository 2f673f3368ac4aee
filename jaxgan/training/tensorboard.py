"""A run's numbers and pictures as TensorBoard events."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


class TensorBoard:
    """Writes events to `folder` until it is closed. What a step after `start` wrote there before is not shown."""

    def __init__(self, folder: Path, *, start: int) -> None:
        self.folder, self.files = folder, 0
        self._open(start)

    def _open(self, start: int) -> None:
        """Begin a file of its own: tensorboardX names files by the second, and would write over one of that name."""
        from tensorboardX import SummaryWriter

        self.files += 1
        again = self.folder.exists()
        purge = None if not again else start + 1 if start else 0
        suffix = f".{os.getpid()}.{self.files}"
        self.writer = SummaryWriter(str(self.folder), purge_step=purge, filename_suffix=suffix)

    def go_back(self, step: int) -> None:
        """Let what came after `step` be shown no more."""
        self.writer.close()
        self._open(step)

    def flush(self) -> None:
        """Write what waits to be written."""
        self.writer.flush()

    def close(self) -> None:
        """Write what is left."""
        self.writer.close()

    def numbers(self, step: int, values: Mapping[str, float]) -> None:
        """One curve a name."""
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def picture(self, name: str, step: int, path: Path) -> None:
        """The PNG at `path`."""
        with Image.open(path) as image:
            self.writer.add_image(name, np.asarray(image.convert("RGB")), step, dataformats="HWC")
