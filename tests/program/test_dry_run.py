"""Dry runs of every preset, and the list of presets."""

from recipes_for_tests import flat
from tiers import mostly_slow

from jaxgan.cli import main
from jaxgan.program import dry_run
from jaxgan.recipes.presets import PRESETS

COMPILED = ("points", "digits")
"""Presets whose cost is tested; the steps of the others take up to a minute to compile."""


@mostly_slow("name", PRESETS, quick=["points"])
def test_every_preset_is_described(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    options, of = flat(PRESETS[name].config), PRESETS[name].of
    absent = options["data"] == "tfds" or "path" in options
    if name not in COMPILED:
        monkeypatch.setattr(dry_run, "cost", lambda algorithm, state, batch, key: (1e9, 1))
    nowhere = ["--data-dir", "nowhere"] if options["data"] == "tfds" else ["--path", "nowhere"] if absent else []
    assert main(["train", name, "--dry-run", *nowhere]) == 0
    shown = capsys.readouterr().out
    assert str(options.get("loss", options["rule"])) in shown
    assert str(of.shape) in shown  # of each domain, where there are two
    assert "parameters" in shown
    assert "GFLOP" in shown
    assert ("it cannot run yet" in shown) == absent
    assert not list(tmp_path.iterdir())


def test_without_the_data_the_shape_is_the_one_asked_for():
    of = PRESETS["dcgan-mnist"].of
    config = PRESETS["dcgan-mnist"].config.replace(image_size=64, channels=3)
    assert config.recipe.asked_for(of).shape == (64, 64, 3)
    assert PRESETS["dcgan-mnist"].config.recipe.asked_for(of).shape[-1] == of.shape[-1]
    assert PRESETS["ring"].config.recipe.asked_for(PRESETS["ring"].of) == PRESETS["ring"].of
