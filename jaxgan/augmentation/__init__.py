"""Augmentation of all that the discriminator sees in training, real rows and samples alike: `jaxgan.gan(augment=...)`.

A transform is a function `(key, image) -> image` of one row, differentiable in the image; the game draws a key for each
row of the global batch. One of your own is such a function; copy one of these. One whose probability changes, or that
mixes samples into the real rows, is an `Augmentation`; `ada`, `apa` and `r3gan` make one. Images are `[H, W, C]` of any
number of channels.
"""

from jaxgan.augmentation.ada import ada as ada
from jaxgan.augmentation.ada import blit_geometry_color as blit_geometry_color
from jaxgan.augmentation.apa import apa as apa
from jaxgan.augmentation.color import change_color as change_color
from jaxgan.augmentation.contract import Augmentation as Augmentation
from jaxgan.augmentation.contract import Image as Image
from jaxgan.augmentation.contract import Transform as Transform
from jaxgan.augmentation.contract import augmentation as augmentation
from jaxgan.augmentation.diffaugment import cut_out as cut_out
from jaxgan.augmentation.diffaugment import diffaugment as diffaugment
from jaxgan.augmentation.diffaugment import jitter_color as jitter_color
from jaxgan.augmentation.diffaugment import translate as translate
from jaxgan.augmentation.geometry import change_geometry as change_geometry
from jaxgan.augmentation.geometry import warp as warp
from jaxgan.augmentation.r3gan import erase as erase
from jaxgan.augmentation.r3gan import geometry_color_cutout as geometry_color_cutout
from jaxgan.augmentation.r3gan import r3gan as r3gan
