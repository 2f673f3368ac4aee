"""Where a step runs: one device, several, several steps a call, a population."""

from jaxgan.execution.layout import Step as Step
from jaxgan.execution.population import population as population
from jaxgan.execution.repeated import repeated as repeated
from jaxgan.execution.wrappers import jitted as jitted
from jaxgan.execution.wrappers import pmapped as pmapped
from jaxgan.execution.wrappers import sharded as sharded
from jaxgan.execution.wrappers import spread as spread
