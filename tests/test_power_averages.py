"""Averages after training: weights of steps in closed form, the fit of other lengths, and runs that keep averages."""

import contextlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

import jaxgan
from jaxgan import Batch, GANState, Players
from jaxgan.cli import main
from jaxgan.core import Algorithm, Average
from jaxgan.observe import stored
from jaxgan.observe.requests import draw_latents
from jaxgan.power_averages import coefficients, exponent, power_averaged, reconstructed, snapshots_of
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs import run_folder

STEPS = 60
MEMORY = jnp.float32(7)


def density(tau, step, length):
    """p(τ) ∝ τ^γ on [0, step]."""
    gamma = exponent(length)
    return (gamma + 1) * tau**gamma / step ** (gamma + 1) if 0 < tau <= step else 0.0


@pytest.mark.parametrize(("length", "published"), [(0.05, 16.97), (0.1, 6.94)])
def test_an_exponent_gives_its_standard_deviation(length, published):
    """The published ones are in section 3.1 of Karras et al., 2024."""
    assert exponent(length) == pytest.approx(published, abs=0.005)
    moments = [quad(lambda tau, k=k: tau**k * density(tau, 1, length), 0, 1)[0] for k in (0, 1, 2)]
    assert moments[0] == pytest.approx(1)
    assert np.sqrt(moments[2] - moments[1] ** 2) == pytest.approx(length)


def of_path(path):
    """An algorithm whose generator's weight after step t is path(t), and which has a variable and a counter."""

    def init(key, batch):
        one = {"w": jnp.asarray(path(0.0), jnp.float32)}
        variables = {"mean": jnp.zeros(()), "count": jnp.int32(0)}
        return GANState(jnp.int32(0), Players(one, ()), Players(variables, ()), Average(one, variables), MEMORY)

    def step(state, batch, key):
        t = state.step + 1
        assert state.memory is MEMORY
        variables = Players({"mean": -1.0 * t, "count": t}, ())
        return state._replace(step=t, params=Players({"w": path(1.0 * t)}, ()), variables=variables), {}

    return Algorithm(init, step, lambda state, key, n: state.average.params["w"])


def states(path, lengths):
    algorithm, key = power_averaged(of_path(path), lengths), jax.random.key(0)
    batch = Batch(jnp.zeros((1, 1)))
    state = algorithm.init(key, batch)
    yield state
    for _ in range(STEPS):
        state = algorithm.step(state, batch, key)[0]
        yield state


def weights(step, length):
    """Weight of each step 1 ... step: the differences of (τ/step)^(γ + 1)."""
    return np.diff((np.arange(step + 1) / step) ** (exponent(length) + 1))


def test_an_average_weighs_the_steps_by_powers():
    *_, last = states(lambda t: 3 + 2 * t, (0.05, 0.1))
    steps = np.arange(1, STEPS + 1)
    for length, average in zip((0.05, 0.1), last.memory.averages, strict=True):
        np.testing.assert_allclose(average.params["w"], weights(STEPS, length) @ (3 + 2 * steps), rtol=1e-5)
        np.testing.assert_allclose(average.variables["mean"], -weights(STEPS, length) @ steps, rtol=1e-5)
        assert average.variables["count"] == STEPS
    assert last.average.params["w"] == 3


def test_the_weights_of_snapshots_solve_the_least_squares():
    """∫ pᵢ (Σⱼ xⱼ pⱼ − p) dτ is 0 for all i up to the scale to sum 1, with every integral by quadrature."""
    steps, lengths = [10, 20, 30], [0.05, 0.1, 0.1]
    found = coefficients(steps, lengths, 25, 0.07)

    def inner(i, step, length):
        mine = lambda tau: density(tau, steps[i], lengths[i])  # noqa: E731
        return quad(lambda tau: mine(tau) * density(tau, step, length), 0, min(steps[i], step), epsabs=1e-12)[0]

    products = np.array([[inner(i, steps[j], lengths[j]) for j in range(3)] for i in range(3)])
    expected = np.linalg.solve(products, [inner(i, 25, 0.07) for i in range(3)])
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-6)


def test_a_kept_average_is_itself():
    np.testing.assert_allclose(coefficients([10, 10, 20], [0.05, 0.1, 0.1], 20, 0.1), [0, 0, 1], atol=1e-6)


