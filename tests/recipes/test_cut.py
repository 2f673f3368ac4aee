"""The recipe of CUT against the authors' numbers."""

import pytest

import jaxgan
from jaxgan.options import leaves
from jaxgan.recipes.cut import CUT

AUTHORS = {
    "lambda_NCE": ("nce_weight", 1.0),
    "nce_idt": ("identity", True),
    "num_patches": ("patches", 256),
    "netF_nc": ("head_size", 256),
    "nce_T": ("temperature", 0.07),
    "lr": ("generator_rate", 2e-4),
    "lr of D": ("discriminator_rate", 2e-4),
    "beta1": ("b1", 0.5),
    "beta2": ("b2", 0.999),
    "ngf": ("generator_width", 64),
    "ndf": ("discriminator_width", 64),
    "netG resnet_9blocks": ("blocks", 9),
    "netD basic": ("patch_layers", 3),
    "normG and normD": ("norm", "instance"),
    "flip_equivariance": ("flip_equivariance", False),
    "no_antialias and no_antialias_up": ("antialias", True),
    "init_type xavier": ("kernel_init", "glorot"),
    "n_epochs / (n_epochs + n_epochs_decay)": ("constant_share", 0.5),
}
"""Options of the authors' program, options/ and models/cut_model.py, and those of the recipe."""


@pytest.mark.parametrize("option", AUTHORS)
def test_the_numbers_are_those_of_the_authors_program(option):
    name, value = AUTHORS[option]
    assert leaves(CUT())[name] == value


def test_fastcut_has_another_weight_no_identity_flips_and_fewer_epochs():
    cut, fast = (jaxgan.preset(f"{name}-horse2zebra") for name in ("cut", "fastcut"))
    assert (cut.program.steps, fast.program.steps) == (400 * 1334, 200 * 1334)
    has = leaves(fast.recipe)
    of_fast = {"nce_weight": 10.0, "identity": False, "flip_equivariance": True, "constant_share": 150 / 200}
    assert leaves(cut.recipe) | of_fast == has


def test_the_maps_are_pixels_both_halves_and_the_first_and_fifth_block(monkeypatch):
    """nce_layers 0, 4, 8, 12, 16 of the authors' generator."""
    asked = []
    monkeypatch.setattr(jaxgan.terms, "patch_nce", lambda *networks, **options: asked.append(options["maps"]))
    monkeypatch.setattr(jaxgan, "gan", lambda *networks, **options: None)
    monkeypatch.setattr(jaxgan, "one_way", lambda game: None)
    CUT().game(jaxgan.data.load("inverted_digits"))
    CUT(blocks=2, halvings=1).game(jaxgan.data.load("inverted_digits"))
    CUT(nce_maps=(2, 5)).game(jaxgan.data.load("inverted_digits"))
    assert asked == [(0, 1, 2, 3, 7), (0, 1, 2), (2, 5)]
