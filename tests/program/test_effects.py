"""Options without effect are refused, by tables that the code itself is compared with."""

import inspect
from dataclasses import fields, replace

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.cli import main
from jaxgan.errors import InputError
from jaxgan.games import losses
from jaxgan.program import preparation
from jaxgan.recipes import architectures, effects
from jaxgan.recipes.config import Config
from jaxgan.recipes.presets import PRESETS, preset

NETWORKS = Config.__annotations__["network"].__args__
LOSSES = Config.__annotations__["loss"].__args__


class Read(Config):
    """A configuration that remembers which of its fields are read."""

    def __getattribute__(self, name):
        if name in Config.__dataclass_fields__:
            NAMES.add(name)
        return super().__getattribute__(name)


NAMES = set()


def read_by(network):
    config = Read(data="digits", network=network)
    NAMES.clear()
    architectures.players(config, (16, 16, 1))
    return set(NAMES)


def test_the_table_of_networks_is_what_the_networks_read():
    """`architectures.players` reads the fields of a network in the branch of that network alone. The latent's size is
    read by the game too, the name of the data for a message."""
    read = {network: read_by(network) for network in NETWORKS}
    every, common = set.union(*read.values()), set.intersection(*read.values())
    table = {
        name: {network for network in NETWORKS if name in read[network]}
        for name in every - common - {"latent_size", "data"}
    }
    assert {name: set(networks) for name, networks in effects.READ_BY.items()} == table


@pytest.mark.parametrize("name", LOSSES)
def test_the_losses_with_signs_are_those_that_are_undecided_at_a_logit_of_zero(name):
    """Where samples and data are alike, the discriminator's loss over one logit of both must be least at 0, alone or
    with its neighbours, and not everywhere the same."""
    loss = getattr(losses, name)()
    logits = jnp.linspace(-4, 4, 81)
    values = np.array([jnp.mean(loss(d[None], d[None]).discriminator) for d in logits])
    logits = np.asarray(logits)
    low = logits[np.isclose(values, values.min(), atol=1e-5)]
    signed = np.isclose(low.mean(), 0, atol=1e-5) and values.max() > values.min() + 0.1
    assert signed == (name in effects.SIGNED_LOSSES)


@pytest.mark.parametrize("name", LOSSES)
def test_label_smoothing_is_allowed_where_the_loss_has_it(name):
    has = "label_smoothing" in inspect.signature(getattr(losses, name)).parameters
    if has:
        Config(data="digits", loss=name, label_smoothing=0.1)
    else:
        with pytest.raises(InputError, match="has no meaning for loss"):
            Config(data="digits", loss=name, label_smoothing=0.1)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_no_option_without_effect(name):
    effects.check(preset(name))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["r3gan-mnist", "--spectral-norm"], "spectral_norm=True has no effect: it is an option of dcgan, mlp,"),
        (["digits", "--dropout", ".5"], "dropout=0.5 has no effect: it is an option of mlp, not of network=dcgan"),
        (["dcgan-mnist", "--attention", "8"], "attention=(8,) has no effect: it is an option of sn_resnet, biggan,"),
        (["wgan-gp-mnist", "--augment", "ada"], "augment=ada follows the signs of logits, which say nothing with"),
        (["digits", "--evaluate-metrics", "kid"], "evaluate_metrics=('kid',) has no effect: evaluate_every is 0"),
        (["digits", "--input", "resident", "--workers", "2"], "workers=2 has no effect: input=resident"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("command", ["train", "sweep"])
def test_an_option_without_effect_is_refused(command, arguments, message, capsys, tmp_path):
    assert main([command, *arguments, "--out", str(tmp_path / "runs")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_from_python_it_is_refused_too(tmp_path):
    config = Config(data="digits", network="r3gan", spectral_norm=True)
    with pytest.raises(InputError, match="spectral_norm=True has no effect"):
        preparation.prepare(config, preset="run", out=tmp_path)


def test_another_network_or_other_data_leave_what_the_preset_set_for_its_own():
    digits = preset("digits")
    assert (digits.width, digits.image_size) == (32, 16)
    asked = replace(digits, network="mlp", data="ring", conditional=False)
    adapted = effects.adapted(asked, digits)
    assert (adapted.width, adapted.image_size) == (64, None)
    effects.check(adapted)
    changed = {f.name for f in fields(Config) if getattr(adapted, f.name) != getattr(asked, f.name)}
    assert changed == {"width", "image_size"}


def test_what_the_user_gave_is_left_to_be_refused():
    digits = preset("digits")
    asked = replace(digits, network="mlp", width=48)
    assert effects.adapted(asked, digits).width == 48
