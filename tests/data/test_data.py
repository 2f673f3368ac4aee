"""Data sets, their errors, and their way to the device."""

import itertools
import pickle
import warnings

import jax
import numpy as np
import pytest
from data_for_tests import echo, equal, numbered, state_at
from PIL import Image
from sklearn.datasets import load_digits

import jaxgan
from jaxgan import Batch, data
from jaxgan.data import Dataset
from jaxgan.data.media.images import decode, encode
from jaxgan.data.planar import PLANAR
from jaxgan.data.stacked import stacked
from jaxgan.metrics.classifier import train_classifier

LEVELS = np.arange(256, dtype=np.uint8)


def test_decode_covers_the_range_evenly_and_encode_is_its_inverse():
    decoded = decode(LEVELS)
    assert decoded.dtype == np.float32
    assert (decoded[0], decoded[-1]) == (-1, 1)
    np.testing.assert_allclose(decoded, np.linspace(-1, 1, 256), atol=1e-7)
    np.testing.assert_array_equal(encode(decoded), LEVELS)
    np.testing.assert_array_equal(encode(np.array([-1.5, 1.5])), [0, 255])


def test_the_device_decodes_to_the_same_bits():
    np.testing.assert_array_equal(jax.jit(decode)(LEVELS), decode(LEVELS))


@pytest.mark.parametrize("values", [np.array([3.5], np.float32), np.array([3, 300], np.int32)])
def test_only_bytes_are_decoded(values):
    assert decode(values) is values


@pytest.mark.parametrize("size", [8, 16, 28, 32])
def test_digits_are_the_bundled_ones_at_every_size(size):
    small, labels = load_digits(return_X_y=True)
    digits = data.load("digits", image_size=size)
    assert (len(digits), digits.shape, digits.num_classes) == (1797, (size, size, 1), 10)
    assert digits.real.dtype == np.uint8
    assert (digits.real.min(), digits.real.max()) == (0, 255)
    np.testing.assert_array_equal(digits.labels, labels)
    if size == 8:
        np.testing.assert_allclose(digits.real.reshape(-1, 64), small * 255 / 16, atol=0.5)
    np.testing.assert_allclose(digits.real.mean((1, 2, 3)), small.mean(1) * 255 / 16, atol=8)


def test_digits_are_32_pixels_unless_asked():
    assert data.load("digits").shape == (32, 32, 1)


@pytest.mark.parametrize("size", [0, 9, 64])
def test_digits_of_another_size_are_an_error(size):
    with pytest.raises(ValueError, match=f"image_size must be one of 8, 16, 28, 32; got {size}"):
        data.load("digits", image_size=size)


RING = [(np.cos(a), np.sin(a)) for a in np.arange(8) * np.pi / 4]
GRID = list(itertools.product([-4, -2, 0, 2, 4], repeat=2))


LARGE_GRID = list(itertools.product(range(-9, 10, 2), repeat=2))
TURNED = np.exp(1j * np.pi / 8) * (np.array(GRID) @ [1, 1j])
ROTATED_GRID = list(zip(TURNED.real, TURNED.imag, strict=True))


@pytest.mark.parametrize(
    ("name", "centres", "sigma"),
    [
        ("ring", RING, 0.01),
        ("grid", GRID, 0.05),
        ("rotated_grid", ROTATED_GRID, 0.05),
        ("large_grid", LARGE_GRID, 0.05),
    ],
)
def test_mixtures_are_round_gaussians_on_their_centres(name, centres, sigma):
    mixture = data.load(name)
    points = mixture.real.astype(np.float64)
    assert (points.shape, mixture.real.dtype, mixture.num_classes) == ((100_000, 2), np.float32, len(centres))
    nearest = np.linalg.norm(points[:, None] - np.array(centres), axis=2).argmin(1)
    np.testing.assert_array_equal(mixture.labels, nearest)
    share = len(points) / len(centres)
    np.testing.assert_allclose(np.bincount(nearest), share, atol=5 * np.sqrt(share))
    for mode, centre in enumerate(centres):
        noise = (points[nearest == mode] - centre) / sigma
        error = 5 / np.sqrt(len(noise))
        np.testing.assert_allclose(noise.mean(0), 0, atol=error)
        np.testing.assert_allclose(np.cov(noise.T), np.eye(2), atol=2 * error)


