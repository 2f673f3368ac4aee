"""Names of hardware, what it is described as, and steps that are compiled for it."""

import importlib.util
import os
import subprocess
import sys
from functools import cache

import pytest

from jaxgan import targets
from jaxgan.cli import main
from jaxgan.errors import UserError
from jaxgan.observe.requests import any_batch
from jaxgan.recipes.making import made
from jaxgan.recipes.presets import PRESETS, preset
from jaxgan.targets.cards import GPUS, TPUS
from jaxgan.targets.program_text import Collective
from jaxgan.targets.target import COMPILERS, described

HERE = os.environ.get("JAX_PLATFORMS") == "cpu"
HAS = {family: any(map(importlib.util.find_spec, modules)) for family, modules in COMPILERS.items()}
needs = {
    family: pytest.mark.skipif(
        not (there and HERE), reason=f"needs pip install '.[target-{family}]' and JAX_PLATFORMS=cpu"
    )
    for family, there in HAS.items()
}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gpu", "target must be tpu:KIND, tpu:KIND:2x2, gpu:KIND or gpu:KIND:8, got 'gpu'"),
        ("gpu:h101", "target gpu: must be one of .*h100.*; got 'h101'; did you mean h100"),
        ("cpu:epyc", "target must be one of tpu, gpu; got 'cpu'"),
        ("gpu:h100:2x2", "target must be tpu:KIND.*got 'gpu:h100:2x2'"),
        ("tpu:v5e:2", "target must be tpu:KIND.*got 'tpu:v5e:2'"),
        ("tpu:v5e:2x2:1", "target must be tpu:KIND.*got 'tpu:v5e:2x2:1'"),
    ],
)
def test_a_name_that_is_none_is_refused_in_words(name, message):
    with pytest.raises(ValueError, match=message):
        targets.target(name)


@pytest.mark.parametrize(("family", "name"), [("gpu", "gpu:h100"), ("tpu", "tpu:v5e")])
def test_without_the_compiler_it_is_said_what_to_install(family, name, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None)
    with pytest.raises(
        UserError, match=rf"target {name} needs the compiler for it: pip install 'jaxgan\[target-{family}"
    ):
        targets.target(name)


def test_a_target_without_a_dry_run_is_refused(capsys):
    assert main(["train", "digits", "--target", "gpu:h100"]) == 2
    assert "target=gpu:h100 has an effect with --dry-run alone" in capsys.readouterr().err


def test_peaks_are_those_of_the_data_sheets():
    assert GPUS["h100"].bfloat16 == 989.4e12
    assert GPUS["a100"].float32 == 156e12
    assert TPUS["v5e"].bandwidth == 819e9
    assert TPUS["v5e"].link == 200e9
    assert all(card.bfloat16 >= card.float32 for card in (*GPUS.values(), *TPUS.values()))


def test_a_gpu_is_described_with_its_own_numbers():
    card = GPUS["l40s"]
    text = described(card, card.chip)
    assert "core_count: 142" in text
    assert "cuda_compute_capability { major: 8 minor: 9 }" in text
    assert f"device_memory_size: {int(card.memory)}" in text
    assert 'driver_version: "13.0.0" runtime_version: "13.0.0"' in text


def test_the_bound_is_the_slowest_of_products_memory_and_links():
    card = TPUS["v5e"]
    counts = targets.Counts(1, card.float32, int(card.bandwidth * 3), 0, 0, {}, 0, 0, 0, 0)
    compiled = targets.Compiled(0, 0, 0, 0, 0, 4, 0, 0, counts)
    limit = targets.bound(compiled, card)
    assert limit == targets.Bound(1e3, 3e3, 0)
    assert (limit.milliseconds, limit.name) == (3e3, "memory")
    sent = compiled._replace(counts=counts._replace(collectives={"all-reduce": Collective(2, int(card.link) * 4)}))
    assert targets.bound(sent, card).collectives == 1e3 * 4 * 2 * 3 / 4


CASES = [("gpu", "gpu:h100", "jit"), ("gpu", "gpu:h100:4", "sharded"), ("gpu", "gpu:h100:4", "pmap")]
CASES += [("tpu", "tpu:v5e", "jit"), ("tpu", "tpu:v5e:2x2", "sharded"), ("tpu", "tpu:v5e:2x2", "pmap")]


@cache
def compiled_for(name, wrapper, of="digits", **options):
    config = preset(of).replace(**options)
    experiment = made(config.recipe, config.recipe.asked_for(PRESETS[of].of), config.program)
    batch = any_batch(experiment, config.program.batch_size)
    return targets.compile_for(targets.target(name), experiment.algorithm, batch, wrapper=wrapper)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "wrapper"), [pytest.param(*case, marks=needs[family]) for family, *case in CASES])
