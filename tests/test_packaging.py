"""The wheel has the library and nothing else, the source distribution all that the tests need."""

import tarfile
import zipfile
from pathlib import Path

import pytest

import jaxgan

wheel, sdist = pytest.importorskip("hatchling.builders.wheel"), pytest.importorskip("hatchling.builders.sdist")

ROOT = Path(__file__).parents[1]
LARGEST = 4_000_000
"""Bytes of a file that anybody downloads for a library without weights."""


def test_the_wheel_is_the_library(tmp_path):
    (path,) = wheel.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(path).namelist())
    ours = {p.relative_to(ROOT).as_posix() for p in (ROOT / "jaxgan").rglob("*") if p.is_file() and p.suffix != ".pyc"}
    assert {name for name in names if ".dist-info/" not in name} == ours
    assert {"jaxgan/py.typed", "jaxgan/report/report.html", "jaxgan/recipes/references/wgan-gp-mnist.toml"} <= ours
    about = f"jaxgan-{jaxgan.__version__}.dist-info"
    assert {f"{about}/licenses/LICENSE", f"{about}/entry_points.txt"} <= names
    assert Path(path).stat().st_size < LARGEST


def test_the_source_distribution_has_the_tests_and_no_results_of_runs(tmp_path):
    (path,) = sdist.SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tops = {".ci", ".github", ".gitignore", "benchmarks", "examples", "jaxgan", "tests"}
    files = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
    assert {name.partition("/")[0] for name in names} == tops | files
    assert {"tests/test_packaging.py", "examples/docs/mkdocs.yml", ".ci/run"} <= names
    assert not [name for name in names if name.startswith("runs/") or name.endswith((".safetensors", ".pyc"))]
    assert Path(path).stat().st_size < LARGEST
