"""Records of metrics: a value together with what was measured, and how."""

import dataclasses
import json
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """One measurement of a metric. Two records are comparable if everything except the values and the origin of the
    samples agrees."""

    metric: str
    """Its name in `jaxgan.metrics.evaluate.METRICS`."""
    values: dict[str, float]
    """Values under the names that the metric's function gives them; "value" for a single number."""
    features: str | None
    """Name of the feature function; None if the metric looks at pixels."""
    reference: str | None
    """Data set and split with which samples were compared; None if there was none."""
    real_count: int
    """Number of rows of the reference."""
    fake_count: int
    """Number of samples."""
    resizer: str | None
    """How images were resized for the features; None if they were not resized."""
    seed: int
    """Seed of every draw: subsets, pairs, directions."""

    def to_json(self) -> str:
        """One line; values that are not finite become null."""
        values = {name: value if math.isfinite(value) else None for name, value in self.values.items()}
        return json.dumps(dataclasses.asdict(self) | {"values": values})