def test_a_step_compiles_and_its_program_is_what_it_should_be(name, wrapper):
    """Every array of the state is donated, no activation is gathered, nothing is 64 bits wide or calls the host."""
    compiled, alone = compiled_for(name, wrapper), compiled_for(":".join(name.split(":")[:2]), "jit")
    found, devices = compiled.counts, 1 if wrapper == "jit" else 4
    assert compiled.devices == devices
    assert compiled.aliased >= compiled.state_arrays
    assert compiled.peak > compiled.state > compiled.parameters
    assert (found.float64, found.host) == (0, 0)
    assert found.operations * devices == alone.counts.operations
    assert found.loops == 0
    assert set(found.collectives) == ({"all-reduce"} if devices > 1 else set())
    assert devices == 1 or found.collectives["all-reduce"].number <= (13 if name.startswith("tpu") else 16)
    if name == "gpu:h100":  # of the moves, 4 are of kernels to the order that cuDNN takes
        assert found.kernels <= 140
        assert found.transposes <= 5
    if wrapper == "sharded":  # none waits beside another
        assert found.collectives["all-reduce"].number == found.chain


@pytest.mark.slow
@needs["tpu"]
@pytest.mark.parametrize(("wrapper", "number"), [("sharded", 2), ("pmap", 4)])
def test_devices_with_groups_of_their_own_exchange_nothing_within_networks(wrapper, number):
    """The numbers that the README names; with statistics of the whole batch they are 12 and 13."""
    compiled = compiled_for("tpu:v5e:2x2", wrapper, batch_norm_groups=4)
    assert set(compiled.counts.collectives) == {"all-reduce"}
    assert compiled.counts.collectives["all-reduce"].number == number


@pytest.mark.slow
@needs["gpu"]
@needs["tpu"]
@pytest.mark.parametrize("name", ["digits", "sn-hinge-mnist", "wgan-gp-mnist"])
def test_both_compilers_make_the_same_products(name):
    """No convolution of the GPU's multiplies zeros; the steps of a critic's loop are all counted."""
    gpu, tpu = (compiled_for(target, "jit", name) for target in ("gpu:h100", "tpu:v5e"))
    assert gpu.counts.operations == tpu.counts.operations
    for compiled in (gpu, tpu):
        assert compiled.aliased >= compiled.state_arrays
        assert (compiled.counts.float64, compiled.counts.host, compiled.counts.loops) == (0, 0, 0)


ONE_GRAPH = """
import glob, sys
import jax.numpy as jnp, optax
import jaxgan
from jaxgan import networks, targets
generator = networks.DCGANGenerator(image_size=8, width=8)
game = jaxgan.gan(generator, networks.DCGANDiscriminator(width=8), loss=jaxgan.losses.hinge())
rule = jaxgan.dynamics.alternating(jaxgan.Players(optax.adam(1e-3), optax.adam(1e-3)))
batch = jaxgan.Batch(jnp.zeros((8, 8, 8, 1)))
targets.compile_for(targets.target("gpu:h100"), jaxgan.algorithm(game, rule), batch)
(launches,) = glob.glob(sys.argv[1] + "/*own_step.thunk_sequence_after_thunk_passes.txt")
print([line.split()[1] for line in open(launches) if line.strip() and not line.startswith(" ")])
"""


@pytest.mark.slow
@needs["gpu"]
def test_a_step_with_convolutions_can_be_one_launch(tmp_path):
    """With the flag that the README names."""
    flags = f"--xla_dump_to={tmp_path} --xla_gpu_enable_command_buffer=+CONVOLUTION"
    done = subprocess.run(
        [sys.executable, "-c", ONE_GRAPH, str(tmp_path)],
        env=os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "['kCommandBuffer']"


@pytest.mark.slow
@needs["tpu"]
def test_a_slice_that_there_is_not_is_refused_in_words():
    with pytest.raises(UserError, match=r"target tpu:v5e:3x7: .*not divisible"):
        targets.target("tpu:v5e:3x7")


@pytest.mark.slow
@needs["gpu"]
def test_what_does_not_fit_is_told_what_does(capsys, monkeypatch):
    card = GPUS["h100"]
    monkeypatch.setitem(GPUS, "h100", card._replace(memory=10e6))
    assert main(["train", "digits", "--dry-run", "--target", "gpu:h100"]) == 0
    shown = capsys.readouterr().out
    assert "it does not fit" in shown
    assert "--batch-size 32 fits" in shown or "--remat fits" in shown
