"""Pictures within a page."""

import base64
import io
from pathlib import Path

from PIL import Image

LARGEST_PICTURE = 300_000
"""Bytes; a larger one is shown as JPEG."""
MOST_PIXELS = 1200
"""A side, of a picture that is too large."""


def embedded(picture: Path) -> str | None:
    """A data URI; None if the file is missing or cut short."""
    try:
        with Image.open(picture) as image:
            image.load()
            kind, content = "png", picture.read_bytes()
            if len(content) > LARGEST_PICTURE:
                buffer = io.BytesIO()
                small = image.convert("RGB")
                small.thumbnail((MOST_PIXELS, MOST_PIXELS))
                small.save(buffer, "JPEG", quality=85)
                kind, content = "jpeg", buffer.getvalue()
    except (OSError, SyntaxError):  # what Pillow raises for a broken PNG
        return None
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
