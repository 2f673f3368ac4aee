"""Folders of images of two domains, A and B, as pytorch-CycleGAN-and-pix2pix has them: with pairs, or without.

Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017; Zhu et al., Unpaired
Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017.
"""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from jaxgan.checks import require, require_choice
from jaxgan.data import store
from jaxgan.data.dataset import Dataset, Origin
from jaxgan.data.folder import SPLITS, existing, left_out, stored_images
from jaxgan.data.images import ImageSize
from jaxgan.data.listing import File, in_order, listing
from jaxgan.data.pairing import pairs, unpaired
from jaxgan.data.paths import shown
from jaxgan.data.reading import Half
from jaxgan.errors import InputError, NotFoundError

DIRECTIONS = ("AtoB", "BtoA")
WHOLE_SET = "train"
"""Name of the split in a folder without splits."""
NAMED = 5
"""Number of files without a partner that a message names."""


class Side(NamedTuple):
    """The images of one domain."""

    folder: str
    """Path below the root; "" for the root itself."""
    files: list[File]
    """Names of the files, relative to the root."""
    others: tuple[tuple[str, int], ...]
    """Other files there, see `listing`."""
    half: Half | None = None
    """Half of each file that belongs to this domain; None for the whole file."""


def pairs_in(
    path: str | Path,
    *,
    direction: str,
    split: str,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """Pairs of images as `jaxgan.data.pairs` makes them: the source is the condition, the target is the row.

    The first of these that is there is read, here for the split "train":

    - `PATH/trainA` and `PATH/trainB`, `PATH/A/train` and `PATH/B/train`, `PATH/train/A` and `PATH/train/B`, or `PATH/A`
      and `PATH/B`: files of the same name, whatever their suffixes, are pairs;
    - `PATH/train`, or `PATH` itself: each file shows A on the left and B on the right.

    `PATH/A` and `PATH/B`, and files of `PATH` itself, are the split "train" alone. Where one image of a pair cannot be
    used, the pair is left out. Images that are not square are cut to the shape of `image_size`; the authors' program
    squeezes them.

    Args:
        path: path of the folder.
        direction: "AtoB" makes images of B out of those of A; "BtoA" the other way round.
        split: such as "train", "val" or "test".
        image_size: as in `folder.folder`, of each of the two.
        channels: as there; None takes for each side what its images have.
        cache_dir: see `store.cache_path`.
        memory_limit: see `store.make`; of both sides together.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if one side is missing, a file has no partner, the width of a picture of both is odd, no image can
            be used, or shapes differ by no whole factor and no `image_size` is given.
    """
    require_choice("direction", direction, DIRECTIONS)
    root = existing("pairs", path)
    name = f"pairs:{shown(root.resolve().name)}"
    sides = _two_folders("pairs", root, split)
    sides = _side_by_side(root, split) if sides is None else _matched(*sides)
    read = partial(
        _read, name, root, image_size=image_size, channels=channels, cache_dir=cache_dir, memory_limit=memory_limit / 2
    )
    a, b = map(read, "AB", sides)
    bad = dict(sorted((a.skipped | b.skipped).items()))
    files = enumerate(zip(*[side.files for side in sides], strict=True))
    unusable = [of_a if i in a.skipped else of_b for i, (of_a, of_b) in files]
    others = sides[0].others if sides[0].half else _added(*[side.others for side in sides])
    skipped = left_out(name, root, unusable, bad, others)
    if a.skipped.keys() != b.skipped.keys():
        a, b = map(read, "AB", [_without(side, bad) for side in sides])
    shapes = [stored.images.shape[1:3] for stored in (a, b)]
    small, large = sorted(shapes)
    require(
        all(side % least == 0 for least, side in zip(small, large, strict=True))
        and large[0] // small[0] == large[1] // small[1],
        f"{name}: both images of a pair must have one height and width, or those of one be those of the other times a "
        f"whole number; got {shapes[0]} of A and {shapes[1]} of B: pass image_size to crop and resize",
    )
    sizes = a.sizes if sides[0].half else _added(a.sizes, b.sizes)
    notes = () if image_size is None or sorted(a.sizes) == sorted(b.sizes) else (_sizes_differ(name, a, b),)
    both = [Dataset(f"{name} {letter}", stored.images) for letter, stored in zip("AB", (a, b), strict=True)]
    made = pairs(*both) if direction == "AtoB" else pairs(*reversed(both))
    return replace(made, name=name, skipped=skipped, origin=Origin(sizes, others, notes))


def unpaired_in(
    path: str | Path,
    *,
    direction: str,
    split: str,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """Images of two domains as `jaxgan.data.unpaired` has them: `a` holds those of A, or of B if `direction="BtoA"`.

    The two folders are found as in `pairs_in`, whose options these are; names of files tell nothing.

    Raises:
        FileNotFoundError: if there is no such folder, or there are no folders of two domains in it.
        ValueError: if one of the two is missing or holds no usable image, or shapes within a domain differ and no
            `image_size` is given.
    """
    require_choice("direction", direction, DIRECTIONS)
    root = existing("unpaired", path)
    name = f"unpaired:{shown(root.resolve().name)}"
    sides = _two_folders("unpaired", root, split)
    if sides is None:
        raise NotFoundError(f"unpaired: {_nothing_in(root, split)}")
    read = partial(
        _read, name, root, image_size=image_size, channels=channels, cache_dir=cache_dir, memory_limit=memory_limit / 2
    )
    both = []
    for letter, side, stored in zip("AB", sides, map(read, "AB", sides), strict=True):
        skipped = left_out(f"{name} {letter}", root / side.folder, side.files, stored.skipped, side.others)
        origin = Origin(stored.sizes, side.others)
        both.append(Dataset(f"{name} {letter}", stored.images, skipped=skipped, origin=origin))
    made = unpaired(*both) if direction == "AtoB" else unpaired(*reversed(both))
    sizes, others = (_added(*[getattr(each.origin, what) for each in both]) for what in ("sizes", "others"))
    return replace(made, name=name, origin=Origin(sizes, others))


def _read(
    name: str,
    root: Path,
    letter: str,
    side: Side,
    *,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> store.Stored:
    return stored_images(
        f"{name} {letter}",
        root,
        side.files,
        half=side.half,
        image_size=image_size,
        channels=channels,
        cache_dir=cache_dir,
        memory_limit=memory_limit,
    )


def _two_folders(kind: str, root: Path, split: str) -> tuple[Side, Side] | None:
    """Both domains, if each has its own folder; None if neither has.

    Raises:
        ValueError: if only one of the two is there.
    """
    require(
        isinstance(split, str) and split not in ("", ".", "..") and not {"/", os.sep} & set(split),
        f"split must be the name of a part, such as train, val or test, got {split!r}",
    )
    layouts = [(f"{split}A", f"{split}B"), (f"A/{split}", f"B/{split}"), (f"{split}/A", f"{split}/B")]
    has_splits = any((root / side / part).is_dir() for side in "AB" for part in SPLITS)
    layouts += [("A", "B")] if split == WHOLE_SET and not has_splits else []
    for each in layouts:
        there = [folder for folder in each if (root / folder).is_dir()]
        if len(there) == 1:
            lost = each[1] if there == [each[0]] else each[0]
            raise InputError(f"{kind}: {shown(root)} has the folder {there[0]}, but no {lost}")
        if there:
            a, b = (_listed(root, folder) for folder in each)
            return a, b
    return None


def _listed(root: Path, folder: str) -> Side:
    files, others = listing(root / folder)
    return Side(folder, [file._replace(name=f"{folder}/{file.name}") for file in files], others)


def _side_by_side(root: Path, split: str) -> tuple[Side, Side]:
    if (root / split).is_dir():
        both = _listed(root, split)
    else:
        files, others = listing(root)
        both = Side("", [file for file in files if "/" not in file.name], others)
        if split != WHOLE_SET or not both.files:
            raise NotFoundError(f"pairs: {_nothing_in(root, split)}; nor pictures of both in {split}")
    return both._replace(half="left"), both._replace(half="right")


def _nothing_in(root: Path, split: str) -> str:
    there = sorted((entry.name for entry in root.iterdir() if not entry.name.startswith(".")), key=in_order)
    more = f" and {len(there) - NAMED} more" if len(there) > NAMED else ""
    return (
        f"no folders of two domains for split={split!r} in {shown(root)}, which has "
        f"{', '.join(map(shown, there[:NAMED])) or 'nothing'}{more}; there must be {split}A and {split}B, "
        f"A/{split} and B/{split}, or {split}/A and {split}/B"
    )


def _matched(a: Side, b: Side) -> tuple[Side, Side]:
    """Both sides in the order of their names, so that files of one name have the same place."""
    of_a, of_b = _by_name(a), _by_name(b)
    alone = [files[name].name for files, others in ((of_a, of_b), (of_b, of_a)) for name in files if name not in others]
    more = f" and {len(alone) - NAMED} more" if len(alone) > NAMED else ""
    require(
        not alone,
        f"pairs: {len(alone)} files have no partner of the same name in the other folder: "
        f"{', '.join(map(shown, alone[:NAMED]))}{more}. For data without pairs, use unpaired:PATH",
    )
    names = sorted(of_a, key=in_order)
    return a._replace(files=[of_a[name] for name in names]), b._replace(files=[of_b[name] for name in names])


def _by_name(side: Side) -> dict[str, File]:
    """Files by their names below the side's folder, without suffixes."""
    named: dict[str, File] = {}
    for file in side.files:
        name = os.path.splitext(file.name.removeprefix(f"{side.folder}/"))[0]
        other = named.setdefault(name, file).name
        require(
            other == file.name,
            f"pairs: {shown(other)} and {shown(file.name)} differ only in the suffix: remove one of them",
        )
    return named


def _without(side: Side, rows: dict[int, str]) -> Side:
    return side._replace(files=[file for i, file in enumerate(side.files) if i not in rows])


def _added(*counts: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    total: dict[str, int] = {}
    for name, count in (each for part in counts for each in part):
        total[name] = total.get(name, 0) + count
    return tuple(sorted(total.items(), key=lambda each: -each[1]))


def _sizes_differ(name: str, a: store.Stored, b: store.Stored) -> str:
    stored = ", ".join(f"{sizes[0][0]} of {side}" for side, sizes in (("A", a.sizes), ("B", b.sizes)))
    return (
        f"{name}: images of A and B are stored in different sizes, such as {stored}: where those of a pair differ in "
        f"shape, the cropped centres do not fit together"
    )
