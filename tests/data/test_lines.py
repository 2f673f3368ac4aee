"""Lines of text files as tokens."""

import numpy as np
import pytest

from jaxgan import data


def load(tmp_path, text, **options):
    file = tmp_path / "some.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return data.load(f"lines:{file}", **options)


def lines(tmp_path, dataset):
    dataset.medium.save(tmp_path / "saved", dataset.medium.decode(dataset.real), data.media.View())
    return (tmp_path / "saved.txt").read_text().splitlines()


def test_words_by_their_number_and_blanks_at_the_end(tmp_path):
    dataset = load(tmp_path, "a cat\n\n  the cat sees  a cat\r\n")
    assert dataset.medium.vocabulary == ("", "cat", "a", "sees", "the")
    np.testing.assert_array_equal(dataset.real, [[2, 1, 0, 0, 0], [4, 1, 3, 2, 1]])
    assert (dataset.name, dataset.shape) == ("lines:some.txt", (5, 5))
    assert lines(tmp_path, dataset) == ["a cat", "the cat sees a cat"]


def test_characters_are_written_without_spaces(tmp_path):
    dataset = load(tmp_path, "été\nno no\n", unit="characters")
    assert lines(tmp_path, dataset) == ["été", "no no"]


def test_long_lines_are_cut_and_rare_words_are_unknown(tmp_path):
    dataset = load(tmp_path, "b b a a c d\nb a d", length=5, vocabulary_size=4)
    assert dataset.medium.vocabulary == ("", "<unk>", "a", "b")
    assert lines(tmp_path, dataset) == ["b b a a <unk>", "b a <unk>"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (b"\xff\xfe\xfa a b", {}, "lines: .*some.txt is not UTF-8"),
        ("\n \n", {}, "must hold two different words or more, got 0"),
        ("a a", {}, "must hold two different words or more, got 1"),
        ("a b", {"unit": "syllables"}, "unit must be one of words, characters"),
        ("a b", {"length": 0}, "length must be a whole number of at least 1, got 0"),
        ("a b", {"vocabulary_size": 2}, "vocabulary_size must be a whole number of at least 3, got 2"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, options, message):
    with pytest.raises(ValueError, match=message):
        load(tmp_path, text, **options)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"lines: there is no file .*none\.txt"):
        data.load(f"lines:{tmp_path / 'none.txt'}")
    with pytest.raises(ValueError, match="is not a file"):
        data.load(f"lines:{tmp_path}")
