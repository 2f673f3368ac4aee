"""The presets in words: a line each at 80 columns, and all that there is to say of one."""

import re

import pytest

from jaxgan.cli import main
from jaxgan.options.command_line import parse
from jaxgan.recipes import listing
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.presets import PRESETS


def shown(capsys, monkeypatch, *arguments, columns=80):
    """What `jaxgan presets` prints."""
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["presets", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("columns", [80, 120])
def test_every_preset_is_one_line_below_what_it_needs(capsys, monkeypatch, columns):
    lines = shown(capsys, monkeypatch, columns=columns)
    assert all(len(line) <= 80 for line in lines)
    needs, group = {}, ""
    for line in lines:
        group = line if line.startswith("Need") else group
        name = line.split("  ")[1].split()[0] if line.startswith("  ") else ""
        if name in PRESETS:
            assert line.endswith(f" {PRESETS[name].about}")
            needs[name] = group
    assert needs.keys() == PRESETS.keys()
    assert [needs[name].split(",")[0] for name in ("ring", "r3gan-mnist", "stylegan2-ffhq-256")] == [
        "Need nothing",
        "Need TFDS mnist",
        "Need other data; jaxgan presets NAME says which",
    ]


@pytest.mark.parametrize("columns", [20, 80])
@pytest.mark.parametrize("name", ["", *PRESETS])
def test_no_word_is_broken(capsys, monkeypatch, name, columns):
    words = " ".join(shown(capsys, monkeypatch, *filter(None, [name]), columns=columns)).split()
    assert words == " ".join(shown(capsys, monkeypatch, *filter(None, [name]), columns=10_000)).split()


@pytest.mark.parametrize("name", PRESETS)
def test_the_settings_that_are_told_make_the_preset_of_the_defaults(name):
    config = PRESETS[name].config
    words, defaults = listing.settings(PRESETS[name]), listing.defaults_of(PRESETS[name])
    assert parse(words, defaults.recipe, defaults.program, prog="", description="") == (config.recipe, config.program)


@pytest.mark.parametrize("name", PRESETS)
def test_one_preset_is_told_whole(capsys, monkeypatch, name):
    lines = shown(capsys, monkeypatch, name)
    assert all(len(line) <= 80 for line in lines)
    text, preset = " ".join(" ".join(lines).split()), PRESETS[name]
    assert lines[0] == f"{name}: {preset.about}"
    network = [preset.config.recipe.network.NAME] if isinstance(preset.config.recipe, GAN) else []
    for words in (preset.needs, f"jaxgan train {name}", *listing.settings(preset), *network):
        assert words in text
    table = listing.reference(name)
    assert ("Follows" in lines) == bool(table)
    for row in [*table.get("field", []), *table.get("other", [])]:
        if "why" in row:
            assert f"why: {' '.join(row['why'].split())}" in text
    options = [line for line in lines if line.startswith("  --")]
    assert not any(re.search(r" --[a-z0-9-]+$", line) and not line.endswith(flags(preset)) for line in options)


def flags(preset):
    """The options without a value."""
    words = listing.settings(preset)
    return tuple(word for word, after in zip(words, [*words[1:], "--"], strict=True) if after.startswith("--"))
