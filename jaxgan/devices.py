"""Devices, for code that couples the rows of a batch: the mapped axis, means over all devices, rows of the global
batch.

Code that runs inside `jaxgan.pmapped` sees its own device's rows under a mapped axis; code inside `jaxgan.sharded` or
`jaxgan.jitted` sees the whole batch. The functions here give the same answer in all three, and find out which it is
while JAX traces them, so that no network, loss or rule takes an axis name.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

import jax
import jax.extend
import jax.numpy as jnp
from jax import lax
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, Int, PyTree

from jaxgan.checks import require
from jaxgan.errors import InputError

AXIS = "devices"
"""Name of the device axis of `pmapped`, and of the mesh of `sharded`."""
LEVEL = "xla_backend_optimization_level"
MEMBERS = "members"
"""Name of the device axis of `spread`. It does not split the batch: each device has all of it."""
ANY = "any"
"""For `compiling_for`: a program that is to work on every platform, as exported generators do."""

T = TypeVar("T")


_COMPILING_FOR: ContextVar[str | None] = ContextVar("_COMPILING_FOR", default=None)


class Part(NamedTuple):
    """Rows `place::of` of the rows on this device."""

    place: Int[Array, ""] | int
    of: int
    approximate: bool
    """Whether the part may replace the whole batch where rows depend on each other."""


WHOLE = Part(0, 1, True)
_PART: ContextVar[Part] = ContextVar("_PART", default=WHOLE)


class Kept(NamedTuple):
    """Variables that are no statistics and are equal on every device. They are not averaged over devices or steps."""

    value: PyTree


def platform() -> str:
    """Platform for which a step is traced: cpu, gpu or tpu."""
    chosen = _COMPILING_FOR.get()
    return jax.default_backend() if chosen in (None, ANY) else chosen


def only_platform() -> str | None:
    """Platform for which alone a program is traced, or None where one program may run on several: in a process with an
    accelerator, which has a CPU too, and `compiling_for(ANY)`."""
    chosen = _COMPILING_FOR.get()
    if chosen is not None:
        return None if chosen == ANY else chosen
    there = set(jax.extend.backend.backends())
    return there.pop() if len(there) == 1 else None


@contextlib.contextmanager
def compiling_for(platform: str) -> Iterator[None]:
    """Trace for a platform other than the present one, or for `ANY`.

    A program that is traced on a machine without accelerators is for CPUs alone, unless it is traced in here.
    """
    before = _COMPILING_FOR.set(platform)
    try:
        yield
    finally:
        _COMPILING_FOR.reset(before)


def run_once(function: Callable[..., T]) -> Callable[..., T]:
    """`jax.jit` for a function that runs once, such as the initialisation of parameters: on the CPU, XLA optimises it
    less, and so compiles it sooner.

    It then compiles several times as fast, to the same bits in all that was tried. XLA_FLAGS that name the level are
    left as they are, and so is what an outer `jax.jit` compiles.
    """
    usual = jax.jit(function)
    quick = jax.jit(function, compiler_options={LEVEL: 2})

    def call(*args: Any) -> T:
        within_another = isinstance(jnp.zeros(()), jax.core.Tracer)  # where JAX takes no options
        as_usual = within_another or platform() != "cpu" or LEVEL in os.environ.get("XLA_FLAGS", "")
        return (usual if as_usual else quick)(*args)

    return call


def mapped_axis() -> str | None:
    """`AXIS` while tracing inside `jaxgan.pmapped`, else None. Fits the `axis_name` of Flax's normalisation layers."""
    try:
        lax.axis_size(AXIS)
    except NameError:
        return None
    return AXIS


def global_mean(x: Float[Array, "..."]) -> Float[Array, ""]:
    """Mean over every element on every device.

    Examples:
        >>> float(jaxgan.global_mean(jnp.array([1.0, 3.0])))
        2.0
    """
    mean = jnp.mean(x)
    axis = mapped_axis()
    return mean if axis is None else lax.pmean(mean, axis)


def average(tree: T) -> T:
    """Mean over devices of each floating-point leaf. Other leaves and `Kept` ones do not change, and nothing changes in
    unmapped code.

    Every reverse-mode derivative taken inside a step passes through here once: under `jaxgan.pmapped` each device then
    holds the derivative of the mean over the whole batch.
    """
    axis = mapped_axis()
    if axis is None:
        return tree

    def mean(x: Any) -> Any:
        return x if is_kept(x) or not jnp.issubdtype(jnp.result_type(x), jnp.inexact) else lax.pmean(x, axis)

    return jax.tree.map(mean, tree, is_leaf=is_kept)


def is_kept(x: Any) -> bool:
    """Whether this is `Kept`."""
    return isinstance(x, Kept)


