"""Trees of options: names, choices, what is carried over, what is refused, and how they are saved."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import jax
import numpy as np
import pytest
from recipes_for_tests import configured

from jaxgan.data.planar import PLANAR
from jaxgan.errors import UserError
from jaxgan.options import Range, changed, choices, chosen, conform, from_tree, leaves, to_tree
from jaxgan.options.conform import spellings
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.presets import PRESETS, preset


def every_choice():
    """Each preset's recipe, and the default with each alternative of each choice."""
    for name, one in PRESETS.items():
        yield pytest.param(one.config.recipe, id=name)
    points = set(PLANAR)
    for choice, kinds in choices(GAN()).items():
        for kind in kinds:
            more = {"network": "mlp"} if kind.NAME in points else {}
            yield pytest.param(changed(GAN(), **more, **{choice: kind.NAME}), id=f"{choice}-{kind.NAME}")


@pytest.mark.parametrize("recipe", list(every_choice()))
def test_names_occur_once_and_options_come_back_from_json(recipe):
    names = [*leaves(recipe), *choices(recipe), *leaves(preset("digits").program)]
    assert len(names) == len(set(names))
    assert from_tree(type(recipe), json.loads(json.dumps(to_tree(recipe)))) == recipe
    assert set(chosen(recipe)) == set(choices(recipe))


def test_a_choice_keeps_what_it_shares_and_takes_its_own_defaults_for_the_rest():
    digits = preset("digits")
    assert leaves(digits.recipe)["width"] == 32
    assert leaves(digits.replace(network="sn_resnet").recipe)["width"] == 32
    assert "width" not in leaves(digits.replace(network="mlp").recipe)
    assert leaves(digits.replace(network="r3gan").replace(network="dcgan").recipe)["width"] == 64
    assert leaves(digits.replace(rule="optimistic").recipe)["b1"] == leaves(digits.recipe)["b1"]


def test_other_images_are_brought_to_the_size_of_the_preset():
    digits = preset("digits")
    assert leaves(digits.recipe)["image_size"] == 16
    assert leaves(digits.replace(data="npz:x.npz").recipe)["image_size"] == 16
    other = preset("dcgan-celeba-64").replace(data="tfds:another")
    assert (leaves(other.recipe)["tfds_name"], leaves(other.recipe)["image_size"]) == ("another", 64)


