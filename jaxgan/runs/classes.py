"""The classes of a run, by name and by number."""

from collections.abc import Sequence

from jaxgan.checks import require
from jaxgan.data.dataset import NO_LABEL
from jaxgan.runs.run_folder import Run

NAMED = 12
"""Number of classes that a message names."""


def class_names(run: Run) -> tuple[str, ...]:
    """Names of the classes in the order of their numbers; the numbers themselves if the data had no names."""
    return tuple(run.source.get("classes") or map(str, range(run.of.num_classes or 0)))


def with_rows(run: Run) -> list[int]:
    """Classes that have rows in the data; all classes, if that is unknown."""
    counts = list((run.source.get("classes") or {}).values())
    return [i for i in range(run.of.num_classes or 0) if i >= len(counts) or counts[i] != 0]


def class_number(label: str | int, names: Sequence[str], *, unlabelled: bool) -> int:
    """The class of a label: the class of this name or, if there is none, of this number.

    Args:
        label: a name or a number.
        names: names of the classes.
        unlabelled: whether -1, which stands for none, is allowed.

    Raises:
        ValueError: if there is neither.
    """
    if label in names:
        return list(names).index(str(label))
    text = str(label)
    number = int(text) if text.removeprefix("-").isdecimal() else len(names)
    lowest = NO_LABEL if unlabelled else 0
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    require(
        lowest <= number < len(names),
        f"labels must name classes of the run, {', '.join(names[:NAMED])}{more}, or be their numbers in "
        f"[{lowest}, {len(names)}); got {label!r}",
    )
    return number
