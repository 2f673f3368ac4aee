"""What a recipe advises where a detector fires: nothing that its options already do."""

import pytest

import jaxgan
from jaxgan.diagnostics import Finding, missing_modes
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.presets import PRESETS

FINDINGS = (
    *("mode collapse", "missing modes", "stray samples", "divergence", "distant samples", "oscillation"),
    *("wandering samples", "vanishing gradients", "unstable discriminator", "discriminator overfitting"),
    "ignored labels",
)


def test_a_run_with_relativistic_pairing_and_both_penalties_is_not_told_to_try_them():
    ring = jaxgan.preset("ring").recipe
    assert ring.advice("mode collapse") == ("a slower generator: --generator-rate 0.00025",)
    plain = jaxgan.preset("ring").replace(loss="minimax", r1=0.0, r2=0.0, latent_signs=0).recipe
    assert plain.advice("mode collapse") == (
        "--loss relativistic_pairing --r1 1 --r2 1",
        "--latent-signs 10",
        "a slower generator: --generator-rate 0.00025",
    )
    assert jaxgan.preset("ring").replace(r2=0.0).recipe.advice("missing modes")[0] == "--r2 1"


def test_advice_follows_the_options():
    digits = jaxgan.preset("digits")
    assert digits.recipe.advice("divergence") == ("--generator-rate 0.0001 --discriminator-rate 0.0001", "--r1 0.9")
    assert digits.replace(r1=0.0).recipe.advice("divergence")[1] == "--r1 1"
    assert digits.replace(loss="minimax").recipe.advice("vanishing gradients")[0] == "--loss non_saturating"
    assert "--auxiliary classifier" in digits.recipe.advice("ignored labels")
    assert "--auxiliary classifier" not in digits.replace(auxiliary="twin").recipe.advice("ignored labels")
    assert "--rule extragradient" not in digits.replace(rule="optimistic").recipe.advice("oscillation")


GANS = [name for name, one in PRESETS.items() if isinstance(one.config.recipe, GAN)]


@pytest.mark.parametrize("name", GANS)
def test_every_preset_of_the_gan_has_advice_on_every_finding(name):
    recipe = PRESETS[name].config.recipe
    for finding in FINDINGS:
        assert recipe.advice(finding)
        assert all(recipe.advice(finding))
    assert recipe.advice("something else") == ()


def test_the_text_of_a_finding():
    found = missing_modes(3.0)
    assert found.text().endswith("leaves modes out: try relativistic pairing with R1 and R2, or a slower generator")
    assert found.text(("--pack 2",)).endswith("leaves modes out: try --pack 2")
    assert found.text(()).endswith("leaves modes out")
    assert Finding("x", False, 0.0, "nothing is seen").text() == "nothing is seen"
