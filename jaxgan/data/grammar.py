"""Synthetic sentences of a context-free grammar, with the exact probability of every sentence."""

import math
from functools import cache

import numpy as np
from jaxtyping import Float, Int

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.data.media.tokens import BLANK, tokens

ROWS, HELD_OUT = 10_000, 5000
LENGTH = 16
"""Words of the longest sentence; shorter ones end in blanks."""
START = "S"

Production = tuple[float, tuple[str, ...]]


def _productions() -> dict[str, tuple[Production, ...]]:
    """Subject and verb agree, also across a clause; clauses hold no further clauses, so sentences are bounded."""
    rules: dict[str, tuple[Production, ...]] = {
        START: tuple((0.5, (f"NP {number} 0", f"VP {number} 0", ".")) for number in ("one", "many")),
        "ADJ": _words("big", "small", "old", "happy"),
        "DET one": _words("a", "the", "every"),
        "DET many": _words("two", "the", "many"),
        "N one": _words("cat", "dog", "bird", "child", "friend"),
        "N many": _words("cats", "dogs", "birds", "children", "friends"),
        "VI one": _words("sleeps", "sings", "runs"),
        "VI many": _words("sleep", "sing", "run"),
        "VT one": _words("sees", "hears", "likes"),
        "VT many": _words("see", "hear", "like"),
    }
    for number in ("one", "many"):
        det, noun = f"DET {number}", f"N {number}"
        plain: tuple[Production, ...] = ((0.5, (det, noun)), (0.25, (det, "ADJ", noun)))
        rules[f"NP {number} 0"] = (*plain, (0.25, (det, noun, "that", f"VP {number} 1")))
        rules[f"NP {number} 1"] = tuple((share / 0.75, symbols) for share, symbols in plain)
        for depth in (0, 1):
            objects = ((0.3, (f"VT {number}", f"NP {other} {depth}")) for other in ("one", "many"))
            rules[f"VP {number} {depth}"] = ((0.4, (f"VI {number}",)), *objects)
    return rules


def _words(*words: str) -> tuple[Production, ...]:
    return tuple((1 / len(words), (word,)) for word in words)


PRODUCTIONS = _productions()
"""For each symbol that is no word, what it may become, with probabilities."""
WORDS = (BLANK, *sorted({word for all_ in PRODUCTIONS.values() for _, to in all_ for word in to} - set(PRODUCTIONS)))
"""The vocabulary: a blank, and the words that the productions end in."""


def grammar() -> Dataset:
    """10,000 sentences of 4 to 16 words, such as "the dog that sees two cats sleeps .", and 5,000 held out.

    They are drawn once and for all. The data set's `log_probability` tells which sentences the grammar allows.
    """
    made = drawn(np.random.default_rng(0), ROWS + HELD_OUT)
    return Dataset(
        "grammar",
        made[:ROWS],
        medium=tokens(WORDS),
        held_out=made[ROWS:],
        log_probability=log_probability,
    )


def drawn(random: np.random.Generator, rows: int) -> Int[np.ndarray, "rows 16"]:
    """Sentences as places in `WORDS`.

    Raises:
        ValueError: unless `rows` is at least 1.
    """
    require(rows >= 1, f"rows must be at least 1, got {rows}")
    places = {word: i for i, word in enumerate(WORDS)}
    made = np.full((rows, LENGTH), places[BLANK], np.int32)
    for row in made:
        sentence = [places[word] for word in _expanded(random, START)]
        row[: len(sentence)] = sentence
    return made


def _expanded(random: np.random.Generator, symbol: str) -> list[str]:
    if symbol not in PRODUCTIONS:
        return [symbol]
    shares, choices = zip(*PRODUCTIONS[symbol], strict=True)
    chosen = choices[np.searchsorted(np.cumsum(shares)[:-1], random.random(), side="right")]
    return [word for part in chosen for word in _expanded(random, part)]


def log_probability(rows: Int[np.ndarray, "rows times"]) -> Float[np.ndarray, "rows"]:
    """Natural logarithm of the probability with which the grammar makes each row, -inf for what is no sentence.

    The probability is the sum over all ways to make it. After the first blank there must be blanks alone.
    """
    return np.array([_of_sentence(tuple(row)) for row in rows.tolist()])


@cache
def _of_sentence(row: tuple[int, ...]) -> float:
    words = tuple(WORDS[i] for i in row)
    length = words.index(BLANK) if BLANK in words else len(words)
    if any(word != BLANK for word in words[length:]):
        return -math.inf
    probability = _ends(words[:length], START, 0).get(length, 0.0)
    return math.log(probability) if probability > 0 else -math.inf


def _ends(words: tuple[str, ...], symbol: str, start: int) -> dict[int, float]:
    """Probability that a symbol makes the words from `start` to each end."""
    if symbol not in PRODUCTIONS:
        return {start + 1: 1.0} if words[start : start + 1] == (symbol,) else {}
    found: dict[int, float] = {}
    for share, parts in PRODUCTIONS[symbol]:
        reached = {start: share}
        for part in parts:
            further: dict[int, float] = {}
            for place, before in reached.items():
                for end, inside in _ends(words, part, place).items():
                    further[end] = further.get(end, 0.0) + before * inside
            reached = further
        for end, probability in reached.items():
            found[end] = found.get(end, 0.0) + probability
    return found
