"""Data sets, and their way to the device."""

from jaxgan.data import media
from jaxgan.data.dataset import Dataset, DoubtfulData
from jaxgan.data.description import describe
from jaxgan.data.folder import SkippedFiles
from jaxgan.data.iterable import IterableDataset
from jaxgan.data.load import load
from jaxgan.data.pairing import pairs, unpaired
from jaxgan.data.resident import resident
from jaxgan.data.stream import stream, streamed
from jaxgan.data.translations import ring_to_grid
from jaxgan.data.unpaired import Unpaired

__all__ = [
    "Dataset",
    "DoubtfulData",
    "IterableDataset",
    "SkippedFiles",
    "Unpaired",
    "describe",
    "load",
    "media",
    "pairs",
    "resident",
    "ring_to_grid",
    "stream",
    "streamed",
    "unpaired",
]
