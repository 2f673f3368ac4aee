"""Compile a step for TPUs and GPUs that are not there, and read what its program would need of them.

    >>> import jaxgan, optax
    >>> from jaxgan import targets
    >>> h100 = targets.target("gpu:h100")                    # doctest: +SKIP
    >>> compiled = targets.compile_for(h100, algorithm, batch)  # doctest: +SKIP

The compilers come with `jaxgan[target-tpu]` and `jaxgan[target-gpu]`; JAX_PLATFORMS=cpu keeps JAX from looking for the
hardware itself.
"""

from jaxgan.targets.bound import Bound, bound
from jaxgan.targets.cards import Card
from jaxgan.targets.compilation import Compiled, OutOfMemory, compile_for
from jaxgan.targets.program_text import Counts
from jaxgan.targets.target import Target, target

__all__ = [
    "Bound",
    "Card",
    "Compiled",
    "Counts",
    "OutOfMemory",
    "Target",
    "bound",
    "compile_for",
    "target",
]