@pytest.mark.parametrize("length", [0.04, 0.07, 0.15])
@pytest.mark.parametrize("path", [lambda t: 3 + 2 * t, lambda t: jnp.cos(t / 15)], ids=["line", "wave"])
def test_another_length_is_made_after_training(path, length):
    kept = [state for i, state in enumerate(states(path, (0.05, 0.1))) if i > 0 and i % 6 == 0]
    snapshots = [snapshot for state in kept for snapshot in snapshots_of(state)]
    values = np.array([path(1.0 * t) for t in range(1, STEPS + 1)])
    expected = weights(STEPS, length) @ values
    made = reconstructed(snapshots, STEPS, length)
    alone = reconstructed(snapshots[-1:], STEPS, length)
    error = abs(float(made.params["w"]) - expected)
    assert error < 0.02 * np.ptp(values)
    assert error < 0.5 * abs(float(alone.params["w"]) - expected)
    assert made.variables["count"] == STEPS


@pytest.mark.parametrize("length", [0, -0.1, 0.29, float("nan")])
def test_a_length_out_of_range_is_said(length):
    with pytest.raises(ValueError, match="the length of an average must be above 0 and below"):
        exponent(length)
    with pytest.raises(ValueError, match="lengths must hold at least one"):
        power_averaged(of_path(lambda t: t), ())


@pytest.mark.parametrize("lengths", [(0.05,), (0.05, 0.05), (0.0, 0.1)])
def test_a_run_keeps_none_or_two_lengths(lengths):
    with pytest.raises(ValueError, match="ema_lengths must be"):
        jaxgan.preset("ring").replace(ema_lengths=lengths)


@pytest.mark.slow
def test_a_run_keeps_averages_and_resumes_exactly(tmp_path, capsys):
    folder = tmp_path / "00000-ring"
    small = [
        "--generator-hidden",
        "4",
        "--discriminator-hidden",
        "4",
        "--batch-size=16",
        "--ema-lengths",
        "0.05",
        "0.1",
    ]
    every = [f"--{name}-every=4" for name in ("log", "sample", "checkpoint")]
    train = ["train", "ring", *small, *every, "--steps-per-call=4", "--steps=12", "--out", str(tmp_path)]
    assert main(train) == 0
    kept = [jax.device_get(jaxgan.open(folder, step=step).state) for step in (4, 8, 12)]
    shutil.rmtree(folder / "checkpoints" / "12")
    assert main([*train, "--resume", str(folder)]) == 0
    run = jaxgan.open(folder)
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(run.state.memory), kept[-1].memory)

    def drawn(*options):
        assert main(["sample", str(folder), "--n=4", "--out", str(tmp_path / "x.npz"), *options]) == 0
        with np.load(tmp_path / "x.npz") as arrays:
            return arrays["images"]

    average = reconstructed([snapshot for state in kept for snapshot in snapshots_of(state)], 12, 0.07)
    latents = draw_latents(run.experiment.latents, 0, 4)
    state = run.state._replace(average=average)
    samples = run.experiment.algorithm.sample(state, jax.random.key(0), 4, None, latents)
    np.testing.assert_allclose(drawn("--ema", "0.07"), samples, rtol=1e-5)
    assert np.abs(drawn() - samples).max() > 1e-5
    capsys.readouterr()
    assert main(["evaluate", str(folder), "--ema", "0.07", "--metrics", "sliced_wasserstein", "--n", "100"]) == 0
    assert "average of length 0.07" in capsys.readouterr().out


def test_a_run_without_averages_is_refused(monkeypatch):
    shape = DataShape((1,), None)
    run = run_folder.Run(Path("RUN"), "x", None, jaxgan.preset("ring").program, shape, 1)
    state = next(states(lambda t: t, (0.1,)))
    monkeypatch.setattr(stored.checkpoints, "manager", lambda folder: contextlib.nullcontext())
    for memory in (MEMORY, state.memory):  # nothing was averaged before the first step
        found = SimpleNamespace(state=state._replace(memory=memory))
        monkeypatch.setattr(stored.checkpoints, "restore", lambda manager, like, step, found=found: found)
        experiment = jaxgan.Experiment(shape, of_path(lambda t: t))
        with pytest.raises(ValueError, match=r"ema=0\.1 needs averages that RUN has not kept"):
            stored.stored(run, experiment, ema=0.1)
