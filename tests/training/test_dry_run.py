"""Dry runs of every preset, and the list of presets."""

import pytest

from jaxgan.cli import main
from jaxgan.training import dry_run
from jaxgan.training.presets import PRESETS

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
