"""Synthetic sequences of the field's oracle: an LSTM of random weights, which knows the probability of any sequence."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.data.media.tokens import tokens

ROWS, HELD_OUT = 10_000, 5000
LENGTH, VOCABULARY = 20, 5000
"""Tokens of a sequence, and of the vocabulary, in the papers."""
HIDDEN = 32
"""Size of the embedding and of the state."""
CHUNK = 500


class Oracle(NamedTuple):
    """Weights of an LSTM that begins with the embedding of token 0."""

    embedding: Float[np.ndarray, "vocabulary hidden"]
    kernel: Float[np.ndarray, "2*hidden 4*hidden"]
    """From the embedding and the state to the input, forget, cell and output gates."""
    bias: Float[np.ndarray, "4*hidden"]
    projection: Float[np.ndarray, "hidden vocabulary"]
    shift: Float[np.ndarray, "vocabulary"]

    def log_probability(self, rows: Int[np.ndarray, "rows times"]) -> Float[np.ndarray, "rows"]:
        """Natural logarithm of the probability of each sequence."""
        return np.concatenate([self._of_some(rows[i : i + CHUNK]) for i in range(0, len(rows), CHUNK)])

    def _of_some(self, rows: Int[np.ndarray, "rows times"]) -> Float[np.ndarray, "rows"]:
        total, state, before = np.zeros(len(rows)), self._start(len(rows)), np.zeros(len(rows), int)
        for tokens_now in rows.T:
            state, scores = self._next(state, before)
            total += scores[np.arange(len(rows)), tokens_now] - np.log(np.exp(scores).sum(axis=1))
            before = tokens_now
        return total

    def drawn(self, random: np.random.Generator, rows: int, length: int) -> Int[np.ndarray, "rows length"]:
        """Sequences from the oracle's distribution."""
        made = np.zeros((rows, length), np.int32)
        for start in range(0, rows, CHUNK):
            some = made[start : start + CHUNK]
            state, before = self._start(len(some)), np.zeros(len(some), int)
            for t in range(length):
                state, scores = self._next(state, before)
                below = np.cumsum(np.exp(scores, out=scores), axis=1)
                level = random.random(len(some)) * below[:, -1]
                before = some[:, t] = np.argmax(below > level[:, None], axis=1)
        return made

    def _start(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((rows, HIDDEN)), np.zeros((rows, HIDDEN))

    def _next(
        self, state: tuple[np.ndarray, np.ndarray], before: Int[np.ndarray, "rows"]
    ) -> tuple[tuple[np.ndarray, np.ndarray], Float[np.ndarray, "rows vocabulary"]]:
        """State, and scores of the next token, of which the largest is 0."""
        h, c = state
        gates = np.concatenate([self.embedding[before], h], axis=1) @ self.kernel + self.bias
        i, f, g, o = np.split(gates, 4, axis=1)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        scores = h @ self.projection + self.shift
        return (h, c), scores - scores.max(axis=1, keepdims=True)


def of_random_weights(random: np.random.Generator, vocabulary: int) -> Oracle:
    """An oracle whose weights are all standard normal, biases included."""
    shapes = ((vocabulary, HIDDEN), (2 * HIDDEN, 4 * HIDDEN), (4 * HIDDEN,), (HIDDEN, vocabulary), (vocabulary,))
    return Oracle(*(random.normal(size=shape) for shape in shapes))


def oracle(vocabulary_size: int = VOCABULARY, length: int = LENGTH) -> Dataset:
    """10,000 sequences of an oracle, and 5,000 held out, drawn once and for all.

    Args:
        vocabulary_size: at least 2; the papers have 5,000.
        length: tokens of a sequence, at least 1; the papers have 20 and 40.

    Raises:
        ValueError: if one is out of range.

    Reference:
        Yu et al., [SeqGAN: Sequence Generative Adversarial Nets with Policy
        Gradient](https://arxiv.org/abs/1609.05473), 2017, the section on synthetic data; the sizes are those of Texygen
        and of RelGAN's program.
    """
    for name, value, least in (("vocabulary_size", vocabulary_size, 2), ("length", length, 1)):
        whole = isinstance(value, int) and value >= least
        require(whole, f"{name} must be a whole number of at least {least}, got {value!r}")
    random = np.random.default_rng(0)
    made_by = of_random_weights(random, vocabulary_size)
    rows = made_by.drawn(random, ROWS + HELD_OUT, length)
    return Dataset(
        "oracle",
        rows[:ROWS],
        medium=tokens(tuple(map(str, range(vocabulary_size)))),
        held_out=rows[ROWS:],
        log_probability=made_by.log_probability,
    )


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))
