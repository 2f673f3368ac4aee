"""Which axis of a step's second argument is the batch, so that wrappers know what to split over devices."""

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import PyTree

Step = Callable[..., tuple[Any, Any]]


def batch_axis(step: Step) -> int | None:
    """The batch axis: 0 for a plain step; what `with_batch_axis` said, where None means that all devices get all."""
    return getattr(step, "batch_axis", 0)


def with_batch_axis(step: Step, axis: int | None) -> Step:
    """Mark `step` (a fresh function, which is changed) as taking batches along `axis`."""
    step.batch_axis = axis  # type: ignore[attr-defined]
    return step


def check_divisible(batch: PyTree, axis: int, devices: int) -> None:
    """Raise `ValueError` unless `devices` divides the batch axis of every leaf."""
    for leaf in jax.tree.leaves(batch):
        if leaf.ndim <= axis or leaf.shape[axis] % devices:
            raise ValueError(
                f"the batch axis ({axis}) of an array of shape {leaf.shape} is not divisible by the number of "
                f"devices, {devices}"
            )
