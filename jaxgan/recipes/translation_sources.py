"""Sources of data for translation: pairs of images, and two domains without pairs."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class _Bundled:
    """Data made from bundled data."""

    NAME: ClassVar[str]

    def dataset(self) -> "jaxgan.data.Dataset":
        """Make it."""
        return jaxgan.data.load(self.NAME)


@dataclass(frozen=True)
class _OfDigits(_Bundled):
    """Data made from the bundled digits."""

    image_size: Literal[8, 16, 28, 32] = 32
    """Pixels per side."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Make it."""
        return jaxgan.data.load(self.NAME, image_size=self.image_size)


@dataclass(frozen=True)
class EdgesToDigits(_OfDigits):
    """Pairs: the edges of a bundled digit, and the digit."""

    NAME: ClassVar[str] = "edges_to_digits"


@dataclass(frozen=True)
class DigitStyles(_OfDigits):
    """Bundled digits in three styles, which are the classes: as they are, thick, and outlined."""

    NAME: ClassVar[str] = "digit_styles"


@dataclass(frozen=True)
class CoarseToFineDigits(_Bundled):
    """Pairs: a bundled digit of 4x4 pixels, and of 8x8."""

    NAME: ClassVar[str] = "coarse_to_fine_digits"


@dataclass(frozen=True)
class CoarseToSharpDigits(_Bundled):
    """Pairs: 8x8 pixels of a bundled digit with sharp edges, and 32x32."""

    NAME: ClassVar[str] = "coarse_to_sharp_digits"


@dataclass(frozen=True)
class CoarseToFinePhotos(_Bundled):
    """Pairs: 8x8 and 32x32 pixels of parts of two bundled photographs."""

    NAME: ClassVar[str] = "coarse_to_fine_photos"


@dataclass(frozen=True)
class GrayToColourPhotos(_Bundled):
    """Pairs: parts of two bundled photographs in gray, and in colour, 32x32 pixels."""

    NAME: ClassVar[str] = "gray_to_colour_photos"


@dataclass(frozen=True)
class InvertedDigits(_OfDigits):
    """No pairs: bundled digits in white on black, and others in black on white."""

    NAME: ClassVar[str] = "inverted_digits"


@dataclass(frozen=True)
class EdgesAndDigits(_OfDigits):
    """No pairs: the edges of bundled digits, and others whole."""

    NAME: ClassVar[str] = "edges_and_digits"


@dataclass(frozen=True)
class RotatedDigits(_OfDigits):
    """No pairs: bundled digits, and others turned by 90 degrees."""

    NAME: ClassVar[str] = "rotated_digits"


@dataclass(frozen=True)
class RingAndGrid(_Bundled):
    """No pairs: 8 Gaussians on a circle, and 8 on a grid."""

    NAME: ClassVar[str] = "ring_and_grid"


@dataclass(frozen=True)
class _TwoDomains:
    """Options of a folder with images of two domains, A and B."""

    NAME: ClassVar[str]
    ARGUMENT: ClassVar[str] = "path"
    path: str = "."
    """Path of the folder; `--data pairs:PATH` or `unpaired:PATH` says it too."""
    direction: Literal["AtoB", "BtoA"] = "AtoB"
    """Direction of the translation."""
    split: str = "train"
    """Part of the folder, such as train, val or test."""
    image_size: Annotated[int | None, Range(1)] = None
    """Pixels per side, to which images are resized (default: as stored)."""
    crop: Annotated[int | None, Range(1)] = None
    """Pixels per side of the random crop that each batch takes from each image (default: no crop)."""
    channels: Literal[1, 3, 4] | None = None
    """Number of channels: gray, RGB or RGBA (default: gray if all images of a domain are gray, else RGB)."""
    mirror: bool = False
    """Use every image twice: as it is, and flipped left to right; both images of a pair are flipped together."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read it."""
        dataset: Any = jaxgan.data.load(
            f"{self.NAME}:{self.path}",
            direction=self.direction,
            split=self.split,
            image_size=self.image_size,
            crop=self.crop,
            channels=self.channels,
            mirror=self.mirror,
        )
        return replace(dataset, name=f"{dataset.name}, {self.split}, {self.direction}")


