"""Augmentation of all that the discriminator sees in training, real rows and samples alike: `jaxgan.gan(augment=...)`.

A transform is a function `(key, image) -> image` of one row, differentiable in the image; the game draws a key for each
row of the global batch. One of your own is such a function; copy one of these. One whose probability changes, or that
mixes samples into the real rows, is an `Augmentation`; `ada`, `apa` and `r3gan` make one. Images are `[H, W, C]` of any
number of channels.
"""

from jaxgan.augmentation.ada import ada, blit_geometry_color
from jaxgan.augmentation.apa import apa
from jaxgan.augmentation.color import change_color
from jaxgan.augmentation.contract import Augmentation, Image, Transform, augmentation
from jaxgan.augmentation.diffaugment import cut_out, diffaugment, jitter_color, translate
from jaxgan.augmentation.geometry import change_geometry, warp
from jaxgan.augmentation.r3gan import erase, geometry_color_cutout, r3gan

__all__ = [
    "Augmentation",
    "Image",
    "Transform",
    "ada",
    "apa",
    "augmentation",
    "blit_geometry_color",
    "change_color",
    "change_geometry",
    "cut_out",
    "diffaugment",
    "erase",
    "geometry_color_cutout",
    "jitter_color",
    "r3gan",
    "translate",
    "warp",
]
