"""Placement of a run: its processes and devices, and where its state, data and batches are."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import NamedSharding, PartitionSpec, Sharding, SingleDeviceSharding
from jaxtyping import Array, Key, PyTree

from jaxgan import execution
from jaxgan.checks import require
from jaxgan.core import GANState, Info
from jaxgan.devices import AXIS, MEMBERS, dividing, everywhere, mesh_of
from jaxgan.execution.layout import AnyStep
from jaxgan.program.processes import exchange

T = TypeVar("T")


class Placement(NamedTuple):
    """Placement of a run, for the loop, the input and the checkpoints."""

    devices: Sequence[jax.Device]
    """Devices of all processes."""
    wrapper: str
    """Wrapper: jit, pmap, sharded or fully_sharded; spread for a sweep."""
    whole: Sharding
    """Sharding of what every device holds: a resident data set."""
    rows: Sharding
    """Sharding of stacked batches `[steps_per_call, B, ...]`."""
    processes: int = 1
    leads: bool = True
    """Whether this is the process that makes the folder, logs, draws and evaluates."""

    def compile(self, step: AnyStep) -> AnyStep:
        """The step, wrapped for these devices."""
        if self.wrapper == "jit":
            return execution.jitted(step)
        wrap = {
            "pmap": execution.pmapped,
            "sharded": execution.sharded,
            "fully_sharded": execution.fully_sharded,
            "spread": execution.spread,
        }[self.wrapper]
        compiled = wrap(step, self.devices)
        return self._with_all_numbers(compiled) if self.wrapper == "spread" and self.processes > 1 else compiled

    def _with_all_numbers(self, step: AnyStep) -> AnyStep:
        """The step of a population, which gives every process the numbers of all members."""
        gathered = jax.jit(lambda infos: infos, out_shardings=self.whole)

        def call(state: GANState, batch: PyTree, key: Key[Array, "members"]) -> tuple[GANState, Info]:
            state, infos = step(state, batch, key)
            return state, gathered(infos)

        return call

    def first_state(self, init: Callable[..., T], *arguments: Any) -> T:
        """The state of step 0: on one device, or made in parts where no device may hold all of it."""
        if self.wrapper != "fully_sharded":
            return init(*arguments)
        places = execution.state_shardings(jax.eval_shape(init, *arguments), self.devices)
        return jax.jit(init, out_shardings=places)(*self.everywhere(arguments))

    def begin(self, state: GANState, key: Key[Array, "..."]) -> tuple[GANState, Key[Array, "..."]]:
        """Put the state and the key of all processes where the step takes them."""
        if self.processes == 1:
            return state, key
        state, key = self.everywhere((state, key))
        if self.wrapper == "spread":
            each: Any = NamedSharding(mesh_of(self.devices, MEMBERS), PartitionSpec(MEMBERS))
            step: Any = self.whole
            places = GANState(step=step, params=each, variables=each, average=each, memory=each)
            state = jax.jit(lambda x: x, out_shardings=places)(state)
        return state, key

    def shares(self) -> int:
        """Number of devices among which the rows of a batch are split."""
        return 1 if self.wrapper == "spread" else len(self.devices)

    def everywhere(self, tree: T) -> T:
        """Put a whole copy of what all processes have on each device. What lies on all of them already stays there."""
        if self.processes == 1:
            return jax.device_put(tree, self.whole)
        devices = [device for device in self.devices if device.process_index == jax.process_index()]

        def copied(x: Any) -> Array:
            if isinstance(x, Array) and not x.is_fully_addressable:
                return x
            copies = [jax.device_put(x, device) for device in devices]
            return jax.make_array_from_single_device_arrays(jnp.shape(x), self.whole, copies)

        return jax.tree.map(copied, tree)

    def at_hand(self, tree: T) -> T:
        """The arrays as arrays of this process only, so that it can compute with them alone.

        Those that are split over several processes are gathered in the memory of the host, one after the other: all
        processes must call this.
        """

        def own(x: Array) -> Any:
            return x.addressable_data(0) if x.is_fully_replicated else process_allgather(x, tiled=True)

        return tree if self.processes == 1 else jax.tree.map(own, tree)

    def own_rows(self, batch_size: int) -> np.ndarray | None:
        """Rows of a batch that this process reads; None for all."""
        if self.processes == 1:
            return None
        return np.concatenate([np.arange(*part) for part in self._own_parts(batch_size)])

    def _own_parts(self, batch_size: int) -> list[tuple[int, int, int]]:
        parts = self.rows.addressable_devices_indices_map((1, batch_size)).values()
        return sorted({part[1].indices(batch_size) for part in parts if part is not None})

    def place_rows(self, batch: PyTree, batch_size: int) -> PyTree:
        """Put stacked batches on the devices; this process has read only its rows."""
        if self.processes == 1:
            return jax.device_put(batch, self.rows)

        def placed(x: np.ndarray) -> Array:
            return jax.make_array_from_process_local_data(self.rows, x, (x.shape[0], batch_size, *x.shape[2:]))

        return jax.tree.map(placed, batch)

    def meet(self) -> None:
        """Wait for the other processes here, not within a step, whose messages must not wait for long."""
        exchange("")

    def __str__(self) -> str:
        by = f" in {self.processes} processes" if self.processes > 1 else ""
        return f"{len(self.devices)} x {self.devices[0].device_kind} ({self.wrapper}){by}"


class Agreement:
    """Agreement of all processes of a run on when to stop, because they must stop after the same step.

    Each step, every process puts its answer on its devices, where it is joined with the others'. It is read a step
    later, so that no device waits.
    """

    def __init__(self, placement: Placement) -> None:
        self.placement = placement
        self.before: Array | None = None

    def __call__(self, asked: bool) -> bool:
        """Whether any process was asked to stop: now, or one step ago with several processes. All must call this in
        every step."""
        if self.placement.processes == 1:
            return asked
        before, self.before = self.before, self._any(self._answers(asked))
        return before is not None and bool(before)

    def _answers(self, asked: bool) -> Array:
        return jax.make_array_from_process_local_data(self._apart, np.full(len(jax.local_devices()), asked))

    @cached_property
    def _apart(self) -> Sharding:
        return NamedSharding(mesh_of(self.placement.devices), PartitionSpec(AXIS))

    @cached_property
    def _any(self) -> Any:
        return jax.jit(jnp.any, out_shardings=self.placement.whole)


def placement(wrapper: str) -> Placement:
    """One device, or all of them.

    Raises:
        ValueError: if there are several processes, and the wrapper is that of one device.
    """
    processes = jax.process_count()
    require(
        processes == 1 or wrapper != "jit",
        f"wrapper=jit has one device; {processes} processes need wrapper=sharded, fully_sharded or pmap",
    )
    if wrapper == "jit":
        alone = SingleDeviceSharding(jax.local_devices()[0])
        return Placement(jax.local_devices()[:1], wrapper, alone, alone)
    devices = jax.devices()
    mesh = mesh_of(devices)
    rows = NamedSharding(mesh, PartitionSpec(None, AXIS))
    return Placement(devices, wrapper, everywhere(mesh), rows, processes, leads=jax.process_index() == 0)


def spread_placement(members: int) -> Placement:
    """As many devices as divide the members, in several processes all of them; each device has whole batches.

    Raises:
        ValueError: if there are several processes, and their devices do not divide the members.
    """
    processes, count = jax.process_count(), len(jax.devices())
    near = " or ".join(str(size) for size in (members // count * count, (members // count + 1) * count) if size > 0)
    require(
        processes == 1 or members % count == 0,
        f"the {count} devices of {processes} processes must divide settings × seeds, which are {members}, as they "
        f"divide {near}",
    )
    devices = list(dividing(jax.devices(), members))
    everyone = everywhere(mesh_of(devices, MEMBERS))
    return Placement(devices, "spread", everyone, everyone, processes, leads=jax.process_index() == 0)
