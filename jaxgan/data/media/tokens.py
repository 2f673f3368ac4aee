"""Tokens of a vocabulary, such as the characters of a text: lines of text, and a picture of them."""

from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from jaxgan.checks import require
from jaxgan.data.media.medium import Medium, Rows, View, with_suffix
from jaxgan.data.paths import shown

LINES = 40
LONGEST = 100
"""Largest number of lines in a picture, and of characters in each; the text file has all."""
SIZE = 16
MARGIN = 10
BLANK = ""
"""Text of the token that follows the end of a line, in vocabularies that have one."""


def tokens(vocabulary: tuple[str, ...]) -> Medium:
    """`[N, T]` int32, places in the vocabulary. Networks see `[B, T, V]` of which one number is 1, the others 0;
    samples are encoded by the place of the largest.

    Args:
        vocabulary: V different texts; `BLANK` may be one. Lines are written without spaces if no text has more than one
            character, else with spaces.

    Raises:
        ValueError: unless the texts are different, and at least two.

    Examples:
        >>> words = jaxgan.data.media.tokens(("no", "yes"))
        >>> words.decode(np.array([[1, 0]], np.int32)).tolist()
        [[[0.0, 1.0], [1.0, 0.0]]]
    """
    require(
        isinstance(vocabulary, tuple) and len(set(vocabulary)) == len(vocabulary) >= 2,
        f"vocabulary must be a tuple of two or more different texts, got {vocabulary!r}",
    )
    size = len(vocabulary)
    save = partial(_save, vocabulary)
    return Medium("tokens", partial(_check, size), partial(_decode, size), encode, save, vocabulary=vocabulary)


def encode(samples: np.ndarray) -> np.ndarray:
    """Place of the largest of scores `[N, T, V]`, int32; the inverse of decoding."""
    return samples.argmax(axis=-1).astype(np.int32)


def _check(size: int, what: str, stored: np.ndarray) -> None:
    shape = stored.shape
    require(stored.ndim == 2 and 0 not in shape[1:], f"{what} must be tokens [N, T], got shape {shape}")
    require(stored.dtype == np.int32, f"{what} must be int32 tokens, got {stored.dtype}")
    low, high = int(stored.min()), int(stored.max())
    require(low >= 0 and high < size, f"{what} must be tokens in [0, {size}), got values from {low} to {high}")


def _decode(size: int, stored: Rows) -> Rows:
    return (stored[..., None] == np.arange(size, dtype=np.int32)).astype(np.float32)


def _save(vocabulary: tuple[str, ...], path: Path, samples: np.ndarray, view: View) -> Path:
    lines = _lines(vocabulary, samples)
    with_suffix(path, ".txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    blocks = [[view.title, *lines] if view.title else lines]
    if view.data is not None:
        blocks = [[view.title or "samples", *lines], ["data", *_lines(vocabulary, view.data)]]
    file = with_suffix(path, ".png")
    _picture(blocks).save(file)
    return file


def _lines(vocabulary: tuple[str, ...], samples: np.ndarray) -> list[str]:
    """One line per text; characters that would break it are written as escapes."""
    between = "" if all(len(text) <= 1 for text in vocabulary) else " "
    return [shown(between.join(vocabulary[i] for i in row).rstrip(between)) for row in encode(samples)]


def _picture(blocks: list[list[str]]) -> Image.Image:
    """Blocks of lines, side by side."""
    import matplotlib

    font = ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSansMono.ttf", SIZE)
    texts = ["\n".join(_shortened(line) for line in block[:LINES]) for block in blocks]
    boxes = [ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font) for text in texts]
    width = sum(int(box[2]) + 3 * MARGIN for box in boxes)
    sheet = Image.new("L", (width, max(int(box[3]) for box in boxes) + 2 * MARGIN), 255)
    left = MARGIN
    for text, box in zip(texts, boxes, strict=True):
        ImageDraw.Draw(sheet).multiline_text((left, MARGIN), text, 0, font)
        left += int(box[2]) + 3 * MARGIN
    return sheet


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
