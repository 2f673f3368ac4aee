"""A short form of `archives.py`: odd archives are loaded, or refused in words before they are unpacked."""

import archives
import pytest
from odd_data import outcome

from jaxgan.data import npz


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("good", "loaded 6 of (4, 4, 3), 3 classes"),
        ("others of objects", "loaded 6"),
        ("lzma", "loaded 6"),
        ("by columns", "loaded 6"),
        ("Deflate64", "compression method is not supported"),
        ("encrypted", "is encrypted"),
        ("zlib error", "not a readable .npz archive"),
        ("empty images", "not a readable .npz archive"),
        ("lzma but deflated", "not a readable .npz archive"),
        ("an array", "a single array; numpy.savez makes archives"),
        ("shape terabytes", "needs 1,099,511,627,776 bytes, and has 96"),
        ("shape beyond 64 bits", "bytes, and has 96"),
        ("4 GiB declared", "'images' declares 4.0 GiB and has 377 bytes"),
        ("bzip2 bomb of 300 MiB", "'images' declares 0.3 GiB and has 2,055 bytes"),
        ("kind |O", "is of object, not of numbers"),
        ("header a token", "not a readable .npz archive"),
        ("damage 1", "not a readable .npz archive"),
    ],
)
def test_an_odd_archive_is_loaded_or_refused_in_words(tmp_path, name, expected):
    ((_, find),) = archives.outcomes(tmp_path, [name])
    assert expected in find()


def test_an_array_that_does_not_fit_into_memory_is_refused_by_its_declared_size(tmp_path, monkeypatch):
    monkeypatch.setattr(npz, "memory", lambda: 400)
    ((_, find),) = archives.outcomes(tmp_path, ["good"])
    assert "'images' declares 0.0 GiB, and this machine has 0.0 GiB of memory" in find()


def test_a_home_is_replaced_in_the_path_of_an_archive(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "x.npz").write_bytes(archives.GOOD)
    assert outcome("npz:~/x.npz").startswith("loaded 6")
    assert "Could not determine home" in outcome("npz:~nobody-of-this-name/x.npz")
