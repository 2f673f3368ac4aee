"""Heads on the discriminator's features that tell the class: `jaxgan.gan(num_classes=..., terms=[classifier()])`.

They take the place of the discriminator's own condition, and their parameters stand beside its own. One of your own is
made by `auxiliary`; copy one of these.
"""

from jaxgan.games.auxiliary.classifier import classifier as classifier
from jaxgan.games.auxiliary.contract import auxiliary as auxiliary
from jaxgan.games.auxiliary.contrastive import contrastive as contrastive
from jaxgan.games.auxiliary.twin import twin as twin
