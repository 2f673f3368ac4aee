"""Dry runs of every preset, and the list of presets."""

from dataclasses import replace

import pytest

from jaxgan.cli import main
from jaxgan.program import dry_run
from jaxgan.program.dry_run import asked_for
from jaxgan.recipes.presets import PRESETS

LARGE = {"sn_resnet", "biggan", "r3gan", "stylegan2"}
"""Networks whose steps take up to a minute to compile, at no loss of optimisation."""


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_described(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    config, of = PRESETS[name].config, PRESETS[name].of
    if config.network in LARGE:
        monkeypatch.setattr(dry_run, "cost", lambda algorithm, state, batch, key: (1e9, 1))
    assert (
        main(
            ["train", name, "--dry-run", "--data-dir", "nowhere"]
            if ":" in config.data
            else ["train", name, "--dry-run"]
        )
        == 0
    )
    shown = capsys.readouterr().out
    assert "loss" in shown
    assert config.loss in shown
    assert f"of {of.shape}" in shown
    assert "parameters" in shown
    assert "GFLOP" in shown
    assert ("it cannot run yet" in shown) == (":" in config.data)
    assert not list(tmp_path.iterdir())


def test_without_the_data_the_shape_is_the_one_asked_for():
    of = PRESETS["dcgan-mnist"].of
    config = replace(PRESETS["dcgan-mnist"].config, image_size=64, channels=3)
    assert asked_for(config, of).shape == (64, 64, 3)
    assert asked_for(PRESETS["dcgan-mnist"].config, of).shape[-1] == of.shape[-1]
    assert asked_for(PRESETS["ring"].config, PRESETS["ring"].of) == PRESETS["ring"].of
