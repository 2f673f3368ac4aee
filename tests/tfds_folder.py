"""Where a prepared MNIST may lie: $JAXGAN_TFDS_DIR, a folder beside the checkout, or TFDS's own."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[2] / "shared" / "data" / "tfds"


def prepared_mnist():
    """The folder, or skip the test."""
    for folder in (os.environ.get("JAXGAN_TFDS_DIR"), BESIDE, Path.home() / "tensorflow_datasets"):
        if folder and (Path(folder) / "mnist").is_dir():
            return str(folder)
    pytest.skip("no prepared MNIST: set JAXGAN_TFDS_DIR to the folder that holds it")
