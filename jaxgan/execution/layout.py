"""Which axes of a step's batch and info count rows and members, so that wrappers know what to split over devices."""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import described
from jaxgan.core import Info
from jaxgan.errors import InputError, InputTypeError

AnyStep = Callable[..., tuple[Any, Any]]
"""A step as a plain function `(state, batch, key) -> (state, info)`, or a `Step`."""
S = TypeVar("S", bound=AnyStep)
"""Type of the step that a wrapper takes and returns: the call stays the same."""

_GIVEN_ROWS: ContextVar[bool] = ContextVar("_GIVEN_ROWS", default=False)
"""Whether the step that is being traced was called with rows, which a wrapper may have split over devices."""


@dataclass(frozen=True)
class Step:
    """A step that knows which axes count rows and members. `repeated`, `data.resident` and `data.streamed` return one.

    It is called like any other step.
    """

    function: Callable[..., tuple[Any, Any]]
    batch_axis: int | None = 0
    """Axis of the rows in its batch; None for a step that takes the whole data set, which every device then gets."""
    member_axis: int = 0
    """Axis of a population's members in its info."""

    def __call__(self, state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, Info]:
        """Take the step.

        Raises:
            ValueError: while tracing, if this step takes the whole data set and its caller is given rows, as a lambda
                around it is.
        """
        if self.batch_axis is None and _GIVEN_ROWS.get():
            raise InputError(
                "a step that takes the whole data set is called by a function that hides this, so that the data would "
                "be split over devices; say so by jaxgan.execution.Step(function, batch_axis=None)"
            )
        before = _GIVEN_ROWS.set(self.batch_axis is not None)
        try:
            return self.function(state, batch, key)
        finally:
            _GIVEN_ROWS.reset(before)


def as_step(step: AnyStep) -> Step:
    """The step with its axes. Anything but a `Step`, or a partial or decorated form of one, has the axes of a plain
    step."""
    if isinstance(step, Step):
        return step
    if not callable(step):
        raise InputTypeError(f"step must be a function, such as algorithm.step; got {described(step)}")
    inner = step.func if isinstance(step, functools.partial) else getattr(step, "__wrapped__", None)
    return Step(step) if inner is None else replace(as_step(inner), function=step)


def check_members(info: Info, axis: int, members: int) -> None:
    """Raise `ValueError` unless every number of the info has so many members along this axis."""
    for name, value in info.items():
        shape = jax.numpy.shape(value)
        if len(shape) <= axis or shape[axis] != members:
            raise InputError(
                f"spread needs a step whose info has {members} members on each device along axis {axis}, but {name} "
                f"has shape {shape}; say where they are by jaxgan.execution.Step(function, member_axis=...)"
            )


def check_divisible(batch: PyTree, axis: int, devices: int) -> None:
    """Raise `ValueError` unless `devices` divides the batch axis of every leaf."""
    for leaf in jax.tree.leaves(batch):
        if leaf.ndim <= axis or leaf.shape[axis] % devices:
            raise InputError(
                f"the batch axis ({axis}) of an array of shape {leaf.shape} is not divisible by the number of "
                f"devices, {devices}"
            )
