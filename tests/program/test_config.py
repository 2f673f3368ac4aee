"""Configurations: what they refuse, how they are saved, and that every preset builds."""

import json
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tiers import mostly_slow

from jaxgan import Batch
from jaxgan.errors import UserError
from jaxgan.recipes.build import DataShape, build, build_game, compile_step
from jaxgan.recipes.config import Config, differences
from jaxgan.recipes.presets import PRESETS


def test_the_articles_program_is_its_own():
    config = PRESETS["article-mnist"].config
    assert (config.latent_size, config.batch_size, config.conditional) == (100, 128, True)
    assert (config.generator_hidden, config.discriminator_hidden) == ((128,), (512, 256, 128))
    assert config.steps == 50 * (60_000 // 128)


@pytest.mark.parametrize("name", PRESETS)
def test_json_round_trip(name):
    config = PRESETS[name].config
    assert Config.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_unknown_fields_are_named():
    with pytest.raises(ValueError, match=r"unknown configuration fields \['colour'\]"):
        Config.from_json({"data": "digits", "colour": 1})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"r1": -1.0}, "r1 must be at least 0, got -1.0"),
        ({"b1": 1.0}, "b1 must be less than 1, got 1.0"),
        ({"generator_rate": float("nan")}, "generator_rate must be"),
        ({"steps": 5, "steps_per_call": 2}, "steps=5 must be a multiple of steps_per_call=2"),
        ({"evaluate_every": 3, "steps_per_call": 2}, "evaluate_every=3 must be a multiple of steps_per_call=2"),
        ({"evaluate_samples": 9}, "evaluate_samples must be at least 10, got 9"),
        ({"evaluate_metrics": ()}, "evaluate_metrics must name at least one"),
        ({"label_smoothing": 0.1, "loss": "hinge"}, "label_smoothing=0.1 has no meaning for loss=hinge"),
        ({"latent_signs": -1}, "latent_signs must be at least 0, got -1"),
        ({"latent_signs": 5, "latent_size": 4}, "latent_signs=5 must be at most latent_size=4"),
        ({"label_dropout": 0.1}, "label_dropout=0.1 needs a conditional run"),
        ({"label_dropout": 1.0, "conditional": True}, "label_dropout must be less than 1, got 1.0"),
        ({"auxiliary": "twin"}, "auxiliary=twin needs a conditional run"),
        ({"auxiliary_weight": 0.5}, "auxiliary_weight=0.5 needs an auxiliary"),
        ({"augment": "ada", "ada_target": 1.5}, r"ada_target must be in \[-1, 1\], got 1.5"),
        ({"augment": "diffaugment", "ada_target": 0.5}, "ada_target=0.5 needs augment=ada or apa, got augment=diff"),
        ({"hierarchical": False}, "hierarchical=False needs network=biggan, got network=dcgan"),
        ({"initialization": "normal"}, "initialization=normal needs network=biggan, got network=dcgan"),
        ({"augment_probability": 0.3}, "augment_probability=0.3 needs augment=r3gan, got augment=none"),
        ({"augment": "r3gan", "augment_probability": 1.5}, r"augment_probability must be in \[0, 1\], got 1.5"),
        ({"conditional": True, "network": "r3gan", "label_dropout": 0.1}, "label_dropout=0.1 has no meaning for netw"),
        (
            {"network": "stylegan2", "latent": "uniform"},
            "mixing above 0 need latent=normal or sphere and latent_signs=0, for stylegan2 draws normal latents",
        ),
        (
            {"network": "stylegan2", "mixing": 0.0, "path_length": 1.0, "latent_signs": 2},
            "path_length above 0 need latent=normal or sphere and latent_signs=0",
        ),
        ({"penalty_every": 4}, "penalty_every=4 needs a penalty: r1, r2 or gradient_penalty above 0"),
        ({"ema_warmup": 0.5}, "ema_warmup must be at least 1, got 0.5"),
        ({"ema_warmup": 10.0, "burn_in": 5}, "ema_warmup=10.0 has no effect with burn_in=5 or ema_start=0"),
        ({"ema_warmup": 1.0, "ema_start": 5}, "ema_warmup=1.0 has no effect with burn_in=0 or ema_start=5"),
        ({"ema_start": 3, "burn_in": 5}, "ema_start=3 has no effect with burn_in=5, where the average starts at once"),
        ({"rule": "simultaneous", "discriminator_steps": 2}, "discriminator_steps=2 needs rule=alternating"),
    ],
)
def test_wrong_values_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        Config(**{"data": "digits", **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schedule": "cosin"}, "schedule must be one of constant, cosine, linear; got 'cosin'; did you mean cosine?"),
        ({"on_divergence": "rolback"}, "one of stop, rollback, continue; got 'rolback'; did you mean rollback?"),
        ({"input": "residnt"}, "input must be one of auto, resident, stream; got 'residnt'; did you mean resident?"),
        ({"evaluate_metrics": ("kdi",)}, "evaluate_metrics must be one of "),
        ({"evaluate_metrics": "fid"}, "evaluate_metrics must be a list, got 'fid'"),
        ({"batch_size": 64.5}, "batch_size must be a whole number, got 64.5"),
        ({"batch_size": True}, "batch_size must be a whole number, got True"),
        ({"seed": 1.5}, "seed must be a whole number, got 1.5"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": 2**63}, "seed must be less than 2147483648, got 9223372036854775808"),
        ({"r1": "1"}, "r1 must be a number, got '1'"),
        ({"mirror": 1}, "mirror must be True or False, got 1"),
        ({"image_size": 0}, "image_size must be at least 1, got 0"),
        ({"channels": 2}, "channels must be one of 1, 3, 4; got 2"),
        ({"data": 7}, "data must be text, got 7"),
        ({"widths": 64}, "widths must be a list, got 64"),
        ({"widths": (64, 0.5)}, "widths must be a whole number, got 0.5"),
        ({"widths": (64, 0)}, "each of widths must be at least 1, got 0"),
        ({"mixing": 1.1}, "mixing must be in [0, 1], got 1.1"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("without_shape_checks")
def test_values_from_python_are_checked_as_those_of_the_command_line(change, message):
    with pytest.raises(UserError) as error:
        Config(**{"data": "digits", **change})
    assert message in str(error.value)


@pytest.mark.usefixtures("without_shape_checks")
def test_numbers_lists_and_paths_of_other_libraries_become_those_of_python():
    mixed = Config(data=Path("a"), batch_size=np.int64(8), r1=np.float32(0.5), mirror=np.True_, attention=[np.int32(8)])
    plain = Config(data="a", batch_size=8, r1=0.5, mirror=True, attention=(8,))
    assert mixed == plain
    assert json.dumps(mixed.to_json()) == json.dumps(plain.to_json())


@pytest.mark.parametrize(
    ("change", "shape", "message"),
    [
        ({"conditional": True}, ((8, 8, 1), None), "conditional needs a data set with labels"),
        ({}, ((2,), 8), r"network=dcgan needs square images \[H, W, C\], but data=digits has shape \(2,\)"),
        ({"dequantize": True, "network": "mlp"}, ((2,), 8), r"dequantize needs images, but data=digits has shape \(2,"),
        ({"augment": "ada", "network": "mlp"}, ((2,), 8), r"augment=ada needs images, but data=digits has shape"),
        ({}, ((20, 20, 1), 8), "image_size must be one of 8, 16, 28, 32, 64, 128; got 20"),
    ],
)
def test_what_does_not_fit_the_data_is_refused(change, shape, message):
    with pytest.raises(ValueError, match=message):
        build(Config(data="digits", **change), DataShape(*shape))


@pytest.mark.parametrize("signs", [0, 2, 3])
def test_the_first_numbers_of_the_latent_are_signs(signs):
    config = Config(data="ring", network="mlp", generator_hidden=(), latent_size=3, latent_signs=signs)
    identity = {"Dense_0": {"kernel": np.eye(3), "bias": np.zeros(3)}}
    z = build_game(config, DataShape((3,), 8)).sample(identity, {}, jax.random.key(0), 100)
    np.testing.assert_array_equal((np.abs(z) == 1).all(axis=0), np.arange(3) < signs)


@mostly_slow(
    ("change", "has"),
    [
        ({"augment": "ada"}, "augment_probability"),
        ({"augment": "diffaugment"}, "real_logits"),
        ({"augment": "r3gan"}, "augment_probability"),
        ({"augment": "apa", "auxiliary": "twin", "label_dropout": 0.1}, "real_accuracy"),
        ({"auxiliary": "contrastive", "auxiliary_weight": 0.5}, "real_logits"),
    ],
    quick=2,
)
def test_augmentation_and_auxiliaries_are_those_of_the_configuration(change, has):
    config = Config(data="digits", network="mlp", discriminator_hidden=(8,), conditional=True, **change)
    algorithm = build(config, DataShape((8, 8, 1), 10))
    batch = Batch(jnp.zeros((4, 8, 8, 1)), jnp.arange(4))
    state, info = jax.eval_shape(lambda key: algorithm.step(algorithm.init(key, batch), batch, key), jax.random.key(0))
    assert has in info
    heads = hasattr(state.params.discriminator, "heads")
    assert heads == ("auxiliary" in change)


def test_devices_and_discriminator_steps_must_divide_the_batch():
    config = Config(data="digits", batch_size=20, discriminator_steps=3)
    with pytest.raises(ValueError, match="batch_size=20 must be divisible by 1 devices × 3 parts"):
        compile_step(config, lambda *_: None)
    with pytest.raises(ValueError, match="batch_size=21 must be divisible by 4 devices"):
        compile_step(Config(data="digits", batch_size=21, wrapper="pmap"), lambda *_: None)


def test_differences_are_listed_but_for_reports():
    saved = Config(data="digits")
    assert differences(saved, replace(saved, steps=2000, log_every=10, evaluate_every=10)) == []
    assert differences(saved, replace(saved, r1=2.0, width=32)) == ["width: saved 64, now 32", "r1: saved 0.0, now 2.0"]
    cosine = replace(saved, schedule="cosine")
    assert differences(cosine, replace(cosine, steps=2000)) == ["steps: saved 1000, now 2000"]
