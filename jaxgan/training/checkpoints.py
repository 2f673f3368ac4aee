"""Checkpoints of a whole `GANState`, by orbax."""

from pathlib import Path

import jax
import orbax.checkpoint as ocp

from jaxgan.core import GANState

KEPT = 2


def manager(folder: Path) -> ocp.CheckpointManager:
    """The checkpoints in `folder`, of which the newest two are kept. Close it, or use it as a context."""
    options = ocp.CheckpointManagerOptions(max_to_keep=KEPT, enable_async_checkpointing=False)
    return ocp.CheckpointManager(folder.absolute(), options=options)


def save(checkpoints: ocp.CheckpointManager, state: GANState) -> None:
    """Write `state` under its step, unless it is there already."""
    step = int(state.step)
    if step not in checkpoints.all_steps():
        checkpoints.save(step, args=ocp.args.StandardSave(state))


def restore(checkpoints: ocp.CheckpointManager, like: GANState) -> GANState:
    """The newest state, with the structure, shapes and types of `like` (arrays or shapes).

    Raises:
        FileNotFoundError: if there is none.
    """
    step = checkpoints.latest_step()
    if step is None:
        raise FileNotFoundError(f"no checkpoint in {checkpoints.directory}")
    sharding = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    target = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=sharding), like)
    return checkpoints.restore(step, args=ocp.args.StandardRestore(target))
