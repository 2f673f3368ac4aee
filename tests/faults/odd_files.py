"""Load odd image files and folders: each set is loaded or refused in words, none ends in a traceback or hangs.

python tests/faults/odd_files.py
"""

import contextlib
import functools
import io
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import zlib
from functools import partial
from pathlib import Path

import numpy as np
from odd_data import outcome, report
from PIL import Image

NOISE = np.random.default_rng(0).integers(256, size=(24, 20, 3), dtype=np.uint8)
FORMATS = ["png", "jpg", "gif", "bmp", "tiff", "webp", "ppm", "tga", "ico", "pcx", "sgi", "jp2", "dds", "im"]
FORMATS += ["msp", "xbm", "blp", "eps", "pdf"]
MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16"]
DAMAGES = 9
NOBODY = 65534


def encoded(suffix, image=None, **options):
    file = io.BytesIO()
    image = Image.fromarray(NOISE) if image is None else image
    image = image.convert("1") if suffix in ("msp", "xbm") and image.mode != "1" else image
    image = image.convert("P") if suffix == "blp" and image.mode != "P" else image
    image.save(file, Image.registered_extensions()[f".{suffix}"], **options)
    return file.getvalue()


def with_damage(content, seed):
    """Bytes changed, a piece cut out, the end cut off, or something added."""
    draw, changed = random.Random(seed), bytearray(content)
    kind = seed % 4
    if kind == 0:
        for _ in range(draw.randint(1, 20)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    elif kind == 1:
        start = draw.randrange(len(changed))
        del changed[start : start + draw.randint(1, 200)]
    elif kind == 2:
        del changed[draw.randrange(len(changed)) :]
    else:
        changed[draw.randrange(min(64, len(changed)))] ^= 1 << draw.randrange(8)
        changed += b"\x00more" * 10
    return bytes(changed)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, content, depth=8, colour=0, more=b""):
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def bmp(width, height):
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, width, height, 1, 24, 0, 16, 0, 0, 0, 0)


def text_bomb():
    """A PNG with a compressed text of 100 MiB."""
    text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(100 * 2**20), 1))
    return png(2, 2, zlib.compress(bytes(6)), more=text)


def frames(suffix, count):
    first, *rest = (Image.fromarray(np.roll(NOISE, i, 0)) for i in range(count))
    return encoded(suffix, first, save_all=True, append_images=rest)


FILES = {
    "empty": b"",
    "one byte": b"\x89",
    "text": b"no picture",
    "zeros": bytes(4096),
    "a web page": b"<!DOCTYPE html><html><body>404</body></html>",
    "a vector graphic": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "PNG of a billion pixels": png(2**15, 2**15, zlib.compress(bytes(1000))),
    "PNG of 2**62 pixels": png(2**31 - 1, 2**31 - 1, zlib.compress(bytes(1000))),
    "PNG without pixels": png(0, 0, b""),
    "PNG without data": png(20, 20, b""),
    "PNG of too much data": png(2, 2, zlib.compress(bytes(10**6))),
    "PNG of too little data": png(20, 20, zlib.compress(bytes(100))),
    "PNG of one pixel": png(1, 1, zlib.compress(bytes(2))),
    "PNG of 1x512": png(512, 1, zlib.compress(bytes(513))),
    "PNG of 3 bits": png(2, 2, zlib.compress(bytes(6)), depth=3),
    "PNG of colour 9": png(2, 2, zlib.compress(bytes(6)), colour=9),
    "PNG without a palette": png(2, 2, zlib.compress(bytes(6)), colour=3),
    "PNG with a bomb of text": text_bomb(),
    "PNG with odd transparency": png(2, 2, zlib.compress(bytes(6)), more=chunk(b"tRNS", b"\x00")),
    "PNG with an odd profile": png(2, 2, zlib.compress(bytes(6)), more=chunk(b"iCCP", b"a\x00\x00broken")),
    "PNG with odd EXIF": png(2, 2, zlib.compress(bytes(6)), more=chunk(b"eXIf", b"II*\x00\xff\xff\xff\xff")),
    "animated GIF": frames("gif", 5),
    "animated WebP": frames("webp", 5),
    "TIFF of pages": frames("tiff", 5),
    "JPEG with odd EXIF": encoded("jpg", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff"),
    "two JPEG": encoded("jpg") + encoded("jpg"),
    "EPS with a program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n{} loop\n%%EOF\n",
    "TIFF that refers to itself": b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00",
    "BMP of negative height": b"BM"
    + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, 2, -2, 1, 24, 0, 16, 0, 0, 0, 0),
    "BMP of a huge width": b"BM"
    + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, 2**30, 2, 1, 24, 0, 16, 0, 0, 0, 0),
}

