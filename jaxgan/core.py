"""The words that every layer uses: Players, Batch, Turn, Game, Dynamics, GANState, Algorithm.

All of them are NamedTuples of arrays or of pure functions, so each is a pytree or a plain value that anyone can write
by hand; there is nothing to inherit from.
"""

import zlib
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import jax
import numpy as np
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.devices import global_rows, shard_rows
from jaxgan.errors import InputError

T = TypeVar("T")


class Players(NamedTuple, Generic[T]):
    """A pair, one entry for each player: parameters, optimizers, losses, gradients, learning rates.

    Examples:
        >>> players = jaxgan.Players(generator=1, discriminator=2)
        >>> jax.tree.map(lambda x: 10 * x, players)
        Players(generator=10, discriminator=20)
    """

    generator: T
    discriminator: T


class Batch(NamedTuple):
    """One batch of data. The leading axis of every leaf is the batch.

    Examples:
        >>> jaxgan.Batch(real=jnp.zeros([4, 2]), condition=jnp.arange(4)).real.shape
        (4, 2)
    """

    real: PyTree
    """`[B, ...]`; images are `[B, H, W, C]` float32 in [-1, 1]."""
    condition: PyTree = None
    """Labels `[B]` int32, a source image, a vector, or nothing."""
    latent: PyTree = None
    """`[B, Z]`, to fix the latents; None draws them from the turn's key."""


class Turn(NamedTuple):
    """What stays fixed while gradients are evaluated: a batch, the randomness and the step."""

    batch: Batch
    key: Key[Array, ""]
    step: Int[Array, ""]

    def rows(self) -> int:
        """Number of rows of the batch on this device."""
        return jax.tree.leaves(self.batch)[0].shape[0]

    def stream(self, name: str) -> Key[Array, ""]:
        """The random key of a named purpose ("latent", "penalty", ...), the same on every device."""
        return stream(self.key, name)

    def within(self, name: str) -> "Turn":
        """The same turn with its own random streams, for a part of a game. Other parts may then use the same stream
        names."""
        return self._replace(key=self.stream(name))

    def redraw(self, i: int | Int[Array, ""]) -> "Turn":
        """The same batch with fresh randomness, numbered `i`."""
        return self._replace(key=jax.random.fold_in(self.stream("redraw"), i))

    def part(self, i: int | Int[Array, ""], n: int, count: int = 1) -> "Turn":
        """Part `i` of `n`: the rows `i::n` of the batch, with fresh randomness; `part(0, 1)` is the turn itself.

        With `count`, that many parts from `i` on as one. Strided, because the parts of a batch that is split over
        devices then stay where they are.

        Raises:
            ValueError: if `n` does not divide the batch.
        """
        if n == 1:
            return self
        rows = self.rows()
        if rows % n:
            of = "discriminator_steps + generator_parts"
            raise InputError(f"{n} parts a step ({of}) do not divide the {rows} rows on each device")

        def rows_of(x: Any) -> Array:
            strided = x.reshape(-1, n, *x.shape[1:])
            return jax.lax.dynamic_slice_in_dim(strided, i, count, axis=1).reshape(-1, *x.shape[1:])

        batch = jax.tree.map(rows_of, self.batch)
        return self._replace(batch=batch, key=jax.random.fold_in(self.stream("part"), i))

    def draw(self, name: str, sample: Callable[[Key[Array, ""]], PyTree]) -> PyTree:
        """Draw once for each row of the batch: `[B, ...]`, where `sample` draws one row from its key.

        A row's numbers belong to its place in the global batch: one device and many draw the same.
        """
        keys = jax.vmap(jax.random.fold_in, (None, 0))(self.stream(name), shard_rows(global_rows(self.rows())))
        return shard_rows(jax.vmap(sample)(keys))


def stream(key: Key[Array, ""], name: str) -> Key[Array, ""]:
    """The random key of a named purpose. Names are folded into other keys than the numbers of steps and rows.

    Examples:
        >>> key = jax.random.key(0)
        >>> bool(jaxgan.core.stream(key, "latents") == jaxgan.core.stream(key, "dropout"))
        False
    """
    return jax.random.fold_in(key, zlib.crc32(name.encode()) & 0x7FFFFFFF)


Info = dict[str, Float[Array, "..."] | Int[Array, "..."] | float]
"""Report of a step: a dict from names to numbers. Floating-point numbers are averaged over devices. If only some steps
compute a number, there is also `NAME_due`: 1 in the steps that compute it, 0 in the others, in which the number itself
is 0."""
DUE = "_due"


