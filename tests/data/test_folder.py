"""Folders of images: every mode, files that cannot be used, labels, and what is said of them."""

import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from jaxgan import data

RED, GREEN, BLUE = (200, 30, 40), (20, 180, 60), (10, 40, 220)


def save(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


def solid(mode, colour, size=(8, 8)):
    return Image.new(mode, size, colour)


def palette(*colours, **info):
    """A palette image whose left half is the first colour and whose right half is the second."""
    image = Image.new("P", (8, 8), 0)
    image.putpalette([value for colour in colours for value in colour])
    image.paste(1, (4, 0, 8, 8))
    image.info |= info
    return image


def bomb(side):
    """A PNG that says it is 1-bit and `side` pixels wide and high, and holds next to nothing."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def halves(left, right):
    return np.repeat([left, right], 4, axis=0)[None].repeat(8, axis=0)


def everywhere(colour):
    return np.broadcast_to(np.array(colour), (8, 8, len(colour)))


GOOD = {
    "rgb.png": (solid("RGB", RED), {}, everywhere(RED), 0),
    "rgb.jpg": (solid("RGB", RED), {"quality": 95}, everywhere(RED), 3),
    "rgb-in-progress.jpeg": (solid("RGB", GREEN), {"progressive": True}, everywhere(GREEN), 3),
    "rgb.webp": (solid("RGB", BLUE), {"lossless": True}, everywhere(BLUE), 0),
    "palette.png": (palette(RED, BLUE), {}, halves(RED, BLUE), 0),
    "palette.gif": (palette(RED, BLUE), {}, halves(RED, BLUE), 0),
    "see-through-palette.png": (palette(RED, BLUE, transparency=0), {}, halves((255,) * 3, BLUE), 0),
    "see-through-by-bytes.png": (palette(RED, BLUE, transparency=b"\x00\xff"), {}, halves((255,) * 3, BLUE), 0),
    "one-bit.png": (solid("1", 1), {}, everywhere((255,) * 3), 0),
    "gray.png": (solid("L", 77), {}, everywhere((77,) * 3), 0),
    "gray.jpg": (solid("L", 77), {"quality": 95}, everywhere((77,) * 3), 1),
    "gray-alpha.png": (solid("LA", (0, 51)), {}, everywhere((204,) * 3), 1),
    "rgba.png": (solid("RGBA", (*RED, 0)), {}, everywhere((255,) * 3), 0),
    "rgba-half.png": (solid("RGBA", (0, 0, 0, 51)), {}, everywhere((204,) * 3), 1),
    "rgba-opaque.tiff": (solid("RGBA", (*RED, 255)), {}, everywhere(RED), 0),
    "cmyk.jpg": (solid("CMYK", (0, 255, 255, 0)), {"quality": 95}, everywhere((255, 0, 0)), 3),
    "cmyk.tif": (solid("CMYK", (255, 0, 0, 0)), {}, everywhere((0, 255, 255)), 0),
    "sixteen-bit.png": (solid("I;16", 257 * 99), {}, everywhere((99,) * 3), 0),
    "sixteen-bit.tiff": (solid("I;16", 65535), {}, everywhere((255,) * 3), 0),
    "thirty-two-bit.tiff": (solid("I", 257 * 42), {}, everywhere((42,) * 3), 0),
}


@pytest.mark.parametrize("name", GOOD)
def test_every_mode_becomes_the_colour_that_it_shows(tmp_path, name):
    image, options, expected, tolerance = GOOD[name]
    save(tmp_path / name, image, **options)
    made = data.load(f"folder:{tmp_path}", image_size=8, channels=3)
    assert (made.real.dtype, made.real.shape, made.skipped) == (np.uint8, (1, 8, 8, 3), ())
    np.testing.assert_allclose(made.real[0].astype(int), expected, atol=tolerance)


BAD = {
    "empty.png": (b"", "empty file"),
    "text.png": (b"this is no picture", "not an image"),
    "huge.png": (bomb(20_000), "more than 89,478,485 pixels"),
    "large.png": (bomb(10_000), "more than 89,478,485 pixels"),
    "floating.tif": (solid("F", 0.5), "floating-point pixels"),
    "beyond.tiff": (solid("I", 70_000), "32-bit pixels, from 70000 to 70000"),
    "cut.jpg": (None, "truncated"),
    "cut.png": (None, "truncated"),
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A folder of everything."""
    folder = tmp_path_factory.mktemp("mixed")
    for name, (image, options, *_) in GOOD.items():
        save(folder / "good" / name, image, **options)
    noise = Image.fromarray(np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8))
    for name, (content, _) in BAD.items():
        if isinstance(content, Image.Image):
            save(folder / "bad" / name, content)
        else:
            (folder / "bad").mkdir(exist_ok=True)
            written = io.BytesIO(content)
            if content is None:
                noise.save(written, "JPEG" if name.endswith("jpg") else "PNG")
                written.truncate(len(written.getvalue()) // 2)
            (folder / "bad" / name).write_bytes(written.getvalue())
    save(folder / "good" / "png-named.jpg", solid("RGB", RED), format="PNG")
    return folder


def test_files_that_cannot_be_used_are_left_out_with_one_warning(mixed):
    with pytest.warns(data.SkippedFiles) as caught:
        made = data.load(f"folder:{mixed}", image_size=8)
    (warning,) = caught
    assert str(warning.message).startswith(
        f"folder:{mixed.name}: 8 of 29 image files are left out: bad/beyond.tiff: 32"
    )
    assert [name for name, _ in made.skipped] == sorted(f"bad/{name}" for name in BAD)
    for name, why in made.skipped:
        assert BAD[name.removeprefix("bad/")][1] in why
        assert f"{name}: {why}" in str(warning.message)
    assert (made.real.shape, made.labels) == ((21, 8, 8, 3), None)
    for image, name in zip(made.real, sorted([*GOOD, "png-named.jpg"]), strict=True):
        expected, tolerance = GOOD[name][2:] if name in GOOD else (everywhere(RED), 0)
        np.testing.assert_allclose(image.astype(int), expected, atol=tolerance, err_msg=name)


def test_a_warning_names_ten_files_and_counts_the_others(tmp_path):
    save(tmp_path / "z.png", solid("L", 1))
    for i in range(14):
        (tmp_path / f"{i:02}.png").touch()
    with pytest.warns(data.SkippedFiles, match=r"14 of 15 .*00.png: empty file; .*09.png: empty file; and 4 more$"):
        made = data.load(f"folder:{tmp_path}")
    assert len(made.skipped) == 14


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    "name", ["a.png", "a.tiff", "lzw.tiff", "a.webp"], ids=["png", "tiff", "compressed tiff", "webp"]
)
def test_the_orientation_of_exif_is_applied(tmp_path, name, orientation):
    stored = Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3) * 40)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"a.webp": {"lossless": True}, "lzw.tiff": {"compression": "tiff_lzw"}}
    save(tmp_path / name, stored.convert("RGB"), exif=exif, **lossless.get(name, {}))
    made = data.load(f"folder:{tmp_path}").real[0]
    with Image.open(tmp_path / name) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(made, expected)
    assert made.shape == ((2, 3, 3) if orientation < 5 else (3, 2, 3))
    if orientation == 6:  # the top of what is seen is the left of what is stored
        np.testing.assert_array_equal(made[0, :, 0], [120, 0])


