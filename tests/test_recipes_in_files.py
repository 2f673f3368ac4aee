"""Recipes in files of one's own, and those of the library for more than one kind of data, with all of the program."""

import shutil
from pathlib import Path

import jax
import numpy as np
import pytest
from recipes_for_tests import prepare

import jaxgan
from jaxgan.cli import main
from jaxgan.errors import InputError, NotFoundError
from jaxgan.observe.requests import example
from jaxgan.program.run import run_session
from jaxgan.recipes import files
from jaxgan.recipes.making import made
from jaxgan.runs import run_folder

EXAMPLES = Path(__file__).parents[1] / "examples"
TRANSLATORS = {"image_size": 8, "generator_width": 2, "discriminator_width": 2, "halvings": 0, "patch_layers": 0}
TRANSLATORS |= {"batch_size": 8, "steps_per_call": 1}
RECIPES = {
    "plane_of_two_libraries": {"width": 8, "batch_size": 16, "steps_per_call": 1},
    "edges_to_digits": {"width": 2, "batch_size": 8},
    "pix2pix": {"generator_width": 2, "discriminator_width": 2, "batch_size": 8, "steps_per_call": 1},
    "colorize-photos": {"generator_width": 2, "depth": 1, "discriminator_width": 2, "batch_size": 8}
    | {"steps_per_call": 1},
    "cyclegan-digits": TRANSLATORS | {"blocks": 0, "pool": 4},
    "cut-digits": TRANSLATORS | {"blocks": 1, "head_size": 4},
    "esrgan-digits": {"data": "coarse_to_fine_digits", "generator_width": 2, "blocks": 0, "growth": 2}
    | {"discriminator_width": 2, "batch_size": 8, "steps_per_call": 1},
    "spade-digits": {"image_size": 8, "generator_width": 2, "doublings": 1, "hidden": 2, "patch_layers": 0}
    | {"discriminator_width": 2, "batch_size": 8, "steps_per_call": 1},
    "pix2pixhd-digits": {"image_size": 8, "generator_width": 2, "blocks": 1, "patch_layers": 0}
    | {"discriminator_width": 2, "batch_size": 8, "steps_per_call": 1},
    "stargan-v2-digits": {"image_size": 8, "generator_width": 2, "widest": 2, "style_size": 2, "hidden": 2}
    | {"halvings": 0, "batch_size": 16, "steps_per_call": 1},
    "wavegan-tones": {"length": 64, "generator_width": 2, "discriminator_width": 2, "batch_size": 8}
    | {"discriminator_steps": 1, "steps_per_call": 1},
    "hifigan-tones": {"length": 64, "generator_width": 4, "upsampling": (4, 2), "bands": 4, "periods": (2,)}
    | {"scales": 0, "period_width": 1, "batch_size": 8, "steps_per_call": 1},
    "mocogan-digits": {"frames": 7, "generator_width": 2, "discriminator_width": 2, "content_size": 2}
    | {"motion_size": 1, "r1": 0.0, "batch_size": 8, "steps_per_call": 1},
    "relgan-grammar": {"generator_hidden": 2, "discriminator_embedding": 2, "representations": 1, "filters": 2}
    | {"adversarial_share": 0.5, "discriminator_steps": 1, "batch_size": 64, "steps_per_call": 1},
    "bigan-ring": {"generator_hidden": (2,), "encoder_hidden": (2,), "discriminator_hidden": (2,), "batch_size": 8}
    | {"steps_per_call": 1},
    "vqgan-digits": {"image_size": 8, "width": 2, "multipliers": (1,), "codes": 4, "code_size": 2, "patch_layers": 0}
    | {"discriminator_width": 2, "batch_size": 8, "steps_per_call": 1},
    "distill-digits": {"image_size": 8, "width": 2, "multipliers": (1,), "head_hidden": (2,), "batch_size": 8}
    | {"adversarial_share": 0.5, "steps_per_call": 1},
    "bigan_digits": {"batch_size": 8},
    "chirps": {"width": 2, "batch_size": 40},
    "grammar": {"width": 16, "batch_size": 16},
    "moving_digits": {"width": 4, "batch_size": 8},
}
QUICK = ("plane_of_two_libraries",)
IN_THE_TABLE = (
    "esrgan-digits",
    "mocogan-digits",
    "relgan-grammar",
    "spade-digits",
    "stargan-v2-digits",
    "wavegan-tones",
    "hifigan-tones",
    "bigan-ring",
    "vqgan-digits",
    "distill-digits",
    "cyclegan-digits",
    "cut-digits",
    "pix2pix",
    "pix2pixhd-digits",
    "colorize-photos",
)
"""Whose games are under every wrapper in the table of conformance, or in tests of their own."""
EACH = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in RECIPES]


