"""Measures of texts against the data, each with its perfect value and with the value of other data."""

from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.data.media.tokens import BLANK
from jaxgan.metrics.bleu import Sentence, bleu, self_bleu
from jaxgan.metrics.points import Measured

ORDER = 3
"""Longest n-grams of BLEU."""
LEAST = 32
"""Smallest number of samples, and half the smallest number of rows of data, that are measured."""
MOST = 1000
"""Largest number of samples, and of references, whose BLEU is taken."""
KIND = f"at least {2 * LEAST} texts as tokens"

OF_TRUTH = ("validity", "nll_oracle")
OF_TEXTS = (*OF_TRUTH, "nll_gen", "bleu_3", "self_bleu_3")


class TextMeasures:
    """Compares samples `[n, T, V]` with equally many rows of the data, which are drawn once and are not used for the
    floors.

    | measure | of samples |
    |---|---|
    | `validity` | share that can occur under the distribution that the data were drawn from |
    | `nll_oracle` | mean −log p of these under that distribution, in nats a token, blanks included |
    | `nll_gen` | mean −log p of the rows under the generator, likewise |
    | `bleu_3` | mean BLEU-3 against the rows, see `jaxgan.metrics.bleu` |
    | `self_bleu_3` | mean BLEU-3 of a sample against the other samples |

    The first two need a data set with `log_probability`, the third a generator that has a likelihood. Perfect is the
    value of the data, or of the distribution itself for `nll_gen`, if it is known: a lower `nll_oracle` means that
    samples are too likely, and a higher `self_bleu_3` that they are too alike. Both BLEUs are of 1,000 samples against
    1,000 rows at most. A text ends at its last token that is no blank.

    Args:
        dataset: tokens; its `held_out` rows are the data compared with, if there are any.
        n: samples; with fewer than 2n rows of data, half as many samples as rows are compared.
        seed: seed of the rows.

    Raises:
        ValueError: if the data are no tokens, or n or half of their rows is below 32.

    Reference:
        Yu et al., [SeqGAN](https://arxiv.org/abs/1609.05473), 2017 (NLL-oracle); Zhu et al.,
        [Texygen](https://arxiv.org/abs/1802.01886), 2018 (BLEU, self-BLEU).
    """

    def __init__(self, dataset: Dataset, n: int, seed: int) -> None:
        require(measurable(dataset), f"the measures need {KIND}; got {dataset!r}")
        check_samples(n)
        rows = _compared(dataset)
        self.reference = dataset.name if dataset.held_out is None else f"{dataset.name}, held out"
        self.count, self.log_probability = min(n, len(rows) // 2), dataset.log_probability
        vocabulary = dataset.medium.vocabulary or ()
        self.blank = vocabulary.index(BLANK) if BLANK in vocabulary else -1
        drawn = np.random.default_rng(seed).permutation(len(rows))[: 2 * self.count].reshape(2, -1)
        self.real, self.other = rows[drawn[0]], rows[drawn[1]]
        self.references = self._sentences(self.real)
        self.encode = dataset.medium.encode

    def __call__(
        self, samples: np.ndarray, log_likelihood: Float[np.ndarray, "count"] | None = None
    ) -> dict[str, Measured]:
        """Measure the first `count` samples.

        Args:
            samples: tokens as the generator makes them.
            log_likelihood: that of the rows `real` under the generator, if it has one.

        Raises:
            ValueError: if there are fewer samples.
        """
        require(len(samples) >= self.count, f"samples must be at least {self.count}, got {len(samples)}")
        values, floors = self._values(self.encode(samples[: self.count])), self._floors
        if log_likelihood is not None:
            values["nll_gen"] = float(-np.mean(log_likelihood)) / self.real.shape[1]
        return {name: Measured(values[name], floors[name], floors[name]) for name in OF_TEXTS if name in values}

    @cached_property
    def _floors(self) -> dict[str, float]:
        known = self.log_probability
        best = float("nan") if known is None else float(-np.mean(known(self.real))) / self.real.shape[1]
        return self._values(self.other) | {"nll_gen": best}

    def _values(self, rows: Int[np.ndarray, "rows times"]) -> dict[str, float]:
        sentences = self._sentences(rows)
        values = {"bleu_3": bleu(sentences, self.references, ORDER), "self_bleu_3": self_bleu(sentences, ORDER)}
        if self.log_probability is not None:
            logs = self.log_probability(rows)
            valid = np.isfinite(logs)
            values["validity"] = float(np.mean(valid))
            values["nll_oracle"] = float(-np.mean(logs[valid])) / rows.shape[1] if valid.any() else float("nan")
        return values

    def _sentences(self, rows: Int[np.ndarray, "rows times"]) -> list[Sentence]:
        """The first rows without the blanks at their ends."""
        ends = [int(np.max(np.flatnonzero(row != self.blank), initial=-1)) + 1 for row in rows[:MOST]]
        return [tuple(row[:end].tolist()) for row, end in zip(rows[:MOST], ends, strict=True)]


def measurable(dataset: Dataset) -> bool:
    """Whether the rows are texts that `TextMeasures` compares, and whether there are enough."""
    texts = dataset.medium.vocabulary is not None and isinstance(dataset.real, np.ndarray)
    return texts and len(_compared(dataset)) >= 2 * LEAST


def check_samples(n: int) -> None:
    """Raise `ValueError` unless this number of samples is enough."""
    require(n >= LEAST, f"texts are measured by {LEAST} samples at least, got {n}")


def names(dataset: Dataset, *, likelihood: bool) -> tuple[str, ...]:
    """Names of the measures of `TextMeasures` for these data, and for a generator that has a likelihood or none."""
    left_out = (() if likelihood else ("nll_gen",)) + (() if dataset.log_probability else OF_TRUTH)
    return tuple(name for name in OF_TEXTS if name not in left_out)


def _compared(dataset: Dataset) -> np.ndarray:
    return dataset.real if dataset.held_out is None else dataset.held_out
