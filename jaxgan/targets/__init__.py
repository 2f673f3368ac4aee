"""Compile a step for TPUs and GPUs that are not there, and read what its program would need of them.

    >>> import jaxgan, optax
    >>> from jaxgan import targets
    >>> h100 = targets.target("gpu:h100")                    # doctest: +SKIP
    >>> compiled = targets.compile_for(h100, algorithm, batch)  # doctest: +SKIP

The compilers come with `jaxgan[target-tpu]` and `jaxgan[target-gpu]`; JAX_PLATFORMS=cpu keeps JAX from looking for the
hardware itself.
"""

from jaxgan.targets.bound import Bound as Bound
from jaxgan.targets.bound import bound as bound
from jaxgan.targets.cards import Card as Card
from jaxgan.targets.compilation import Compiled as Compiled
from jaxgan.targets.compilation import OutOfMemory as OutOfMemory
from jaxgan.targets.compilation import compile_for as compile_for
from jaxgan.targets.program_text import Counts as Counts
from jaxgan.targets.target import Target as Target
from jaxgan.targets.target import target as target
