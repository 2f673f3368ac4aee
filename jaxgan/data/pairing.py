"""Two data sets as one: with pairs, or without."""

from jaxgan.checks import described, require
from jaxgan.data.dataset import Dataset, Origin
from jaxgan.data.unpaired import Unpaired
from jaxgan.errors import InputTypeError


def pairs(source: Dataset, target: Dataset) -> Dataset:
    """Rows of `target`; the condition of each is the row of `source` at the same place: translation with pairs.

    Batches are `Batch(real=rows of target, condition=rows of source)`. Labels of either are left out. If both are
    mirrored or cropped, a row and its condition are always flipped alike, and cut at the same place.

    Raises:
        TypeError: if one is no data set.
        ValueError: if the two differ in length, in `mirror` or in `crop`, or one has two domains itself.

    Examples:
        >>> edges, photos = (jaxgan.data.load(np.zeros([10, 8, 8, channels], np.uint8)) for channels in (1, 3))
        >>> batch = next(jaxgan.data.pairs(edges, photos).batches(batch_size=4, seed=0))
        >>> batch.condition.shape, batch.real.shape
        ((4, 8, 8, 1), (4, 8, 8, 3))
    """
    _check(source, target)
    count, other = len(source), len(target)
    require(count == other, f"pairs need equally many rows, got {count} of {source.name} and {other} of {target.name}")
    return Dataset(
        f"{source.name} to {target.name}",
        target.real,
        source.real,
        mirror=target.mirror,
        crop=target.crop,
        skipped=source.skipped + target.skipped,
        origin=_origin(source, target),
        medium=target.medium,
        condition_medium=source.medium,
    )


def unpaired(a: Dataset, b: Dataset) -> Dataset:
    """Two domains of any lengths, each in its own order: translation without pairs.

    Batches are `Batch(real=Unpaired(rows of a, rows of b))`. Domain `a` has the order that it would have alone. An
    epoch of a domain ends when its rows are used up, whatever the other's length. Labels are left out.

    Raises:
        TypeError: if one is no data set.
        ValueError: if the two are of different media, differ in `mirror` or in `crop`, or one has two domains itself.

    Examples:
        >>> horses, zebras = (jaxgan.data.load(np.zeros([rows, 8, 8, 3], np.uint8)) for rows in (10, 7))
        >>> batch = next(jaxgan.data.unpaired(horses, zebras).batches(batch_size=4, seed=0))
        >>> batch.real.a.shape, batch.real.b.shape
        ((4, 8, 8, 3), (4, 8, 8, 3))
    """
    _check(a, b)
    require(
        a.medium.name == b.medium.name,
        f"unpaired needs data sets of one medium, got {a.medium.name} of {a.name} and {b.medium.name} of {b.name}",
    )
    return Dataset(
        f"{a.name} and {b.name}",
        Unpaired(a.real, b.real),
        mirror=a.mirror,
        crop=a.crop,
        skipped=a.skipped + b.skipped,
        origin=_origin(a, b),
        medium=a.medium,
    )


def _check(one: Dataset, other: Dataset) -> None:
    for dataset in (one, other):
        if not isinstance(dataset, Dataset):
            raise InputTypeError(f"both must be data sets, as jaxgan.data.load makes them; got {described(dataset)}")
        require(not isinstance(dataset.real, Unpaired), f"{dataset.name} has two domains already")
    names = f"{one.name} (mirror={one.mirror}) and {other.name} (mirror={other.mirror})"
    require(one.mirror == other.mirror, f"both data sets must be mirrored or neither, got {names}")
    require(
        one.crop == other.crop,
        f"both data sets must have one crop, got {one.name} (crop={one.crop}) and {other.name} (crop={other.crop})",
    )


def _origin(one: Dataset, other: Dataset) -> Origin:
    return Origin(notes=one.origin.notes + other.origin.notes)