def test_unequal_modes_hold_what_their_weights_say():
    unequal = data.load("unequal_modes")
    shares = np.bincount(unequal.labels) / len(unequal)
    weights = 0.82 ** np.arange(12) / np.sum(0.82 ** np.arange(12))
    np.testing.assert_allclose(shares, weights, atol=5 * np.sqrt(0.2 * 0.8 / len(unequal)))
    np.testing.assert_allclose([weights.max(), weights.min()], [0.198, 0.0224], atol=5e-4)
    centres = unequal.modes.centres
    apart = np.linalg.norm(centres[:, None] - centres, axis=2)[~np.eye(12, dtype=bool)]
    assert apart.min() > 30 * unequal.modes.sigma


def test_spirals_are_two_arms_half_a_turn_apart():
    points = data.load("spirals").real.astype(np.float64)
    np.testing.assert_allclose(points.mean(0), 0, atol=0.05)
    radius, angle = np.linalg.norm(points, axis=1), np.arctan2(points[:, 1], points[:, 0])
    # both arms together pass every angle at radii 4/3 apart
    off = (radius - 4 * angle / (3 * np.pi)) / (4 / 3)
    wide = radius > 1
    assert np.abs(off - np.rint(off))[wide].mean() < 0.08
    assert radius.max() < 4 + 5 * 0.1


def test_the_swiss_roll_is_that_of_scikit_learn():
    from scipy.stats import ks_2samp
    from sklearn.datasets import make_swiss_roll

    points = data.load("swiss_roll").real
    roll = make_swiss_roll(100_000, noise=0.25, random_state=0)[0][:, [0, 2]] / 7.5
    for seen in (lambda x: x[:, 0], lambda x: x[:, 1], lambda x: np.linalg.norm(x, axis=1)):
        assert ks_2samp(seen(points), seen(roll)).pvalue > 1e-3


@pytest.mark.parametrize("name", PLANAR)
def test_rows_that_are_held_out_are_others_of_the_same_distribution(name):
    from scipy.stats import ks_2samp

    planar = data.load(name)
    assert planar.held_out.shape == planar.real.shape
    assert not np.isin(planar.held_out[:, 0], planar.real[:, 0]).all()
    assert ks_2samp(planar.held_out[:, 0], planar.real[:, 0]).pvalue > 1e-3


def write(path, **arrays):
    np.savez(path, **arrays)
    return f"npz:{path}"


BYTES = np.arange(5 * 4 * 4, dtype=np.uint8).reshape(5, 4, 4)
POINTS = np.repeat(np.array([[0.0, 0.0], [10.0, 0.0]]), [30, 10], axis=0) + np.resize([0.1, -0.1], (40, 2))
CENTRES = np.array([[0, 0], [10, 0]])


def test_points_of_an_archive_may_say_what_is_known_of_their_distribution(tmp_path):
    known = {"centres": CENTRES, "weights": np.array([3, 1]), "sigma": np.array(0.2), "held_out": POINTS[:4]}
    modes = data.load(write(tmp_path / "set.npz", images=POINTS, **known)).modes
    np.testing.assert_array_equal(modes.centres, CENTRES)
    np.testing.assert_array_equal(modes.weights, [0.75, 0.25])
    assert modes.sigma == 0.2
    np.testing.assert_array_equal(data.load({"images": POINTS, **known}).held_out, POINTS[:4].astype(np.float32))


