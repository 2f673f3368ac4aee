"""BLEU of sentences against many others, as the papers on the generation of text take it."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from jaxgan.checks import require

Sentence = Sequence[Hashable]
SMOOTHED = 0.1
"""Number of matching n-grams that counts where none matches."""


class Most(NamedTuple):
    """How often an n-gram occurs in a sentence at most."""

    largest: int
    owner: int
    """Place of the sentence where it occurs so often."""
    second: int
    """Largest number in any other sentence."""


def bleu(sentences: Sequence[Sentence], references: Sequence[Sentence], order: int = 3) -> float:
    """Mean over the sentences of BLEU-n against all references, in [0, 1].

        BLEU-n = min(1, e^(1 − r/c)) · (p₁ ⋯ pₙ)^(1/n)

    p_k is the share of a sentence's k-grams that occur in one reference at least as often, c its length and r the
    length of the reference that is nearest to it (the shorter of two). A share without a match counts as 0.1 matches.
    A sentence of fewer than n tokens has BLEU 0.

    Raises:
        ValueError: if there are no sentences or references, or `order` is below 1.

    Reference:
        Papineni et al., [BLEU: a Method for Automatic Evaluation of Machine
        Translation](https://aclanthology.org/P02-1040), 2002; method 1 of Chen & Cherry, [A Systematic Comparison of
        Smoothing Techniques for Sentence-Level BLEU](https://aclanthology.org/W14-3346), 2014, as in the programs of
        Texygen and RelGAN.

    Examples:
        >>> sample, reference = ("the", "cat", "sees"), ("the", "cat", "sees", "a", "bird")
        >>> round(jaxgan.metrics.bleu.bleu([sample], [reference], order=1), 3)  # e^(1 - 5/3)
        0.513
    """
    require(min(len(sentences), len(references), order) >= 1, "bleu needs sentences, references and order >= 1")
    return _mean(sentences, references, order, own=False)


def self_bleu(sentences: Sequence[Sentence], order: int = 3) -> float:
    """Mean BLEU-n of each sentence against all others, in [0, 1]: high where samples are alike.

    Raises:
        ValueError: if there are fewer than two sentences, or `order` is below 1.

    Reference:
        Zhu et al., [Texygen: A Benchmarking Platform for Text Generation Models](https://arxiv.org/abs/1802.01886),
        2018.

    Examples:
        >>> round(jaxgan.metrics.bleu.self_bleu([(1, 2, 3, 4), (1, 2, 3, 4)]), 3)  # both are the same
        1.0
    """
    require(len(sentences) >= 2 and order >= 1, "self_bleu needs two sentences or more and order >= 1")
    return _mean(sentences, sentences, order, own=True)


def _mean(sentences: Sequence[Sentence], references: Sequence[Sentence], order: int, *, own: bool) -> float:
    """Whether the i-th sentence is the i-th reference itself, which is then left out: `own`."""
    most = [_most(references, n) for n in range(1, order + 1)]
    lengths = Counter(map(len, references))
    total = 0.0
    for i, sentence in enumerate(sentences):
        if len(sentence) < order:
            continue
        logs = 0.0
        for n, known in enumerate(most, 1):
            counts = _counts(sentence, n)
            matches = sum(min(count, _largest(known.get(gram), i if own else -1)) for gram, count in counts.items())
            logs += math.log((matches or SMOOTHED) / (len(sentence) - n + 1)) / order
        others = lengths - Counter([len(sentence)]) if own else lengths
        nearest = min(others, key=lambda length: (abs(length - len(sentence)), length))
        total += math.exp(logs + min(0.0, 1 - nearest / len(sentence)))
    return total / len(sentences)


def _counts(sentence: Sentence, n: int) -> Counter[tuple[Hashable, ...]]:
    return Counter(tuple(sentence[i : i + n]) for i in range(len(sentence) - n + 1))


def _most(references: Sequence[Sentence], n: int) -> dict[tuple[Hashable, ...], Most]:
    found: dict[tuple[Hashable, ...], Most] = {}
    for i, reference in enumerate(references):
        for gram, count in _counts(reference, n).items():
            known = found.get(gram, Most(0, -1, 0))
            if count > known.largest:
                found[gram] = Most(count, i, known.largest)
            elif count > known.second:
                found[gram] = known._replace(second=count)
    return found


def _largest(known: Most | None, without: int) -> int:
    if known is None:
        return 0
    return known.second if known.owner == without else known.largest
