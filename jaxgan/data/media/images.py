"""Images: bytes, 16 bits or floats; a grid in a PNG."""

from pathlib import Path

import numpy as np
from PIL import Image

from jaxgan.checks import require
from jaxgan.data.media.medium import Medium, Rows, View, check_floats, flipped, with_suffix

GAP = 2
DEPTHS = (np.uint8, np.uint16)


def check(what: str, stored: np.ndarray) -> None:
    """Raise `InputError` unless these are images `[N, H, W, C]` of uint8 or uint16, or of float32 in [-1, 1]."""
    shape, kind = stored.shape, stored.dtype
    require(stored.ndim == 4 and 0 not in shape[1:], f"{what} must be images [N, H, W, C], got shape {shape}")
    require(kind in (*DEPTHS, np.float32), f"{what} must be uint8, uint16 or float32 images, got {kind}")
    if kind == np.float32:
        check_floats(what, stored, bounded=True)


def decode(stored: Rows) -> Rows:
    """Convert integers u in [0, m], m = 255 or 65535, to (2u − m)/m, float32 in [-1, 1]; leave anything else unchanged.

    Written as a product, with one rounding, so that the host and the device give the same bits: XLA makes one of a
    division by a constant, NumPy does not.
    """
    if stored.dtype not in DEPTHS:
        return stored
    top = np.iinfo(stored.dtype).max
    return (2 * stored.astype(np.float32) - top) * np.float32(1 / top)


def encode(images: np.ndarray) -> np.ndarray:
    """Images in [-1, 1] to uint8 in [0, 255], clipped and rounded: the inverse of `decode`."""
    return np.round((np.clip(images, -1, 1) + 1) * 127.5).astype(np.uint8)


def encode_16(images: np.ndarray) -> np.ndarray:
    """Images in [-1, 1] to uint16 in [0, 65535], clipped and rounded: the inverse of `decode`."""
    return np.round((np.clip(images, -1, 1).astype(np.float64) + 1) * 32767.5).astype(np.uint16)


def encode_floats(images: np.ndarray) -> np.ndarray:
    """Images clipped to [-1, 1], float32."""
    return np.clip(images, -1, 1).astype(np.float32)


def clipped(values: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Clip values to the range of stored images of this type; round them if it is an integer type."""
    if kind == np.float32:
        return np.clip(values, -1, 1)
    return np.round(np.clip(values, 0, np.iinfo(kind).max)).astype(kind)


def like(stored: np.ndarray) -> Medium:
    """`images`, whose samples are encoded to the type of these rows."""
    encoders = {np.dtype(np.uint16): encode_16, np.dtype(np.float32): encode_floats}
    return images._replace(encode=encoders.get(stored.dtype, encode))


def of_pillow(stored: np.ndarray) -> bool:
    """Whether Pillow may have decoded these images."""
    return stored.dtype in DEPTHS


def range_note(given: np.ndarray) -> str | None:
    """Note about images whose floats look like those of another range."""
    if not np.issubdtype(given.dtype, np.floating) or given.ndim < 3 or given.size == 0:
        return None
    low, high = given.min(), given.max()
    if low < 0 or high <= 0:
        return None
    return (
        f"images hold floats from {low:g} to {high:g}. Black is -1, white is 1: if 0 is to be black, "
        f"pass 2 * images - 1"
    )


def grid(images: np.ndarray, columns: int) -> np.ndarray:
    """Images `[N, H, W, C]` in [-1, 1] side by side, row by row: `[height, width(, C)]` uint8.

    Images whose longer side is under 64 pixels are enlarged by whole factors. Of two channels, or more than four, the
    first is shown.
    """
    shown = images if images.shape[-1] in (1, 3, 4) else images[..., :1]
    count, height, width, channels = shown.shape
    rows = -(-count // columns)
    sheet = np.full((rows, height + GAP, columns, width + GAP, channels), 255, np.uint8)
    for i, image in enumerate(encode(shown)):
        sheet[i // columns, :height, i % columns, :width] = image
    flat = sheet.reshape(rows * (height + GAP), columns * (width + GAP), channels)[:-GAP, :-GAP]
    factor = max(1, 64 // max(height, width))
    flat = flat.repeat(factor, axis=0).repeat(factor, axis=1)
    return flat[..., 0] if channels == 1 else flat


def save_grid(path: Path, images: np.ndarray, columns: int) -> None:
    """Save images `[N, H, W, C]` in [-1, 1] as one picture."""
    Image.fromarray(grid(images, columns)).save(path)


def save_animation(path: Path, frames: np.ndarray, *, columns: int, frames_per_second: float) -> None:
    """Save `frames` `[F, N, H, W, C]`, each a grid of N images in [-1, 1], as a GIF that goes round for ever."""
    sheets = [Image.fromarray(grid(images, columns)) for images in frames]
    shown = [sheet if sheet.mode == "L" else sheet.convert("RGB") for sheet in sheets]
    shown[0].save(path, save_all=True, append_images=shown[1:], duration=round(1000 / frames_per_second), loop=0)


def _save(path: Path, samples: np.ndarray, view: View) -> Path:
    file = with_suffix(path, ".png")
    save_grid(file, samples, view.columns)
    return file


images = Medium(
    "images",
    check,
    decode,
    encode,
    _save,
    mirror=flipped,
    features=("classifier", "inception", "dinov2", "clip", "pixels", "random"),
)
"""`[N, H, W, C]` of any size: uint8 (as samples are encoded), uint16, or float32 in [-1, 1]."""
