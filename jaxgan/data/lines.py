"""The lines of a text file as rows of tokens."""

from collections import Counter
from pathlib import Path

import numpy as np

from jaxgan.checks import require, require_choice
from jaxgan.data.dataset import Dataset
from jaxgan.data.media.tokens import BLANK, tokens
from jaxgan.data.paths import expanded, shown
from jaxgan.errors import InputError, NotFoundError

UNITS = ("words", "characters")
UNKNOWN = "<unk>"
"""Text of the token that stands for all that are not in the vocabulary."""
LENGTH, VOCABULARY = 40, 5000
"""Largest number of tokens of a line, and of the vocabulary, by default."""


def lines(path: str | Path, *, unit: str = "words", length: int = LENGTH, vocabulary_size: int = VOCABULARY) -> Dataset:
    """Every line of a UTF-8 file that is not empty, as tokens followed by blanks.

    The vocabulary is a blank, `<unk>` if it is needed, and the most frequent tokens. Words are what lies between
    spaces; nothing is made lower case. Rows are as long as the longest line, but at most `length`.

    Args:
        path: path of the file.
        unit: "words" or "characters".
        length: tokens to which longer lines are cut, at least 1.
        vocabulary_size: largest number of tokens in the vocabulary, at least 3.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no text, holds fewer than two different tokens, or an option is out of its range.
        OSError: from the system.
    """
    require_choice("unit", unit, UNITS)
    for name, value, least in (("length", length, 1), ("vocabulary_size", vocabulary_size, 3)):
        whole = isinstance(value, int) and value >= least
        require(whole, f"{name} must be a whole number of at least {least}, got {value!r}")
    file = expanded(path)
    if not file.exists():
        raise NotFoundError(f"lines: there is no file {shown(file)}")
    require(file.is_file(), f"lines: {shown(file)} is not a file")
    split = [line.split() if unit == "words" else list(line.strip()) for line in _read(file)]
    kept = [line[:length] for line in split if line]
    counts = Counter(text for line in kept for text in line)
    require(len(counts) >= 2, f"lines: {shown(file)} must hold two different {unit} or more, got {len(counts)}")
    known = sorted(counts, key=lambda text: (-counts[text], text))
    if len(known) > vocabulary_size - 1:
        known = [UNKNOWN, *(text for text in known if text != UNKNOWN)][: vocabulary_size - 1]
    vocabulary = (BLANK, *known)
    places = {text: i for i, text in enumerate(vocabulary)}
    rows = np.zeros((len(kept), max(map(len, kept))), np.int32)
    for row, line in zip(rows, kept, strict=True):
        row[: len(line)] = [places.get(text, places.get(UNKNOWN, 0)) for text in line]
    return Dataset(f"lines:{shown(file.resolve().name)}", rows, medium=tokens(vocabulary))


def _read(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"lines: {shown(file)} is not UTF-8: {error}") from None
