"""Every example runs, at a small setting, and is short."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tfds_folder import prepared_mnist
from tiers import mostly_slow

EXAMPLES = Path(__file__).parent.parent / "examples"

SETTINGS = {
    "ten_lines.py": ["--steps", "2"],
    "ring2d.py": ["--steps", "40"],
    "custom_loss.py": ["--steps", "5"],
    "custom_rule.py": ["--steps", "20"],
    "custom_training_loop.py": ["--steps", "20", "--wrapper", "sharded"],
    "dirac_gan.py": ["--steps", "20"],
    "mnist_tfds.py": ["--steps", "2", "--split", "train[:100]", "--width", "8"],
    "stability_map.py": ["--steps", "5", "--cells", "3"],
}
ELSEWHERE = {"log_to_wandb.py": "wandb", "log_to_mlflow.py": "mlflow"}
"""Examples that need a package that the tests do not install."""
RECIPES = (
    "bigan_digits.py",
    "chirps.py",
    "edges_to_digits.py",
    "grammar.py",
    "moving_digits.py",
    "plane_of_two_libraries.py",
)
"""Which the program trains, see test_recipes_in_files.py."""
CONVERTERS = ("stylegan2_ada_to_safetensors.py",)


@mostly_slow("name", SETTINGS, quick=["custom_loss.py"])
def test_runs(name, run_script, tmp_path):
    options = SETTINGS[name]
    if name == "mnist_tfds.py":
        options = [*options, "--data-dir", prepared_mnist()]
    run_script(EXAMPLES / name, *options)
    made = {
        "ten_lines.py": "digits.png",
        "dirac_gan.py": "dirac_gan.png",
        "mnist_tfds.py": "mnist.png",
        "stability_map.py": "stability_map.png",
    }.get(name)
    assert made is None or (tmp_path / made).stat().st_size > 1000


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_numbers_go_to_other_programs(name, run_script, tmp_path, monkeypatch):
    pytest.importorskip(ELSEWHERE[name])
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    run_script(EXAMPLES / name, "--steps", "40")
    kept = [path for path in tmp_path.rglob("*") if path.name == "loss_generator" or path.suffix == ".wandb"]
    assert len(kept) == 1
    assert kept[0].stat().st_size > 0


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_missing_program_is_named(name, run_script, monkeypatch):
    monkeypatch.setitem(sys.modules, ELSEWHERE[name], None)
    with pytest.raises(SystemExit, match=f"this example needs .*: pip install {ELSEWHERE[name]}$"):
        run_script(EXAMPLES / name)


def test_all_are_run_and_under_100_lines():
    files = {path.name: path for path in EXAMPLES.glob("*.py")}
    assert set(files) == {*SETTINGS, *RECIPES, *ELSEWHERE, *CONVERTERS}
    assert all(len(path.read_text().splitlines()) < 100 for path in files.values())


class Network:
    """Stands for a network of PyTorch."""

    def state_dict(self):
        return {"w": Tensor()}


class Tensor:
    """Stands for a tensor of PyTorch."""

    def __getattr__(self, name):
        if name not in ("detach", "cpu", "float"):
            raise AttributeError(name)
        return lambda: self

    def numpy(self):
        return np.arange(6, dtype=np.float32).reshape(2, 3).T


def test_the_converter_writes_both_networks_under_their_names(run_script, tmp_path):
    (tmp_path / "x.pkl").write_bytes(pickle.dumps({"G": None, "G_ema": Network(), "D": Network()}))
    paths = str(tmp_path / "x.pkl"), str(tmp_path / "x.safetensors")
    run_script(EXAMPLES / "stylegan2_ada_to_safetensors.py", *paths)
    found = load_file(paths[1])
    assert found.keys() == {"G_ema.w", "D.w"}
    np.testing.assert_array_equal(found["D.w"], Tensor().numpy())
