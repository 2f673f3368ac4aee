"""Data sets, and their way to the device."""

from jaxgan.data import media as media
from jaxgan.data.dataset import Dataset as Dataset
from jaxgan.data.dataset import DoubtfulData as DoubtfulData
from jaxgan.data.description import describe as describe
from jaxgan.data.folder import SkippedFiles as SkippedFiles
from jaxgan.data.iterable import IterableDataset as IterableDataset
from jaxgan.data.load import load as load
from jaxgan.data.pairing import pairs as pairs
from jaxgan.data.pairing import unpaired as unpaired
from jaxgan.data.resident import resident as resident
from jaxgan.data.stream import stream as stream
from jaxgan.data.stream import streamed as streamed
from jaxgan.data.translations import ring_to_grid as ring_to_grid
from jaxgan.data.unpaired import Unpaired as Unpaired
