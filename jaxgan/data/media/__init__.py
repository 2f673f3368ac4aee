"""Media: what one datum is, how it is stored, what networks see of it, and how people look at it."""

from jaxgan.data.media.clips import clips as clips
from jaxgan.data.media.deduction import NAMED as NAMED
from jaxgan.data.media.deduction import named as named
from jaxgan.data.media.deduction import of as of
from jaxgan.data.media.images import images as images
from jaxgan.data.media.medium import Medium as Medium
from jaxgan.data.media.medium import View as View
from jaxgan.data.media.points import points as points
from jaxgan.data.media.sound import sound as sound
from jaxgan.data.media.tokens import tokens as tokens
