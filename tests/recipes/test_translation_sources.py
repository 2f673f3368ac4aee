"""Sources of translation as options of a recipe."""

from dataclasses import dataclass, fields

import numpy as np
import pytest
from PIL import Image

from jaxgan.data.translations import TRANSLATIONS
from jaxgan.options import changed, leaves
from jaxgan.options.conform import variants
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.sources import spelled
from jaxgan.recipes.translation_sources import (
    Colours,
    DigitStyles,
    EdgesToDigits,
    InvertedDigits,
    WithoutPairs,
    WithPairs,
    stand_in,
)


@dataclass(frozen=True)
class Recipe:
    data: WithPairs = EdgesToDigits()
    width: int = 16


@dataclass(frozen=True)
class Other:
    data: WithoutPairs = InvertedDigits()


KINDS = {kind.NAME: kind for hint in (WithPairs, WithoutPairs) for kind in variants(hint)}
KINDS["digit_styles"] = DigitStyles


def test_every_set_is_a_source():
    assert KINDS.keys() == {*TRANSLATIONS, "pairs", "colours", "unpaired"}


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_source_makes_the_set_of_its_name(name):
    source = KINDS[name]()
    assert source.dataset().name == name
    assert {field.name for field in fields(source)} <= {"image_size"}


def test_a_folder_is_chosen_by_its_path_and_its_options_reach_the_data(tmp_path):
    (tmp_path / "test").mkdir()
    picture = np.arange(6 * 12, dtype=np.uint8).reshape(6, 12)
    Image.fromarray(picture).save(tmp_path / "test" / "1.png")
    recipe = changed(Recipe(), data=f"pairs:{tmp_path}", split="test", direction="BtoA", image_size=6)
    recipe = changed(recipe, crop=4, mirror=True)
    assert spelled(recipe.data) == f"pairs:{tmp_path}"
    found = recipe.data.dataset()
    assert (found.name, found.shape, len(found)) == (f"pairs:{tmp_path.name}, test, BtoA", (4, 4, 1), 2)
    np.testing.assert_array_equal(found.condition[0, :, :, 0], picture[:, 6:])
    assert leaves(changed(recipe, channels=3))["channels"] == 3
    for side in "AB":
        (tmp_path / f"train{side}").mkdir()
        Image.fromarray(picture).save(tmp_path / f"train{side}" / "1.png")
    apart = changed(Other(), data=f"unpaired:{tmp_path}", image_size=None).data.dataset()
    assert (apart.name, apart.real.a.shape) == (f"unpaired:{tmp_path.name}, train, AtoB", (1, 6, 12, 1))


def test_a_folder_in_colour_is_paired_with_its_gray(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "1.png")
    found = changed(Recipe(), data=f"colours:{tmp_path}", image_size=None, mirror=True).data.dataset()
    assert (found.name, len(found)) == (f"folder:{tmp_path.name}, gray to colour", 2)
    np.testing.assert_array_equal(found.real[0], picture)
    gray = picture @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(found.condition[0, :, :, 0], gray, atol=1)
    black = stand_in(Colours(image_size=4), DataShape((8, 8, 3), None))
    assert (black.condition_shape, black.shape) == ((4, 4, 1), (4, 4, 3))


def test_wrong_options_are_refused_when_they_are_set():
    with pytest.raises(ValueError, match="direction must be one of AtoB, BtoA"):
        changed(Recipe(), data="pairs:x", direction="B")
    with pytest.raises(ValueError, match="crop must be at least 1, got 0"):
        changed(Recipe(), data="pairs:x", crop=0)
    with pytest.raises(ValueError, match=r"data must be one of edges_to_digits, .*pairs:PATH, coarse_to_sharp_digits"):
        changed(Recipe(), data="inverted_digits")
