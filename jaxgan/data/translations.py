"""Data sets for translation that need no download: from the bundled digits and photographs, and in the plane."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from jaxtyping import Float
from PIL import Image

from jaxgan.data.dataset import Dataset
from jaxgan.data.digits import digits
from jaxgan.data.images import ImageSize, resized
from jaxgan.data.mixtures import MIXTURES, Mixture, equal, nearest_centres
from jaxgan.data.pairing import pairs, unpaired
from jaxgan.data.planar import drawn, planar

EDGE = 768
"""Slope of an edge, in grey levels for the width of an image: 48 for a pixel of 16."""

STYLES = ("plain", "thick", "outlined")
"""Classes of `digit_styles`."""

CONTRAST = 6
"""Factor by which the edges of sharp digits are steeper."""

GRID = equal(2 * np.round(MIXTURES["ring"].centres), 0.05)
"""The outer 8 of 9 modes on {−2, 0, 2}², in the order of the ring's: each lies in the direction of that of the ring."""


def edges_to_digits(image_size: ImageSize = 32) -> Dataset:
    """1,797 pairs: where a digit is steep, white on black, and the digit. A picture `[size, size, 1]` each.

    Args:
        image_size: 8, 16, 28 or 32.
    """
    target = digits(image_size).real
    rows = target.astype(np.float32)
    slope = np.hypot(np.gradient(rows, axis=1), np.gradient(rows, axis=2))
    edges = np.where(slope > EDGE / target.shape[2], 255, 0).astype(np.uint8)
    return _paired("edges_to_digits", edges, target)


def coarse_to_fine_digits() -> Dataset:
    """1,797 pairs: a digit of 4×4 pixels, and of 8×8, the size in which they are bundled.

    Digits of 32 pixels are enlarged by bicubic interpolation themselves, so that nothing could be learnt of them beyond
    it; `coarse_to_fine_photos` and `coarse_to_sharp_digits` go from 8 to 32.
    """
    target = digits(8).real
    return _paired("coarse_to_fine_digits", np.stack([resized(image, 4) for image in target]), target)


def coarse_to_sharp_digits() -> Dataset:
    """1,797 pairs: a digit of 8×8 pixels, and of 32×32 with sharp edges.

    Pixels of the enlarged digits above half of the brightness are moved to white and the others to black, but for about
    one pixel at the edge; the small one is what is left of that when it is reduced. Bicubic interpolation blurs it.
    """
    rows = digits(32).real.astype(np.float32)
    target = np.clip(CONTRAST * (rows - 127.5) + 127.5, 0, 255).round().astype(np.uint8)
    return _paired("coarse_to_sharp_digits", np.stack([resized(image, 8) for image in target]), target)


def coarse_to_fine_photos() -> Dataset:
    """520 pairs: a part of 32×32 pixels of scikit-learn's two photographs in colour, reduced to 8×8, and as it is.

    The parts do not overlap, and are in the order of the photographs' rows.
    """
    target = _photos(32)
    return _paired("coarse_to_fine_photos", np.stack([resized(image, 8) for image in target]), target)


def gray_to_colour_photos() -> Dataset:
    """520 pairs: a part of 32×32 pixels of scikit-learn's two photographs in gray, and in colour.

    Gray is 0.299 R + 0.587 G + 0.114 B, as in files that are read as gray.
    """
    target = _photos(32)
    gray = np.stack([np.asarray(Image.fromarray(part).convert("L"))[..., None] for part in target])
    return _paired("gray_to_colour_photos", gray, target)


def inverted_digits(image_size: ImageSize = 32) -> Dataset:
    """White digits on black, and others in black on white: every second digit is of the second domain.

    Args:
        image_size: 8, 16, 28 or 32.
    """
    rows = digits(image_size).real
    return _apart("inverted_digits", rows[::2], 255 - rows[1::2])


def edges_and_digits(image_size: ImageSize = 32) -> Dataset:
    """The edges of bundled digits, and others whole: every second digit is of the second domain.

    Args:
        image_size: 8, 16, 28 or 32.
    """
    made = edges_to_digits(image_size)
    assert made.condition is not None
    return _apart("edges_and_digits", made.condition[::2], made.real[1::2])


