"""Every example runs, at a small setting, and is short."""

from pathlib import Path

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
RECIPES = (
    "bigan_digits.py",
    "chirps.py",
    "edges_to_digits.py",
    "grammar.py",
    "moving_digits.py",
    "plane_of_two_libraries.py",
)
"""Which the program trains, see test_recipes_in_files.py."""


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


def test_all_are_run_and_under_100_lines():
    files = {path.name: path for path in EXAMPLES.glob("*.py")}
    assert set(files) == {*SETTINGS, *RECIPES}
    assert all(len(path.read_text().splitlines()) < 100 for path in files.values())