GOOD = encoded("png")


def write(folder, names, content=GOOD):
    for name in names:
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def special(folder, make):
    write(folder, ["a.png"])
    make(folder)


def pipe(folder):
    os.mkfifo(folder / "b.png")


def plug(folder):
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(os.path.relpath(folder / "b.png"))


def mutual_links(folder):
    for i in range(9):
        (folder / f"d{i}").mkdir()
        write(folder / f"d{i}", ["a.png"])
        for j in range(9):
            (folder / f"d{i}" / f"to{j}").symlink_to(folder / f"d{j}")


def deep(folder, levels=600):
    with contextlib.chdir(folder):
        for _ in range(levels):
            os.mkdir("d")
            os.chdir("d")
        Path("a.png").write_bytes(GOOD)


def locked(folder, name, mode=0):
    (folder / name).chmod(mode)


FOLDERS = {
    "without anything": lambda f: None,
    "text alone": partial(write, names=["a.txt", "b.csv"]),
    "hidden alone": partial(write, names=[".a.png", ".b/c.png"]),
    "suffix in capitals": partial(write, names=["a.PNG", "b.Png"]),
    "no suffix": partial(write, names=["a", "b"]),
    "only a suffix": partial(write, names=[".png"]),
    "a stray one": partial(write, names=["a/1.png", "b/1.png", "stray.png"]),
    "splits": partial(write, names=["train/a/1.png", "test/b/1.png"]),
    "classes": partial(write, names=["cat/1.png", "dog/1.png"]),
    "one class": partial(write, names=["cat/1.png", "cat/2.png"]),
    "classes of one name in two cases": partial(write, names=["Cat/1.png", "cat/1.png"]),
    "name that is not UTF-8": partial(write, names=[b"caf\xe9.png", b"\xff\xfe.png"]),
    "class that is not UTF-8": partial(write, names=[b"caf\xe9/1.png", b"th\xe9/1.png"]),
    "unusable that is not UTF-8": partial(write, names=[b"caf\xe9.png"], content=b""),
    "suffix that is not UTF-8": partial(write, names=["a.png", b"a.p\xe9g"]),
    "brackets": partial(write, names=["[red]a[/red].png", "[/].png", "*.png", "?.png", "{}.png", "%s.png"]),
    "control characters": partial(write, names=["a\nb.png", "a\tb.png", "\x1b[31m.png"]),
    "spaces": partial(write, names=[" .png", "  a .png"]),
    "a minus": partial(write, names=["-.png", "--help.png"]),
    "emoji": partial(write, names=["\U0001f600.png", "\u202eright to left.png"]),
    "a long name": partial(write, names=["a" * 251 + ".png"]),
    "a folder named like an image": partial(write, names=["a.png/b.png", "c.png"]),
    "600 folders deep": deep,
    "1800 folders deep": partial(deep, levels=1800),
    "link to itself": partial(special, make=lambda f: (f / "b.png").symlink_to("b.png")),
    "two links to each other": partial(
        special, make=lambda f: ((f / "b.png").symlink_to("c.png"), (f / "c.png").symlink_to("b.png"))
    ),
    "folder that is a link to itself": partial(special, make=lambda f: (f / "b").symlink_to("b")),
    "link upwards": partial(special, make=lambda f: (f / "b").symlink_to(".")),
    "links of all to all": mutual_links,
    "link to nothing": partial(special, make=lambda f: (f / "b.png").symlink_to("nothing")),
    "link below a file": partial(special, make=lambda f: (f / "b.png").symlink_to("a.png/c")),
    "link to the same": partial(special, make=lambda f: (f / "b.png").symlink_to("a.png")),
    "link to a device": partial(special, make=lambda f: (f / "b.png").symlink_to("/dev/zero")),
    "pipe": partial(special, make=pipe),
    "socket": partial(special, make=plug),
    "unreadable file": partial(special, make=partial(locked, name="a.png")),
    "unreadable folder": lambda f: (write(f, ["a.png", "b/c.png"]), locked(f, "b")),
    "folder that cannot be entered": lambda f: (write(f, ["a.png", "b/c.png"]), locked(f, "b", 0o444)),
    "unreadable itself": lambda f: (write(f, ["a.png"]), locked(f, ".")),
    "several sizes": lambda f: (write(f, ["a.png"]), write(f, ["b.png"], encoded("png", Image.new("L", (3, 3))))),
    "several modes": lambda f: (write(f, ["a.png"]), write(f, ["b.png"], encoded("png", Image.new("L", (20, 24))))),
    "10,000 empty files": partial(write, names=[f"{i}.png" for i in range(10_000)], content=b""),
}

