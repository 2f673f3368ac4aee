"""Spatially-adaptive normalisation: scales and shifts of each place, made of a map such as a segmentation."""

from functools import partial

import flax.linen as nn
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.instance_norm import instance_norm
from jaxgan.networks.layers.linear import Conv, Initializer
from jaxgan.networks.layers.normalization import Norm
from jaxgan.networks.layers.precision import Computed, at_least_float32


class SpatiallyAdaptiveNorm(nn.Module):
    """y = (1 + γ(m)) x̂ + β(m), with x̂ normalised without parameters and γ, β of each place and channel.

    The map m is taken to the sides of x as `shrunk` does. A 3×3 convolution with ReLU, which γ and β share, and one
    3×3 convolution for each follow.

    Raises:
        ValueError: when called, as `shrunk`.

    Reference:
        Park et al., [Semantic Image Synthesis with Spatially-Adaptive Normalization](https://arxiv.org/abs/1903.07291),
        2019, section 3 and equation 1.
    """

    hidden: int = 128
    """Channels of the convolution that γ and β share."""
    norm: Norm = "batch"
    kernel_init: Initializer = nn.initializers.lecun_normal()
    dtype: Computed = None

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch rows columns labels"],
        *,
        train: bool,
    ) -> Float[Array, "batch height width channels"]:
        """Normalise."""
        conv = partial(Conv, kernel_size=3, stride=1, kernel_init=self.kernel_init, dtype=self.dtype)
        if self.norm == "batch":
            x = batch_norm(train=train, affine=False, dtype=self.dtype)(x)
        elif self.norm == "instance":
            x = instance_norm(x)
        m = nn.relu(conv(self.hidden, name="shared")(shrunk(condition, x.shape[1], x.shape[2]), train=train))
        gain, shift = (conv(x.shape[-1], name=name)(m, train=train) for name in ("gain", "shift"))
        gain, shift = at_least_float32(gain), at_least_float32(shift)
        return (x * (1 + gain) + shift).astype(x.dtype)


def shrunk(
    x: Float[Array, "batch rows columns labels"], height: int, width: int
) -> Float[Array, "batch height width labels"]:
    """The map at these sides: the first pixel of each block, so that labels stay labels.

    Raises:
        ValueError: unless the sides are whole fractions of those of the map.
    """
    rows, columns = x.shape[1:3]
    require(
        rows % height == 0 and columns % width == 0,
        f"a map of {rows} by {columns} pixels cannot be taken to {height} by {width}: the sides must divide its own",
    )
    return x[:, :: rows // height, :: columns // width]
