"""A short form of `odd_files.py`: odd files and folders are loaded, or refused in words."""

import os
import tempfile

import odd_files
import pytest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("file PNG with a bomb of text", "decompressed data too large"),
        ("file PNG of 2**62 pixels", "more than 89,478,485 pixels"),
        ("file EPS with a program", "refused"),
        ("folder name that is not UTF-8", "loaded 2"),
        ("folder class that is not UTF-8", "loaded 2 of (24, 20, 3), 2 classes"),
        ("folder unusable that is not UTF-8", r"caf\udce9.png: empty file"),
        ("folder brackets", "loaded 6"),
        ("folder link to itself", "loaded 1"),
        ("folder links of all to all", "loaded 9 of (24, 20, 3), 9 classes"),
        ("folder pipe", "loaded 1"),
        ("folder unreadable file", "/a.png: Permission denied"),
        ("folder unreadable folder", "/b: Permission denied"),
        ("folder folder that cannot be entered", "Permission denied"),
        ("place a user that is not there", "Could not determine home"),
        ("place a name that is too long", "File name too long"),
        ("place a zero byte", "no folder"),
        ("tiff damage 1", ""),
    ],
)
def test_an_odd_file_or_folder_is_loaded_or_refused_in_words(name, expected):
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)  # the superuser tries it as somebody else
        ((_, find),) = odd_files.outcomes(made, [name])
        assert expected.lower() in find().lower()
