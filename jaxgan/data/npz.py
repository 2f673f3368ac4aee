"""Data sets from a NumPy archive."""

import zipfile
from pathlib import Path

import numpy as np

from jaxgan.data.arrays import arrays
from jaxgan.data.dataset import Dataset
from jaxgan.errors import InputError, NotFoundError


def npz(path: str | Path) -> Dataset:
    """Read the arrays `images` and, if there, `labels` from an `.npz` file; see `arrays`.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no archive, or its arrays are not as they must be; the message says which and how.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"npz: no file {path}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            given = dict(archive)
    except (zipfile.BadZipFile, ValueError, EOFError, TypeError, AttributeError) as error:
        raise InputError(f"npz: {path} is not a readable .npz archive of plain arrays ({error})") from error
    return arrays(f"npz:{path.name}", given)
