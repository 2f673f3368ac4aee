"""`jaxgan train --start`: a new run begins with what fits of another, and says what does not."""

import json

import jax
import numpy as np
import pytest

import jaxgan
from jaxgan.cli import main
from jaxgan.program import preparation
from jaxgan.program.placement import Placement

FEW = ("--image-size=8", "--network=mlp", "--discriminator-hidden=8", "--latent-size=5", "--batch-size=8", "--steps=1")
FEW += ("--log-every=1", "--sample-every=1", "--checkpoint-every=1", "--show=none")


def train(out, *options, hidden=8):
    few = FEW[1:] if "--image-size=16" in options else FEW
    return main(["train", "digits", *few, f"--generator-hidden={hidden}", "--out", str(out), *map(str, options)])


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    out = tmp_path_factory.mktemp("parents")
    assert train(out) == 0
    return out / "00000-digits"


def first_state(folder):
    return jax.device_get(jaxgan.open(folder, step=0).state)


def test_weights_are_taken_and_memory_is_not(parent, tmp_path):
    assert train(tmp_path, "--start", parent, "--seed", "7") == 0
    folder = tmp_path / "00000-digits"
    before, begun = jax.device_get(jaxgan.open(parent).state), first_state(folder)
    jax.tree.map(np.testing.assert_array_equal, begun.average, before.average)
    jax.tree.map(np.testing.assert_array_equal, begun.params.generator, before.average.params)
    jax.tree.map(np.testing.assert_array_equal, begun.params.discriminator, before.params.discriminator)
    assert int(begun.step) == 0
    assert not any(np.any(leaf) for leaf in jax.tree.leaves(begun.memory))
    assert json.loads((folder / "config.json").read_text())["parent"] == str(parent)
    assert f"begins with 9 arrays of {parent}\n" in (folder / "log.txt").read_text()


@pytest.mark.slow
def test_what_does_not_fit_is_new_and_named(parent, tmp_path):
    assert train(tmp_path, "--start", parent, "--condition", "none") == 0
    folder = tmp_path / "00000-digits"
    old, new = jaxgan.open(parent).state.average.params, first_state(folder).average.params
    np.testing.assert_array_equal(new["Dense_1"]["kernel"], old["Dense_1"]["kernel"])
    assert new["Dense_0"]["kernel"].shape != old["Dense_0"]["kernel"].shape
    said = (folder / "log.txt").read_text()
    assert "are new: generator.params.Dense_0.kernel" in said
    assert "of its own find no place: generator.params.Dense_0.kernel" in said


@pytest.mark.slow
def test_frozen_layers_do_not_move_by_a_bit(parent, tmp_path):
    frozen = "--freeze", "discriminator/Dense_0", "discriminator/embedding", "generator/Dense_1"
    assert train(tmp_path, "--start", parent, *frozen, "--steps=3") == 0
    folder = tmp_path / "00000-digits"
    begun, ended = first_state(folder).params, jax.device_get(jaxgan.open(folder).state).params
    for player, held in (("discriminator", ("Dense_0", "embedding")), ("generator", ("Dense_1",))):
        old, new = getattr(begun, player), getattr(ended, player)
        for name in old:
            same = jax.tree.map(np.array_equal, old[name], new[name])
            assert all(jax.tree.leaves(same)) == (name in held), name


@pytest.mark.slow
def test_an_export_and_its_file_give_the_same_generator(parent, tmp_path):
    assert main(["export", str(parent), "--out", str(tmp_path / "export")]) == 0
    wanted = jax.device_get(jaxgan.open(parent).state.average)
    for i, where in enumerate((tmp_path / "export", tmp_path / "export" / "generator.safetensors")):
        assert train(tmp_path / "runs", "--start", where) == 0
        begun = first_state(tmp_path / "runs" / f"{i:05d}-digits")
        jax.tree.map(np.testing.assert_array_equal, begun.average, wanted)


def test_what_cannot_be_begun_with_is_said_before_there_is_a_folder(parent, tmp_path, capsys):
    (tmp_path / "x.safetensors").write_bytes(b"no weights")
    for options, message in [
        (["--start", tmp_path / "nowhere"], "there is no "),
        (["--start", tmp_path / "y.safetensors"], "there is no file "),
        (["--start", tmp_path / "x.safetensors"], "is no safetensors file"),
        (["--start", tmp_path], "no run in "),
        (["--start", parent, "--dry-run"], "has no effect with --dry-run"),
        (["--start", parent, "--resume", parent], "start is for a new run"),
        (["--freeze", "generator/Conv_9"], "nothing is named 'generator/Conv_9'; there are generator/Dense_0, "),
    ]:
        assert train(tmp_path / "runs", *options) == 2
        assert message in capsys.readouterr().err
    assert not list((tmp_path / "runs").glob("0*"))


def test_weights_of_which_nothing_fits_are_refused_before_networks_are_made(parent, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Placement, "first_state", lambda *_: pytest.fail("the networks were made"))
    assert train(tmp_path / "runs", "--start", parent, "--image-size=16", hidden=6) == 2
    there, here = capsys.readouterr().err.splitlines()[1:]
    assert there.startswith("  There are: params.Dense_0.bias float32[8], params.Dense_0.kernel float32[15, 8], ")
    assert here.startswith(
        "  The generator has: params.Dense_0.bias float32[6], params.Dense_0.kernel float32[15, 6], "
    )


def test_a_file_of_no_weights_is_refused_before_data_are_loaded(tmp_path, capsys, monkeypatch):
    (tmp_path / "x.safetensors").write_bytes(b"no weights")
    monkeypatch.setattr(preparation, "loaded", lambda *_: pytest.fail("data were loaded"))
    assert train(tmp_path, "--start", tmp_path / "x.safetensors") == 2
    assert "is no safetensors file" in capsys.readouterr().err
