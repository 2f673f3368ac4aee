"""Options on the command line: only those of what is chosen, each found by its name, all of them in the help."""

from itertools import chain
from typing import get_args

import pytest

from jaxgan.cli import main
from jaxgan.errors import UserError
from jaxgan.metrics.clips import OF_CLIPS
from jaxgan.metrics.pairs import OF_PAIRS
from jaxgan.metrics.points import OF_MODES, OF_POINTS
from jaxgan.metrics.sound_pairs import OF_SOUND_PAIRS
from jaxgan.metrics.sounds import OF_SOUNDS
from jaxgan.metrics.texts import OF_TEXTS
from jaxgan.observe.numbers import OF_ANY, OF_KIND, Metric
from jaxgan.options import chosen, leaves
from jaxgan.options.command_line import parse
from jaxgan.options.help import field_documents, help_text
from jaxgan.recipes.gan import Labels
from jaxgan.recipes.presets import PRESETS, preset

DIGITS = preset("digits")


def parsed(*arguments):
    return parse(arguments, DIGITS.recipe, DIGITS.program, prog="jaxgan train", description="")


def test_without_arguments_everything_is_as_it_was():
    assert parsed() == (DIGITS.recipe, DIGITS.program)


def test_choices_bring_their_options_wherever_they_stand():
    for arguments in (
        ["--dropout", "0.5", "--network", "mlp", "--steps=7"],
        ["--network=mlp", "--steps", "7", "--dropout=0.5"],
    ):
        recipe, program = parsed(*arguments)
        assert (chosen(recipe)["network"], leaves(recipe)["dropout"], program.steps) == ("mlp", 0.5, 7)
    recipe, _ = parsed("--data", "npz:a b.npz", "--no-batch-norm", "--condition", "none", "--mirror")
    assert leaves(recipe)["path"] == "a b.npz"
    assert (leaves(recipe)["batch_norm"], leaves(recipe)["mirror"]) == (False, True)
    recipe, _ = parsed("--network", "r3gan", "--widths", "8", "4")
    assert recipe.network.widths == (8, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lr", "1"], "has no option --lr; did you mean --generator-rate or --discriminator-rate?"),
        (["--widht", "1"], "has no option --widht; did you mean --width?"),
        (["--conditional"], "has no option --conditional; did you mean --condition?"),
        (["--mixing", "1"], "has no option --mixing here; it is one of --network stylegan2"),
        (["--burn-in", "1"], "has no option --burn-in here; it is one of --schedule burn_in"),
        (["--network"], "--network needs a value"),
        (["--network", "--steps"], "--network needs a value"),
        (["--freeze"], "--freeze needs a value"),
        (["--ema_lengths", "--steps", "4"], "--ema_lengths needs a value"),
        (["--steps", "--seed=1"], "--steps needs a value"),
        (["--network", "unet"], "network must be one of dcgan, mlp,"),
        (["--r1", "-1"], "r1 must be at least 0, got -1.0"),
    ],
    ids=" ".join,
)
def test_what_is_not_understood_is_answered_with_what_is(arguments, message):
    with pytest.raises(UserError) as error:
        parsed(*arguments)
    assert message in str(error.value)


