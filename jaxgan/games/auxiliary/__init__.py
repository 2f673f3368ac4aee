"""Heads on the discriminator's features that tell the class: `jaxgan.gan(num_classes=..., terms=[classifier()])`.

They take the place of the discriminator's own condition, and their parameters stand beside its own. One of your own is
made by `auxiliary`; copy one of these.
"""

from jaxgan.games.auxiliary.classifier import classifier
from jaxgan.games.auxiliary.contract import auxiliary
from jaxgan.games.auxiliary.contrastive import contrastive
from jaxgan.games.auxiliary.twin import twin

__all__ = [
    "auxiliary",
    "classifier",
    "contrastive",
    "twin",
]
