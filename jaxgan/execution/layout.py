"""Which axes of a step's batch and info count rows and members, so that wrappers know what to split over devices."""

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import PyTree

from jaxgan.errors import InputError

Step = Callable[..., tuple[Any, Any]]


def batch_axis(step: Step) -> int | None:
    """The batch axis: 0 for a plain step; what `with_axes` said, where None means that all devices get all."""
    return getattr(step, "batch_axis", 0)


def member_axis(step: Step) -> int:
    """The axis of the info along which a population has its members: 0 for a plain step; what `with_axes` said."""
    return getattr(step, "member_axis", 0)


def with_axes(step: Step, *, batch: int | None, members: int) -> Step:
    """Mark `step` (a fresh function, which is changed) as taking batches along one axis, and members along the other.

    Args:
        step: to mark.
        batch: see `batch_axis`.
        members: see `member_axis`.
    """
    step.batch_axis, step.member_axis = batch, members  # type: ignore[attr-defined]
    return step


def check_divisible(batch: PyTree, axis: int, devices: int) -> None:
    """Raise `ValueError` unless `devices` divides the batch axis of every leaf."""
    for leaf in jax.tree.leaves(batch):
        if leaf.ndim <= axis or leaf.shape[axis] % devices:
            raise InputError(
                f"the batch axis ({axis}) of an array of shape {leaf.shape} is not divisible by the number of "
                f"devices, {devices}"
            )
