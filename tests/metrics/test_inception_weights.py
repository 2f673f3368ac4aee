import os
import pickle
import struct

import jax
import numpy as np
import pytest
from inception_for_tests import (
    MAGIC,
    Stored,
    Tensor,
    pickled,
    save_legacy,
    save_safetensors,
    save_with_header,
    save_zip,
)

from jaxgan.metrics.inception.network import InceptionV3
from jaxgan.metrics.inception.pth import read_pth
from jaxgan.metrics.inception.safetensors import read_safetensors
from jaxgan.metrics.inception.weights import load_weights

PTH = pytest.mark.parametrize("save", [save_zip, save_legacy])
NUMBERS = np.arange(24, dtype=np.float32)


def example():
    return {
        "a.weight": NUMBERS.reshape(2, 3, 4),
        "b": NUMBERS[:5],
        "count": np.array(7),
        "c": NUMBERS[:1].reshape(1, 1),
    }


@pytest.mark.parametrize(
    ("save", "read"), [(save_zip, read_pth), (save_legacy, read_pth), (save_safetensors, read_safetensors)]
)
def test_tensors_come_back_as_they_were(save, read, tmp_path):
    save(tmp_path / "file", example())
    came = read(tmp_path / "file")
    assert list(came) == list(example())
    for name, value in example().items():
        np.testing.assert_array_equal(came[name], value, strict=True)


@PTH
def test_tensors_that_share_a_storage_are_views_of_it(save, tmp_path):
    shared = Stored("s", NUMBERS)
    save(tmp_path / "file", {"turned": Tensor(shared, 2, (3, 4), (1, 5)), "column": Tensor(shared, 7, (4,), (5,))})
    came = read_pth(tmp_path / "file")
    np.testing.assert_array_equal(came["turned"], NUMBERS[2:22].reshape(4, 5)[:, :3].T)
    np.testing.assert_array_equal(came["column"], NUMBERS[7:23:5])
    assert np.shares_memory(came["turned"], came["column"])


@PTH
@pytest.mark.parametrize(("offset", "shape", "strides"), [(0, (25,), (1,)), (20, (5,), (1,)), (0, (2, 2), (23, 1))])
def test_a_view_out_of_its_storage_is_refused(save, offset, shape, strides, tmp_path):
    save(tmp_path / "file", {"a": Tensor(Stored("s", NUMBERS), offset, shape, strides)})
    with pytest.raises(ValueError, match=r"file is not a state dict.*'a' reaches out of its storage of 24 numbers"):
        read_pth(tmp_path / "file")


@PTH
@pytest.mark.parametrize(
    ("offset", "shape", "strides"), [(4, (4,), (-1,)), (-4, (4,), (1,)), (float("nan"), (4,), (1,)), (0, (2.5,), (1,))]
)
def test_a_view_must_be_given_in_whole_numbers(save, offset, shape, strides, tmp_path, without_shape_checks):
    save(tmp_path / "file", {"a": Tensor(Stored("s", NUMBERS), offset, shape, strides)})
    with pytest.raises(ValueError, match=r"file is not a state dict.*'a' has offset, .*whole numbers from 0"):
        read_pth(tmp_path / "file")


class Call:
    """Pickles as a call of a function that exists."""

    def __init__(self, function, argument):
        self.reduced = function, (argument,)

    def __reduce__(self):
        return self.reduced


@PTH
@pytest.mark.parametrize("function", [os.mkdir, eval, getattr, pickle.loads])
def test_a_pickle_that_calls_anything_is_refused_and_not_obeyed(save, function, tmp_path):
    mark = tmp_path / "mark"
    argument = str(mark) if function is os.mkdir else f"__import__('os').mkdir({str(mark)!r})"
    hostile = Tensor(Stored("s", NUMBERS), Call(function, argument), (1,), (1,))
    save(tmp_path / "file", {"a": hostile})
    with pytest.raises(ValueError, match=f"it asks for .*{function.__name__}, which weights have no need of"):
        read_pth(tmp_path / "file")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("read", "content", "said"),
    [
        (read_pth, b"", "it is empty"),
        (read_pth, b"not weights", "it does not begin as one"),
        (read_pth, b"\x80\x02", "it is cut off"),
        (read_safetensors, b"", "it is empty"),
        (read_safetensors, b"short", "it is shorter than 8 bytes"),
    ],
)
def test_the_reason_is_said_in_words(read, content, said, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=f"file is not a .*: {said}$"):
        read(tmp_path / "file")


def test_an_archive_without_a_pickle_is_refused(tmp_path):
    np.savez(tmp_path / "file.npz", x=NUMBERS)
    with pytest.raises(ValueError, match=r"file.npz is not a state dict .*: the archive has 0 files data.pkl, not one"):
        read_pth(tmp_path / "file.npz")


def test_what_holds_other_things_than_tensors_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(pickled(MAGIC, 1001, {"little_endian": True}, {"epoch": 3}, []))
    with pytest.raises(ValueError, match=r"file is not a state dict .*: 'epoch' is int, not a tensor"):
        read_pth(tmp_path / "file")


def test_numbers_of_the_other_byte_order_are_refused(tmp_path):
    (tmp_path / "file").write_bytes(pickled(MAGIC, 1001, {"little_endian": False}, {}, []))
    with pytest.raises(ValueError, match="little-endian"):
        read_pth(tmp_path / "file")


