"""Sources of texts."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

import jaxgan
from jaxgan.options import Range, conform
from jaxgan.recipes.recipe import DataShape


@dataclass(frozen=True)
class Grammar:
    """10,000 synthetic sentences of a context-free grammar with 34 words."""

    NAME: ClassVar[str] = "grammar"

    def dataset(self) -> "jaxgan.data.Dataset":
        """Draw them."""
        return jaxgan.data.load("grammar")


@dataclass(frozen=True)
class Oracle:
    """10,000 sequences of an LSTM with random weights, which knows their probability."""

    NAME: ClassVar[str] = "oracle"
    vocabulary_size: Annotated[int, Range(2)] = 5000
    """Number of different tokens."""
    length: Annotated[int, Range(5)] = 20
    """Tokens in each sequence."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Draw them."""
        return jaxgan.data.load("oracle", vocabulary_size=self.vocabulary_size, length=self.length)


@dataclass(frozen=True)
class Lines:
    """The lines of a text file."""

    NAME: ClassVar[str] = "lines"
    ARGUMENT: ClassVar[str] = "path"
    path: str = "lines.txt"
    """Path of the file; `--data lines:PATH` says it too."""
    unit: Literal["words", "characters"] = "words"
    """What a token is."""
    length: Annotated[int, Range(5)] = 40
    """Tokens to which longer lines are cut."""
    vocabulary_size: Annotated[int, Range(3)] = 5000
    """Largest number of different tokens; <unk> stands for rarer ones."""

    def __post_init__(self) -> None:
        conform(self)

    def dataset(self) -> "jaxgan.data.Dataset":
        """Read them."""
        return jaxgan.data.load(
            f"lines:{self.path}", unit=self.unit, length=self.length, vocabulary_size=self.vocabulary_size
        )


Texts = Grammar | Oracle | Lines


def blanks(source: Texts, of: DataShape) -> "jaxgan.data.Dataset":
    """Two rows of the first token, in the place of texts of this shape that are not there.

    Args:
        source: whose options may say another length and vocabulary.
        of: shape of a text.
    """
    from jaxgan.data.grammar import LENGTH, WORDS

    length, size = (source.length, source.vocabulary_size) if isinstance(source, Oracle) else of.shape
    words = tuple(map(str, range(size)))
    if isinstance(source, Grammar):
        length, words = LENGTH, WORDS
    stored: Any = np.zeros((2, length), np.int32)
    return jaxgan.data.Dataset(source.NAME, stored, medium=jaxgan.data.media.tokens(words))