def test_lists_without_values_are_refused_unless_they_stand_for_none(capsys):
    for arguments, option in [
        (["train", "cut-digits", "--nce-maps"], "--nce-maps"),
        (["sample", "RUN", "--labels", "--n", "4"], "--labels"),
        (["evaluate", "RUN", "--metrics"], "--metrics"),
        (["evaluate", "--real", "A", "--fake", "B", "--metrics"], "--metrics"),
        (["sweep", "ring", "--over"], "--over"),
    ]:
        assert main(arguments) == 2
        assert f": {option} needs a value\n" in capsys.readouterr().err
    config = preset("vqgan-256")
    recipe, _ = parse(["--attention"], config.recipe, config.program, prog="", description="")
    assert recipe.attention == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["r3gan-mnist", "--spectral-norm"], "has no option --spectral-norm here; it is one of --network dcgan,"),
        (["digits", "--dropout", ".5"], "has no option --dropout"),
        (["dcgan-mnist", "--attention", "8"], "has no option --attention here; it is one of --network sn_resnet,"),
        (["digits", "--loss", "wasserstein", "--augment", "ada"], "augment=ada follows the signs of logits"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("command", ["train", "sweep"])
def test_an_option_without_effect_cannot_be_given(command, arguments, message, capsys, tmp_path):
    assert main([command, *arguments, "--out", str(tmp_path / "runs")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_the_help_of_digits_fits_two_screens(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    lines = help_text("usage", "about", DIGITS.recipe, DIGITS.program).splitlines()
    assert len(lines) <= 120
    assert all(len(line) <= 120 for line in lines)


def test_no_line_of_the_help_is_wider_than_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("digits", "ring", "cyclegan-digits", "relgan-grammar"):
        config = preset(name)
        text = help_text("usage", "about", config.recipe, config.program)
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", PRESETS)
def test_the_help_has_every_option_with_its_value_and_words(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    config = PRESETS[name].config
    shown = help_text("usage", "about", config.recipe, config.program)
    lines = shown.splitlines()
    for option in [*leaves(config.recipe), *leaves(config.program), *chosen(config.recipe)]:
        spelled = option.replace("_", "-")
        found = [i for i, line in enumerate(lines) if line.startswith((f"  --{spelled} ", f"  --[no-]{spelled} "))]
        assert len(found) == 1, option
        assert lines[found[0]][34:].strip() or lines[found[0] + 1].startswith(" " * 34), option
    assert f"--width {leaves(config.recipe).get('width', 0)} " in shown or "width" not in leaves(config.recipe)
    assert "--dropout" not in shown or "dropout" in leaves(config.recipe)


def test_words_about_a_field_are_those_below_it():
    documents = field_documents(Labels)
    assert documents["auxiliary_weight"] == "Weight of these heads in the losses."
    assert set(documents) == {"label_dropout", "auxiliary", "auxiliary_weight"}


@pytest.mark.parametrize(
    ("arguments", "has", "lacks"),
    [
        (["digits"], "ms_ssim", "clip_distance"),
        (["digits", "--data", "ring", "--network", "mlp"], "uncovered", "ms_ssim"),
        (["digits", "--data", "npz"], "uncovered", None),
        (["pix2pix"], "psnr", "labels_obeyed"),
        (["vqgan-digits"], "psnr", "labels_obeyed"),
        (["cut-digits"], "kid", "psnr"),
        (["wavegan-tones"], "mel_distance", "fid_"),
        (["mocogan-digits"], "clip_distance", "uncovered"),
        (["relgan-oracle"], "nll_oracle", "clip_distance"),
        (["bigan-grid"], "high_quality", "nll_oracle"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_help_lists_the_metrics_that_fit_the_data(arguments, has, lacks, capsys):
    with pytest.raises(SystemExit):
        main(["train", *arguments, "--help"])
    words = capsys.readouterr().out.split("--evaluate-metrics")[1].split("--evaluate-samples")[0]
    assert has in words
    assert lacks is None or lacks not in words


def test_every_metric_is_one_of_some_data():
    kinds = {
        "pairs": OF_PAIRS,
        "sound": OF_SOUNDS,
        "sound pairs": OF_SOUNDS + OF_SOUND_PAIRS,
        "clips": OF_CLIPS,
        "tokens": OF_TEXTS,
    }
    assert {*OF_ANY, *chain(*OF_KIND.values())} == set(get_args(Metric))
    for kind, measures in kinds.items():
        assert set(measures) <= set(OF_KIND[kind])
    assert {*OF_POINTS, *OF_MODES} <= {*OF_ANY, *OF_KIND["points"]}
