"""Folders of two domains: which images are pairs, in both directions, and what is said of folders that do not fit."""

import json
import os
import warnings

import numpy as np
import pytest
from PIL import Image

from jaxgan import data
from jaxgan.data import Unpaired


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path)


def gray(path, level, height=4, width=4):
    save(path, np.full((height, width), level))


def side_by_side(folder, levels, height=4, width=4):
    """File i shows one grey level on the left and 100 more on the right."""
    for i, level in enumerate(levels):
        save(folder / f"{i}.png", np.repeat([[level, level + 100]], width, 1).repeat(height, 0))


def levels(rows):
    return rows[:, 0, 0, 0].tolist()


def test_the_left_half_of_a_picture_is_the_source_and_the_right_half_the_target(tmp_path):
    """As in the authors' program: A is the left half, and AtoB makes B out of A."""
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (3, 6, 10, 3), np.uint8)
    for name, picture in zip(("1", "2", "10"), pictures, strict=True):
        save(tmp_path / "train" / f"{name}.png", picture)
    save(tmp_path / "test" / "1.png", 255 - pictures[0])
    found = data.load(f"pairs:{tmp_path}")
    in_order = pictures[[0, 2, 1]]
    np.testing.assert_array_equal(found.condition, in_order[:, :, :5])
    np.testing.assert_array_equal(found.real, in_order[:, :, 5:])
    assert (found.name, found.condition_medium.name) == (f"pairs:{tmp_path.name}", "images")
    assert found.origin.sizes == (("10x6", 3),)
    back = data.load(f"pairs:{tmp_path}", direction="BtoA")
    np.testing.assert_array_equal(back.condition, found.real)
    np.testing.assert_array_equal(back.real, found.condition)
    tested = data.load(f"pairs:{tmp_path}", split="test")
    np.testing.assert_array_equal(tested.real, 255 - pictures[:1, :, 5:])
    alone = data.load(f"pairs:{tmp_path / 'train'}")
    np.testing.assert_array_equal(alone.real, found.real)


@pytest.mark.parametrize("folders", [("trainA", "trainB"), ("A/train", "B/train"), ("train/A", "train/B"), ("A", "B")])
def test_files_of_the_same_name_in_two_folders_are_pairs(tmp_path, folders):
    a, b = (tmp_path / folder for folder in folders)
    for i, name in enumerate(["x", "sub/y", "Z"]):
        gray(a / f"{name}.png", i)
        gray(b / f"{name}.bmp", 100 + i)
    found = data.load(f"pairs:{tmp_path}")
    assert (levels(found.condition), levels(found.real)) == ([1, 0, 2], [101, 100, 102])
    back = data.load(f"pairs:{tmp_path}", direction="BtoA")
    assert (levels(back.condition), levels(back.real)) == ([101, 100, 102], [1, 0, 2])
    apart = data.load(f"unpaired:{tmp_path}")
    assert (levels(apart.real.a), levels(apart.real.b)) == ([1, 0, 2], [101, 100, 102])


def test_domains_without_pairs_have_lengths_of_their_own(tmp_path):
    for i in range(3):
        gray(tmp_path / "trainA" / f"{i}.png", i)
    for i in range(5):
        gray(tmp_path / "trainB" / f"horse{i}.png", 100 + i)
    gray(tmp_path / "testA" / "0.png", 50)
    gray(tmp_path / "testB" / "0.png", 150)
    found = data.load(f"unpaired:{tmp_path}")
    assert isinstance(found.real, Unpaired)
    assert (levels(found.real.a), levels(found.real.b)) == ([0, 1, 2], [100, 101, 102, 103, 104])
    assert (found.name, found.condition, found.origin.sizes) == (f"unpaired:{tmp_path.name}", None, (("4x4", 8),))
    back = data.load(f"unpaired:{tmp_path}", direction="BtoA", split="test")
    assert (levels(back.real.a), levels(back.real.b)) == ([150], [50])


def test_a_gray_source_and_a_target_in_colour_keep_their_channels_or_have_those_asked_for(tmp_path):
    gray(tmp_path / "trainA" / "1.png", 7)
    save(tmp_path / "trainB" / "1.png", np.full((4, 4, 3), (10, 20, 30)))
    found = data.load(f"pairs:{tmp_path}")
    assert (found.condition.shape, found.real.shape) == ((1, 4, 4, 1), (1, 4, 4, 3))
    found = data.load(f"pairs:{tmp_path}", channels=3)
    assert (found.condition[0, 0, 0].tolist(), found.real[0, 0, 0].tolist()) == ([7, 7, 7], [10, 20, 30])
    assert data.load(f"unpaired:{tmp_path}", channels=1).shape == Unpaired((4, 4, 1), (4, 4, 1))


