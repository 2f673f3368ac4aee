"""The numbers of a run have words, units and ranges."""

from typing import get_args

import pytest

from jaxgan.core import DUE
from jaxgan.diagnostics.mode_collapse import Diversity
from jaxgan.metrics.modes import ModeCoverage
from jaxgan.observe.numbers import Metric, shown
from jaxgan.runs.quantities import WORDS, named, quantity, words


@pytest.mark.parametrize("name", [*get_args(Metric), *ModeCoverage._fields, *Diversity._fields])
def test_what_the_program_measures_has_words_with_a_unit_or_range(name):
    assert "(" in WORDS[name]
    assert "_" not in words(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("loss_generator", "Loss: generator"),
        ("fake_logits", "Output of the discriminator (above 0: real): D(fake)"),
        ("gradient_norm_discriminator", "Norm of the gradient: discriminator"),
        ("images_per_second", "Speed (rows per second)"),
        (shown("fid", "inception", "images"), "FID (best at 0)"),
        (shown("fid", "classifier", "images"), "Fréchet distance (best at 0), features: classifier"),
        (shown("recall", "pixels", "points"), "Recall (share, 0 to 1), features: pixels"),
        (shown("fid", "pixels", "tokens"), "Fréchet distance (best at 0), features: tokens"),
        ("cycle_distance", "Cycle distance"),
        ("r1_of_mine", "R1 of mine"),
    ],
)
def test_names_in_words(name, text):
    assert named(name) == text


def test_names_of_one_unit_share_it():
    assert quantity("loss_generator").unit == quantity("loss_discriminator").unit == "loss"
    assert quantity("real").unit == "real"
    assert not quantity("penalty" + DUE).label