def test_a_new_value_goes_with_a_new_choice_in_any_order():
    one = GAN()
    assert changed(one, network="mlp", dropout=0.5) == changed(one, dropout=0.5, network="mlp")
    assert changed(one, schedule="burn_in", burn_in=7).rates.schedule.burn_in == 7


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"widht": 3}, "there is no option widht; did you mean width?"),
        ({"dropout": 0.5}, "there is no option dropout"),
        ({"network": "dcgn"}, "network must be one of dcgan, mlp, "),
        ({"network": "mlp:3"}, "network must be one of dcgan, mlp, "),
        ({"data": "npz:"}, "data must be one of digits, ring, "),
        ({"data": "cifar"}, "npz:PATH; got 'cifar'"),
        ({"network": 3}, "network must be DCGAN or MLP or "),
        ({"hierarchical": False}, "there is no option hierarchical"),
        ({"label_smoothing": 0.1, "loss": "hinge"}, "there is no option label_smoothing"),
        ({"label_dropout": 0.1}, "there is no option label_dropout"),
        ({"rule": "simultaneous", "discriminator_steps": 2}, "there is no option discriminator_steps"),
        ({"path_length": 1.0}, "there is no option path_length"),
        ({"burn_in": 10}, "there is no option burn_in"),
    ],
    ids=str,
)
def test_options_that_are_not_there_are_refused_by_their_names(values, message):
    with pytest.raises(UserError) as error:
        configured(**values)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"r1": -1.0}, "r1 must be at least 0, got -1.0"),
        ({"b1": 1.0}, "b1 must be less than 1, got 1.0"),
        ({"generator_rate": float("nan")}, "generator_rate must be"),
        ({"steps": 5, "steps_per_call": 2}, "must be a multiple of steps_per_call=2"),
        ({"evaluate_every": 3, "steps_per_call": 2}, "must be a multiple of steps_per_call=2"),
        ({"evaluate_every": 1, "evaluate_samples": 9}, "evaluate_samples must be at least 10, got 9"),
        ({"evaluate_metrics": ()}, "evaluate_metrics must name at least one"),
        ({"evaluate_metrics": ("kid",)}, "evaluate_metrics=('kid',) has no effect: evaluate_every is 0"),
        ({"input": "resident", "workers": 2}, "workers=2 has no effect: input=resident"),
        ({"latent_signs": -1}, "latent_signs must be at least 0, got -1"),
        ({"latent_signs": 5, "latent_size": 4}, "latent_signs=5 must be at most latent_size=4"),
        ({"condition": "labels", "label_dropout": 1.0}, "label_dropout must be less than 1, got 1.0"),
        ({"condition": "labels", "auxiliary_weight": 0.5}, "auxiliary_weight=0.5 needs an auxiliary"),
        ({"augment": "ada", "ada_target": 1.5}, "ada_target must be at most 1, got 1.5"),
        ({"augment": "r3gan", "augment_probability": 1.5}, "augment_probability must be at most 1, got 1.5"),
        ({"condition": "labels", "network": "r3gan", "label_dropout": 0.1}, "has no meaning for network=r3gan"),
        ({"network": "stylegan2", "latent": "uniform"}, "mixing above 0 need latent=normal or sphere"),
        (
            {"network": "stylegan2", "mixing": 0.0, "path_length": 1.0, "latent_signs": 2},
            "path_length above 0 need latent=normal or sphere and latent_signs=0",
        ),
        ({"penalty_every": 4}, "penalty_every=4 needs a penalty: r1, r2, gradient_penalty,"),
        ({"ema_warmup": 0.5}, "ema_warmup must be at least 1, got 0.5"),
        ({"ema_warmup": 10.0, "schedule": "burn_in"}, "ema_warmup=10.0 has no effect with schedule=burn_in"),
        ({"ema_warmup": 1.0, "ema_start": 5}, "ema_warmup=1.0 has no effect with ema_start=5"),
        ({"ema_start": 3, "schedule": "burn_in"}, "ema_start=3 has no effect with schedule=burn_in"),
        ({"schedule": "burn_in", "burn_in_b2": 1.5}, "burn_in_b2 must be less than 1, got 1.5"),
        ({"schedule": "burn_in", "burn_in_penalty": 2.0}, "burn_in_penalty needs a penalty"),
        (
            {"schedule": "cosin"},
            "one of constant, cosine, linear, halving, exponential, burn_in; got 'cosin'; did you mean",
        ),
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
        ({"data": "folder:x", "image_size": 0}, "image_size must be at least 1, got 0"),
        ({"data": "folder:x", "channels": 2}, "channels must be one of 1, 3, 4; got 2"),
        ({"network": "r3gan", "widths": 64}, "widths must be a list, got 64"),
        ({"network": "r3gan", "widths": (64, 0.5)}, "widths must be a whole number, got 0.5"),
        ({"network": "r3gan", "widths": (64, 0)}, "each of widths must be at least 1, got 0"),
        ({"network": "stylegan2", "mixing": 1.1}, "mixing must be at most 1, got 1.1"),
        ({"top_k": 0.0}, "top_k must be above 0, got 0.0"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("without_shape_checks")
def test_values_from_python_are_checked_as_those_of_the_command_line(change, message):
    with pytest.raises(UserError) as error:
        configured(**change)
    assert message in str(error.value)


@pytest.mark.usefixtures("without_shape_checks")
def test_numbers_lists_and_paths_of_other_libraries_become_those_of_python():
    mixed = {"batch_size": np.int64(8), "r1": np.float32(0.5), "mirror": np.True_, "attention": [np.int32(8)]}
    one = configured(network="biggan", inception_weights=Path("a"), **mixed)
    plain = {"batch_size": 8, "r1": 0.5, "mirror": True, "attention": (8,)}
    assert one == configured(network="biggan", inception_weights="a", **plain)
    json.dumps(to_tree(one.recipe))


def test_traced_numbers_pass_every_check():
    @jax.jit
    def trained(r1, smoothing):
        config = configured(r1=r1, label_smoothing=smoothing)
        return leaves(config.recipe)["r1"] + leaves(config.recipe)["label_smoothing"]

    assert float(trained(1.0, 0.25)) == 1.25


def test_unknown_names_in_a_saved_tree_are_named():
    tree = to_tree(GAN())
    tree["network"]["colour"] = 1
    with pytest.raises(ValueError, match="unknown options of DCGAN: colour"):
        from_tree(GAN, tree)
    tree["network"] = {"is": "none"}
    with pytest.raises(ValueError, match="network must be one of dcgan"):
        from_tree(GAN, tree)


def test_a_dataclass_of_ones_own_is_checked_like_any_other():
    @dataclass(frozen=True)
    class Small:
        NAME: ClassVar[str] = "small"
        size: Annotated[int, Range(1, at_most=3)] = 1

    @dataclass(frozen=True)
    class Large:
        NAME: ClassVar[str] = "large"
        ARGUMENT: ClassVar[str] = "path"
        path: str = "x"

    @dataclass(frozen=True)
    class Mine:
        body: Small | Large = Small()
        kind: Literal["a", "b"] = "a"

    for one, message in ((Small(size=4), "size must be at most 3, got 4"), (Small(size=0), "size must be at least 1")):
        with pytest.raises(ValueError, match=message):
            conform(one)
    assert spellings((Small, Large)) == ("small", "large:PATH")
    assert leaves(changed(Mine(), body=Large(path="y"))) == {"path": "y", "kind": "a"}
