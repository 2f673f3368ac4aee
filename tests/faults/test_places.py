"""The short form of `places.py`: one place of each kind."""

import shutil
import sys

import places
import pytest

QUICK = ("out is a file", "HOME cannot be written", "standard output full", "largest file is small")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    places.train_one(out)
    return out / "00000-ring"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or shutil.which("setpriv") is None, reason="places are those of Linux")
@pytest.mark.parametrize("name", QUICK)
def test_an_odd_place_works_or_ends_in_words(name, done, tmp_path, own_cache):
    assert places.complaint(places.PLACES[name], tmp_path / "place", done) == ""
