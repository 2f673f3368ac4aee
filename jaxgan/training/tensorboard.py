"""A run's numbers and pictures as TensorBoard events."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


class TensorBoard:
    """Writes events to `folder` until it is closed."""

    def __init__(self, folder: Path, *, start: int) -> None:
        from tensorboardX import SummaryWriter

        self.writer = SummaryWriter(str(folder), purge_step=start + 1 if start else None)

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
