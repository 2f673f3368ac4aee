"""The choice of a normalisation that needs nothing but the feature maps."""

from typing import Literal

from jaxtyping import Array, Float

from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.instance_norm import instance_norm
from jaxgan.networks.layers.precision import Computed

Norm = Literal["batch", "instance", "none"]
NORMS: tuple[Norm, ...] = ("batch", "instance", "none")


def normalized(
    x: Float[Array, "batch height width channels"], norm: Norm, *, train: bool, dtype: Computed = None
) -> Float[Array, "batch height width channels"]:
    """`layers.batch_norm` with its scale and shift, `layers.instance_norm` without any, or x as it is.

    Call it inside the compact method of a module, to which the batch normalisation then belongs.
    """
    if norm == "batch":
        return batch_norm(train=train, dtype=dtype)(x)
    return instance_norm(x) if norm == "instance" else x
