"""Batch normalisation over the whole batch, on however many devices it lies."""

import flax.linen as nn

from jaxgan.devices import couple_rows, mapped_axis
from jaxgan.networks.layers.precision import Computed

MOMENTUM = 0.9
"""Share of the running statistics that a pass keeps."""


def batch_norm(
    *, train: bool, affine: bool = True, epsilon: float = 1e-5, dtype: Computed = None, name: str | None = None
) -> nn.BatchNorm:
    """Flax's batch normalisation, synchronised across devices; momentum 0.9 and, by default, ε 1e-5 as in DCGAN.

    In training mode it normalises by the statistics of the batch and moves the running ones by a tenth; in evaluation
    mode it normalises by the running ones. Plain `nn.BatchNorm` under `jaxgan.pmapped` would see its own device's rows
    alone. The statistics are float32 whatever the `dtype` of the result. A learned scale and shift of each channel
    follow, unless `affine` is False.

    Reference:
        Ioffe & Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167), 2015; [Radford et al.,
        2016](https://arxiv.org/abs/1511.06434), section 3.
    """
    if train:
        couple_rows("batch normalisation")
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
