"""A user's script is checked by mypy and pyright as one that uses the installed package."""

import json
import os
import runpy
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "script.py"
PARENT = sysconfig.get_paths()["purelib"]


@pytest.fixture(scope="module", params=["normal", "editable"])
def python(request, tmp_path_factory):
    """A Python with the package installed, and for the rest what the tests have."""
    folder = tmp_path_factory.mktemp(request.param)
    venv.create(folder, with_pip=False, symlinks=True)
    interpreter = folder / "bin" / "python"
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "parent.pth").write_text(PARENT)
    how = ["-e"] if request.param == "editable" else []
    options = ["--python", interpreter, "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    called(sys.executable, "-m", "pip", *options, *how, HERE.parents[1], ok=True)
    assert (site / "jaxgan").is_dir() == (request.param == "normal")
    return interpreter


def called(*command, ok=False, cwd=None):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment, cwd=cwd)
    assert done.returncode == 0 or not ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def mypy(python, script, cache):
    """The lines with errors, and all that was said."""
    options = ["--config-file", HERE / "mypy.ini", "--python-executable", python, "--cache-dir", cache]
    said = called(
        sys.executable, "-m", "mypy", *options, "--no-error-summary", "--hide-error-context", script, cwd=script.parent
    )
    errors = [line for line in said.splitlines() if ": error:" in line]
    return {int(line.split(":")[1]) for line in errors}, said


def pyright(python, script, cache):
    """As `mypy`."""
    said = called(sys.executable, "-m", "pyright", "--pythonpath", python, "--outputjson", script, cwd=script.parent)
    found = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert found["summary"]["filesAnalyzed"] == 1, said
    errors = [each for each in found["generalDiagnostics"] if each["severity"] == "error"]
    return {each["range"]["start"]["line"] + 1 for each in errors}, said


CHECKERS = pytest.mark.parametrize("checker", [mypy, pyright])


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.slow
@CHECKERS
def test_a_right_script_has_no_errors(checker, python, cache, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.read_text())
    lines, said = checker(python, script, cache)
    assert not lines, said
    assert "error" not in said.lower() or '"errorCount": 0' in said, said


MISTAKES = {
    "jaxgan.algorithm(game, rule, ema_decay=0.99)": "jaxgan.algorithm(game, optax, ema_decey=0.99)",
    "penalties=[penalties.r1(0.1)]": 'penalties=[penalties.r1("0.1")]',
    "terms=[drift,": "terms=[wasserstein,",
    "latent_size=3": 'latent_size="3"',
    "loss: float = float": "loss: str = float",
    "print(repr(state), loss)": "print(state.stap, loss)",
    "summarize(np.asarray": "sumarize(np.asarray",
    "progress.step >= 4": "progress.steps >= 4",
    "extendable=True)\n    trained": 'extendable="yes")\n    trained',
    "steps=4), out=out": "stps=4), out=out",
    "start=trained.state": "start=trained",
    "columns=4": 'columns="4"',
    "fake=fake, features=f": "fake=3, features=f",
    "jaxgan.open(folder, step=2)": 'jaxgan.open(folder, step="2")',
    "run.program.steps, run": "run.programme.steps, run",
    "jaxgan.carry_over": "jaxgan.cary_over",
    "return run.state": "return run.state.params",
    "data.resident(own.step, batch_size=8)": "data.resident(own, batch_size=8)",
    "jaxgan.jitted(own.step)": "jaxgan.jitted(own.steps)",
    "networks.MLPDiscriminator(hidden=(8,))": "networks.MLPDiscriminator(hiden=(8,))",
    "state = own.init(key, next(batches))": "state = own.init(key, points)",
}


@pytest.mark.slow
@CHECKERS
def test_plain_mistakes_are_reported(checker, python, cache, tmp_path):
    text = right = SCRIPT.read_text()
    for good, bad in MISTAKES.items():
        assert right.count(good) == 1, good
        text = text.replace(good, bad)
    script = tmp_path / "script.py"
    script.write_text(text)
    pairs = zip(right.splitlines(), text.splitlines(), strict=True)
    wrong = {number: line for number, (before, line) in enumerate(pairs, 1) if before != line}
    lines, said = checker(python, script, cache)
    assert not [line for number, line in wrong.items() if number not in lines], said


@pytest.mark.slow
def test_every_name_in_the_package_is_defined():
    """Ruff and mypy are told not to look: they take the shapes of jaxtyping for names."""
    said = called(
        sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, HERE.parents[1] / "jaxgan"
    )
    found = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert found["summary"]["filesAnalyzed"] > 200
    undefined = [each for each in found["generalDiagnostics"] if each.get("rule") == "reportUndefinedVariable"]
    assert not undefined, undefined


@pytest.mark.slow
def test_the_script_runs(tmp_path, capsys):
    runpy.run_path(str(SCRIPT))["main"](tmp_path)
    assert "GANState(step=4, parameters: generator 50, discriminator 33)" in capsys.readouterr().out
