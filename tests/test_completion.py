"""The shell completes commands, presets and the options of what is typed."""

import shutil
import subprocess
import sys

import pytest

from jaxgan.cli import COMMANDS, main
from jaxgan.completion import script
from jaxgan.recipes.presets import PRESETS

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")


def completed(*words):
    """What bash offers for the last word."""
    code = script("bash", COMMANDS, tuple(PRESETS))
    code += f'jaxgan() {{ "{sys.executable}" -m jaxgan "$@"; }}\n'
    code += f"COMP_WORDS=({' '.join(map(repr, words))}) COMP_CWORD={len(words) - 1}; _jaxgan\n"
    code += 'printf "%s\\n" "${COMPREPLY[@]}"\n'
    done = subprocess.run(["bash", "-euc", code], capture_output=True, text=True)
    return set(done.stdout.split())


def test_commands_and_presets():
    assert completed("jaxgan", "") == set(COMMANDS)
    assert completed("jaxgan", "tra") == {"train", "translate"}
    assert completed("jaxgan", "train", "cyclegan-") == {name for name in PRESETS if name.startswith("cyclegan-")}
    assert completed("jaxgan", "sample", "") == set(), "files of the shell's own"


@pytest.mark.slow
def test_options_are_those_of_the_choices_before():
    assert "--image-size" in completed("jaxgan", "train", "digits", "--im")
    assert completed("jaxgan", "train", "ring", "--image-s") == set()


def test_the_program_prints_it(capsys):
    assert main(["--completion", "zsh"]) == 0
    assert "bashcompinit\n_jaxgan() {" in capsys.readouterr().out
    assert main(["--completion", "fish"]) == 2
    assert "completion must be one of bash, zsh; got 'fish'" in capsys.readouterr().err
