"""Data sets, and their way to the device."""

from jaxgan.data.dataset import Dataset as Dataset
from jaxgan.data.load import load as load
from jaxgan.data.resident import resident as resident
