"""The discriminator's logits of rows that it is never trained on."""

from collections.abc import Callable

import jax
import numpy as np
from jaxtyping import Array

from jaxgan.core import Batch, Game, GANState, Turn, stream
from jaxgan.data.dataset import Dataset
from jaxgan.program.program import Program

EVERY = 100
"""Smallest number of steps between looks."""


class Unseen:
    """Compares mean logits on held-out rows with those on as many rows of the training data.

    Both are judged in training mode, with the same latents and the same augmentation, in batches of the size that the
    discriminator is trained on: of fewer rows, each is taken several times.

    Args:
        game: whose discriminator.
        training: what it is trained on.
        rows: what it is not.
        program: its seed, batch size and steps of a call.
        parts: into which a step splits its batch.
    """

    def __init__(self, game: Game, training: Dataset, rows: Dataset, program: Program, parts: int) -> None:
        self.training, self.rows, self.seed = training, rows, program.seed
        self.size = program.batch_size // parts
        self.count = min(self.size, len(training), len(rows))
        self.every = -(-EVERY // program.steps_per_call) * program.steps_per_call
        self.judged = judged(game)

    def due(self, step: int) -> bool:
        """Whether to look at the state after a step."""
        return step % self.every == 0

    def look(self, state: GANState) -> dict[str, float]:
        """`real_logits`, `fake_logits` and `held_out_logits`; none for a game that does not report logits."""
        state = jax.device_put(state, jax.local_devices()[0])
        step = int(state.step)
        key = stream(jax.random.key(self.seed), "held out")
        seen, unseen = (
            jax.device_get(self.judged(state, self._batch(dataset, step), key))
            for dataset in (self.training, self.rows)
        )
        if not seen:
            return {}
        return {**{name: float(value) for name, value in seen.items()}, "held_out_logits": float(unseen["real_logits"])}

    def _batch(self, dataset: Dataset, step: int) -> Batch:
        """Different rows each time, if there are more than fit."""
        index = np.random.default_rng((self.seed, step)).choice(len(dataset), self.count, replace=False)
        return dataset.decode(dataset.take(np.resize(index, self.size)))


def judged(game: Game) -> Callable[[GANState, Batch, Array], dict[str, Array]]:
    """Mean logits of a game, compiled: `(state, batch, key) -> {"real_logits", "fake_logits"}`."""

    @jax.jit
    def logits(state: GANState, batch: Batch, key: Array) -> dict[str, Array]:
        turn = Turn(batch, jax.random.fold_in(key, state.step), state.step)
        samples, _ = game.generate(state.params.generator, state.variables.generator, turn)
        _, (_, info) = game.judge(state.params.discriminator, state.variables.discriminator, samples, turn)
        names = ("real_logits", "fake_logits")
        return {name: jax.numpy.asarray(info[name]) for name in names} if set(names) <= info.keys() else {}

    return logits
