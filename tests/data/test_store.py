"""The store: few images in memory, many in a file that is found again, and never a part of them."""

import json
import os
import shutil
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jaxgan import data
from jaxgan.data import encoded, store

COUNT = 150


@pytest.fixture
def faces(tmp_path):
    """A folder of gray images, each of its own level, the cache beside it, and a way to load one through the other."""
    path = tmp_path / "faces"
    path.mkdir()
    for i in range(COUNT):
        Image.new("L", (4, 4), i).save(path / f"{i:03}.png")
    (path / "bad.png").touch()
    return path


def load(faces, limit=0, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = data.load(f"folder:{faces}", memory_limit=limit, cache_dir=faces.parent / "cache", **options)
    assert [w.category for w in caught] == [data.SkippedFiles] * (len(made.skipped) > 0)
    return made, [str(w.message) for w in caught]


def cached(faces):
    cache = faces.parent / "cache"
    return {path: path.stat().st_ino for path in cache.iterdir()} if cache.exists() else {}


@pytest.fixture
def reads(monkeypatch):
    """The files that are read."""
    names = []
    read = encoded.read

    def counted(file, **options):
        names.append(Path(file.name).name)
        return read(file, **options)

    monkeypatch.setattr(encoded, "read", counted)
    return names


def test_memory_and_file_hold_the_same(faces):
    few, said = load(faces, limit=(COUNT + 1) * 16)
    assert not isinstance(few.real, np.memmap)
    assert cached(faces) == {}
    many, said_too = load(faces, limit=(COUNT + 1) * 16 - 1)
    assert isinstance(many.real, np.memmap)
    assert not many.real.flags.writeable
    assert sorted(path.suffix for path in cached(faces)) == [".json", ".npy"]
    np.testing.assert_array_equal(few.real, many.real)
    np.testing.assert_array_equal(few.real[:, 0, 0, 0], np.arange(COUNT))
    assert few.skipped == many.skipped == (("bad.png", "empty file"),)
    assert said == said_too


def test_the_file_is_found_again_and_nothing_is_read(faces, reads):
    first, said = load(faces)
    assert len(reads) == COUNT + 1
    before = cached(faces)
    again, said_again = load(faces)
    assert len(reads) == COUNT + 1
    assert cached(faces) == before
    assert isinstance(again.real, np.memmap)
    assert (again.skipped, said_again) == (first.skipped, said)
    np.testing.assert_array_equal(again.real, first.real)
    roomy, _ = load(faces, limit=2**30)
    assert len(reads) == COUNT + 1
    assert not isinstance(roomy.real, np.memmap)
    np.testing.assert_array_equal(roomy.real, first.real)


def touch(faces):
    os.utime(faces / "007.png", ns=(1, 1))


def rename(faces):
    (faces / "007.png").rename(faces / "7.png")


def add(faces):
    Image.new("L", (4, 4), 200).save(faces / "more.png")


@pytest.mark.parametrize("change", [touch, rename, add])
def test_a_change_of_a_file_is_noticed(faces, reads, change):
    load(faces)
    change(faces)
    made, _ = load(faces)
    assert len(reads) > COUNT + 1
    assert len(made) == COUNT + (change is add)


@pytest.mark.parametrize("options", [{"image_size": 2}, {"channels": 3}])
def test_options_have_files_of_their_own(faces, reads, options):
    plain, _ = load(faces)
    other, _ = load(faces, **options)
    assert other.shape != plain.shape
    assert len(reads) == 2 * (COUNT + 1)
    load(faces)
    load(faces, **options)
    assert len(reads) == 2 * (COUNT + 1)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize(
    ("suffix", "harm"), [(".npy", cut), (".npy", lengthen), (".json", cut), (".npy", os.remove), (".json", os.remove)]
)
def test_a_file_that_is_not_whole_is_made_again(faces, reads, suffix, harm):
    first, _ = load(faces)
    expected = np.array(first.real)
    (path,) = [path for path in cached(faces) if path.suffix == suffix]
    harm(path)
    again, _ = load(faces)
    assert len(reads) == 2 * (COUNT + 1)
    np.testing.assert_array_equal(again.real, expected)
    load(faces)
    assert len(reads) == 2 * (COUNT + 1)


@pytest.mark.parametrize("record", ["[]", "null", "3", '{"bytes": 3}', '{"bytes": null}', '"\\ud800"'])
def test_a_record_that_says_something_else_is_not_believed(faces, reads, record):
    load(faces)
    (path,) = [path for path in cached(faces) if path.suffix == ".json"]
    path.write_text(record)
    again, _ = load(faces)
    assert (len(again), len(reads)) == (COUNT, 2 * (COUNT + 1))


def test_a_cache_that_cannot_be_written_is_named_where_it_is_needed_alone(faces):
    (faces.parent / "cache").touch()
    assert len(load(faces, limit=2**30)[0]) == COUNT
    with pytest.raises(OSError, match=r"Decoded images that are not held in memory .* another cache_dir: '.*cache"):
        load(faces)


def items(stop_at=None, error=KeyboardInterrupt):
    def read(rows):
        if stop_at in rows:
            raise error
        return [store.Item(np.full((2, 2, 1), i % 256, np.uint8), i, "2x2") for i in rows]

    return read


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_is_stopped_leaves_nothing(tmp_path, error):
    path = tmp_path / "images.npy"
    with pytest.raises(error):
        store.make("set", 1000, items(stop_at=900, error=error), path=path, memory_limit=0)
    assert list(tmp_path.iterdir()) == []
    assert store.find(path, memory_limit=0) is None


@pytest.mark.parametrize(("operation", "survived"), [("fsync", 0), ("replace", 0), ("replace", 1)])
def test_what_is_killed_is_never_found(tmp_path, monkeypatch, operation, survived):
    """The process ends at an operation on files, and with it whatever would clean up."""
    path, done = tmp_path / "images.npy", []
    owner = store.os if operation == "fsync" else store.Path
    original = getattr(owner, operation)

    class Killed(BaseException):
        pass

    def kill(*arguments):
        if len(done) == survived:
            raise Killed
        done.append(operation)
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, operation, kill)
        patch.setattr(store.Path, "unlink", lambda *arguments, **options: None)
        with pytest.raises(Killed):
            store.make("set", 1000, items(), path=path, memory_limit=0)
    assert len(list(tmp_path.iterdir())) == 1 + survived
    assert store.find(path, memory_limit=0) is None
    assert len(store.make("set", 1000, items(), path=path, memory_limit=0).images) == 1000
    assert store.find(path, memory_limit=0) is not None