def test_weights_and_sigma_of_modes_are_taken_from_the_data_where_nobody_says_them():
    unequal = data.load("unequal_modes")
    modes = data.load({"images": unequal.real, "centres": unequal.modes.centres}).modes
    np.testing.assert_allclose(modes.sigma, 0.05, rtol=0.01)
    np.testing.assert_allclose(modes.weights, unequal.modes.weights, atol=5e-3)
    nothing = data.load({"images": POINTS})
    assert (nothing.modes, nothing.held_out) == (None, None)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"centres": CENTRES[0]}, r"centres must be numbers \[K, 2\], got int64 of shape \(2,\)"),
        ({"centres": np.zeros((2, 3))}, r"centres must be numbers \[K, 2\], got float64 of shape \(2, 3\)"),
        ({"centres": np.full((2, 2), np.nan)}, "centres hold values that are not finite"),
        ({"centres": np.array([*CENTRES, (99, 99)])}, r"centres\[2\] is nearest to no row: leave it out"),
        ({"centres": CENTRES, "weights": np.ones(3)}, r"weights must be 2 numbers, got float64 of shape \(3,\)"),
        ({"centres": CENTRES, "weights": np.array([1, 0])}, "weights must be finite and above 0"),
        ({"centres": CENTRES, "sigma": np.ones(2)}, r"sigma must be one number, got shape \(2,\)"),
        ({"centres": CENTRES, "sigma": np.array(0)}, "sigma must be above 0, got 0"),
        ({"centres": CENTRES, "sigma": np.array(np.nan)}, "sigma must be finite, got nan"),
        ({"weights": np.ones(2), "sigma": np.array(1)}, "weights and sigma need centres"),
        ({"held_out": np.ones((2, 3))}, r"held_out must be rows like those of the data, got shape \(2, 3\)"),
        ({"images": BYTES, "centres": CENTRES}, r"centres are of points \[N, D\], got rows of shape \(4, 4, 1\)"),
    ],
)
def test_what_cannot_be_the_distribution_of_points_is_refused(known, message):
    with pytest.raises(ValueError, match=f"arrays: {message}"):
        data.load({"images": POINTS, **known})


FIVE = np.arange(5 * 2 * 2 * 5, dtype=np.uint8).reshape(5, 2, 2, 5)
FLOATS = np.linspace(-1, 1, 5 * 4 * 4 * 3).reshape(5, 4, 4, 3)


@pytest.mark.parametrize(
    ("images", "stored"),
    [
        (BYTES[..., None], BYTES[..., None]),
        (BYTES, BYTES[..., None]),
        (FLOATS, FLOATS.astype(np.float32)),
        (FLOATS[..., 0].astype(np.float16), FLOATS[..., :1].astype(np.float16).astype(np.float32)),
        (100 * FLOATS[:, 0, 0], (100 * FLOATS[:, 0, 0]).astype(np.float32)),
        (FIVE, FIVE),
    ],
    ids=["bytes", "no channel axis", "floats", "half precision", "points", "five channels"],
)
def test_npz_images_are_bytes_or_float32_with_a_channel_axis(tmp_path, images, stored):
    dataset = data.load(write(tmp_path / "set.npz", images=images))
    assert dataset.name == "npz:set.npz"
    assert (dataset.labels, dataset.num_classes) == (None, None)
    assert dataset.real.dtype == stored.dtype
    np.testing.assert_array_equal(dataset.real, stored)


@pytest.mark.parametrize(
    ("labels", "numbers", "names"),
    [
        ([0, 2, 1, 0, 3], [0, 2, 1, 0, 3], "0123"),
        ([1, 3, 2, 1, 3], [0, 2, 1, 0, 2], "123"),
        ([0, 2, 1, 0, 4], [0, 2, 1, 0, 3], "0124"),
        ([5, 2**33, 5, 5, 2**33], [0, 1, 0, 0, 1], ["5", "8589934592"]),
        ([-1, 2, -1, 7, 7], [-1, 0, -1, 1, 1], "27"),
    ],
    ids=["in turn", "from 1 on", "with a gap", "beyond 32 bits", "some without"],
)
@pytest.mark.parametrize("kind", [np.int64, np.uint64])
def test_classes_are_the_labels_that_occur_and_no_others(tmp_path, labels, numbers, names, kind):
    if min(labels) < 0 and kind == np.uint64:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", data.DoubtfulData)
        dataset = data.load(write(tmp_path / "set.npz", images=BYTES, labels=np.array(labels, kind)))
    assert (dataset.num_classes, dataset.class_names) == (len(names), tuple(names))
    assert dataset.labels.dtype == np.int32
    np.testing.assert_array_equal(dataset.labels, numbers)
    assert bool(dataset.origin.notes) == (labels != numbers)


@pytest.mark.parametrize("labels", [[3] * 5, [-1] * 5], ids=["one class", "none"])
def test_labels_that_tell_nothing_apart_are_no_classes_and_this_is_said(labels):
    with pytest.warns(data.DoubtfulData, match="the data have no classes"):
        dataset = data.load((BYTES, np.array(labels)))
    assert (dataset.labels, dataset.num_classes) == (None, None)
    (note,) = dataset.origin.notes
    assert note.endswith("the data have no classes")


