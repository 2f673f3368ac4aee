"""The Inception-v3 of the FID literature: the TensorFlow graph of 2015-12-05, without its resizing."""

from typing import Literal

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

SIDE = 299
"""Pixels a side that the network was trained on."""
FEATURES = 2048
CLASSES = 1008
"""The 1,000 of ImageNet and eight outputs that were never used."""


class Unit(nn.Module):
    """Convolution, batch normalisation by the stored statistics with ε = 1e-3, ReLU."""

    features: int
    kernel_size: tuple[int, int] = (1, 1)
    stride: int = 1
    padding: Literal["SAME", "VALID"] = "SAME"

    @nn.compact
    def __call__(self, x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height_ width_ features"]:
        """Apply them."""
        strides = (self.stride, self.stride)
        x = nn.Conv(self.features, self.kernel_size, strides, self.padding, use_bias=False, name="conv")(x)
        return nn.relu(nn.BatchNorm(use_running_average=True, epsilon=1e-3, name="bn")(x))


class BlockA(nn.Module):
    """At 35 pixels a side; `pooled` channels come from the average."""

    pooled: int

    @nn.compact
    def __call__(self, x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height width outputs"]:
        """Concatenate 1×1, 5×5, twice 3×3 and the pooled branch."""
        five = Unit(48, name="branch5x5_1")(x)
        double = Unit(64, name="branch3x3dbl_1")(x)
        double = Unit(96, (3, 3), name="branch3x3dbl_2")(double)
        branches = [
            Unit(64, name="branch1x1")(x),
            Unit(64, (5, 5), name="branch5x5_2")(five),
            Unit(96, (3, 3), name="branch3x3dbl_3")(double),
            Unit(self.pooled, name="branch_pool")(_average(x)),
        ]
        return jnp.concatenate(branches, axis=-1)


class BlockB(nn.Module):
    """From 35 pixels a side to 17."""

    @nn.compact
    def __call__(self, x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height_ width_ outputs"]:
        """Concatenate 3×3, twice 3×3 and the maximum, all of stride 2."""
        double = Unit(64, name="branch3x3dbl_1")(x)
        double = Unit(96, (3, 3), name="branch3x3dbl_2")(double)
        branches = [
            Unit(384, (3, 3), 2, "VALID", name="branch3x3")(x),
            Unit(96, (3, 3), 2, "VALID", name="branch3x3dbl_3")(double),
            nn.max_pool(x, (3, 3), (2, 2)),
        ]
        return jnp.concatenate(branches, axis=-1)


class BlockC(nn.Module):
    """At 17 pixels a side, kernels of 7×7 as pairs of 1×7 and 7×1 with `inner` channels between."""

    inner: int

    @nn.compact
    def __call__(self, x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height width outputs"]:
        """Concatenate 1×1, 7×7, twice 7×7 and the pooled branch."""
        seven = Unit(self.inner, name="branch7x7_1")(x)
        seven = Unit(self.inner, (1, 7), name="branch7x7_2")(seven)
        double = Unit(self.inner, name="branch7x7dbl_1")(x)
        double = Unit(self.inner, (7, 1), name="branch7x7dbl_2")(double)
        double = Unit(self.inner, (1, 7), name="branch7x7dbl_3")(double)
        double = Unit(self.inner, (7, 1), name="branch7x7dbl_4")(double)
        branches = [
            Unit(192, name="branch1x1")(x),
            Unit(192, (7, 1), name="branch7x7_3")(seven),
            Unit(192, (1, 7), name="branch7x7dbl_5")(double),
            Unit(192, name="branch_pool")(_average(x)),
        ]
        return jnp.concatenate(branches, axis=-1)


class BlockD(nn.Module):
    """From 17 pixels a side to 8."""

    @nn.compact
    def __call__(self, x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height_ width_ outputs"]:
        """Concatenate 3×3, 7×7 with 3×3 and the maximum, all of stride 2."""
        three = Unit(192, name="branch3x3_1")(x)
        seven = Unit(192, name="branch7x7x3_1")(x)
        seven = Unit(192, (1, 7), name="branch7x7x3_2")(seven)
        seven = Unit(192, (7, 1), name="branch7x7x3_3")(seven)
        branches = [
            Unit(320, (3, 3), 2, "VALID", name="branch3x3_2")(three),
            Unit(192, (3, 3), 2, "VALID", name="branch7x7x3_4")(seven),
            nn.max_pool(x, (3, 3), (2, 2)),
        ]
        return jnp.concatenate(branches, axis=-1)


class BlockE(nn.Module):
    """At 8 pixels a side. The last block of this graph pools by the maximum, unlike the paper's."""

    pool: Literal["average", "maximum"]

    @nn.compact
    def __call__(self, x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height width outputs"]:
        """Concatenate 1×1, 3×3, twice 3×3 and the pooled branch; the last 3×3 are 1×3 beside 3×1."""
        three = Unit(384, name="branch3x3_1")(x)
        double = Unit(448, name="branch3x3dbl_1")(x)
        double = Unit(384, (3, 3), name="branch3x3dbl_2")(double)
        pooled = _average(x) if self.pool == "average" else nn.max_pool(x, (3, 3), padding="SAME")
        branches = [
            Unit(320, name="branch1x1")(x),
            Unit(384, (1, 3), name="branch3x3_2a")(three),
            Unit(384, (3, 1), name="branch3x3_2b")(three),
            Unit(384, (1, 3), name="branch3x3dbl_3a")(double),
            Unit(384, (3, 1), name="branch3x3dbl_3b")(double),
            Unit(192, name="branch_pool")(pooled),
        ]
        return jnp.concatenate(branches, axis=-1)


class InceptionV3(nn.Module):
    """Images to the features of the Fréchet distance and the logits of the Inception score.

    It differs from the network of the paper where the graph does: averages leave the padding out, the last block pools
    by the maximum, and there are 1,008 classes. Its parts are named as in the PyTorch port of the graph.

    Reference:
        Szegedy et al., [Rethinking the Inception Architecture for Computer Vision](https://arxiv.org/abs/1512.00567),
        2016, table 1; Heusel et al., [GANs Trained by a Two Time-Scale Update Rule](https://arxiv.org/abs/1706.08500),
        2017, which takes the features of this graph's last pooling.
    """

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width 3"]
    ) -> tuple[Float[Array, "batch features"], Float[Array, "batch classes"]]:
        """Apply the network.

        Args:
            x: `[B, H, W, 3]` in [-1, 1]; 299 pixels a side in the literature, at least 75.

        Returns:
            Features `[B, 2048]`, not negative, and logits `[B, 1008]` without the bias, which the published Inception
            scores leave out (Salimans et al., 2016: their program multiplies the features by the weights alone).
        """
        x = Unit(32, (3, 3), 2, "VALID", name="Conv2d_1a_3x3")(x)
        x = Unit(32, (3, 3), padding="VALID", name="Conv2d_2a_3x3")(x)
        x = Unit(64, (3, 3), name="Conv2d_2b_3x3")(x)
        x = nn.max_pool(x, (3, 3), (2, 2))
        x = Unit(80, name="Conv2d_3b_1x1")(x)
        x = Unit(192, (3, 3), padding="VALID", name="Conv2d_4a_3x3")(x)
        x = nn.max_pool(x, (3, 3), (2, 2))
        x = BlockA(32, name="Mixed_5b")(x)
        x = BlockA(64, name="Mixed_5c")(x)
        x = BlockA(64, name="Mixed_5d")(x)
        x = BlockB(name="Mixed_6a")(x)
        x = BlockC(128, name="Mixed_6b")(x)
        x = BlockC(160, name="Mixed_6c")(x)
        x = BlockC(160, name="Mixed_6d")(x)
        x = BlockC(192, name="Mixed_6e")(x)
        x = BlockD(name="Mixed_7a")(x)
        x = BlockE("average", name="Mixed_7b")(x)
        x = BlockE("maximum", name="Mixed_7c")(x)
        features = x.mean(axis=(1, 2))
        return features, nn.Dense(CLASSES, use_bias=False, name="fc")(features)


def _average(x: Array) -> Array:
    return nn.avg_pool(x, (3, 3), padding="SAME", count_include_pad=False)