def rotated_digits(image_size: ImageSize = 32) -> Dataset:
    """Digits, and others turned by 90° anticlockwise: every second digit is of the second domain.

    Args:
        image_size: 8, 16, 28 or 32.
    """
    rows = digits(image_size).real
    return _apart("rotated_digits", rows[::2], np.rot90(rows[1::2], axes=(1, 2)))


def digit_styles(image_size: ImageSize = 32) -> Dataset:
    """Every third of the bundled digits as it is, thick, and as an outline; these three are the classes.

    A pixel of a thick digit is the brightest of those within a sixteenth of the side; an outline is what a thick digit
    has more than the digit.

    Args:
        image_size: 8, 16, 28 or 32.
    """
    from scipy.ndimage import maximum_filter

    plain = digits(image_size).real
    wide = 1 + 2 * max(1, plain.shape[1] // 16)
    thick = maximum_filter(plain, (1, wide, wide, 1))
    classes = np.arange(len(plain), dtype=np.int32) % len(STYLES)
    rows = np.stack([plain, thick, thick - plain])[classes, np.arange(len(plain))]
    return Dataset("digit_styles", rows, classes, len(STYLES), class_names=STYLES)


def ring_and_grid() -> Dataset:
    """100,000 points of `ring`, and as many of the 8 modes of `GRID`; `ring_to_grid` is the right map."""
    points, _ = drawn(GRID, np.random.default_rng(2))
    return _apart("ring_and_grid", planar("ring").real, points)


def ring_to_grid(points: Float[np.ndarray, "rows 2"]) -> Float[np.ndarray, "rows 2"]:
    """The right map of `ring_and_grid`: each mode of the ring to that of the grid in its direction, y = g + 5(x − r).

    It takes the distribution of the one to that of the other and, of all maps that do, moves the modes least. For
    losses that look at distributions and cycles alone, a map that sends the modes elsewhere is as good.

    Examples:
        >>> jaxgan.data.ring_to_grid(np.zeros([5, 2], np.float32)).shape
        (5, 2)
    """
    ring: Mixture = MIXTURES["ring"]
    _, nearest = nearest_centres(points, ring.centres)
    return GRID.centres[nearest] + GRID.sigma / ring.sigma * (points - ring.centres[nearest])


def _photos(side: int) -> np.ndarray:
    """Parts of both photographs that do not overlap."""
    from sklearn.datasets import load_sample_images

    return np.concatenate([_parts(photo, side) for photo in load_sample_images().images])


def _parts(photo: np.ndarray, side: int) -> np.ndarray:
    down, across = photo.shape[0] // side, photo.shape[1] // side
    cut = photo[: down * side, : across * side].reshape(down, side, across, side, -1)
    return cut.swapaxes(1, 2).reshape(down * across, side, side, -1)


def _paired(name: str, source: np.ndarray, target: np.ndarray) -> Dataset:
    return replace(pairs(Dataset(name, source), Dataset(name, target)), name=name)


def _apart(name: str, a: np.ndarray, b: np.ndarray) -> Dataset:
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    return replace(unpaired(Dataset(name, a), Dataset(name, b)), name=name)


DIGIT_TRANSLATIONS: dict[str, Callable[[ImageSize], Dataset]] = {
    "edges_to_digits": edges_to_digits,
    "edges_and_digits": edges_and_digits,
    "inverted_digits": inverted_digits,
    "rotated_digits": rotated_digits,
    "digit_styles": digit_styles,
}
"""Data sets that take an image size."""
IMAGE_TRANSLATIONS: dict[str, Callable[[], Dataset]] = {
    **{name: partial(make, 32) for name, make in DIGIT_TRANSLATIONS.items()},
    "coarse_to_fine_digits": coarse_to_fine_digits,
    "coarse_to_sharp_digits": coarse_to_sharp_digits,
    "coarse_to_fine_photos": coarse_to_fine_photos,
    "gray_to_colour_photos": gray_to_colour_photos,
}
TRANSLATIONS: dict[str, Callable[[], Dataset]] = {**IMAGE_TRANSLATIONS, "ring_and_grid": ring_and_grid}
"""By name."""