def test_class_names_of_an_archive_are_kept(tmp_path):
    names = np.array(["cat", "dog", "eel"])
    dataset = data.load(write(tmp_path / "set.npz", images=BYTES, labels=np.array([0, 1, 1, 0, 1]), class_names=names))
    assert (dataset.num_classes, dataset.class_names) == (3, ("cat", "dog", "eel"))


@pytest.mark.parametrize(("low", "high", "doubtful"), [(0, 1, True), (-1, 1, False), (0.0, 0.0, False)])
def test_floats_that_may_have_another_range_are_remarked_on(low, high, doubtful):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        notes = data.load(np.linspace(low, high, 32).reshape(2, 4, 4)).origin.notes
    assert [str(warning.message) for warning in caught] == list(notes)
    assert len(notes) == doubtful
    assert all("Black is -1, white is 1" in note for note in notes)


def test_images_at_hand_are_brought_to_the_size_asked_for():
    halves = np.zeros((2, 6, 4, 3), np.uint8)
    halves[:, :, 2:] = 200
    made = data.load(halves, image_size=2).real
    assert made.shape == (2, 2, 2, 3)
    square = np.asarray(Image.fromarray(halves[0, 1:5]).resize((2, 2), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(made[0], square)
    assert data.load(FLOATS, image_size=4).shape == (4, 4, 3)
    with pytest.raises(ValueError, match="image_size=8 is for images"):
        data.load(FLOATS[:, 0, 0], image_size=8)


def test_labels_of_one_byte_are_not_decoded_like_pictures():
    labels = np.array([0, 2, 1, 0, 1], np.uint8)
    dataset = Dataset("set", BYTES[..., None], labels, 3)
    step = jaxgan.jitted(data.resident(echo, batch_size=5))
    drawn = step(state_at(0), dataset.on_device(), jax.random.key(0))[1]["condition"]
    assert sorted(drawn) == sorted(labels)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": BYTES}, "no array 'images'; it has pictures"),
        ({"images": BYTES.astype(np.int64)}, "images must be uint8, uint16 or floating, got int64"),
        ({"images": 1.5 * FLOATS}, r"images must be in \[-1, 1\], got values from -1.5 to 1.5"),
        ({"images": np.where(FLOATS > 0.9, np.nan, FLOATS)}, "not finite"),
        ({"images": np.where(FLOATS[:, 0, 0] > 0, np.inf, 0.0)}, "not finite"),
        ({"images": np.zeros(5)}, r"images must be .*got shape \(5,\)"),
        ({"images": np.zeros((5, 1, 2, 3, 1))}, r"images must be .*got shape \(5, 1, 2, 3, 1\)"),
        ({"images": BYTES[:0]}, "no data"),
        ({"images": BYTES, "labels": np.zeros(4, int)}, r"labels must have shape \(5,\), got \(4,\)"),
        ({"images": BYTES, "labels": np.zeros((5, 1), int)}, r"labels must have shape \(5,\), got \(5, 1\)"),
        ({"images": BYTES, "labels": np.zeros(5)}, "labels must be integers, got float64"),
        (
            {"images": BYTES, "labels": np.arange(5) - 2},
            r"labels must be at least 0, or -1 for rows that",
        ),
        (
            {"images": BYTES, "labels": np.arange(5), "class_names": np.array(["a"])},
            r"in \[0, 1\), got values from 0 to 4",
        ),
        (
            {"images": BYTES, "labels": np.arange(5), "class_names": np.zeros(5)},
            "class_names must be one text per class",
        ),
        ({"images": BYTES[:, :0]}, r"images of shape \(0, 4\) hold nothing"),
        ({"images": 1e300 * FLOATS[:, 0, 0]}, "values beyond float32"),
        ({"images": np.array([None, "a"])}, "not a readable .npz archive"),
    ],
)
def test_npz_errors_say_what_is_wrong(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message):
        data.load(write(tmp_path / "set.npz", **arrays))


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_archive_is_an_error(tmp_path, content):
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"set.npz is not a readable .npz archive"):
        data.load(f"npz:{tmp_path / 'set.npz'}")


def test_a_single_array_is_no_archive(tmp_path):
    np.save(tmp_path / "set.npy", BYTES)
    with pytest.raises(ValueError, match=r"set.npy is not a readable .npz archive"):
        data.load(f"npz:{tmp_path / 'set.npy'}")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*nothing.npz"):
        data.load(f"npz:{tmp_path / 'nothing.npz'}")


