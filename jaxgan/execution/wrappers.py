"""One body, five wrappers: the same step compiled for one device, for a mapped axis, for a mesh, for a mesh that splits
the state too; or a population's, its members split over devices.

All give the same run: same call, same state in and out, the same random numbers, batch statistics and means over the
whole batch. The state passed in is donated; use the one that comes back. What a wrapper returns also has `lower`, with
the arguments of the call or their shapes (`jax.eval_shape`), as functions compiled by `jax.jit` have; given shapes, the
devices may be such that only compile (`jaxgan.targets`).
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

import jax
import numpy as np
from jax.experimental.multihost_utils import global_array_to_host_local_array, host_local_array_to_global_array
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Key, PyTree

from jaxgan.core import GANState, Info
from jaxgan.devices import AXIS, MEMBERS, dividing, everywhere, mesh_of
from jaxgan.errors import InputTypeError
from jaxgan.execution.layout import AnyStep, S, as_step, check_divisible, check_members

T = TypeVar("T")
SMALLEST = 2**16
"""Elements of the smallest array that `fully_sharded` splits: below 256 KiB of float32 it is not worth a message."""


def jitted(step: S) -> S:
    """Compile `step` for one device: `jax.jit` with the state donated.

    Raises:
        TypeError: if `step` is no function.

    Examples:
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.MLPGenerator(output_shape=(2,), hidden=(8,), squash=False),
        ...     jaxgan.networks.MLPDiscriminator(hidden=(8,)),
        ...     loss=jaxgan.losses.hinge(),
        ...     latent_size=4,
        ... )
        >>> rule = jaxgan.dynamics.alternating(jaxgan.Players(optax.sgd(0.1), optax.sgd(0.1)))
        >>> algorithm = jaxgan.algorithm(game, rule)
        >>> key, batch = jax.random.key(0), jaxgan.Batch(jnp.zeros([4, 2]))
        >>> state = algorithm.init(key, batch)
        >>> state, info = jaxgan.jitted(algorithm.step)(state, batch, key)
        >>> int(state.step)
        1
    """
    as_step(step)
    compiled: Any = jax.jit(step, donate_argnums=0)
    return compiled


def pmapped(step: S, devices: Sequence[jax.Device] | None = None) -> S:
    """Compile `step` for several devices with `jax.pmap`: each runs it on its rows, and means are taken over all.

    The call stays `(state, batch, key)` with whole batches `[B, ...]`; the state has no device axis and lies on every
    device.

    Args:
        step: a step, or what `repeated`, `data.resident` or `population` made of one.
        devices: those to use; all by default, those of other processes too.

    Raises:
        ValueError: from the call, if the devices do not divide the batch.

    Examples:
        >>> step = jaxgan.pmapped(algorithm.step)  # over all devices; called as a step is
    """
    devices = list(devices or jax.devices())
    one, mesh = as_step(step), mesh_of(devices)
    axis, replicated = one.batch_axis, everywhere(mesh)
    several = jax.process_count() > 1
    here = mesh.local_mesh.size if several else len(devices)
    lanes = np.arange(here, dtype=np.int32)

    def body(state: PyTree, batch: PyTree, key: Key[Array, "..."], lane: Array) -> tuple[PyTree, Info]:
        return one(state, batch, key)

    mapped = jax.pmap(
        body,
        axis_name=AXIS,
        in_axes=(None, axis, None, 0),  # pmap insists on a mapped argument, which a resident step has not
        out_axes=(None, None),
        donate_argnums=0,
        devices=devices,
    )

    def place(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, ...]:
        if axis is None:
            batch = _placed(batch, replicated)
        else:
            check_divisible(batch, axis, len(devices))
            if several:
                rows = _rows(mesh, axis)
                batch = global_array_to_host_local_array(_placed(batch, rows), mesh, rows.spec)
            batch = jax.tree.map(lambda x: _split(x, axis, here), batch)
        return _placed(state, replicated), batch, _placed(key, replicated), lanes

    def over_processes(*arguments: PyTree) -> Any:
        with jax.transfer_guard("allow"):  # pmap reads the key on the host
            return host_local_array_to_global_array(mapped(*arguments), mesh, PartitionSpec())

    return _after(place, _with_lower(over_processes, mapped.lower) if several else mapped)


def sharded(step: S, devices: Sequence[jax.Device] | None = None) -> S:
    """Compile `step` for a mesh of devices with `jax.jit`: one global program that the compiler splits by rows.

    The call stays `(state, batch, key)` with whole batches `[B, ...]`; the state lies on every device.

    Args:
        step: a step, or what `repeated`, `data.resident` or `population` made of one.
        devices: those to use; all by default.

    Raises:
        ValueError: from the call, if the devices do not divide the batch.

    Examples:
        >>> step = jaxgan.sharded(algorithm.step)  # over all devices; called as a step is
    """
    devices = list(devices or jax.devices())
    body, rows, replicated = _on_mesh(step, devices)
    compiled = jax.jit(body, in_shardings=(replicated, rows, replicated), out_shardings=replicated, donate_argnums=0)

    def place(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, ...]:
        _check_rows(step, batch, devices)
        return _placed(state, replicated), _placed(batch, rows), _placed(key, replicated)

    return _after(place, compiled)


def fully_sharded(step: S, devices: Sequence[jax.Device] | None = None, *, smallest: int = SMALLEST) -> S:
    """Compile `step` as `sharded` does, with the state split over the devices too: parameters, optimizer states and the
    average of a model that one device cannot hold (FSDP).

    The call stays `(state, batch, key)`. Each array of the state is split along its largest axis that the devices
    divide, see `state_shardings`. The compiler gathers an array where a layer needs it.

    Args:
        step: a step, or what `repeated`, `data.resident` or `population` made of one.
        devices: those to use; all by default.
        smallest: number of elements of the smallest array that is split; smaller ones lie on every device.

    Raises:
        ValueError: from the call, if the devices do not divide the batch.

    Reference:
        Rajbhandari et al., [ZeRO: Memory Optimizations Toward Training Trillion Parameter
        Models](https://arxiv.org/abs/1910.02054), 2020, section 5.

    Examples:
        >>> step = jaxgan.fully_sharded(algorithm.step)  # over all devices; called as a step is
    """
    devices = list(devices or jax.devices())
    body, rows, replicated = _on_mesh(step, devices)

    @cache
    def program(structure: Any, leaves: tuple[NamedSharding, ...]) -> Any:
        apart = jax.tree.unflatten(structure, leaves)
        places: dict[str, Any] = {
            "in_shardings": (apart, rows, replicated),
            "out_shardings": (apart, replicated),
        }
        return jax.jit(body, donate_argnums=0, **places)

    def placed(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> tuple[Any, tuple[PyTree, ...]]:
        _check_rows(step, batch, devices)
        apart = state_shardings(state, devices, smallest=smallest)
        leaves, structure = jax.tree.flatten(apart)
        arguments = (jax.tree.map(_placed, state, apart), _placed(batch, rows), _placed(key, replicated))
        return program(structure, tuple(leaves)), arguments

    def call(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, Info]:
        compiled, arguments = placed(state, batch, key)
        return compiled(*arguments)

    def lower(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> jax.stages.Lowered:
        compiled, arguments = placed(state, batch, key)
        return compiled.lower(*arguments)

    return _with_lower(call, lower)


def state_shardings(state: T, devices: Sequence[jax.Device], *, smallest: int = SMALLEST) -> T:
    """Where `fully_sharded` puts each array of a state, or of its shapes.

    Args:
        state: arrays or their shapes.
        devices: among which they are split.
        smallest: number of elements of the smallest array that is split.

    Returns:
        A `NamedSharding` for each leaf: its largest axis that the devices divide, the last of equal ones, is split;
        without such an axis, or with fewer elements, a whole copy is on every device.

    Examples:
        >>> found = jaxgan.execution.state_shardings({"kernel": jnp.zeros([4, 6])}, jax.devices()[:1], smallest=1)
        >>> len(found["kernel"].spec)  # the last axis is the longest
        2
    """
    mesh, count = mesh_of(devices), len(devices)

    def sharding(leaf: Any) -> NamedSharding:
        shape = jax.numpy.shape(leaf)
        axes = [axis for axis, side in enumerate(shape) if side % count == 0]
        if not axes or math.prod(shape) < smallest:
            return everywhere(mesh)
        largest = max(axes, key=lambda axis: (shape[axis], axis))
        return NamedSharding(mesh, PartitionSpec(*[None] * largest, AXIS))

    return jax.tree.map(sharding, state)


def spread(step: S, devices: Sequence[jax.Device] | None = None) -> S:
    """Compile the step of a population for several devices: each runs its share of the members, all on whole batches.

    The call stays `(state, batch, key)`; the state's members lie apart, `state.step` and the batch (or the resident
    data set) on every device. No device waits for another, so members may take their own time. As many devices are
    used as divide the members: of 4, 10 members get 2.

    Args:
        step: step of a `population`, or what `repeated` or `data.resident` made of it.
        devices: those to use; all by default.

    Raises:
        TypeError: from the call, if the state is not that of a population.

    Examples:
        >>> members = jaxgan.population(lambda rate: algorithm, jnp.array([0.1, 0.01]))
        >>> step = jaxgan.spread(members.step)  # each device trains its share of the members
    """
    given = list(devices or jax.devices())
    each: Any = PartitionSpec(MEMBERS)
    shared: Any = PartitionSpec()
    states = GANState(step=shared, params=each, variables=each, average=each, memory=each)
    one = as_step(step)
    infos = PartitionSpec(*[None] * one.member_axis, MEMBERS)

    @cache
    def program(members: int) -> Any:
        mesh = mesh_of(dividing(given, members), MEMBERS)
        apart, replicated = NamedSharding(mesh, each), everywhere(mesh)

        def body(state: GANState, batch: PyTree, key: Key[Array, "..."]) -> tuple[GANState, Info]:
            state, info = one.function(state, batch, key)  # all devices get the whole batch
            check_members(info, one.member_axis, members // mesh.size)
            return state, info

        mapped = jax.shard_map(
            body, mesh=mesh, in_specs=(states, shared, shared), out_specs=(states, infos), check_vma=False
        )

        def place(state: GANState, batch: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, ...]:
            number, *own = state
            state = GANState(_placed(number, replicated), *_placed(own, apart))
            return state, _placed(batch, replicated), _placed(key, replicated)

        return _after(place, jax.jit(mapped, donate_argnums=0))

    def call(state: GANState, batch: PyTree, key: Key[Array, "..."]) -> Any:
        return program(_members(state))(state, batch, key)

    def lower(state: GANState, batch: PyTree, key: Key[Array, "..."]) -> jax.stages.Lowered:
        return program(_members(state)).lower(state, batch, key)

    return _with_lower(call, lower)


def _on_mesh(step: AnyStep, devices: Sequence[jax.Device]) -> tuple[Any, NamedSharding, NamedSharding]:
    """The step as one global program on a mesh, and the places of its batches and of what every device has."""
    one, mesh = as_step(step), mesh_of(devices)
    axis, replicated = one.batch_axis, everywhere(mesh)
    rows = replicated if axis is None else _rows(mesh, axis)

    def body(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, Info]:
        with jax.sharding.use_abstract_mesh(mesh.abstract_mesh):
            return one(state, batch, key)

    return body, rows, replicated


def _rows(mesh: Mesh, axis: int) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec(*[None] * axis, AXIS))


def _check_rows(step: AnyStep, batch: PyTree, devices: Sequence[jax.Device]) -> None:
    axis = as_step(step).batch_axis
    if axis is not None:
        check_divisible(batch, axis, len(devices))


def _members(state: GANState) -> int:
    sizes = {leaf.shape[:1] for leaf in jax.tree.leaves(state.params)}
    if len(sizes) != 1 or sizes == {()}:
        raise InputTypeError(
            f"spread needs the state of a population, got parameters with leading axes {sorted(sizes)}"
        )
    ((members,),) = sizes
    return members


def _after(place: Callable[..., tuple[PyTree, ...]], compiled: Any) -> Any:
    def call(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, Info]:
        return compiled(*place(state, batch, key))

    def lower(state: PyTree, batch: PyTree, key: Key[Array, "..."]) -> jax.stages.Lowered:
        return compiled.lower(*place(state, batch, key))

    return _with_lower(call, lower)


def _with_lower(call: Any, lower: Callable[..., jax.stages.Lowered]) -> Any:
    call.lower = lower
    return call


def _placed(tree: PyTree, sharding: NamedSharding) -> PyTree:
    """`jax.device_put`, except for shapes and for arrays that are there already, which it would take milliseconds to
    find out. It does not take arrays that several processes share, where their sharding is spelled in another way."""

    def is_there(leaf: Any) -> bool:
        place = getattr(leaf, "sharding", None)
        if isinstance(leaf, jax.ShapeDtypeStruct) or place == sharding:
            return True
        return place is not None and not place.is_fully_addressable and place.is_equivalent_to(sharding, leaf.ndim)

    return tree if all(map(is_there, jax.tree.leaves(tree))) else jax.device_put(tree, sharding)


def _split(x: Any, axis: int, count: int) -> Any:
    shape = (*x.shape[:axis], count, x.shape[axis] // count, *x.shape[axis + 1 :])
    return jax.ShapeDtypeStruct(shape, x.dtype) if isinstance(x, jax.ShapeDtypeStruct) else x.reshape(shape)