@pytest.mark.parametrize("size", [8, (6, 9)])
def test_each_half_is_brought_to_the_size_asked_for(tmp_path, size):
    side_by_side(tmp_path / "train", [10, 20], height=12, width=12)
    found = data.load(f"pairs:{tmp_path}", image_size=size)
    assert found.real.shape == found.condition.shape == (2, *(size if isinstance(size, tuple) else (size, size)), 1)
    assert np.ptp(found.real, axis=(1, 2, 3)).tolist() == np.ptp(found.condition, axis=(1, 2, 3)).tolist() == [0, 0]
    assert (levels(found.condition), levels(found.real)) == ([10, 20], [110, 120])


def test_a_pair_with_an_image_that_cannot_be_used_is_left_out_with_a_note(tmp_path):
    for i in range(5):
        gray(tmp_path / "trainA" / f"{i}.png", i)
        gray(tmp_path / "trainB" / f"{i}.png", 100 + i)
    (tmp_path / "trainA" / "1.png").write_bytes(b"")
    (tmp_path / "trainB" / "3.png").write_bytes(b"no image")
    with pytest.warns(data.SkippedFiles, match=r"2 of 5 image files are left out: trainA/1.png: empty file; trainB/3"):
        found = data.load(f"pairs:{tmp_path}")
    assert (levels(found.condition), levels(found.real)) == ([0, 2, 4], [100, 102, 104])
    assert found.skipped == (("trainA/1.png", "empty file"), ("trainB/3.png", "not an image"))
    with pytest.warns(data.SkippedFiles) as said:
        apart = data.load(f"unpaired:{tmp_path}")
    assert (levels(apart.real.a), levels(apart.real.b), len(said)) == ([0, 2, 3, 4], [100, 101, 102, 104], 2)
    assert apart.skipped == found.skipped


def test_a_broken_picture_of_both_is_named_once(tmp_path):
    side_by_side(tmp_path / "train", [1, 2, 3])
    (tmp_path / "train" / "1.png").write_bytes(b"")
    (tmp_path / "train" / "notes.txt").write_text("no picture")
    with pytest.warns(data.SkippedFiles, match=r"1 of 3 image files are left out: train/1.png: empty file$"):
        found = data.load(f"pairs:{tmp_path}")
    assert (levels(found.condition), len(found.skipped), found.origin.others) == ([1, 3], 1, ((".txt", 1),))


def test_sets_beyond_the_memory_limit_are_mapped_and_the_same(tmp_path):
    side_by_side(tmp_path / "data" / "train", [1, 2, 3])
    path = f"pairs:{tmp_path / 'data'}"
    held = data.load(path, mirror=True)
    mapped = data.load(path, mirror=True, memory_limit=0, cache_dir=tmp_path / "cache")
    again = data.load(path, mirror=True, memory_limit=0, cache_dir=tmp_path / "cache")
    assert (held.mapped, mapped.mapped, again.mapped) == (False, True, True)
    assert len({json.dumps(data.describe(each)["fingerprint"]) for each in (held, mapped, again)}) == 1
    assert isinstance(mapped.condition, np.memmap)
    assert len(list((tmp_path / "cache").glob("*.npy"))) == 2


def test_images_of_other_sizes_on_both_sides_are_brought_to_one_and_this_is_said(tmp_path):
    gray(tmp_path / "trainA" / "1.png", 1)
    gray(tmp_path / "trainB" / "1.png", 2, 4, 8)
    with pytest.warns(data.DoubtfulData, match=r"in different sizes, such as 4x4 of A, 8x4 of B"):
        found = data.load(f"pairs:{tmp_path}", image_size=4)
    assert found.real.shape == found.condition.shape
    with pytest.raises(ValueError, match=r"times a whole number; got \(4, 4\) of A and \(4, 8\) of B: pass image_size"):
        data.load(f"pairs:{tmp_path}")


def test_images_of_one_side_may_be_those_of_the_other_times_a_whole_number(tmp_path):
    gray(tmp_path / "trainA" / "1.png", 1, 4, 6)
    gray(tmp_path / "trainB" / "1.png", 2, 8, 12)
    found = data.load(f"pairs:{tmp_path}", crop=4)
    assert (found.condition_shape, found.shape) == ((2, 2, 1), (4, 4, 1))
    assert found.condition.shape[1:] == (4, 6, 1)


def alone(path):
    for i in range(7):
        gray(path / "trainA" / f"{i}.png", i)
    gray(path / "trainB" / "0.png", 0)


def twice(path):
    for name in ("trainA/1.png", "trainA/1.bmp", "trainB/1.png"):
        gray(path / name, 0)


def odd(path):
    side_by_side(path / "train", [1])
    gray(path / "train" / "odd.png", 1, 4, 7)


