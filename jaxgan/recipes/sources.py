"""Sources of data: one dataclass of options for each kind."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

import jaxgan
from jaxgan.options import Range, conform


@dataclass(frozen=True)
class Pixels:
    """Options of every source of images."""

    MEDIUM: ClassVar[str | None] = "images"
    """What the rows are, if the source alone says it."""
    dequantize: bool = False
    """Add new uniform noise in each step, as wide as the distance between two grey levels."""

    def __post_init__(self) -> None:
        conform(self)


@dataclass(frozen=True)
class Images(Pixels):
    """Options of images that may be flipped."""

    mirror: bool = False
    """Use every image twice: as it is, and flipped left to right."""


@dataclass(frozen=True)
class Digits(Images):
    """1,797 bundled handwritten digits in 10 classes."""

    NAME: ClassVar[str] = "digits"
    image_size: Literal[8, 16, 28, 32] = 32
    """Pixels per side."""

    def dataset(self) -> "jaxgan.data.Dataset":
        """Load it."""
        return jaxgan.data.load("digits", image_size=self.image_size, mirror=self.mirror)


@dataclass(frozen=True)
class Planar:
    """Data sets in the plane have no options."""

    MEDIUM: ClassVar[str] = "points"
    NAME: ClassVar[str]

    def dataset(self) -> "jaxgan.data.Dataset":
        """Draw it."""
        return jaxgan.data.load(self.NAME)


@dataclass(frozen=True)
class Ring(Planar):
    """8 Gaussians on a circle."""

    NAME: ClassVar[str] = "ring"


@dataclass(frozen=True)
class Grid(Planar):
    """25 Gaussians on a grid."""

    NAME: ClassVar[str] = "grid"


@dataclass(frozen=True)
class RotatedGrid(Planar):
    """25 Gaussians on a grid turned by 22.5 degrees."""

    NAME: ClassVar[str] = "rotated_grid"


@dataclass(frozen=True)
class LargeGrid(Planar):
    """100 Gaussians on a grid."""

    NAME: ClassVar[str] = "large_grid"


@dataclass(frozen=True)
class UnequalModes(Planar):
    """12 Gaussians with from 19.8 % of the data down to 2.2 %."""

    NAME: ClassVar[str] = "unequal_modes"


@dataclass(frozen=True)
class Spirals(Planar):
    """Two spirals with noise."""

    NAME: ClassVar[str] = "spirals"


@dataclass(frozen=True)
class SwissRoll(Planar):
    """A Swiss roll in the plane, with noise."""

    NAME: ClassVar[str] = "swiss_roll"


@dataclass(frozen=True)
class StackedDigits(Pixels):
    """Three of the bundled digits as the channels of one image: 1000 classes."""

    NAME: ClassVar[str] = "stacked_digits"
    image_size: Literal[8, 16, 28, 32] = 32
    """Pixels per side."""

    def dataset(self) -> "jaxgan.data.Dataset":
        """Load it."""
        return jaxgan.data.load("stacked_digits", image_size=self.image_size)


@dataclass(frozen=True)
class StackedMNIST(Pixels):
    """Three digits of TFDS's MNIST as the channels of one image: 1000 classes."""

    NAME: ClassVar[str] = "stacked_mnist"
    data_dir: str | None = None
    """Folder of prepared TFDS data sets (default: TFDS's own folder)."""
    split: str = "train"
    """Split, such as train or train[:10%]."""
    image_size: Annotated[int | None, Range(1)] = None
    """Pixels per side, to which images are resized (default: as stored)."""

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read it."""
        dataset = jaxgan.data.load(
            "stacked_mnist", data_dir=self.data_dir, split=self.split, image_size=self.image_size
        )
        return replace(dataset, name=f"{dataset.name}, {self.split}")


@dataclass(frozen=True)
class TFDS(Images):
    """A prepared TFDS image set."""

    NAME: ClassVar[str] = "tfds"
    ARGUMENT: ClassVar[str] = "tfds_name"
    tfds_name: str = "mnist"
    """Name of the data set; `--data tfds:NAME` says it too."""
    data_dir: str | None = None
    """Folder of prepared TFDS data sets (default: TFDS's own folder)."""
    split: str = "train"
    """Split, such as train or train[:10%]."""
    image_size: Annotated[int | None, Range(1)] = None
    """Pixels per side, to which images are resized (default: as stored)."""
    channels: Literal[1, 3, 4] | None = None
    """Number of channels: gray, RGB or RGBA (default: as stored)."""

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read it."""
        dataset = jaxgan.data.load(
            f"tfds:{self.tfds_name}",
            data_dir=self.data_dir,
            split=self.split,
            image_size=self.image_size,
            channels=self.channels,
            mirror=self.mirror,
        )
        return replace(dataset, name=f"{dataset.name}, {self.split}")


@dataclass(frozen=True)
class ImageFiles(Images):
    """Encoded images at a path."""

    NAME: ClassVar[str]
    ARGUMENT: ClassVar[str] = "path"
    path: str = "."
    """Path of the images; `--data KIND:PATH` says it too."""
    image_size: Annotated[int | None, Range(1)] = None
    """Pixels per side, to which images are resized (default: as stored)."""
    channels: Literal[1, 3, 4] | None = None
    """Number of channels: gray, RGB or RGBA (default: gray if all images are gray, else RGB)."""

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read them."""
        return jaxgan.data.load(
            f"{self.NAME}:{self.path}", image_size=self.image_size, channels=self.channels, mirror=self.mirror
        )


@dataclass(frozen=True)
class Folder(ImageFiles):
    """Images in a folder, with its subfolders as classes."""

    NAME: ClassVar[str] = "folder"


@dataclass(frozen=True)
class Parquet(ImageFiles):
    """Tables of encoded images: Parquet files, or Hugging Face's Arrow files."""

    NAME: ClassVar[str] = "parquet"
    image_column: str | None = None
    """Name of the column of images (default: found by itself)."""
    label_column: str | None = None
    """Name of the column of classes (default: label or class)."""

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read them."""
        return jaxgan.data.load(
            f"parquet:{self.path}",
            image_size=self.image_size,
            channels=self.channels,
            mirror=self.mirror,
            image_column=self.image_column,
            label_column=self.label_column,
        )


@dataclass(frozen=True)
class WebDataset(ImageFiles):
    """WebDataset's shards: tar archives of images and classes."""

    NAME: ClassVar[str] = "webdataset"


@dataclass(frozen=True)
class Npz(Images):
    """Arrays `images` and `labels` of a NumPy archive."""

    NAME: ClassVar[str] = "npz"
    MEDIUM: ClassVar[str | None] = None
    ARGUMENT: ClassVar[str] = "path"
    path: str = "data.npz"
    """Path of the archive; `--data npz:PATH` says it too."""
    image_size: Annotated[int | None, Range(1)] = None
    """Pixels per side, to which images are resized (default: as stored)."""

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read it."""
        return jaxgan.data.load(f"npz:{self.path}", image_size=self.image_size, mirror=self.mirror)


Source = (
    Digits
    | Ring
    | Grid
    | RotatedGrid
    | LargeGrid
    | UnequalModes
    | Spirals
    | SwissRoll
    | StackedDigits
    | StackedMNIST
    | TFDS
    | Folder
    | Parquet
    | WebDataset
    | Npz
)


def spelled(source: Source) -> str:
    """The source as `--data` names it."""
    argument = getattr(source, "ARGUMENT", None)
    return source.NAME if argument is None else f"{source.NAME}:{getattr(source, argument)}"