@pytest.mark.parametrize("spec", ["", "mnist", "digits:8", "stacked_digits:8", "npz:", "tfds", "ring ", "folder"])
def test_an_unknown_spec_is_an_error_that_lists_the_known_ones(spec):
    with pytest.raises(ValueError, match=f"data must be one of digits, stacked_digits, ring, grid, .*; got '{spec}'"):
        data.load(spec)


@pytest.mark.parametrize("spec", ["digits", "stacked_digits", "ring", "npz:set.npz"])
@pytest.mark.parametrize("option", [{"data_dir": "here"}, {"split": "test"}])
def test_options_of_tfds_are_errors_elsewhere(spec, option):
    ((name, value),) = option.items()
    with pytest.raises(ValueError, match=f"{name} .*got {name}='{value}' for {spec}"):
        data.load(spec, **option)


@pytest.mark.parametrize("spec", ["ring", "grid"])
def test_an_image_size_is_an_error_where_it_means_nothing(spec):
    with pytest.raises(ValueError, match=f"image_size .*got image_size=32 for {spec}"):
        data.load(spec, image_size=32)


@pytest.mark.parametrize(
    ("real", "labels", "classes", "message"),
    [
        (np.zeros((0, 2), np.float32), None, None, "set: no data"),
        (
            np.zeros((3, 2)),
            None,
            None,
            r"set: data must be images .*; got float64 of shape \(3, 2\)",
        ),
        (np.zeros((3, 2), np.float32), np.zeros(2, np.int32), 2, r"set: labels must have shape \(3,\), got \(2,\)"),
        (np.zeros((3, 2), np.float32), np.arange(3), 2, r"set: labels must be in \[0, 2\), .* got values from 0 to 2"),
        (np.zeros((3, 2), np.float32), np.arange(3), None, "set: .*None"),
        (np.zeros((3, 2), np.float32), np.zeros(3), 2, "set: labels must be integers, got float64"),
    ],
)
def test_a_data_set_that_does_not_hold_together_is_an_error(real, labels, classes, message):
    with pytest.raises(ValueError, match=message):
        Dataset("set", real, labels, classes)


def test_batches_go_on_without_end_and_keep_rows_together():
    batches = numbered().batches(batch_size=4, seed=0)
    epochs = []
    for _ in range(20):
        batch = next(batches)
        assert batch.latent is None
        assert batch.real.dtype == np.float32
        np.testing.assert_array_equal(encode(batch.real)[:, 0, 0, 0], batch.condition)
        epochs.append(batch.condition)
    for first, second in zip(epochs[::2], epochs[1::2], strict=True):
        assert len(set(first) | set(second)) == 8


def test_batches_start_again_at_any_step():
    run = list(itertools.islice(numbered().batches(4, seed=5), 9))
    for start in (0, 3, 8):
        equal(next(numbered().batches(4, seed=5, start_step=start)), run[start])
    assert not np.array_equal(next(numbered().batches(4, seed=6)).condition, run[0].condition)


def test_a_set_without_labels_has_no_condition():
    assert next(numbered(labels=False).batches(4, seed=0)).condition is None


def test_a_mirrored_set_has_every_image_twice_once_flipped():
    plain, mirrored = numbered(), numbered(mirror=True)
    assert (len(mirrored), mirrored.shape) == (20, plain.shape)
    taken = mirrored.take(np.arange(20))
    np.testing.assert_array_equal(taken.real[:10], plain.real)
    np.testing.assert_array_equal(taken.real[10:], plain.real[:, :, ::-1])
    np.testing.assert_array_equal(taken.condition, np.tile(np.arange(10), 2))
    equal(mirrored.on_device(), taken)
    square = mirrored.take(np.array([[3, 13], [19, 0]]))
    equal(square, jax.tree.map(lambda x: x[np.array([[3, 13], [19, 0]])], taken))
    rows = [tuple(row[0, :, 0]) for batch in itertools.islice(mirrored.batches(5, 0), 4) for row in encode(batch.real)]
    assert sorted(rows) == sorted((*((i, 100 + i) for i in range(10)), *((100 + i, i) for i in range(10))))


