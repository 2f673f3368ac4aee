"""Compile a step for a target, and report what the compiler says about it."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import jax
from jax.sharding import NamedSharding, SingleDeviceSharding
from jaxtyping import PyTree

from jaxgan import execution
from jaxgan.checks import require_choice
from jaxgan.core import Algorithm, Batch, GANState, Info
from jaxgan.devices import compiling_for
from jaxgan.errors import InputError
from jaxgan.execution.layout import AnyStep
from jaxgan.targets.program_text import Counts, aliased, counts
from jaxgan.targets.target import Target

WRAPPERS = ("jit", "pmap", "sharded", "fully_sharded")


class Compiled(NamedTuple):
    """A step's program for one device of a target. All sizes are bytes on each device."""

    parameters: int
    state: int
    batch: int
    """The device's rows."""
    activations: int
    """Peak memory of the step without its arguments and results."""
    peak: int
    """Peak memory of everything, including the program itself."""
    devices: int
    aliased: int
    """State arrays whose memory the new state takes over."""
    state_arrays: int
    """Arrays of the state that a step changes."""
    counts: Counts


def compile_for(
    target: Target,
    algorithm: Algorithm,
    batch: Batch,
    *,
    wrapper: Literal["jit", "pmap", "sharded", "fully_sharded"] = "jit",
) -> Compiled:
    """Compile one step for hardware that is not there; nothing runs.

    Args:
        target: see `target`; with `jit`, its first device.
        algorithm: whose step is compiled.
        batch: whole batch, as arrays or their shapes; several devices split it.
        wrapper: jit for one device; pmap, sharded or fully_sharded for all of them.

    Raises:
        ValueError: if the devices do not divide the batch, or the step needs more memory than the device has.
    """
    require_choice("wrapper", wrapper, WRAPPERS)
    key = jax.eval_shape(lambda: jax.random.key(0))
    batch = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), batch)
    state = jax.eval_shape(algorithm.init, key, batch)

    def own_step(state: GANState, batch: Batch, key: PyTree) -> tuple[GANState, Info]:
        """A new function for each target, because JAX would reuse its trace for another platform."""
        return algorithm.step(state, batch, key)

    step, devices = _wrapped(own_step, target.devices, wrapper)
    with compiling_for(target.platform):
        lowered = step.lower(state, batch, key)
        changed = _changed(own_step, state, batch, key)
    try:
        program = lowered.compile(compiler_options=target.options or None)
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise OutOfMemory(f"target {target.name}: {str(error).splitlines()[0]}") from None
    memory, text = program.memory_analysis(), program.as_text()
    held = memory.argument_size_in_bytes + memory.output_size_in_bytes - memory.alias_size_in_bytes
    rows = _bytes(batch) // (1 if wrapper == "jit" else devices)
    return Compiled(
        parameters=_bytes(_parts(state.params, target.devices, wrapper)),
        state=_bytes(_parts(state, target.devices, wrapper)),
        batch=rows,
        activations=memory.temp_size_in_bytes,
        peak=held + memory.temp_size_in_bytes + memory.generated_code_size_in_bytes,
        devices=devices,
        aliased=aliased(text),
        state_arrays=changed,
        counts=counts(text),
    )


class OutOfMemory(InputError):
    """Error: the compiler found no way to run the step within the memory of a device."""


def _wrapped(step: AnyStep, devices: Sequence[jax.Device], wrapper: str) -> tuple[Any, int]:
    if wrapper == "jit":
        alone = SingleDeviceSharding(devices[0])
        return jax.jit(step, in_shardings=alone, out_shardings=alone, donate_argnums=0), 1
    wraps = {"pmap": execution.pmapped, "sharded": execution.sharded, "fully_sharded": execution.fully_sharded}
    return wraps[wrapper](step, devices), len(devices)


def _parts(tree: Any, devices: Sequence[jax.Device], wrapper: str) -> Any:
    """Shapes of what each device has of a part of the state."""
    if wrapper != "fully_sharded":
        return tree

    def part(leaf: Any, place: NamedSharding) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(place.shard_shape(leaf.shape), leaf.dtype)

    return jax.tree.map(part, tree, execution.state_shardings(tree, devices))


def _changed(step: AnyStep, state: GANState, batch: Batch, key: PyTree) -> int:
    """Number of arrays of the state that are not passed on as they are."""
    jaxpr = jax.make_jaxpr(step)(state, batch, key).jaxpr
    after = jaxpr.outvars[: len(jax.tree.leaves(state))]
    return sum(variable not in jaxpr.invars for variable in after)


def _bytes(tree: Any) -> int:
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))