def test_exif_that_cannot_be_read_is_no_reason_to_leave_an_image_out(tmp_path):
    save(tmp_path / "a.jpg", solid("RGB", RED), exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff garbage")
    assert data.load(f"folder:{tmp_path}").skipped == ()


@pytest.mark.parametrize(
    ("channels", "pixel"), [(1, [round(153 + 0.299 * 102)]), (3, [255, 153, 153]), (4, [255, 0, 0, 102])]
)
def test_channels_are_those_asked_for(tmp_path, channels, pixel):
    save(tmp_path / "a.png", solid("RGBA", (255, 0, 0, 102)))
    made = data.load(f"folder:{tmp_path}", channels=channels, image_size=5).real
    np.testing.assert_array_equal(made[0, 3, 3], pixel)


@pytest.mark.parametrize("others", [[], ["rgb.png"], ["cut.png"]], ids=["alone", "with colour", "with broken colour"])
def test_channels_are_one_if_every_readable_image_is_gray(tmp_path, mixed, others):
    for name in ("gray.png", "gray-alpha.png", "sixteen-bit.png", "one-bit.png"):
        os.link(mixed / "good" / name, tmp_path / name)
    for name in others:
        os.link(mixed / ("bad" if "cut" in name else "good") / name, tmp_path / name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", data.SkippedFiles)
        made = data.load(f"folder:{tmp_path}", image_size=8)
    assert made.shape == (8, 8, 3 if others == ["rgb.png"] else 1)


def test_images_are_cropped_to_the_centre_and_resized(tmp_path):
    wide = np.zeros((4, 8, 3), np.uint8)
    wide[:, 2:6] = RED
    save(tmp_path / "wide.png", Image.fromarray(wide))
    save(tmp_path / "tall.png", Image.fromarray(wide.transpose(1, 0, 2)))
    made = data.load(f"folder:{tmp_path}", image_size=2)
    np.testing.assert_array_equal(made.real, np.broadcast_to(np.uint8(RED), (2, 2, 2, 3)))


def test_images_of_one_shape_need_no_size_and_others_do(tmp_path):
    save(tmp_path / "a.png", solid("RGB", RED, (6, 4)))
    save(tmp_path / "b.png", solid("RGB", BLUE, (6, 4)))
    assert data.load(f"folder:{tmp_path}").shape == (4, 6, 3)
    save(tmp_path / "c.png", solid("RGB", RED, (4, 6)))
    with pytest.raises(ValueError, match=r"several shapes, such as \(4, 6, 3\) and \(6, 4, 3\): pass image_size"):
        data.load(f"folder:{tmp_path}")


def levels(dataset):
    return dataset.real[:, 0, 0, 0].tolist()


def gray(folder, **images):
    for name, level in images.items():
        save(folder / f"{name.replace('__', '/')}.png", solid("L", level, (2, 2)))


@pytest.mark.filterwarnings("ignore::jaxgan.data.DoubtfulData")
def test_rows_are_in_the_order_of_names_whatever_their_case(tmp_path):
    gray(tmp_path, b=3, A=1, a2=2, C__d=5, c__e=6, B2=4)
    assert levels(data.load(f"folder:{tmp_path}")) == [1, 2, 3, 4, 5, 6]


def test_subfolders_are_labels(tmp_path):
    gray(tmp_path, dog__1=20, Cat__x__2=11, Cat__1=10, dog__2=21, eel__1=30)
    made = data.load(f"folder:{tmp_path}")
    assert (levels(made), made.labels.tolist(), made.num_classes) == ([10, 11, 20, 21, 30], [0, 0, 1, 1, 2], 3)
    assert made.labels.dtype == np.int32
    assert (made.class_names, made.origin.notes) == (("Cat", "dog", "eel"), ())


def test_images_beside_the_subfolders_leave_no_classes_and_this_is_said(tmp_path):
    gray(tmp_path, a__1=1, b__1=2, stray=3)
    with pytest.warns(data.DoubtfulData):
        made = data.load(f"folder:{tmp_path}")
    (note,) = made.origin.notes
    assert "its 2 subfolders do not count as classes, because 1 image lies beside them, stray.png" in note
    assert (made.labels, made.class_names) == (None, None)


def test_subfolders_named_like_splits_are_no_classes_and_this_is_said(tmp_path):
    gray(tmp_path, train__cat__1=1, train__dog__1=2, Test__cat__1=3)
    with pytest.warns(data.DoubtfulData):
        made = data.load(f"folder:{tmp_path}")
    (note,) = made.origin.notes
    assert "the names of splits: Test, train. All of them are read; folder:PATH/Test is one alone" in note
    assert (len(made), made.labels) == (3, None)
    part = data.load(f"folder:{tmp_path / 'train'}")
    assert (part.class_names, part.origin.notes) == (("cat", "dog"), ())


def test_what_is_not_looked_at_is_counted_by_its_kind(tmp_path):
    gray(tmp_path, a=1, b=2, **{".c": 3, ".hidden__d": 4, ".hidden__e": 5})
    for name in ("1.heic", "2.HEIC", "3.txt", "plain"):
        (tmp_path / name).touch()
    (tmp_path / "gone.png").symlink_to("nothing.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "up").symlink_to(".")
    os.mkfifo(tmp_path / "pipe.png")
    made = data.load(f"folder:{tmp_path}")
    kinds = {"hidden": 2, ".heic": 2, ".txt": 1, "without suffix": 1, "links that lead nowhere": 2}
    kinds |= {"links to folders that were read already": 1, "no ordinary files": 1}
    assert (len(made), dict(made.origin.others)) == (2, kinds)


def test_sizes_of_the_stored_images_are_counted(tmp_path):
    for i, size in enumerate([(6, 4), (6, 4), (3, 9)]):
        save(tmp_path / f"{i}.png", solid("L", 1, size))
    assert data.load(f"folder:{tmp_path}", image_size=2).origin.sizes == (("6x4", 2), ("3x9", 1))


def test_a_linked_folder_counts_once_and_where_it_lies(tmp_path):
    """Else links from everywhere to everywhere are followed for ever."""
    gray(tmp_path, b__1=7, c__1=8)
    for name in "abc":
        (tmp_path / name).mkdir(exist_ok=True)
        for other in "abc":
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    made = data.load(f"folder:{tmp_path}")
    assert (levels(made), made.class_names) == ([7, 8], ("b", "c"))


def test_labels_follow_the_files_that_can_be_used(tmp_path):
    gray(tmp_path, a__1=1, b__1=2, c__2=3)
    (tmp_path / "c" / "1.png").touch()
    (tmp_path / "0.png").touch()
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "1.png").touch()
    with pytest.warns(data.SkippedFiles, match="3 of 6"):
        made = data.load(f"folder:{tmp_path}")
    assert (levels(made), made.labels.tolist(), made.num_classes) == ([1, 2, 3], [0, 1, 2], 3)


@pytest.mark.filterwarnings("ignore::jaxgan.data.DoubtfulData")
@pytest.mark.parametrize("images", [{"a__1": 1, "a__2": 2}, {"a__1": 1, "b__1": 2, "c": 3}], ids=["one", "and above"])
def test_other_folders_have_no_labels(tmp_path, images):
    gray(tmp_path, **images)
    made = data.load(f"folder:{tmp_path}")
    assert (made.labels, made.num_classes, len(made)) == (None, None, len(images))


def test_hidden_files_and_other_suffixes_are_not_looked_at(tmp_path):
    gray(tmp_path, a=1, **{".b": 2, ".hidden__c": 3})
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "d.PNG").write_bytes((tmp_path / "a.png").read_bytes())
    made = data.load(f"folder:{tmp_path}")
    assert (len(made), made.skipped) == (2, ())


def test_links_are_followed_and_loops_are_not(tmp_path):
    gray(tmp_path / "elsewhere", x=7)
    gray(tmp_path / "set", a__1=1)
    (tmp_path / "set" / "b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "a" / "up").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "gone.png").symlink_to(tmp_path / "nothing.png")
    assert levels(data.load(f"folder:{tmp_path / 'set'}")) == [1, 7]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"folder: there is no folder .*nothing"):
        data.load(f"folder:{tmp_path / 'nothing'}")
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"file is not a folder"):
        data.load(f"folder:{tmp_path / 'file'}")


