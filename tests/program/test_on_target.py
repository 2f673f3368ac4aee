"""What is told of a target, of programs whose needs are known; tests/targets compiles real ones."""

import jax
import pytest
from rich.console import Console

from jaxgan import targets
from jaxgan.program import on_target
from jaxgan.recipes.making import made
from jaxgan.recipes.presets import PRESETS, preset
from jaxgan.targets.cards import GPUS
from jaxgan.targets.program_text import Collective


@pytest.fixture
def describe(monkeypatch):
    """`describe(needs, **options)`: the answer and what is printed, where a step of so many rows has these needs."""

    class Hardware(targets.Target):
        platform = "gpu"

    def run(needs, **options):
        def compile_for(target, algorithm, batch, *, wrapper):
            sent = {"all-reduce": Collective(2, 500_000)}
            counts = targets.Counts(100, 2e9, 5_000_000, 30, 4, sent, 0, 0, 0, 2)
            return targets.Compiled(1, 2, 3, 4, needs(len(batch.real)), 1, 6, 6, counts)

        monkeypatch.setattr(targets, "compile_for", compile_for)
        config = preset("digits").replace(**options)
        experiment = made(config.recipe, config.recipe.asked_for(PRESETS["digits"].of), config.program)
        case = on_target.Case(config.recipe, config.program, Hardware("gpu:h100", GPUS["h100"], [None] * 2))
        console = Console(width=300, record=True, quiet=False)
        with console.capture() as shown:
            found = on_target.describe(console, case, experiment)
        return found, shown.get()

    monkeypatch.delenv("XLA_PYTHON_CLIENT_MEM_FRACTION", raising=False)
    return run


def test_what_fits_is_told_with_its_bound(describe):
    found, shown = describe(lambda rows: 2**30)
    assert found["fits"]
    assert "1.0 GiB of 59.3 GiB that can be used" in shown  # three quarters of the card
    assert "2.00 GFLOP of products, 5.0 MB to and from its memory, 100 kernels" in shown
    assert "2 all-reduce of 0.50 MB" in shown
    assert f"bound: {2e9 / 494.7e12 * 1e3:.3f} ms a step" in shown  # products in TF32
    assert "not a measurement" in shown
    assert "wrapper=jit uses 1 of 2 devices" in shown


def test_the_effort_of_the_compiler_is_told_if_it_is_not_the_usual(describe):
    _, usual = describe(lambda rows: 2**30)
    jax.config.update("jax_exec_time_optimization_effort", -1.0)
    try:
        _, least = describe(lambda rows: 2**30)
    finally:
        jax.config.update("jax_exec_time_optimization_effort", 0.0)
    assert "; compiled, not run" in usual
    assert "; compiled with an effort of -1, not run" in least


def test_the_first_of_each_way_that_fits_is_named(describe):
    found, shown = describe(lambda rows: rows * 2**32)
    assert not found["fits"]
    assert "--batch-size 8 fits: 32.0 GiB of each device" in shown
    assert "--batch-size 4" not in shown
    assert "--accumulate" not in shown


def test_where_nothing_fits_that_is_said(describe):
    _, shown = describe(lambda rows: 2**40)
    assert "nor does any smaller batch" in shown
