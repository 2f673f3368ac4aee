"""Where a step runs: one device, several devices, several steps per call, a population."""

from jaxgan.execution.layout import Step
from jaxgan.execution.population import population
from jaxgan.execution.repeated import repeated
from jaxgan.execution.wrappers import jitted, pmapped, sharded, spread

__all__ = [
    "Step",
    "jitted",
    "pmapped",
    "population",
    "repeated",
    "sharded",
    "spread",
]