PLACES = {
    "nothing": "nothing",
    "a file": "file",
    "below a file": "file/a",
    "a link to itself": "loop",
    "a name that is too long": "a" * 300,
    "a path that is too long": "a/" * 3000,
    "a user that is not there": "~nobody-of-this-name/x",
    "a zero byte": "a\x00b",
    "not UTF-8": os.fsdecode(b"caf\xe9"),
    "a device": "/dev/null",
    "a process": "/proc/self/fd",
}


def cases():
    """Name, function that fills a folder, options."""
    for name, content in FILES.items():
        suffix = {"EPS": "eps", "BMP": "bmp", "TIF": "tif", "JPE": "jpg"}.get(name[:3], "png")
        yield f"file {name}", partial(write, names=[f"a.{suffix}", f"b.{suffix}"], content=content), {}
    for name, fill in FOLDERS.items():
        yield f"folder {name}", fill, {}
    for name in PLACES:
        yield f"place {name}", None, {}
    for mode in MODES:
        with contextlib.suppress(Exception):
            source = Image.fromarray(NOISE)
            image = source.convert("L").convert("I").convert("I;16") if mode == "I;16" else source.convert(mode)
            content = encoded("tiff", image)
            yield f"mode {mode}", partial(write, names=["a.tiff"], content=content), {"image_size": 8}
    for suffix in FORMATS:
        with contextlib.suppress(Exception):
            content = encoded(suffix)
            yield f"good {suffix}", partial(write, names=[f"a.{suffix}"], content=content), {}
            yield f"{suffix} named png", partial(write, names=["a.png"], content=content), {"channels": 4}
            for seed in range(DAMAGES):
                damaged = with_damage(content, seed)
                yield (
                    f"{suffix} damage {seed}",
                    partial(write, names=[f"a.{suffix}"], content=damaged),
                    {"image_size": 8},
                )


def outcomes(above, chosen=None):
    """(name, thing that fills a folder and loads it)."""
    for i, (name, fill, options) in enumerate(cases()):
        if chosen is None or name in chosen:
            yield name, partial(_filled_and_loaded, Path(above) / str(i), name, fill, options)


def _filled_and_loaded(folder, name, fill, options):
    folder.mkdir()
    try:
        if fill is None:
            (folder / "file").touch()
            (folder / "loop").symlink_to("loop")
            place = PLACES[name.removeprefix("place ")]
            return outcome(f"folder:{place if place[0] in '~/' else folder / place}")
        fill(folder)
        import_all()
        with as_nobody():
            return outcome(f"folder:{folder}", **options)
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)


@functools.cache
def import_all():
    """What loading imports late; somebody else may not be allowed to read it where it is installed."""
    with tempfile.TemporaryDirectory() as made:
        for suffix in ("png", "jpg", "tiff", "webp"):
            write(Path(made), [f"a.{suffix}"], encoded(suffix))
        write(Path(made), ["b.png"], b"")
        outcome(f"folder:{made}")


@contextlib.contextmanager
def as_nobody():
    """Without the rights of the superuser, to whom nothing is locked."""
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if superuser:
            os.seteuid(0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        sys.exit(report(outcomes(made)) > 0)
