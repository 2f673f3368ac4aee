"""Minibatch standard deviation: a channel that tells a discriminator how much the samples of a group differ."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.devices import couple_rows, mapped_axis


def minibatch_stddev(
    x: Float[Array, "batch height width channels"], group_size: int = 4
) -> Float[Array, "batch height width more_channels"]:
    """Append one channel: the standard deviation over each group of rows, averaged over places and channels.

        √(Var over the group + 1e-8), the same number for all places and rows of the group.

    Groups are neighbouring rows, and do not reach over devices, so that one device and many make the same ones. A batch
    that is smaller than a group is one group, if it lies on one device. The statistics are at least float32.

    Args:
        x: `[B, H, W, C]`.
        group_size: at least 1. It must divide the rows of each discriminator step on each device.

    Returns:
        `[B, H, W, C + 1]`.

    Raises:
        ValueError: if the groups do not divide the rows.

    Reference:
        Karras et al., [Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), 2018, section 3; groups:
        [Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958), 2020.

    Examples:
        >>> jaxgan.networks.layers.minibatch_stddev(jnp.zeros([4, 2, 2, 3])).shape  # one channel more
        (4, 2, 2, 4)
    """
    require(
        isinstance(group_size, int) and group_size >= 1,
        f"group_size must be a whole number of at least 1, got {group_size!r}",
    )
    couple_rows("the minibatch standard deviation")
    batch, height, width, _ = x.shape
    size = group_size if mapped_axis() is not None else min(group_size, batch)
    others = "; sharded steps make groups of the whole batch" if mapped_axis() is not None else ""
    require(batch % size == 0, f"group_size={group_size} does not divide the {batch} rows on each device{others}")
    grouped = x.astype(jnp.promote_types(x.dtype, jnp.float32)).reshape(-1, size, *x.shape[1:])
    spread = jnp.sqrt(jnp.var(grouped, axis=1) + 1e-8)
    means = jnp.repeat(jnp.mean(spread, axis=(1, 2, 3)), size).astype(x.dtype)
    channel = jnp.broadcast_to(means[:, None, None, None], (batch, height, width, 1))
    return jnp.concatenate([x, channel], axis=-1)
