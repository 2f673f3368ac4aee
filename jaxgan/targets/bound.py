"""The least time that a step can take on a card: its roofline."""

from typing import NamedTuple

from jaxgan.targets.cards import Card
from jaxgan.targets.compilation import Compiled


class Bound(NamedTuple):
    """Milliseconds of a step if only one thing took time. This is no measurement: a real step takes longer."""

    products: float
    """Time of convolutions and matrix products at the card's peak."""
    memory: float
    """Time to move what kernels read and write, at the memory's bandwidth; what caches hold costs nothing."""
    collectives: float
    """Time of sums over devices: 2 (n − 1) / n of their bytes over one device's links."""

    @property
    def milliseconds(self) -> float:
        """The largest of the times."""
        return max(self)

    @property
    def name(self) -> str:
        """What bounds the step."""
        return max(zip(self, self._fields, strict=True))[1]


def bound(compiled: Compiled, card: Card, *, precision: str = "float32") -> Bound:
    """The roofline of a step on a card.

    Args:
        compiled: the step's program.
        card: card of the device.
        precision: precision of the products, float32 or bfloat16.
    """
    counts, n = compiled.counts, compiled.devices
    peak = card.bfloat16 if precision == "bfloat16" else card.float32
    sent = sum(one.bytes for one in counts.collectives.values()) * 2 * (n - 1) / n
    over_links = sent / card.link if card.link else 0.0
    return Bound(1e3 * counts.operations / peak, 1e3 * counts.traffic / card.bandwidth, 1e3 * over_links)
