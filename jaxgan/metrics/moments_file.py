"""Moments of features in a file in the format of pytorch-fid and clean-fid: an `.npz` of `mu` and `sigma`."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.errors import InputError
from jaxgan.files import write_whole
from jaxgan.metrics.features import FeatureFunction
from jaxgan.metrics.frechet import Moments
from jaxgan.metrics.reference import reference_moments


class Known(NamedTuple):
    """Content of a file of moments."""

    name: str
    """Name of the data, or of the file if it does not say."""
    moments: Moments
    """Moments; their count is not the number of rows."""
    rows: int | None
    """Number of rows behind the moments; None if the file does not say."""
    features: str | None
    """Name of the feature function; None if the file does not say."""


def read(path: Path) -> Known | None:
    """The moments in a file; None if it is no `.npz` that holds `mu` and `sigma`.

    Raises:
        ValueError: if it cannot be read, or they are not finite or of shapes `[size]` and `[size, size]`.
    """
    if path.suffix != ".npz" or not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            if not {"mu", "sigma"} <= set(file.files):
                return None
            mean, covariance = np.asarray(file["mu"], np.float64), np.asarray(file["sigma"], np.float64)
            count = int(file["n"]) if "n" in file.files else None
            features = str(file["features"]) if "features" in file.files else None
            name = str(file["reference"]) if "reference" in file.files else path.name
    except (ValueError, TypeError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    shapes = mean.ndim == 1 and covariance.shape == (len(mean), len(mean))
    require(shapes, f"{path}: mu must be [size] and sigma [size, size], got {mean.shape} and {covariance.shape}")
    require(bool(np.isfinite(mean).all() and np.isfinite(covariance).all()), f"{path}: mu and sigma must be finite")
    return Known(name, Moments(2, mean, covariance), count, features)


def write(path: Path, dataset: Dataset, features: FeatureFunction) -> None:
    """Write the moments of a data set, with its number of rows, its name and the name of the feature function."""
    found, file = reference_moments(dataset, features), io.BytesIO()
    known: dict[str, Any] = {"n": found.count, "features": features.name, "reference": dataset.name}
    np.savez(file, mu=found.mean, sigma=found.covariance, **known)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, file.getvalue())
