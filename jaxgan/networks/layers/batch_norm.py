"""Batch normalisation over the whole batch, on however many devices it lies, or over groups of its rows."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

import flax.linen as nn

from jaxgan.devices import couple_rows, groups_here, mapped_axis
from jaxgan.networks.layers import ghost_batch_norm
from jaxgan.networks.layers.precision import Computed

MOMENTUM = 0.9
"""Share of the running statistics that a pass keeps."""
_GROUPS: ContextVar[int] = ContextVar("_GROUPS", default=1)


@contextlib.contextmanager
def normalising_groups(groups: int) -> Iterator[None]:
    """Trace with `groups` groups of rows that are normalised apart, as `jaxgan.games.batch_norm_groups` does."""
    before = _GROUPS.set(groups)
    try:
        yield
    finally:
        _GROUPS.reset(before)


def batch_norm(
    *, train: bool, affine: bool = True, epsilon: float = 1e-5, dtype: Computed = None, name: str | None = None
) -> nn.BatchNorm | ghost_batch_norm.BatchNorm:
    """Flax's batch normalisation, synchronised across devices; momentum 0.9 and, by default, ε 1e-5 as in DCGAN.

    In training mode it normalises by the statistics of the batch, or of each group of rows where
    `jaxgan.games.batch_norm_groups` makes groups, and moves the running ones by a tenth; in evaluation mode it
    normalises by the running ones. Plain `nn.BatchNorm` under `jaxgan.pmapped` would see its own device's rows alone.
    The statistics are float32 whatever the `dtype` of the result. A learned scale and shift of each channel follow,
    unless `affine` is False.

    Reference:
        Ioffe & Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167), 2015; [Radford et al.,
        2016](https://arxiv.org/abs/1511.06434), section 3.
    """
    if train:
        couple_rows("batch normalisation")
        if _GROUPS.get() > 1:
            groups = groups_here(_GROUPS.get())
            return ghost_batch_norm.BatchNorm(groups, MOMENTUM, epsilon, affine, dtype, name=name)
    return nn.BatchNorm(
        use_running_average=not train,
        momentum=MOMENTUM,
        epsilon=epsilon,
        dtype=dtype,
        use_scale=affine,
        use_bias=affine,
        axis_name=mapped_axis(),
        scale_init=nn.initializers.ones,
        name=name,
    )