@contextlib.contextmanager
def only_part(part: Part) -> Iterator[None]:
    """Trace with some rows of the batch, as `jaxgan.games.accumulated` does."""
    before = _PART.set(part)
    try:
        yield
    finally:
        _PART.reset(before)


def global_rows(rows: int) -> Int[Array, "{rows}"]:
    """Indices in the global batch of the `rows` local rows: the rows of this device, or a part of them.

    Examples:
        >>> print(jaxgan.global_rows(3))
        [0 1 2]
    """
    part = _PART.get()
    first = 0 if mapped_axis() is None else lax.axis_index(AXIS) * rows * part.of
    return first + part.place + part.of * jnp.arange(rows, dtype=jnp.int32)


def all_rows(x: Float[Array, "local ..."]) -> Float[Array, "batch ..."]:
    """The rows of every device, in the order of the global batch.

    Raises:
        ValueError: for a batch in parts (`jaxgan.games.accumulated`), of which only one is at hand.

    Examples:
        >>> print(jaxgan.all_rows(jnp.array([1.0, 3.0])))
        [1. 3.]
    """
    require(
        _PART.get().of == 1,
        "a part of the game needs all rows of the batch at once (top-k, a contrastive head, a pool), which a batch in "
        "parts does not have: take accumulate=1",
    )
    axis = mapped_axis()
    return x if axis is None else lax.all_gather(x, axis, tiled=True)


def couple_rows(what: str) -> None:
    """Declare that the following code makes a row's numbers depend on other rows.

    Raises:
        ValueError: for a batch in parts (`jaxgan.games.accumulated`) that is not to be an approximation.
    """
    part = _PART.get()
    require(
        part.of == 1 or part.approximate,
        f"accumulate={part.of} would change the game: {what} makes the rows of a batch depend on each other; ask for "
        f"an approximation (accumulate_approximately), in which each part has statistics of its own, or take "
        f"accumulate=1",
    )


def total_rows(rows: int) -> int:
    """Number of rows of the global batch, of which `rows` are local: the rows of this device, or a part of them."""
    rows *= _PART.get().of
    return rows if mapped_axis() is None else rows * lax.axis_size(AXIS)


def local_rows(rows: int) -> int:
    """Number of the `rows` global rows that this device holds.

    Raises:
        ValueError: if the devices do not divide `rows`.
    """
    if mapped_axis() is None:
        return rows
    count = lax.axis_size(AXIS)
    if rows % count:
        raise InputError(f"batch_size={rows} is not divisible by the number of devices, {count}")
    return rows // count


def groups_here(groups: int) -> int:
    """Number of the `groups` groups of global rows that this device holds.

    Raises:
        ValueError: if `groups` is no multiple of the devices.
    """
    if mapped_axis() is None:
        return groups
    count = lax.axis_size(AXIS)
    require(groups % count == 0, f"batch_norm_groups={groups} must be a multiple of the number of devices, {count}")
    return groups // count


def shard_rows(tree: PyTree) -> PyTree:
    """Inside `jaxgan.sharded`, split the leading axis of every leaf over the devices; elsewhere do nothing.

    Rows that a step makes for itself (latents, batches drawn on the device) need the hint, or every device may compute
    all of them.
    """
    mesh = jax.sharding.get_abstract_mesh()
    if AXIS not in mesh.axis_names or mapped_axis() is not None:
        return tree
    return jax.tree.map(lambda x: lax.with_sharding_constraint(x, PartitionSpec(AXIS)), tree)


def local_members(tree: T) -> T:
    """Inside `jaxgan.spread`, this device's part of the leading axis of every leaf; elsewhere all of it."""
    try:
        count = lax.axis_size(MEMBERS)
    except NameError:
        return tree

    def part(x: Array) -> Array:
        size = x.shape[0] // count
        return lax.dynamic_slice_in_dim(x, lax.axis_index(MEMBERS) * size, size)

    return jax.tree.map(part, tree)


def dividing(devices: Sequence[jax.Device], members: int) -> Sequence[jax.Device]:
    """The devices on which `spread` runs: the first of `devices`, as many as divide the members."""
    return devices[: max(n for n in range(1, len(devices) + 1) if members % n == 0)]


def mesh_of(devices: Sequence[jax.Device], axis: str = AXIS) -> Mesh:
    """The one-dimensional mesh on which `pmapped` and `sharded` run; with another axis, the mesh of `spread`."""
    return jax.make_mesh((len(devices),), (axis,), axis_types=(AxisType.Auto,), devices=devices)


def everywhere(mesh: Mesh) -> NamedSharding:
    """Sharding with a whole copy on each device of the mesh, for the state and a resident data set."""
    return NamedSharding(mesh, PartitionSpec())
