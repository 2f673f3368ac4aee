"""Moving grids of images in an MP4 file."""

import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from jaxgan.checks import require
from jaxgan.data.media.images import grid


def check_video() -> None:
    """Raise `ValueError` unless the encoder is installed."""
    require(find_spec("imageio_ffmpeg") is not None, "an .mp4 needs an encoder: pip install 'jaxgan[video]'")


def save_video(path: Path, frames: np.ndarray, *, columns: int, frames_per_second: float) -> None:
    """Save `frames` `[F, N, H, W, C]`, each a grid of N images in [-1, 1], as H.264 with halved colour resolution,
    which all players read. Sides are padded to even numbers of pixels with white.

    Raises:
        ValueError: if the encoder is not installed.
    """
    check_video()
    from imageio_ffmpeg import write_frames

    sheets = [_padded(grid(images, columns)) for images in frames]
    height, width, _ = sheets[0].shape
    encoder = write_frames(str(path), (width, height), fps=frames_per_second, quality=8, macro_block_size=2)
    with warnings.catch_warnings():  # the new process runs another program at once
        warnings.filterwarnings("ignore", "os.fork", RuntimeWarning)
        encoder.send(None)
    for sheet in sheets:
        encoder.send(sheet)
    encoder.close()


def _padded(sheet: np.ndarray) -> np.ndarray:
    """Colours `[height, width, 3]` with even sides."""
    colours = np.repeat(sheet[..., None], 3, axis=2) if sheet.ndim == 2 else sheet[..., :3]
    height, width, _ = colours.shape
    padded = np.pad(colours, ((0, height % 2), (0, width % 2), (0, 0)), constant_values=255)
    return np.ascontiguousarray(padded)