class Latents(NamedTuple):
    """How to draw rows of latents, and how to interpolate between two, for samples that are requested by number."""

    draw: Callable[[Key[Array, ""]], Float[Array, "size"]]
    """One row from its key."""
    between: Callable[..., Float[Array, "... size"]]
    """`(start, end, t) -> latents`, see `jaxgan.latents.slerp` and `lerp`."""
    truncated: Callable[[float], Callable[[Key[Array, ""]], Float[Array, "size"]]] | None = None
    """A function from a bound to a way to draw rows within it; None if bounds have no meaning."""
    log_density: Callable[[Float[Array, "n size"]], Float[Array, "n"]] | None = None
    """Logarithm of the density of rows, up to a constant; None if it is not known, or has no gradient everywhere."""


class Game(NamedTuple):
    """What each player wants, as pure functions without optimizers or state. `jaxgan.gan` builds the common games.

    Nothing inside a game stops a gradient: rules that differentiate through the vector field would see another game.
    """

    init: Callable[[Key[Array, ""], Batch], tuple[Players, Players]]
    """`(key, batch) -> (params, variables)`. Variables are everything that is neither a parameter nor the memory of a
    rule."""
    generate: Callable[[PyTree, PyTree, Turn], tuple[PyTree, PyTree]]
    """`(params_g, variables_g, turn) -> (samples, variables_g)`, in training mode."""
    judge: Callable[[PyTree, PyTree, PyTree, Turn], tuple[Players, tuple[PyTree, Info]]]
    """`(params_d, variables_d, samples, turn) -> (losses, (variables_d, info))`, in training mode."""
    sample: Callable[..., PyTree]
    """`(params_g, variables_g, key, n, condition, latent=None) -> samples`, in evaluation mode.

    `latent` `[n, Z]` replaces the latents that the key would draw; it is passed only if the caller of
    `Algorithm.sample` passes one. If `sample` has an argument `step`, it gets the state's step."""
    latents: Latents | None = None
    """How to draw rows of this latent, for programs that request samples by number; None if the game has no such
    latent."""
    critic: Callable[..., Float[Array, "n"]] | None = None
    """`(params_d, variables_d, samples, condition=None, step=0) -> logits` of the discriminator in evaluation mode,
    without augmentation and noise; None if the game has none for single rows."""


class Dynamics(NamedTuple):
    """How the players of any game move."""

    init: Callable[[Players], PyTree]
    """`(params) -> memory`: optimizer states, past gradients, slow weights."""
    update: Callable[[Game, Players, Players, PyTree, Turn], tuple[Players, Players, PyTree, Info]]
    """`(game, params, variables, memory, turn) -> (params, variables, memory, info)`."""


class Average(NamedTuple):
    """The averaged generator."""

    params: PyTree
    variables: PyTree


class GANState(NamedTuple):
    """Everything a run carries from step to step: one pytree of arrays, no functions, no random key."""

    step: Int[Array, ""]
    """Steps taken, int32."""
    params: Players
    variables: Players
    """Batch statistics, spectral vectors: everything that is neither a parameter nor the rule's memory."""
    average: Average
    """The averaged generator, from which `Algorithm.sample` draws."""
    memory: PyTree
    """The dynamics' own: optimizer states, past gradients."""

    def __repr__(self) -> str:
        """A short form if the parameters are numbers; otherwise, such as for shardings, all fields."""
        leaves = jax.tree.leaves(self.params)
        numbers = all(hasattr(leaf, "size") or isinstance(leaf, int | float) for leaf in leaves)
        if not (isinstance(self.params, Players) and numbers):
            return f"GANState({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"
        counts = (sum(np.size(leaf) for leaf in jax.tree.leaves(player)) for player in self.params)
        generator, discriminator = (f"{count:,}" for count in counts)
        return f"GANState(step={self.step}, parameters: generator {generator}, discriminator {discriminator})"


class Algorithm(NamedTuple):
    """A game with its dynamics, as three pure functions."""

    init: Callable[[Key[Array, ""], Batch], GANState]
    """`(key, batch) -> state`. The batch gives shapes and the number of rows of the steps. The shapes of the batch and
    of what the parts of the game return are checked before a step is compiled. A traced batch is not checked."""
    step: Callable[[GANState, Batch, Key[Array, ""]], tuple[GANState, Info]]
    """`(state, batch, key) -> (state, info)`. It is not compiled: wrap it with `jaxgan.jitted` or another wrapper.

    Pass the same key at every step; the step derives its own keys from it and from `state.step`."""
    sample: Callable[..., PyTree]
    """`(state, key, n, condition=None, latent=None) -> samples [n, ...]` of the averaged generator, in evaluation mode.

    `latent` `[n, Z]` replaces the latents that the key would draw."""
    game: Game | None = None
    """The game, for code that looks at the players; None for a population, whose members have games of their own."""