@pytest.mark.parametrize("spec", ["ring", "grid"])
def test_points_cannot_be_mirrored(spec, tmp_path):
    with pytest.raises(ValueError, match=f"mirror is for .*, got mirror=True for {spec}"):
        data.load(spec, mirror=True)
    points = write(tmp_path / "set.npz", images=np.zeros((5, 2)))
    with pytest.raises(ValueError, match=r"npz:set\.npz: mirror is for images and clips, got points"):
        data.load(points, mirror=True)


def test_images_of_any_source_can_be_mirrored(tmp_path):
    for source in ("digits", write(tmp_path / "set.npz", images=BYTES), BYTES):
        plain, mirrored = data.load(source), data.load(source, mirror=True)
        assert len(mirrored) == 2 * len(plain)
        np.testing.assert_array_equal(mirrored.take(np.array([len(plain)])).real[0], plain.real[0, :, ::-1])


def test_a_mapped_set_is_pickled_by_its_path(tmp_path):
    real = np.random.default_rng(0).integers(256, size=(500, 4, 4, 3), dtype=np.uint8)
    np.save(tmp_path / "set.npy", real)
    mapped = np.load(tmp_path / "set.npy", mmap_mode="r")
    pickled = pickle.dumps(Dataset("set", mapped, mirror=True))
    assert len(pickled) < 1000
    again = pickle.loads(pickled)
    assert (again.name, again.mirror, again.labels) == ("set", True, None)
    assert isinstance(again.real, np.memmap)
    np.testing.assert_array_equal(again.real, real)
    for part in (mapped[100:], mapped[:, 1:], np.asarray(mapped)):
        equal(pickle.loads(pickle.dumps(Dataset("set", part))).real, np.array(part))


@pytest.mark.parametrize("batch_size", [0, 11, -1])
def test_a_batch_that_does_not_fit_is_an_error_before_iteration(batch_size):
    with pytest.raises(ValueError, match=f"batch_size must be from 1 to 10, the size of numbered; got {batch_size}"):
        numbered().batches(batch_size, seed=0)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(
    ("wrap", "dtype"),
    [(jaxgan.jitted, np.uint8), (jaxgan.jitted, np.float32), (jaxgan.pmapped, np.uint8), (jaxgan.sharded, np.uint8)],
)
def test_a_resident_step_draws_the_batches_of_the_host(wrap, dtype, mirror):
    dataset = numbered(29, dtype, mirror=mirror)
    step = wrap(data.resident(echo, batch_size=8, seed=3))
    state, held = state_at(12), dataset.on_device()
    assert held.real.dtype == dtype
    for batch in itertools.islice(dataset.batches(8, seed=3, start_step=12), 7):
        state, drawn = step(state, held, jax.random.key(0))
        equal(drawn, {"real": batch.real, "condition": batch.condition})


def test_a_resident_batch_that_does_not_fit_is_an_error():
    step = jaxgan.jitted(data.resident(echo, batch_size=11))
    with pytest.raises(ValueError, match="batch_size must be from 1 to 10, the size of the data set; got 11"):
        step(state_at(0), numbered().on_device(), jax.random.key(0))


def test_a_resident_batch_that_the_devices_do_not_divide_is_an_error():
    step = jaxgan.pmapped(data.resident(echo, batch_size=6))
    with pytest.raises(ValueError, match="batch_size=6 is not divisible by the number of devices, 4"):
        step(state_at(0), numbered().on_device(), jax.random.key(0))


def test_the_whole_set_on_the_device_is_a_batch():
    held = numbered(labels=False).on_device()
    assert isinstance(held, Batch)
    assert held.condition is None
    np.testing.assert_array_equal(held.real, numbered().real)


def test_the_rows_that_have_a_label_are_taken_by_what_needs_one(tmp_path):
    images = np.arange(6 * 2 * 2, dtype=np.uint8).reshape(6, 2, 2, 1)
    some = data.load((images, np.array([-1, 0, 1, -1, 1, 0])))
    kept = some.labelled()
    np.testing.assert_array_equal(kept.real, images[[1, 2, 4, 5]])
    np.testing.assert_array_equal(kept.labels, [0, 1, 1, 0])
    assert kept.labelled() is kept
    trained = [
        train_classifier(part, held_out=0.5, steps=1, cache_dir=tmp_path).variables["params"] for part in (some, kept)
    ]
    equal(*trained)
    assert stacked("stacked", some, rows=50).labels.min() >= 0
