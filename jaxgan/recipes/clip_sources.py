"""Sources of clips."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class MovingDigits:
    """5,391 synthetic clips of a handwritten digit that moves and bounces."""

    NAME: ClassVar[str] = "moving_digits"
    image_size: Literal[16, 32] = 16
    """Pixels a side of a frame; a digit has half of them."""
    frames: Annotated[int, Range(2)] = 16
    """Frames in each clip."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Make them."""
        return jaxgan.data.load("moving_digits", image_size=self.image_size, frames=self.frames)


@dataclass(frozen=True)
class ClipFolder:
    """Clips in a folder: GIFs, videos and subfolders of frames."""

    NAME: ClassVar[str] = "clips"
    ARGUMENT: ClassVar[str] = "path"
    path: str = "."
    """Path of the folder; `--data clips:PATH` says it too."""
    image_size: Annotated[int, Range(1)] = 64
    """Pixels a side, to which frames are cropped and resized."""
    frames: Annotated[int, Range(2)] = 16
    """Frames in each clip."""
    every: Annotated[int, Range(1)] = 1
    """Take every n-th frame."""
    channels: Literal[1, 3] = 3
    """Number of channels: 1 is gray, 3 colours."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read them."""
        return jaxgan.data.load(
            f"clips:{self.path}",
            image_size=self.image_size,
            frames=self.frames,
            every=self.every,
            channels=self.channels,
        )


Clips = MovingDigits | ClipFolder


def darkness(source: Clips, of: DataShape) -> "jaxgan.data.Dataset":
    """Two dark clips, in the place of those of this shape that are not there.

    Args:
        source: whose options say another shape.
        of: shape of a clip.
    """
    channels = getattr(source, "channels", of.shape[-1])
    shape = (source.frames, source.image_size, source.image_size, channels)
    stored: Any = np.zeros((2, *shape), np.uint8)
    return jaxgan.data.Dataset(source.NAME, stored, medium=jaxgan.data.media.clips())