def test_a_folder_without_images_says_what_is_there(tmp_path):
    for name in ("notes.txt", ".a.png", "list.csv"):
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=r"no usable image under .*: 0 image files, 1 hidden, 1 .csv, 1 .txt"):
        data.load(f"folder:{tmp_path}")
    (tmp_path / "a.png").touch()
    with pytest.raises(ValueError, match=r"no usable image under .*: 1 image files \(a.png: empty file\), 1 hidden, "):
        data.load(f"folder:{tmp_path}")


def test_errors_of_the_system_are_not_taken_for_bad_images(tmp_path, monkeypatch):
    gray(tmp_path, a=1)

    def fail(*arguments):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(OSError, match="Input/output error"):
        data.load(f"folder:{tmp_path}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": 2}, "channels must be one of 1, 3, 4; got 2"),
        ({"image_size": 0}, "image_size must be a whole number of at least 1, or .height, width., got 0"),
        ({"image_size": 2.5}, "image_size must be a whole number of at least 1, or .height, width., got 2.5"),
        ({"memory_limit": -1}, "memory_limit must be at least 0, got -1"),
        ({"split": "test"}, "split is for tfds, stacked_mnist, pairs, unpaired alone, got split='test' for folder:"),
        ({"num_classes": 3}, "num_classes is for arrays, iterables alone, got num_classes=3 for folder:"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_wrong_options_are_errors(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        data.load(f"folder:{tmp_path}", **options)
