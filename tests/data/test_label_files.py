"""Classes of a folder of images from a file beside them."""

import json
import warnings
import zipfile

import numpy as np
import pytest
from PIL import Image

from jaxgan import data

IMAGES = ("a/0.png", "a/1.png", "b.png", "c.png")


@pytest.fixture
def folder(tmp_path, own_cache):
    for i, name in enumerate(IMAGES):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (4, 4), 10 * i).save(path)
    return tmp_path


def load(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", data.DoubtfulData)
        return data.load(f"folder:{folder}")


def lines(*rows):
    return "\n".join(rows) + "\n"


FOUR = {"b.png": "dog", "a/0.png": "cat", "c.png": "cat", "a/1.png": "bird"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.csv", lines("file,label", *(f"{file},{label}" for file, label in FOUR.items()))),
        ("metadata.csv", lines("class,age,filename", *(f"{label},3,./{file}" for file, label in FOUR.items()))),
        ("metadata.jsonl", lines(*(json.dumps({"file_name": file, "label": it}) for file, it in FOUR.items()))),
        ("dataset.json", json.dumps({"labels": [[file, label] for file, label in FOUR.items()]})),
    ],
)
def test_classes_are_those_that_the_file_names(name, text, folder):
    (folder / name).write_text(text, encoding="utf-8-sig" if name == "labels.csv" else "utf-8")
    found = load(folder)
    assert found.class_names == ("bird", "cat", "dog")
    np.testing.assert_array_equal(found.labels, [1, 0, 2, 1])
    np.testing.assert_array_equal(np.asarray(found.real)[:, 0, 0, 0], [0, 10, 20, 30])
    assert found.origin.notes == ()


def test_numbers_are_classes_in_their_order(folder):
    pairs = [["b.png", 10], ["a/0.png", 9], ["c.png", 2], ["a/1.png", 2]]
    (folder / "dataset.json").write_text(json.dumps({"labels": pairs}))
    found = load(folder)
    assert found.class_names == ("2", "9", "10")
    np.testing.assert_array_equal(found.labels, [1, 0, 2, 0])


def test_images_without_a_label_and_names_without_an_image_are_said(folder):
    (folder / "labels.csv").write_text(lines("file,label", "b.png,x", "c.png,y", "gone.png,x", "lost.png,z"))
    found = load(folder)
    np.testing.assert_array_equal(found.labels, [-1, -1, 0, 1])
    assert found.class_names == ("x", "y")
    said = " ".join(found.origin.notes)
    assert "2 of 4 images have no label in labels.csv" in said
    assert "labels.csv names 2 that are not among the images" in said


@pytest.mark.parametrize(
    ("name", "text"),
    [("dataset.json", '{"labels": null}'), ("metadata.csv", "file_name,text\nb.png,a dog\n"), ("metadata.jsonl", "")],
)
def test_a_file_without_labels_leaves_the_subfolders(name, text, folder):
    (folder / name).write_text(text)
    assert load(folder).labels is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("labels.csv", "name,label\nb.png,1\n", "must name the files; there are name, label"),
        ("labels.csv", "file,label\nother.png,1\n", "names none of the images: the first that it names is other.png"),
        ("labels.csv", "file,label\nb.png\n", "entry 2: a label must be a whole number or a name, got None"),
        ("labels.csv", 'file,label\n"b.png,1\n', "labels.csv: "),
        ("labels.csv", "", None),
        ("dataset.json", "{", "dataset.json: "),
        ("dataset.json", '{"labels": [["b.png", 0.5]]}', "a label must be a whole number or a name, got 0.5"),
        ("dataset.json", '{"labels": [["b.png"]]}', "must be a list of pairs of a file and a label"),
        ("dataset.json", "[" * 100_000, "dataset.json: "),
        ("metadata.jsonl", '{"label": 1, "file_name": 3}', "entry 1 names no file: 3"),
        ("metadata.jsonl", "[1]\n", "line 1 is no object"),
        ("metadata.jsonl", b"\xff\xfe", "metadata.jsonl: "),
    ],
)
def test_a_file_that_cannot_be_understood_is_named(name, text, message, folder):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    if message is None:
        assert load(folder).labels is None
        return
    with pytest.raises(ValueError, match=message):
        load(folder)


def test_an_archive_is_read_as_its_folder(folder):
    (folder / "labels.csv").write_text(lines("file,label", *(f"{file},{label}" for file, label in FOUR.items())))
    (folder / ".hidden.png").touch()
    (folder / "notes.txt").touch()
    archive = folder / "set.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            if path != archive:
                file.write(path, path.relative_to(folder))
    archive.rename(folder.parent / "set.zip")
    one, other = load(folder), load(folder.parent / "set.zip")
    np.testing.assert_array_equal(one.real, other.real)
    np.testing.assert_array_equal(one.labels, other.labels)
    assert one.class_names == other.class_names == ("bird", "cat", "dog")
    assert dict(one.origin.others) == dict(other.origin.others) == {"hidden": 1, ".csv": 1, ".txt": 1}
    assert (one.name, other.name) == (f"folder:{folder.name}", "folder:set.zip")


def as_archive(path, content, name="0.png", **more):
    info = zipfile.ZipInfo(name)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(info, content, **more)
    return path


def test_odd_archives_are_refused_or_their_files_named(folder):
    good = (folder / "b.png").read_bytes()
    (folder / "none.zip").write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"none\.zip is not a readable zip archive"):
        load(folder / "none.zip")
    with pytest.raises(ValueError, match=r"no usable image under .*0 image files, 1 \.txt"):
        load(as_archive(folder / "words.zip", b"words", name="a.txt"))
    bomb = as_archive(folder / "bomb.zip", bytes(2**28 + 1), compress_type=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="0 image files, 1 declared larger than images are"):
        load(bomb)
    locked = bytearray(as_archive(folder / "locked.zip", good).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + at] |= 1
    (folder / "locked.zip").write_bytes(locked)
    with pytest.raises(ValueError, match="1 encrypted or of an unknown compression"):
        load(folder / "locked.zip")
    with zipfile.ZipFile(folder / "cut.zip", "w") as file:
        file.write(folder / "b.png", "b.png")
        file.write(folder / "c.png", "c.png")
        file.write(folder / "c.png", "../d.png")
    whole = (folder / "cut.zip").read_bytes()
    inside, before = bytearray(whole), bytearray(whole)
    inside[whole.index(b"IDAT") + 6] ^= 0xFF
    before[whole.index(b"PK\x03\x04")] ^= 0xFF
    for damaged, reason in ((inside, "Bad CRC-32"), (before, "Bad magic number for file header")):
        (folder / "cut.zip").write_bytes(damaged)
        with pytest.warns(data.SkippedFiles, match=rf"1 of 2 image files are left out: b\.png: {reason}"):
            assert len(load(folder / "cut.zip")) == 1
