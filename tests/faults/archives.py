"""Load odd archives, one after another: each is loaded or refused in words, none ends in a traceback or hangs.

python tests/faults/archives.py
"""

import io
import random
import struct
import sys
import tempfile
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
from odd_data import outcome, report

IMAGES = np.random.default_rng(0).integers(256, size=(6, 4, 4, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2])
GIB = 2**30

METHOD, FLAGS, PACKED, SIZE = 10, 8, 20, 24
"""Where the central directory says how a member is compressed, its flags and its sizes."""


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def header(text, version=(1, 0), length=None):
    """The head of an array with this text as its description."""
    text = text.encode("utf-8", "surrogateescape") + b"\n"
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes(version) + size + text


def described(shape, kind="|u1", order=False, content=bytes(96)):
    return header(f"{{'descr': {kind!r}, 'fortran_order': {order}, 'shape': {shape!r}, }}") + content


def archive(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def plain(**arrays):
    return archive({f"{name}.npy": npy(array) for name, array in arrays.items()})


def patched(content, place, kind, value, local=None):
    """Change a field of the first member in the central directory, and where `local` says so in the member's head."""
    changed = bytearray(content)
    struct.pack_into(kind, changed, content.index(b"PK\x01\x02") + place, value)
    if local is not None:
        struct.pack_into(kind, changed, local, value)
    return bytes(changed)


def bomb(size, method=zipfile.ZIP_DEFLATED):
    """Zeros, packed as tightly as they can be."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, compresslevel=1) as made, made.open("images.npy", "w") as member:
        member.write(described((size,), content=b""))
        for _ in range(size // 2**24):
            member.write(bytes(2**24))
    return file.getvalue()


def with_damage(content, seed):
    """Some bytes changed, a piece cut out, or the end cut off."""
    draw, changed = random.Random(seed), bytearray(content)
    kind = seed % 3
    if kind == 0:
        for _ in range(draw.randint(1, 8)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    elif kind == 1:
        start = draw.randrange(len(changed))
        del changed[start : start + draw.randint(1, 64)]
    else:
        del changed[draw.randrange(len(changed)) :]
    return bytes(changed)


GOOD = plain(images=IMAGES, labels=LABELS)

SHAPES = {
    "negative": (-1, 4, 4, 3),
    "terabytes": (2**40,),
    "beyond 64 bits": (2**40, 2**40, 2**40),
    "of nothing": (),
    "of true": (True, 4, 4, 3),
    "without width": (2, 4, 0, 3),
    "five axes": (1, 2, 2, 2, 3),
    "one short": (3, 4, 8),
}
KINDS = [
    "<f8",
    "<f2",
    "<c16",
    "<i8",
    "|b1",
    "|O",
    "|V0",
    "|S0",
    "<U1",
    "<M8[s]",
    "|V1000000000",
    "nonsense",
    ">f4",
    "<f16",
]
HEADERS = {
    "empty": "",
    "text": "no header",
    "half": "{'descr': '|u1', 'fortran_order': False, 'sha",
    "a list": "[1, 2, 3]",
    "nested": "(" * 9000,
    "other keys": "{'a': 1}",
    "odd order": "{'descr': '|u1', 'fortran_order': 3, 'shape': (6,), }",
    "fields": "{'descr': [('a', '|u1'), ('b', '<f4')], 'fortran_order': False, 'shape': (6,), }",
    "a call": "{'descr': open('x'), 'fortran_order': False, 'shape': (6,), }",
    "a token": "{'descr': '|u1', 'fortran_order': False, 'shape': (6L, '''",
    "not UTF-8": "{'descr': '|u1\udce9'}",
}


def cases():
    """The archives by name; large ones are functions that make them."""
    made = {
        "good": GOOD,
        "empty file": b"",
        "a byte": b"P",
        "text": b"no archive",
        "an array": npy(IMAGES),
        "half an archive": GOOD[: len(GOOD) // 2],
        "without members": archive({}),
        "in a folder": archive({"a/images.npy": npy(IMAGES)}),
        "a thousand members": archive({f"{i}.npy": b"" for i in range(1000)}),
        "not UTF-8": patched(archive({"caf\u00e9.npy": b""}), 8, "<H", 0),
        "empty images": archive({"images.npy": b""}),
        "empty labels": archive({"images.npy": npy(IMAGES), "labels.npy": b""}),
        "images no array": archive({"images.npy": b"text"}),
        "others empty": archive({"images.npy": npy(IMAGES), "other.npy": b""}),
        "others of objects": archive({"images.npy": npy(IMAGES), "other.npy": npy(np.array([None]))}),
        "twice the same": GOOD + GOOD,
        "prefix": b"#!/bin/sh\n" * 100 + GOOD,
        "stored": archive({"images.npy": npy(IMAGES)}, zipfile.ZIP_STORED),
        "bzip2": archive({"images.npy": npy(IMAGES)}, zipfile.ZIP_BZIP2),
        "lzma": archive({"images.npy": npy(IMAGES)}, zipfile.ZIP_LZMA),
        "Deflate64": patched(GOOD, METHOD, "<H", 9, local=8),
        "unknown method": patched(GOOD, METHOD, "<H", 77, local=8),
        "stored but deflated": patched(GOOD, METHOD, "<H", 0, local=8),
        "bzip2 but deflated": patched(GOOD, METHOD, "<H", 12, local=8),
        "lzma but deflated": patched(GOOD, METHOD, "<H", 14, local=8),
        "encrypted": patched(GOOD, FLAGS, "<H", 1, local=6),
        "strongly encrypted": patched(GOOD, FLAGS, "<H", 0x41, local=6),
        "patch data": patched(GOOD, FLAGS, "<H", 0x20, local=6),
        "another local name": GOOD.replace(b"images.npy", b"pictur.npy", 1),
        "wrong checksum": patched(GOOD, 16, "<I", 7, local=14),
        "4 GiB declared": patched(GOOD, SIZE, "<I", 2**32 - 2),
        "nothing declared": patched(GOOD, SIZE, "<I", 0),
        "less declared": patched(GOOD, SIZE, "<I", 100),
        "more packed than there": patched(GOOD, PACKED, "<I", 10**6),
        "offset beyond": patched(GOOD, 42, "<I", 10**6),
        "bomb of 1 GiB": partial(bomb, GIB),
        "bomb of 300 MiB": partial(bomb, 300 * 2**20),
        "bzip2 bomb of 300 MiB": partial(bomb, 304 * 2**20, zipfile.ZIP_BZIP2),
        "zlib error": GOOD[:120] + b"\xff" * 20 + GOOD[140:],
        "header longer than the file": archive({"images.npy": header("x", (2, 0), 2**31)}),
        "version 3": archive({"images.npy": header("{'descr': '|u1', 'fortran_order': False, 'shape': (6,)}", (3, 0))}),
        "version 9": archive({"images.npy": header("x", (9, 9))}),
        "by columns": plain(images=np.asfortranarray(IMAGES)),
        "labels by rows": plain(images=IMAGES, labels=LABELS[:, None]),
        "labels of text": plain(images=IMAGES, labels=np.array(list("abcabc"))),
        "labels beyond 64 bits": plain(images=IMAGES, labels=LABELS.astype(np.uint64) + 2**63),
        "labels of vectors": plain(images=IMAGES, labels=np.zeros((6, 3))),
        "labels of nothing": plain(images=IMAGES, labels=np.zeros((6, 0))),
        "labels of infinities": plain(images=IMAGES, labels=np.full((6, 3), np.inf)),
        "names of numbers": plain(images=IMAGES, labels=LABELS, class_names=np.zeros(3)),
        "too few names": plain(images=IMAGES, labels=LABELS, class_names=np.array(["a"])),
        "names with surrogates": plain(images=IMAGES, labels=LABELS, class_names=np.array(["a", "\udce9", "c"])),
        "floats to 255": plain(images=IMAGES.astype(np.float32)),
        "floats of all sizes": plain(images=np.full((6, 2), 1e300)),
    }
    made |= {f"shape {name}": archive({"images.npy": described(shape)}) for name, shape in SHAPES.items()}
    made |= {f"kind {kind}": archive({"images.npy": described((6, 2), kind)}) for kind in KINDS}
    for name, text in HEADERS.items():
        made[f"header {name}"] = archive({"images.npy": header(text) + bytes(96)})
    return made | {f"damage {seed}": with_damage(GOOD, seed) for seed in range(40)}


def outcomes(folder, chosen=None):
    """(name, thing that writes and loads the archive)."""
    for name, content in cases().items():
        if chosen is None or name in chosen:
            yield name, partial(_written_and_loaded, Path(folder) / "odd.npz", content)


def _written_and_loaded(path, content):
    path.write_bytes(content() if callable(content) else content)
    return outcome(f"npz:{path}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(report(outcomes(folder)) > 0)
