"""Sources of sounds."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class Tones:
    """4,800 synthetic sounds of 4,000 samples a second: plucked strings, chirps and drums."""

    NAME: ClassVar[str] = "tones"
    length: Annotated[int, Range(64)] = 1024
    """Samples in each sound."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Make them."""
        return jaxgan.data.load("tones", length=self.length)


@dataclass(frozen=True)
class Wav:
    """WAV files in a folder."""

    NAME: ClassVar[str] = "wav"
    ARGUMENT: ClassVar[str] = "path"
    path: str = "."
    """Path of the folder; `--data wav:PATH` says it too."""
    sample_rate: Annotated[int, Range(100)] = 16_000
    """Sample rate in hertz, to which sounds are resampled."""
    length: Annotated[int, Range(1)] = 16_384
    """Samples in each sound, which is cut or padded with silence."""
    channels: Literal[1, 2] = 1
    """Number of channels: 1 mixes all channels, 2 is stereo."""
    parts: Literal["first", "all"] = "first"
    """Parts of a longer sound: the first, or all whole parts of this length."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read them."""
        return jaxgan.data.load(
            f"wav:{self.path}",
            sample_rate=self.sample_rate,
            length=self.length,
            channels=self.channels,
            parts=self.parts,
        )


Sounds = Tones | Wav


def silence(source: Sounds, of: DataShape) -> "jaxgan.data.Dataset":
    """Two silent sounds, in the place of those of this shape that are not there.

    Args:
        source: whose options say another length or other channels.
        of: shape of a sound.
    """
    from jaxgan.data.tones import RATE

    stored: Any = np.zeros((2, source.length, getattr(source, "channels", of.shape[-1])), np.int16)
    medium = jaxgan.data.media.sound(getattr(source, "sample_rate", RATE))
    return jaxgan.data.Dataset(source.NAME, stored, medium=medium)