def small(name, **more):
    path = EXAMPLES / f"{name}.py"
    return (files.load(path) if path.is_file() else jaxgan.preset(name)).replace(**{**RECIPES[name], **more})


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RECIPES if name not in IN_THE_TABLE])
def test_every_wrapper_gives_the_numbers_of_one_device(name):
    recipe, program = (configuration := small(name)).recipe, configuration.program
    dataset = recipe.dataset()
    algorithm = made(recipe, dataset, program).algorithm
    batch, key = example(dataset, program.batch_size, 0), jax.random.key(0)
    start = jax.device_get(algorithm.init(key, batch))

    def numbers(wrap):
        state, info = wrap(algorithm.step)(start, batch, key)
        return jax.device_get((info, state.variables))

    info, variables = numbers(jaxgan.jitted)
    for wrap in (jaxgan.pmapped, jaxgan.sharded):
        found, moved = numbers(wrap)
        assert found.keys() == info.keys()
        for number, value in info.items():
            np.testing.assert_allclose(found[number], value, rtol=1e-3, atol=1e-5, err_msg=f"{number} {wrap}")
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5), moved, variables)


@pytest.mark.slow
@pytest.mark.parametrize("name", EACH)
def test_a_killed_run_goes_on_bit_for_bit_and_is_sampled_and_reported_on(name, tmp_path, capsys):
    every = {"steps": 4, "log_every": 1, "sample_every": 2, "checkpoint_every": 2}
    configuration = small(name, **every)
    whole = jax.device_get(run_session(prepare(configuration, name=name, out=tmp_path / "whole"), show="none"))
    session = prepare(configuration, name=name, out=tmp_path)

    def killed(state, *rest):
        if int(state.step) == 3:
            raise SystemError("killed")
        return session.step(state, *rest)

    with pytest.raises(SystemError):
        run_session(session._replace(step=killed), show="none")
    folder = session.run.folder
    assert main(["train", "--resume", str(folder), "--show", "none"]) == 0
    opened = jaxgan.open(folder)
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(opened.state), whole)
    assert opened.recipe == configuration.recipe or type(opened.recipe).__name__ == type(configuration.recipe).__name__
    pictures = {path.stem for path in (folder / "samples").iterdir()}
    assert {"real", "step-000000", "step-000002", "step-000004"} <= pictures
    assert main(["sample", str(folder), "--n", "4", "--out", str(tmp_path / "drawn.png")]) == 0
    assert list(tmp_path.glob("drawn.*"))
    assert main(["report", str(folder)]) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert name in page
    assert "4 of 4 steps" in page


@pytest.mark.parametrize("name", [name for name in RECIPES if (EXAMPLES / f"{name}.py").is_file()])
def test_a_recipe_in_a_file_has_fewer_than_80_lines(name):
    assert len((EXAMPLES / f"{name}.py").read_text(encoding="utf-8").splitlines()) < 80