def several(path):
    side_by_side(path / "train", [1])
    gray(path / "train" / "wide.png", 1, 4, 12)


def without_b(path):
    gray(path / "trainA" / "1.png", 0)


def empty(path):
    (path / "trainA").mkdir()
    (path / "trainB").mkdir()


def only_test(path):
    side_by_side(path / "test", [1])


def nothing(path):
    pass


@pytest.mark.filterwarnings("ignore::jaxgan.data.DoubtfulData")
@pytest.mark.parametrize(
    ("kind", "make", "message"),
    [
        (
            "pairs",
            alone,
            r"pairs: 6 files have no partner .*: trainA/1.png, trainA/2.png, .*trainA/5.png and 1 more\. For data",
        ),
        ("pairs", twice, r"pairs: trainA/1.bmp and trainA/1.png differ only in the suffix: remove one of them"),
        ("pairs", odd, r"odd.png: two pictures side by side must have an even width, got 7 pixels"),
        ("pairs", several, r"several shapes, such as \(4, 4, 1\) and \(4, 6, 1\): pass image_size"),
        ("pairs", without_b, r"pairs: .* has the folder trainA, but no trainB"),
        ("unpaired", without_b, r"unpaired: .* has the folder trainA, but no trainB"),
        ("pairs", empty, r"pairs: no usable image under .*: 0 image files"),
        ("unpaired", empty, r"unpaired: no usable image under .*trainA: 0 image files"),
        (
            "pairs",
            only_test,
            r"pairs: no folders of two domains for split='train' in .*, which has test; there must be t",
        ),
        ("unpaired", only_test, r"unpaired: no folders of two domains for split='train' in .*which has test; there mu"),
        (
            "pairs",
            nothing,
            r"pairs: no folders of two domains for split='train' in .*, which has nothing; .*nor picture",
        ),
    ],
)
def test_what_does_not_fit_is_an_error(tmp_path, kind, make, message):
    make(tmp_path)
    with (
        pytest.raises(ValueError, match=message)
        if "no folders" not in message
        else pytest.raises(FileNotFoundError, match=message)
    ):
        data.load(f"{kind}:{tmp_path}")


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("pairs:{}", {"direction": "AtoA"}, "direction must be one of AtoB, BtoA; got 'AtoA'"),
        ("unpaired:{}", {"direction": "A"}, "direction must be one of AtoB, BtoA; got 'A'"),
        ("pairs:{}", {"split": "../x"}, r"split must be the name of a part, such as train, val or test, got '../x'"),
        ("pairs:{}", {"crop": 5}, r"crop must be from 1 to 4 high and from 1 to 4 wide, got 5"),
        ("pairs:{}", {"crop": 0}, r"crop must be a whole number of at least 1, or \(height, width\), got 0"),
        ("pairs:{}", {"channels": 2}, "channels must be one of 1, 3, 4; got 2"),
        ("folder:{}", {"direction": "BtoA"}, "direction is for pairs, unpaired alone, got direction='BtoA' for folder"),
        ("pairs:", {}, "data must be one of .*pairs:PATH, unpaired:PATH, wav:PATH, clips:PATH, .*; got 'pairs:'"),
        ("pairs:{}/gone", {}, "pairs: there is no folder .*gone"),
        ("unpaired:{}/train/0.png", {}, "unpaired: .*0.png is not a folder"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_wrong_options_are_errors(tmp_path, source, options, message):
    side_by_side(tmp_path / "train", [1])
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        data.load(source.format(tmp_path), **options)


def test_files_of_the_folder_itself_are_the_split_train_alone(tmp_path):
    side_by_side(tmp_path, [1, 2])
    assert levels(data.load(f"pairs:{tmp_path}").condition) == [1, 2]
    with pytest.raises(FileNotFoundError, match="for split='test'"):
        data.load(f"pairs:{tmp_path}", split="test")


def test_folders_with_parts_below_are_not_read_as_one(tmp_path):
    for part in ("train", "test"):
        for side in "AB":
            gray(tmp_path / side / part / f"{part}.png", 1)
    assert len(data.load(f"pairs:{tmp_path}")) == 1
    os.rename(tmp_path / "A" / "train", tmp_path / "A" / "val")
    with pytest.raises(ValueError, match="has the folder B/train, but no A/train"):
        data.load(f"pairs:{tmp_path}")


def test_pairs_of_sixteen_bits_stay_so(tmp_path):
    (tmp_path / "train").mkdir()
    Image.fromarray(np.array([[1000, 2000]] * 2, np.uint16)).save(tmp_path / "train" / "1.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = data.load(f"pairs:{tmp_path}")
    assert (found.condition.dtype, levels(found.condition), levels(found.real)) == (np.uint16, [1000], [2000])