def test_two_that_make_it_at_once_do_no_harm(tmp_path):
    path, made = tmp_path / "images.npy", []
    meet = threading.Barrier(2)

    def read(rows):
        if rows.start == 960:
            meet.wait(10)
        return items()(rows)

    def run():
        made.append(store.make("set", 1000, read, path=path, memory_limit=0))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for stored in (*made, store.find(path, memory_limit=0)):
        np.testing.assert_array_equal(stored.labels, np.arange(1000))
        np.testing.assert_array_equal(stored.images[:, 1, 1, 0], np.arange(1000) % 256)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".json", ".npy"]


def test_reading_runs_ahead_by_a_bounded_number_of_items(tmp_path):
    """Else a folder larger than the memory could not be read."""
    started, slow = [], threading.Event()

    def read(rows):
        started.append(rows)
        if rows.start == 0:
            slow.wait(0.2)
        return items()(rows)

    count = 1000 * store.BLOCK
    made = store._items("set", count, read)
    next(made)
    assert len(started) < 200
    made.close()


def test_a_disk_that_is_too_small_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 3999))
    with pytest.raises(OSError, match=r"do not fit into .* free.* pass another cache_dir"):
        store.make("set", 1000, items(), path=tmp_path / "images.npy", memory_limit=0)


def test_the_cache_lies_where_caches_lie(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert store.cache_path("folder:a b", {}, None).parent == tmp_path / ".cache" / "jaxgan"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    assert store.cache_path("folder:a b", {}, None).parent == tmp_path / "other" / "jaxgan"
    assert store.cache_path("a b", {}, "~/here").parent == tmp_path / "here"
    paths = {store.cache_path("folder:a/b", key, None) for key in ({}, {"a": 1}, {"a": 2})}
    assert len(paths) == 3
    assert all(path.name.startswith("folder-a-b-") for path in paths)


def test_the_file_is_an_ordinary_one(faces):
    made, _ = load(faces)
    (path,) = [path for path in cached(faces) if path.suffix == ".npy"]
    np.testing.assert_array_equal(np.load(path), made.real)
    assert json.loads(path.with_suffix(".json").read_text())["skipped"] == {str(COUNT): "empty file"}