MINIMAL = '''
"""A recipe."""
from dataclasses import dataclass
import jaxgan, optax

@dataclass(frozen=True)
class Mine:
    """A recipe of a few lines."""
    width: int = 4
    """Width of the hidden layers."""
    rate: float = 1e-3

    def dataset(self):
        return jaxgan.data.load("ring")

    def experiment(self, data, steps):
        networks = jaxgan.networks
        game = jaxgan.gan(
            networks.MLPGenerator(output_shape=(2,), hidden=(self.width,), squash=False),
            networks.MLPDiscriminator(hidden=(self.width,)), loss=jaxgan.losses.hinge(), latent_size=2)
        rule = jaxgan.dynamics.simultaneous(jaxgan.Players(optax.sgd(self.rate), optax.sgd(self.rate)))
        return jaxgan.Experiment(data, jaxgan.algorithm(game, rule), extendable=True)

recipe = Mine()
program = jaxgan.Program(batch_size=8, steps=2, log_every=1, sample_every=2, checkpoint_every=2)
'''


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINIMAL)
    return path


@pytest.mark.slow
def test_a_run_keeps_its_recipe_and_needs_the_file_no_more(mine, tmp_path):
    assert main(["train", str(mine), "--width", "3", "--out", str(tmp_path / "runs"), "--show", "none"]) == 0
    mine.unlink()
    folder = tmp_path / "runs" / "00000-mine"
    assert (folder / "recipe.py").read_text() == MINIMAL
    opened = jaxgan.open(folder)
    assert opened.recipe.width == 3
    assert opened.experiment.algorithm.sample(opened.state, jax.random.key(0), 5).shape == (5, 2)
    assert main(["train", "--resume", str(folder), "--steps", "4", "--show", "none"]) == 0
    assert int(jaxgan.open(folder).state.step) == 4
    assert main(["evaluate", str(folder), "--metrics", "sliced_wasserstein", "--n", "50"]) == 0


def test_options_of_a_recipe_are_checked_and_in_the_help(mine, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["train", str(mine), "--widht", "3"]) == 2
    assert "has no option --widht; did you mean --width?" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", str(mine), "--help"])
    shown = capsys.readouterr().out
    assert "A recipe of a few lines." in shown
    assert "--width 4                       Width of the hidden layers." in shown
    assert "--steps 2" in shown
    assert "--network" not in shown


