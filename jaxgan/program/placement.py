"""Where a run is computed: its devices, and where state, data and batches lie on them."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
from jax.sharding import NamedSharding, PartitionSpec, Sharding, SingleDeviceSharding

from jaxgan import execution
from jaxgan.devices import AXIS, MEMBERS, dividing, everywhere, mesh_of
from jaxgan.execution.layout import AnyStep


class Placement(NamedTuple):
    """Made once, and handed to loop, input and checkpoints."""

    devices: Sequence[jax.Device]
    wrapper: str
    """jit, pmap or sharded; of a sweep, spread."""
    whole: Sharding
    """Of what every device has: a resident data set."""
    rows: Sharding
    """Of stacked batches `[steps_per_call, B, ...]`."""

    def compile(self, step: AnyStep) -> AnyStep:
        """The step, wrapped for these devices."""
        if self.wrapper == "jit":
            return execution.jitted(step)
        wrap = {"pmap": execution.pmapped, "sharded": execution.sharded, "spread": execution.spread}[self.wrapper]
        return wrap(step, self.devices)

    def shares(self) -> int:
        """Number of devices among which the rows of a batch are split."""
        return 1 if self.wrapper == "spread" else len(self.devices)

    def __str__(self) -> str:
        return f"{len(self.devices)} x {self.devices[0].device_kind} ({self.wrapper})"


def placement(wrapper: str) -> Placement:
    """One device, or all local ones."""
    devices = jax.local_devices()
    if wrapper == "jit":
        alone = SingleDeviceSharding(devices[0])
        return Placement(devices[:1], wrapper, alone, alone)
    mesh = mesh_of(devices)
    return Placement(devices, wrapper, everywhere(mesh), NamedSharding(mesh, PartitionSpec(None, AXIS)))


def spread_placement(members: int) -> Placement:
    """As many devices as divide the members, which all have whole batches."""
    devices = list(dividing(jax.devices(), members))
    everyone = everywhere(mesh_of(devices, MEMBERS))
    return Placement(devices, "spread", everyone, everyone)
