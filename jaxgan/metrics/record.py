"""What a metric's value is worth nothing without: of what it was measured, and how."""

import dataclasses
import json
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """One metric, measured once. Two are comparable if all but their values and the samples' origin agree."""

    metric: str
    """Its name in `jaxgan.metrics.evaluate.METRICS`."""
    values: dict[str, float]
    """Named as the metric's function names them; "value" if it returns a single number."""
    features: str | None
    """Name of the feature function; None if the metric looks at pixels."""
    reference: str | None
    """Data set and split that samples were compared with; None if with none."""
    real_count: int
    """Rows of the reference that were used."""
    fake_count: int
    """Samples that were used."""
    resizer: str | None
    """How images were brought to the size that the features want; None if they were not resized."""
    seed: int
    """Seed of every draw: subsets, pairs, directions."""

    def to_json(self) -> str:
        """One line; values that are not finite become null."""
        values = {name: value if math.isfinite(value) else None for name, value in self.values.items()}
        return json.dumps(dataclasses.asdict(self) | {"values": values})