@dataclass(frozen=True)
class Classes:
    """Images in a folder, with its subfolders as classes."""

    NAME: ClassVar[str] = "folder"
    ARGUMENT: ClassVar[str] = "path"
    path: str = "."
    """Path of the folder; `--data folder:PATH` says it too."""
    image_size: Annotated[int | None, Range(1)] = None
    """Pixels per side, to which images are resized (default: as stored)."""
    channels: Literal[1, 3, 4] | None = None
    """Number of channels: gray, RGB or RGBA (default: gray if all images are gray, else RGB)."""
    mirror: bool = False
    """Use every image twice: as it is, and flipped left to right."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read it."""
        return jaxgan.data.load(
            f"folder:{self.path}", image_size=self.image_size, channels=self.channels, mirror=self.mirror
        )


@dataclass(frozen=True)
class Pairs(_TwoDomains):
    """Pairs of images: side by side in one file, or two files with one name in two folders."""

    NAME: ClassVar[str] = "pairs"


@dataclass(frozen=True)
class Colours:
    """Pairs from a folder of images in colour: each in gray, and as it is."""

    NAME: ClassVar[str] = "colours"
    ARGUMENT: ClassVar[str] = "path"
    path: str = "."
    """Path of the folder; `--data colours:PATH` says it too."""
    image_size: Annotated[int | None, Range(1)] = None
    """Pixels per side, to which images are resized (default: as stored)."""
    mirror: bool = False
    """Use every image twice: as it is, and flipped left to right."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read it."""
        gray, colour = (
            jaxgan.data.load(f"folder:{self.path}", image_size=self.image_size, channels=channels, mirror=self.mirror)
            for channels in (1, 3)
        )
        return replace(jaxgan.data.pairs(gray, colour), name=f"{colour.name}, gray to colour")


@dataclass(frozen=True)
class Unpaired(_TwoDomains):
    """Images of two domains in two folders, without pairs."""

    NAME: ClassVar[str] = "unpaired"


PairsOfImages = EdgesToDigits | GrayToColourPhotos | Colours | Pairs
"""For a recipe between images of one size, in pairs."""
CoarseToFine = CoarseToSharpDigits | CoarseToFineDigits | CoarseToFinePhotos | Pairs
"""For a recipe of super-resolution; of a folder, A holds the small images and B the large ones."""
WithPairs = PairsOfImages | CoarseToFine
"""For a recipe whose condition is an image: `data: WithPairs = EdgesToDigits()`."""
DomainsOfImages = InvertedDigits | RotatedDigits | EdgesAndDigits | Unpaired
"""For a recipe between two domains of images."""
WithoutPairs = DomainsOfImages | RingAndGrid
"""For a recipe that goes from one domain to the other and back."""


def stand_in(source: Any, of: DataShape, smaller: int = 1) -> "jaxgan.data.Dataset":
    """Two black images for each domain, in the place of images of this shape that are not there.

    Args:
        source: whose options say another size or other channels.
        of: shape of an image.
        smaller: how many times the sources of pairs are.
    """
    shape = _asked_for(source, of)
    channels = 1 if isinstance(source, GrayToColourPhotos | Colours) else shape[2]
    small = (*(-(-pixels // smaller) for pixels in shape[:2]), channels)
    a, b = (jaxgan.data.Dataset(source.NAME, np.zeros((2, *each), np.uint8)) for each in (small, shape))
    join = jaxgan.data.pairs if isinstance(source, WithPairs) else jaxgan.data.unpaired
    return join(a, b)


def black(source: Any, of: DataShape) -> "jaxgan.data.Dataset":
    """A black image of each class, in the place of images of this shape that are not there."""
    classes = of.num_classes or 1
    images = np.zeros((classes, *_asked_for(source, of)), np.uint8)
    return jaxgan.data.Dataset(source.NAME, images, np.arange(classes, dtype=np.int32), of.num_classes)


def _asked_for(source: Any, of: DataShape) -> tuple[int, int, int]:
    """This shape, unless the options of the source ask for another size or for other channels."""
    height, width, channels = of.shape
    side = getattr(source, "crop", None) or getattr(source, "image_size", None)
    return side or height, side or width, getattr(source, "channels", None) or channels
