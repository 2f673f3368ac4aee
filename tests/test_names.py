"""Names that are not understood are answered with the nearest that there are."""

import pytest

from jaxgan.cli import main
from jaxgan.version import __version__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "unknown command 'trian'; did you mean train?"),
        (["--verson"], "unknown command '--verson'; did you mean --version?"),
        (["presets", "digts"], "got 'digts'; did you mean digits?"),
        (["presets", "--verbose"], "jaxgan presets has no option --verbose"),
        (["presets", "ring", "grid"], "jaxgan presets takes the name of one preset, got ring grid"),
        (["train", "digts"], "got 'digts'; did you mean digits?"),
        (
            ["train", "--lr", "1"],
            "jaxgan train digits has no option --lr; did you mean --generator-rate or --discriminator-r",
        ),
        (["sweep", "ring", "--batchsize=3"], "jaxgan sweep ring has no option --batchsize; did you mean --batch-size"),
        (["train", "--epochs", "3"], "no option --epochs; did you mean --steps?"),
        (["train", "--no-mirrored"], "no option --no-mirrored; did you mean --mirror?"),
        (["sample", "x", "--lables", "1"], "jaxgan sample has no option --lables; did you mean --labels?"),
        (["evaluate", "x", "--metric", "fid"], "jaxgan evaluate has no option --metric; did you mean --metrics?"),
        (["report", "x", "--output", "y"], "jaxgan report has no option --output; did you mean --out?"),
        (["train", "--qqqq"], "jaxgan train digits has no option --qqqq\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_unknown_name_is_answered_with_the_nearest(arguments, message, capsys):
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_the_program_tells_its_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"jaxgan {__version__}\n"
