"""Runs of versions before recipes: read, described and reported on; their checkpoints are refused in words."""

import json
import shutil

import pytest
from recipes_for_tests import prepare

import jaxgan
from jaxgan.cli import main
from jaxgan.errors import InputError
from jaxgan.options import leaves
from jaxgan.recipes.presets import preset
from jaxgan.runs import run_folder

DEFAULTS = json.loads("""{
  "data_dir": null, "split": "train", "image_size": null, "channels": null, "mirror": false, "dequantize": false,
  "input": "auto", "workers": 0, "cache_dir": null, "network": "dcgan", "width": 64, "hierarchical": true,
  "initialization": "orthogonal", "attention": [], "widths": [768, 768, 768, 768], "channel_base": 16384,
  "channel_max": 512, "mapping_layers": 8, "mixing": 0.9, "stddev_group": 4, "residual": true,
  "generator_hidden": [128], "discriminator_hidden": [512, 256, 128], "dropout": 0.0, "precision": "float32",
  "remat": false, "batch_norm": true, "spectral_norm": false, "generator_spectral_norm": false, "conditional": false,
  "label_dropout": 0.0, "auxiliary": "none", "auxiliary_weight": 1.0, "latent_size": 100, "latent": "normal",
  "latent_signs": 0, "loss": "non_saturating", "label_smoothing": 0.0, "r1": 0.0, "r2": 0.0, "gradient_penalty": 0.0,
  "penalty_every": 1, "path_length": 0.0, "augment": "none", "ada_target": 0.6, "augment_probability": 0.55,
  "rule": "alternating", "discriminator_steps": 1, "generator_parts": 0, "generator_rate": 0.0002,
  "discriminator_rate": 0.0002, "b1": 0.5, "b2": 0.999, "schedule": "constant", "ema_decay": 0.999,
  "ema_warmup": null, "ema_start": 0, "burn_in": 0, "burn_in_rate": 1.0, "burn_in_penalty": 1.0, "burn_in_b2": null,
  "batch_size": 64, "steps": 1000, "seed": 0, "steps_per_call": 1, "wrapper": "jit", "on_divergence": "stop",
  "log_every": 100, "sample_every": 500, "checkpoint_every": 500, "evaluate_every": 0, "evaluate_metrics": ["fid"],
  "evaluate_samples": 5000, "inception_weights": null
}""")
"""Fields of `Config` in version 0.1.0."""
RUNS = {
    "digits": {
        "data": "digits", "image_size": 16, "width": 32, "conditional": True, "r1": 0.3, "generator_rate": 0.001,
        "discriminator_rate": 0.001, "ema_decay": 0.996, "steps": 2500,
    },
    "ring": {
        "data": "ring", "network": "mlp", "generator_hidden": [128, 128, 128], "discriminator_hidden": [128, 128, 128],
        "latent_size": 12, "latent_signs": 10, "loss": "relativistic_pairing", "r1": 0.02, "r2": 0.02,
        "generator_rate": 0.002, "discriminator_rate": 0.002, "b1": 0.0, "schedule": "cosine", "batch_size": 256,
        "steps": 20000, "steps_per_call": 50, "log_every": 1000, "sample_every": 5000, "checkpoint_every": 5000,
    },
    "r3gan-mnist": {
        "data": "tfds:mnist", "network": "r3gan", "widths": [128, 64, 32], "latent_size": 64,
        "loss": "relativistic_pairing", "r1": 0.1, "r2": 0.1, "generator_rate": 0.0002, "discriminator_rate": 0.0002,
        "b1": 0.0, "b2": 0.99, "ema_decay": 0.999, "burn_in": 2000, "burn_in_rate": 4.0, "burn_in_penalty": 10.0,
        "burn_in_b2": 0.9, "steps": 10000, "sample_every": 1000, "checkpoint_every": 1000,
    },
}  # fmt: skip
"""What the presets of that version set."""


def written(folder, name, **more):
    folder.mkdir()
    record = {"preset": name, "config": DEFAULTS | RUNS[name] | more, "environment": {"jaxgan": "0.1.0"}}
    record["data"] = {"shape": [16, 16, 1], "num_classes": 10, "rows": 1797}
    (folder / "config.json").write_text(json.dumps(record))
    return folder


SINCE = {
    "ring": {
        **{
            "projection": False,
            "standardize": False,
            "octaves": 0,
            "octave_falloff": 0.0,
            "octave_opening": (0.0, 0.0),
        },
        **{"instance_noise": 0.0, "instance_noise_share": 0.0, "r1": 0.02, "r2": 0.02},
        **{"generator_rate": 2e-3, "discriminator_rate": 2e-3, "steps": 20_000},
        **{"sample_every": 5000, "checkpoint_every": 5000},
    }
}
"""What the presets were then, where they are something else now."""


@pytest.mark.parametrize("name", RUNS)
def test_its_recipe_and_program_are_those_of_the_preset_then(name, tmp_path):
    run = run_folder.load(written(tmp_path / "run", name))
    then = preset(name).replace(**SINCE.get(name, {}))
    assert (run.name, run.recipe, run.program) == (name, then.recipe, then.program)
    assert main(["report", str(run.folder)]) == 0
    text = (run.folder / "report.html").read_text()
    assert (f"The preset {name} as it is." in text) == (name not in SINCE)


def test_networks_of_dense_layers_appended_their_labels(tmp_path):
    run = run_folder.load(written(tmp_path / "run", "ring", conditional=True))
    assert leaves(run.recipe)["projection"] is False


def test_options_that_no_version_knew_are_named(tmp_path):
    with pytest.raises(InputError, match=r"unknown configuration fields \['colour'\]"):
        run_folder.load(written(tmp_path / "run", "digits", colour=1))


@pytest.mark.slow
def test_a_resume_writes_it_anew(tmp_path):
    small = {"image_size": 8, "width": 2, "batch_size": 8, "steps": 2, "log_every": 1, "sample_every": 2}
    folder = written(tmp_path / "run", "digits", **small, checkpoint_every=2)
    record = json.loads((folder / "config.json").read_text())
    record["data"]["shape"] = [8, 8, 1]
    (folder / "config.json").write_text(json.dumps(record))
    assert main(["train", "--resume", str(folder), "--steps", "4", "--show", "none"]) == 0
    record = json.loads((folder / "config.json").read_text())
    assert "config" not in record
    assert leaves(run_folder.load(folder).recipe)["width"] == 2
    assert run_folder.load(folder).program.steps == 4
    assert int(jaxgan.open(folder).state.step) == 4


@pytest.mark.slow
def test_a_checkpoint_of_another_structure_is_refused_in_words(tmp_path):
    ring = preset("ring").replace(generator_hidden=(4,), discriminator_hidden=(4,), batch_size=8, schedule="constant")
    ring = ring.replace(steps_per_call=1, steps=2, log_every=1, sample_every=2, checkpoint_every=2)
    folder = jaxgan.train(ring, out=tmp_path, show="none").folder
    other = prepare(ring.replace(generator_hidden=(4, 4)), out=tmp_path / "other").run.folder
    shutil.copytree(folder / "checkpoints", other / "checkpoints")
    words = (
        r"is not of this configuration or version: \d+ of its arrays differ: params\.generator.*Dense_1.*there and .*"
    )
    with pytest.raises(InputError, match=words + "install that one to use it: config.json names it under environment"):
        jaxgan.open(other)
