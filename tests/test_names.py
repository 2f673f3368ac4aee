"""Names that are not understood are answered with the nearest that there are."""

import importlib
import pkgutil

import pytest

import jaxgan
from jaxgan.cli import main
from jaxgan.version import __version__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], "unknown command 'trian'; did you mean train?"),
        (["mine.py"], "unknown command 'mine.py'; did you mean jaxgan train mine.py?"),
        (["--verson"], "unknown command '--verson'; did you mean --version?"),
        (["presets", "digts"], "got 'digts'; did you mean digits or cut-digits?"),
        (["presets", "vqgan"], "got 'vqgan'; did you mean vqgan-digits or vqgan-256?"),
        (["presets", "--verbose"], "jaxgan presets has no option --verbose"),
        (["presets", "ring", "grid"], "jaxgan presets takes the name of one preset, got ring grid"),
        (["train", "digts"], "got 'digts'; did you mean digits or cut-digits?"),
        (
            ["train", "--lr", "1"],
            "jaxgan train digits has no option --lr; did you mean --generator-rate or --discriminator-r",
        ),
        (["sweep", "ring", "--batchsize=3"], "jaxgan sweep ring has no option --batchsize; did you mean --batch-size"),
        (["train", "--epochs", "3"], "no option --epochs; did you mean --steps?"),
        (["train", "--no-mirrored"], "no option --no-mirrored; did you mean --mirror?"),
        (["sample", "x", "--lables", "1"], "jaxgan sample has no option --lables; did you mean --labels or --latents?"),
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


PACKAGES = [
    "jaxgan",
    *(module.name for module in pkgutil.walk_packages(jaxgan.__path__, "jaxgan.") if module.ispkg),
]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_tells_its_public_names(name):
    package = importlib.import_module(name)
    public = {key for key, value in vars(package).items() if key[0] != "_" and callable(value)}
    assert public <= set(getattr(package, "__all__", ())) | {"import_module", "Any"}
    assert all(hasattr(package, each) for each in getattr(package, "__all__", ()))
