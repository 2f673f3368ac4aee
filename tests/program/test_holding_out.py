"""Rows that are held out, and a discriminator that learns the others by heart."""

import json

import jax
import numpy as np
import pytest

import jaxgan
from jaxgan.data import Dataset
from jaxgan.errors import InputError
from jaxgan.observe.unseen import judged
from jaxgan.program.holding_out import hold_out
from jaxgan.runs import metrics_file

DIGITS = jaxgan.data.load("digits", image_size=8)


def rows_of(dataset):
    return {row.tobytes() for row in np.asarray(dataset.real)}


def test_rows_are_trained_on_or_held_out_and_labels_stay_with_them():
    split = hold_out(DIGITS, 0.1, batch_size=64, seed=3)
    assert (len(split.training), len(split.rows)) == (1617, 180)
    assert rows_of(split.training) | rows_of(split.rows) == rows_of(DIGITS)
    label = {row.tobytes(): label for row, label in zip(DIGITS.real, DIGITS.labels, strict=True)}
    for row, own in zip(split.rows.real, split.rows.labels, strict=True):
        assert label[row.tobytes()] == own
    again, other = (hold_out(DIGITS, 0.1, batch_size=64, seed=seed) for seed in (3, 4))
    assert rows_of(again.rows) == rows_of(split.rows) != rows_of(other.rows)


def test_no_image_is_held_out_whose_mirror_image_is_trained_on():
    split = hold_out(jaxgan.data.load("digits", image_size=8, mirror=True), 0.1, batch_size=64, seed=0)
    assert (len(split.training), len(split.rows)) == (2 * 1617, 2 * 180)


def test_nothing_is_held_out_unless_it_is_asked_for():
    assert jaxgan.Program().held_out == 0
    assert hold_out(DIGITS, 0.0, batch_size=64, seed=0) is None


@pytest.mark.parametrize(
    ("share", "batch_size", "text"),
    [
        (0.0005, 64, "at least 2 of the 1797 rows"),
        (0.5, 1000, "leaves 899 rows to train on, less than batch_size=1000"),
    ],
)
def test_a_share_that_does_not_fit(share, batch_size, text):
    with pytest.raises(InputError, match=text):
        hold_out(DIGITS, share, batch_size=batch_size, seed=0)


def test_the_logits_are_those_of_the_game():
    """A discriminator that is the mean of a row: the means of the rows, of which samples are none."""

    def judge(params, variables, samples, turn):
        info = {"real_logits": turn.batch.real.mean(), "fake_logits": samples.mean()}
        return jaxgan.Players(0.0, 0.0), (variables, info)

    game = jaxgan.Game(None, lambda params, variables, turn: (params * jax.numpy.ones(3), variables), judge, None)
    state = jaxgan.GANState(jax.numpy.int32(5), jaxgan.Players(2.0, 0.0), jaxgan.Players(0, 0), None, None)
    found = judged(game)(state, jaxgan.Batch(jax.numpy.array([1.0, 4.0])), jax.random.key(0))
    assert {name: float(value) for name, value in found.items()} == {"real_logits": 2.5, "fake_logits": 2.0}


def overfits(dataset, tmp_path):
    """Findings of a run on points, with half of them held out."""
    config = jaxgan.preset("ring").replace(
        generator_hidden=(64,), discriminator_hidden=(256, 256), latent_size=16, latent_signs=0,
        r1=0.0, r2=0.0, loss="non_saturating", schedule="constant", generator_rate=1e-3, discriminator_rate=1e-3,
        batch_size=16, steps=1000, steps_per_call=50, log_every=500, sample_every=1000, checkpoint_every=1000,
        held_out=0.5,
    )  # fmt: skip
    trained = jaxgan.train(config, dataset=dataset, out=tmp_path, show="none")
    records = metrics_file.read(trained.folder / "metrics.jsonl").records
    return {record["finding"]: record["step"] for record in records if "finding" in record}


@pytest.mark.slow
def test_twenty_rows_are_learnt_by_heart_and_a_thousand_are_not(tmp_path):
    """40 points in 8 dimensions, half of them held out: said within 1,000 steps."""
    points = np.random.default_rng(0).standard_normal((20_000, 8)).astype(np.float32)
    few = overfits(Dataset("few", points[:40]), tmp_path)
    assert few["discriminator overfitting"] <= 1000
    assert "discriminator overfitting" not in overfits(Dataset("many", points), tmp_path)


@pytest.mark.slow
def test_a_run_that_holds_rows_out_goes_on_as_if_it_had_not_stopped(tmp_path):
    config = jaxgan.preset("digits").replace(
        image_size=8, width=4, batch_size=16, steps=200, held_out=0.1,
        log_every=50, sample_every=100, checkpoint_every=100,
    )  # fmt: skip
    whole = jaxgan.train(config, out=tmp_path / "a", show="none")
    first = jaxgan.train(config, out=tmp_path / "b", show="none", callbacks=[lambda progress: progress.step == 100])
    assert int(first.state.step) == 100
    rest = jaxgan.train(config, out=tmp_path / "b", show="none", resume=first.folder)
    for a, b in zip(jax.tree.leaves(whole.state), jax.tree.leaves(rest.state), strict=True):
        np.testing.assert_array_equal(a, b)
    one, other = (json.loads((run.folder / "watch.json").read_text())["watch"] for run in (whole, rest))
    assert one == other
    assert len(one["series"]["held out: held_out_logits"]) == 2
