"""Classes of a run are asked for by their names, and files of samples are data like any other."""

import numpy as np
import pytest

import jaxgan
from jaxgan import data
from jaxgan.observe.sampling import Sampling, sample_run
from jaxgan.program.preparation import loaded

TINY = jaxgan.preset("ring").replace(
    generator_hidden=(4,), discriminator_hidden=(4,), batch_size=8, steps=1, condition="labels",
    steps_per_call=1, log_every=1, sample_every=1, checkpoint_every=1,
)  # fmt: skip


def train(out, labels, names=None):
    points = {"images": np.random.default_rng(0).normal(size=(20, 2)), "labels": np.resize(labels, 20)}
    dataset = data.load(points if names is None else points | {"class_names": np.array(names)})
    return jaxgan.train(TINY, dataset=dataset, out=out, show="none").folder


def drawn(run, out, *labels, n=4):
    made = data.load(f"npz:{sample_run(run, Sampling(n=n, labels=labels, out=out / 'x.npz'))}")
    return [made.class_names[label] for label in made.labels]


@pytest.mark.slow
def test_classes_are_asked_for_by_name(tmp_path, own_cache):
    run = train(tmp_path, [0, 1, 2], ["cat", "dog", "eel"])
    assert drawn(run, tmp_path, "dog") == ["dog"] * 4
    assert drawn(run, tmp_path, "eel", "cat") == ["eel", "cat"] * 2
    assert drawn(run, tmp_path, "2", 1) == ["eel", "dog"] * 2
    with pytest.raises(ValueError, match=r"labels must name classes of the run, cat, dog, eel, .* got 'cow'"):
        drawn(run, tmp_path, "cow")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::jaxgan.data.DoubtfulData")
def test_a_number_that_is_a_name_is_the_name(tmp_path, own_cache):
    run = train(tmp_path, [1, 2, 10])
    assert drawn(run, tmp_path, "1", "10") == ["1", "10"] * 2
    assert drawn(run, tmp_path, "0") == ["1"] * 4


@pytest.mark.slow
def test_classes_without_rows_are_not_drawn_unless_asked_for(tmp_path, own_cache):
    run = train(tmp_path, [0, 2], ["cat", "dog", "eel"])
    assert drawn(run, tmp_path, n=5) == ["cat", "eel", "cat", "eel", "cat"]
    assert drawn(run, tmp_path, "dog", n=2) == ["dog", "dog"]


@pytest.mark.parametrize("side", [16, 28])
def test_images_of_an_archive_are_data_of_the_default_preset_whatever_their_size(tmp_path, side):
    images = np.zeros((64, side, side, 1), np.uint8)
    names = np.array(list("0123456789"))
    np.savez(tmp_path / "s.npz", images=images, labels=np.arange(64) % 10, class_names=names)
    digits = jaxgan.preset("digits").replace(data=f"npz:{tmp_path / 's.npz'}")
    source = loaded(digits.recipe, digits.program)
    assert (source.of.shape, source.of.num_classes) == ((16, 16, 1), 10)
