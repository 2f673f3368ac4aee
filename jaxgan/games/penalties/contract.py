"""What a penalty is."""

from collections.abc import Callable

from jaxtyping import Array, Float

from jaxgan.core import Turn

Critic = Callable[[Float[Array, "batch ..."]], Float[Array, "batch ..."]]
Penalty = Callable[[Critic, Float[Array, "batch ..."], Float[Array, "batch ..."], Turn], Float[Array, ""]]