@pytest.mark.slow
def test_a_sweep_takes_the_numbers_of_a_recipe(mine, tmp_path, capsys):
    arguments = ["sweep", str(mine), "--seeds", "2", "--over", "rate=0.001,0.1", "--out", str(tmp_path / "runs")]
    assert main([*arguments, "--show", "none"]) == 0
    assert (tmp_path / "runs" / "00000-mine-sweep" / "results.json").is_file()
    assert main([*arguments[:-4], "--over", "width=3,4"]) == 2
    assert (
        "over takes fractions, which one compiled step can take, and width is none; there are rate"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("recipe = Mine()", ""), "mine.py has no recipe: add a last line such as recipe = Mine()"),
        (("recipe = Mine()", "recipe = Mine"), "got a class: write Mine()"),
        (("recipe = Mine()", "recipe = [Mine(), Mine()]"), "got list, which is no dataclass"),
        (("@dataclass(frozen=True)", ""), "got Mine, which is no dataclass: write @dataclass(frozen=True) above"),
        (("def experiment(", "def experimnt("), "Mine has no function experiment"),
        (("def experiment(self, data, steps)", "def experiment(self, data)"), "Mine has experiment(self, data)"),
        (("def dataset(self)", "def dataset(self, seed)"), "Mine has dataset(self, seed)"),
        (("def dataset(self):", "def dataset(self)"), "mine.py, line 13: expected ':'"),
        (("width: int = 4", "width: list = None"), "width is annotated as <class 'list'>; an option must be"),
        (("width: int = 4", "width: dict[str, int] = None"), "width is annotated as dict[str, int]; an option must be"),
        (("width: int = 4", "width: int = 'x'"), "width must be a whole number, got 'x'"),
        (("width: int = 4", "width = 4"), "width = 4 has no type, so it is no option: write width: int = 4"),
        (("rate: float = 1e-3", "steps: int = 3"), "has options that the program has too: steps"),
        (("program = jaxgan.Program(", "program = dict("), "must be a jaxgan.Program"),
        (
            ("return jaxgan.Experiment(data, jaxgan.algorithm(game, rule), extendable=True)", "return game"),
            "must return a jaxgan.Experiment",
        ),
        (
            ("extendable=True", "conditional='labels'"),
            "Experiment.conditional must be one of nothing, classes, rows; got 'labels'",
        ),
        (("jaxgan.algorithm(game, rule)", "game"), "Experiment.algorithm must be what jaxgan.algorithm(...) returns"),
        (('jaxgan.data.load("ring")', "[1, 2]"), "data must be a jaxgan.data.Dataset, got list"),
    ],
)
def test_a_wrong_recipe_is_refused_in_words(mine, tmp_path, capsys, monkeypatch, change, message):
    monkeypatch.chdir(tmp_path)
    assert change[0] in MINIMAL
    mine.write_text(MINIMAL.replace(*change))
    assert main(["train", str(mine)]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_an_error_in_a_recipe_is_that_of_the_recipe(mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine.write_text(MINIMAL.replace("(self.width,)), loss", "(self.wide,)), loss"))
    with pytest.raises(AttributeError) as raised:
        main(["train", str(mine)])
    assert raised.value.__notes__ == [f"The error comes from the recipe {mine}."]


def test_a_recipe_that_is_not_there_is_missed(tmp_path, capsys):
    assert main(["train", str(tmp_path / "none.py")]) == 2
    assert "no recipe" in capsys.readouterr().err
    with pytest.raises(NotFoundError):
        files.load(tmp_path / "none.py")


def test_a_recipe_without_the_end_of_its_name_is_asked_for(mine, monkeypatch, capsys):
    monkeypatch.chdir(mine.parent)
    assert main(["train", mine.stem]) == 2
    assert f"no preset is named {mine.stem}; did you mean {mine.stem}.py?" in capsys.readouterr().err


@pytest.mark.slow
def test_an_experiment_that_a_program_passes_has_a_run_folder_and_is_resumed_with_it(mine, tmp_path):
    recipe = files.load(mine).recipe
    experiment = recipe.experiment(recipe.dataset(), 4)
    program = jaxgan.Program(batch_size=8, steps=2, log_every=1, sample_every=2, checkpoint_every=2)
    first = jaxgan.train(experiment, program, out=tmp_path, show="none")
    assert run_folder.load(first.folder).recipe is None
    longer = jaxgan.Program(batch_size=8, steps=4, log_every=1, sample_every=2, checkpoint_every=2)
    resumed = jaxgan.train(experiment, longer, out=tmp_path, resume=first.folder, show="none")
    assert int(resumed.state.step) == 4
    whole = jaxgan.train(experiment, longer, out=tmp_path / "whole", show="none")
    jax.tree.map(np.testing.assert_array_equal, *map(jax.device_get, (resumed.state, whole.state)))
    with pytest.raises(InputError, match="was trained on an Experiment that a program passed"):
        jaxgan.open(first.folder)


def test_modules_beside_a_recipe_can_be_imported(mine, tmp_path):
    (tmp_path / "beside_the_recipe.py").write_text("WIDTH = 5\n")
    mine.write_text(
        MINIMAL.replace("import jaxgan, optax", "import jaxgan, optax\nfrom beside_the_recipe import WIDTH").replace(
            "width: int = 4", "width: int = WIDTH"
        )
    )
    assert files.load(mine).recipe.width == 5
    copy = tmp_path / "elsewhere" / "recipe.py"
    copy.parent.mkdir()
    shutil.copyfile(mine, copy)
    assert files.load(copy, origin=mine).recipe.width == 5


def test_a_module_that_a_recipe_misses_is_named_with_where_it_may_lie(mine, tmp_path):
    mine.write_text("import beside_it\n" + MINIMAL)
    copy = tmp_path / "run" / "recipe.py"
    copy.parent.mkdir()
    shutil.copyfile(mine, copy)
    with pytest.raises(InputError, match="No module named 'beside_it'") as raised:
        files.load(copy, origin=mine)
    assert str(raised.value).endswith(f"does not lie in {mine.parent} or {copy.parent}")
    (copy.parent / "beside_it.py").write_text("WIDTH = 5\n")
    assert files.load(copy, origin=mine).recipe.width == 4
