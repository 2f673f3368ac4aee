"""Read images of any format and mode as arrays of one kind."""

import io
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

from jaxgan.checks import require
from jaxgan.data.images import ImageSize, fitted, resized, to_array
from jaxgan.errors import InputError

Opened = io.BytesIO | io.BufferedReader
"""A file opened for reading bytes."""

Half = Literal["left", "right"]
"""Half of a picture that shows two of equal width side by side."""

CHANNELS = (1, 3, 4)
"""Grayscale, RGB and RGBA."""

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
GRAY = ("1", "L", "LA", "I")
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Unusable(Exception):
    """An image that cannot be used; the message says why."""


def read(
    file: Opened,
    *,
    channels: int,
    image_size: ImageSize | None,
    deep: bool = False,
    half: Half | None = None,
    frame: int = 0,
) -> tuple[np.ndarray, str]:
    """One image of an open file, whatever its name: `[H, W, channels]`, and its size in the file.

    uint8, or uint16 of a `deep` one. The orientation of its EXIF tags is applied. 16-bit gray is scaled to 8 unless it
    is read as `deep`; of 16-bit colours Pillow keeps 8 bits. Transparency is kept by 4 channels, and
    laid on white by others. Colours become gray by their luma (ITU-R BT.601); colour profiles are ignored.

    Args:
        file: opened for reading bytes.
        channels: one of `CHANNELS`.
        image_size: pixels a side or (height, width): crop the centre of that shape and resize it; None keeps the size.
        deep: one of 16-bit gray, to be read as it is; `channels` must be 1.
        half: take this half of the picture; None takes all of it.
        frame: of an animation, from 0 on.

    Raises:
        ValueError: if a half is asked for and the width is odd.
        Unusable: if the file is empty, cut short or no image, has no such frame, more pixels than
            `PIL.Image.MAX_IMAGE_PIXELS` (it is then not decoded), or floating-point pixels.
        OSError: from the system.
    """
    with _opened(file) as image:
        image.seek(frame)
        image.load()
        size = f"{image.width}x{image.height}"
        image = _upright(image)
        image = image if half is None else _half(image, half)
        if deep:
            gray = np.asarray(image).astype(np.uint16)[..., None]
            return gray if image_size is None else resized(gray, image_size), size
        image = _converted(image, channels)
        return to_array(image if image_size is None else fitted(image, image_size)), size


def common_channels(files: Iterable[Opened]) -> int:
    """1 if every readable image is grayscale, else 3. It takes files opened for reading bytes, and closes them.

    Looks at heads alone, and no further than the first image in colour.
    """
    with without_warnings():
        for file in files:
            try:
                with file:
                    with _opened(file) as image:
                        gray = _is_gray(image)
                    if not gray:
                        read(file, channels=3, image_size=None)
                        return 3
            except Unusable:
                continue
    return 1


def all_deep(files: Iterable[Opened]) -> bool:
    """Whether every readable image is 16-bit gray. It takes files opened for reading bytes, and closes them.

    Looks at heads alone, and no further than the first image of another kind.
    """
    some = False
    with without_warnings():
        for file in files:
            try:
                with file, _opened(file) as image:
                    if not image.mode.startswith("I;16"):
                        return False
                    some = True
            except Unusable:
                continue
    return some


@contextmanager
def without_warnings() -> Iterator[None]:
    """Silence Pillow's warnings about odd files, in this thread and in its worker threads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


@contextmanager
def _opened(file: Opened) -> Iterator[Image.Image]:
    try:
        if file.seek(0, os.SEEK_END) == 0:
            raise Unusable("empty file")
        file.seek(0)
        with Image.open(file) as image:
            limit = Image.MAX_IMAGE_PIXELS
            if limit is not None and image.width * image.height > limit:
                raise Image.DecompressionBombError
            yield image
    except (Unusable, InputError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise Unusable(f"more than {Image.MAX_IMAGE_PIXELS:,} pixels (PIL.Image.MAX_IMAGE_PIXELS)") from None
    except UnidentifiedImageError:
        raise Unusable("not an image") from None
    except Exception as error:  # Pillow's readers raise many kinds
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Unusable(str(error).strip() or type(error).__name__) from error


def _half(image: Image.Image, half: Half) -> Image.Image:
    require(image.width % 2 == 0, f"two pictures side by side must have an even width, got {image.width} pixels")
    left = 0 if half == "left" else image.width // 2
    return image.crop((left, 0, left + image.width // 2, image.height))


def _is_gray(image: Image.Image) -> bool:
    return image.mode in GRAY or image.mode.startswith("I;16")


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # tags that cannot be read say nothing about the pixels
        return image
    return image if turn is None else image.transpose(turn)


def _converted(image: Image.Image, channels: int) -> Image.Image:
    if image.mode == "F":
        raise Unusable("floating-point pixels (mode F)")
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    if channels != 4 and image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    if not _is_gray(image):
        image = image.convert("RGBA" if channels == 4 else "RGB")
    return image.convert(MODES[channels])


def _eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.int64)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise Unusable(f"32-bit pixels, from {low} to {high}")
    return Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8))