@pytest.mark.parametrize("read", [read_pth, read_safetensors])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not weights at all", b"\x80\x02K\x01."])
def test_what_is_no_such_file_is_refused_by_its_name(read, content, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match="file is not a"):
        read(tmp_path / "file")


@pytest.mark.parametrize(
    ("save", "read"), [(save_zip, read_pth), (save_legacy, read_pth), (save_safetensors, read_safetensors)]
)
def test_a_file_that_is_cut_off_is_refused(save, read, tmp_path):
    save(tmp_path / "file", example())
    whole = (tmp_path / "file").read_bytes()
    for length in (len(whole) // 3, len(whole) - 3):
        (tmp_path / "file").write_bytes(whole[:length])
        with pytest.raises(ValueError, match="file is not a"):
            read(tmp_path / "file")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"data_offsets": [0, 8]}, "cannot lie at bytes 0 to 8"),
        ({"data_offsets": [4, 20]}, "cannot lie at bytes 4 to 20"),
        ({"data_offsets": [-4, 12]}, "cannot lie at bytes -4 to 12"),
        ({"shape": [2, 3], "data_offsets": [0, 24]}, "cannot lie at bytes 0 to 24 of 16"),
        ({"shape": [-2, -2]}, "dimension"),
        ({"shape": [3], "data_offsets": [0, 12]}, "4 bytes follow the last tensor"),
        ({"dtype": "BF16"}, "tensor 'a' has dtype BF16, but only F32 and I64 are read"),
    ],
)
def test_a_safetensors_header_that_does_not_fit_is_refused(change, said, tmp_path):
    entry = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]} | change
    save_with_header(tmp_path / "file", {"a": entry}, NUMBERS[:4].tobytes())
    with pytest.raises(ValueError, match=f"file is not a safetensors file: .*{said}"):
        read_safetensors(tmp_path / "file")


def test_a_safetensors_header_longer_than_the_file_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(struct.pack("<Q", 1 << 40) + b"{}")
    with pytest.raises(ValueError, match="a header of 1099511627776 bytes does not fit into 10"):
        read_safetensors(tmp_path / "file")


@pytest.fixture(scope="module")
def shapes():
    """Shapes of the published file's tensors, by name."""
    image = jax.ShapeDtypeStruct((1, 299, 299, 3), np.float32)
    variables = jax.eval_shape(InceptionV3().init, jax.random.key(0), image)
    names = {"kernel": "weight", "scale": "weight", "bias": "bias", "mean": "running_mean", "var": "running_var"}
    leaves = [leaf for kind in variables.values() for leaf in jax.tree.leaves_with_path(kind)]
    order = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}
    return {
        ".".join([*(part.key for part in path[:-1]), names[path[-1].key]]): tuple(
            leaf.shape[i] for i in order[leaf.ndim]
        )
        for path, leaf in leaves
    }


def save_constant(path, shapes):
    """Every tensor is one stored number, seen many times."""
    save_legacy(path, {k: Tensor(Stored("0", NUMBERS[1:2]), 0, s, (0,) * len(s)) for k, s in shapes.items()})


@pytest.mark.slow
def test_what_the_published_file_holds_beside_the_weights_is_passed_over(shapes, tmp_path):
    beside = {"fc.bias": (1008,), "Conv2d_1a_3x3.bn.num_batches_tracked": ()}
    save_constant(tmp_path / "weights.pth", shapes | beside)
    variables = load_weights(tmp_path / "weights.pth")
    assert variables["params"]["Conv2d_1a_3x3"]["conv"]["kernel"].shape == (3, 3, 3, 32)
    assert variables["batch_stats"]["Mixed_7c"]["branch_pool"]["bn"]["var"].shape == (192,)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fc.weight": None}, "tensors that are 1 missing (fc.weight)."),
        ({"AuxLogits.fc.bias2": (2,)}, "tensors that are 1 unknown (AuxLogits.fc.bias2)."),
        ({"fc.weight": None, "x": (1,)}, "tensors that are 1 missing (fc.weight) and 1 unknown (x)."),
        ({"fc.weight": (1000, 2048)}, "fc.weight must be float32 (1008, 2048), got float32 (1000, 2048)."),
    ],
)
def test_other_tensors_than_the_published_are_refused(shapes, change, said, tmp_path):
    save_constant(tmp_path / "w.pth", {k: s for k, s in (shapes | change).items() if s is not None})
    with pytest.raises(ValueError, match=r"w\.pth: .*https://github\.com/mseitzer/pytorch-fid/releases") as error:
        load_weights(tmp_path / "w.pth")
    assert said in str(error.value)


def test_safetensors_are_told_by_their_suffix(shapes, tmp_path):
    save_safetensors(tmp_path / "w.safetensors", example())
    with pytest.raises(
        ValueError, match=rf"{len(shapes)} missing \(Conv2d_1a_3x3\S*, Conv\S*, Conv\S*, \.\.\.\) and 4"
    ):
        load_weights(tmp_path / "w.safetensors")


def test_where_the_file_is_missing_the_message_says_where_to_get_it(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"no file \S*none\.pth\. .*release fid_weights of the project pytorch-fid"
    ):
        load_weights(tmp_path / "none.pth")
