"""Pictures, sounds and clips within a page."""

import base64
import io
from pathlib import Path

from PIL import Image

LARGEST_PICTURE = 300_000
"""Size in bytes above which a picture is embedded as JPEG."""
MOST_PIXELS = 1200
"""Largest side in pixels of a picture that is too large to embed as it is."""
LARGEST_SOUND = 4_000_000
"""Size in bytes above which a sound or an animation is not embedded."""


def embedded(picture: Path) -> str | None:
    """A data URI of a file; None if it is missing or truncated."""
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


def player(title: str, picture: Path) -> str:
    """HTML that plays the WAV or GIF file beside a picture; empty if there is none, or if it is too large."""
    parts = []
    for file in (picture.with_suffix(".wav"), picture.with_suffix(".gif")):
        if not file.is_file() or file.stat().st_size > LARGEST_SOUND:
            continue
        content = base64.b64encode(file.read_bytes()).decode()
        if file.suffix == ".wav":
            parts.append(
                f"<p>{title} <audio controls preload='none' src='data:audio/wav;base64,{content}'></audio></p>"
            )
        else:
            parts.append(f"<p>{title}<br><img alt='{title}' src='data:image/gif;base64,{content}'></p>")
    return "".join(parts)
