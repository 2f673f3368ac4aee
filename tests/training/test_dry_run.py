"""Dry runs of every preset, and the list of presets."""

import pytest

from jaxgan.cli import main
from jaxgan.training.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_described(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    config, of = PRESETS[name].config, PRESETS[name].of
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
