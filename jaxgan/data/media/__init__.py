"""Media: what a datum is, how it is stored, what networks see, and how to show it to people."""

from jaxgan.data.media.clips import clips
from jaxgan.data.media.deduction import NAMED, named, of
from jaxgan.data.media.images import images
from jaxgan.data.media.medium import Medium, View
from jaxgan.data.media.points import points
from jaxgan.data.media.sound import sound
from jaxgan.data.media.tokens import tokens

__all__ = [
    "NAMED",
    "Medium",
    "View",
    "clips",
    "images",
    "named",
    "of",
    "points",
    "sound",
    "tokens",
]
