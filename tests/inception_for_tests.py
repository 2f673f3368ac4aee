"""The Inception network of the FID literature in NumPy, and files of its weights, written without PyTorch."""

import io
import json
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from unittest import mock

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C


class Reference:
    """Runs the network in NumPy, channels first, and makes random weights for it on the way, as they are needed."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.tensors = {}

    def __call__(self, x):
        """`[B, 3, H, W]` to features, and logits without the bias."""
        x = self.unit("Conv2d_1a_3x3", x, 32, 3, 3, stride=2, pad=False)
        x = self.unit("Conv2d_2a_3x3", x, 32, 3, 3, pad=False)
        x = maximum(self.unit("Conv2d_2b_3x3", x, 64, 3, 3), stride=2, pad=False)
        x = self.unit("Conv2d_3b_1x1", x, 80)
        x = maximum(self.unit("Conv2d_4a_3x3", x, 192, 3, 3, pad=False), stride=2, pad=False)
        for name, pooled in (("5b", 32), ("5c", 64), ("5d", 64)):
            x = self.block_a(f"Mixed_{name}.", x, pooled)
        x = self.block_b("Mixed_6a.", x)
        for name, inner in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
            x = self.block_c(f"Mixed_{name}.", x, inner)
        x = self.block_d("Mixed_7a.", x)
        x = self.block_e("Mixed_7b.", x, average)
        x = self.block_e("Mixed_7c.", x, maximum)
        features = x.mean(axis=(2, 3))
        self.tensors["fc.weight"] = self.normal(0, 0.05, (1008, 2048))
        self.tensors["fc.bias"] = self.normal(0, 1, 1008)
        return features, features @ self.tensors["fc.weight"].T

    def normal(self, mean, deviation, shape):
        return (mean + deviation * self.rng.standard_normal(shape)).astype(np.float32)

    def unit(self, name, x, features, rows=1, columns=1, *, stride=1, pad=True):
        kernel = self.normal(0, np.sqrt(2 / (x.shape[1] * rows * columns)), (features, x.shape[1], rows, columns))
        scale, bias, mean = self.normal(1, 0.2, features), self.normal(0, 0.3, features), self.normal(0, 0.3, features)
        variance = self.rng.uniform(0.5, 1.5, features).astype(np.float32)
        norm = {"weight": scale, "bias": bias, "running_mean": mean, "running_var": variance}
        self.tensors[f"{name}.conv.weight"] = kernel
        self.tensors |= {f"{name}.bn.{key}": value for key, value in norm.items()}
        self.tensors[f"{name}.bn.num_batches_tracked"] = np.array(7)
        y = np.einsum("bchwij,ocij->bohw", windows(x, rows, columns, stride, pad, 0), kernel, optimize=True)
        scale, bias, mean, variance = (v[:, None, None] for v in (scale, bias, mean, variance))
        return np.maximum((y - mean) / np.sqrt(variance + 0.001) * scale + bias, 0)

    def chain(self, name, x, *steps):
        """Units one after the other, named from 1."""
        for i, step in enumerate(steps, start=1):
            x = self.unit(f"{name}_{i}", x, *step)
        return x

    def block_a(self, at, x, pooled):
        one = self.unit(at + "branch1x1", x, 64)
        five = self.chain(at + "branch5x5", x, (48,), (64, 5, 5))
        three = self.chain(at + "branch3x3dbl", x, (64,), (96, 3, 3), (96, 3, 3))
        return np.concatenate([one, five, three, self.unit(at + "branch_pool", average(x), pooled)], axis=1)

    def block_b(self, at, x):
        three = self.unit(at + "branch3x3", x, 384, 3, 3, stride=2, pad=False)
        double = self.chain(at + "branch3x3dbl", x, (64,), (96, 3, 3))
        double = self.unit(at + "branch3x3dbl_3", double, 96, 3, 3, stride=2, pad=False)
        return np.concatenate([three, double, maximum(x, stride=2, pad=False)], axis=1)

    def block_c(self, at, x, c):
        one = self.unit(at + "branch1x1", x, 192)
        seven = self.chain(at + "branch7x7", x, (c,), (c, 1, 7), (192, 7, 1))
        double = self.chain(at + "branch7x7dbl", x, (c,), (c, 7, 1), (c, 1, 7), (c, 7, 1), (192, 1, 7))
        return np.concatenate([one, seven, double, self.unit(at + "branch_pool", average(x), 192)], axis=1)

    def block_d(self, at, x):
        three = self.chain(at + "branch3x3", x, (192,))
        three = self.unit(at + "branch3x3_2", three, 320, 3, 3, stride=2, pad=False)
        seven = self.chain(at + "branch7x7x3", x, (192,), (192, 1, 7), (192, 7, 1))
        seven = self.unit(at + "branch7x7x3_4", seven, 192, 3, 3, stride=2, pad=False)
        return np.concatenate([three, seven, maximum(x, stride=2, pad=False)], axis=1)

    def block_e(self, at, x, pool):
        one = self.unit(at + "branch1x1", x, 320)
        three = self.chain(at + "branch3x3", x, (384,))
        double = self.chain(at + "branch3x3dbl", x, (448,), (384, 3, 3))
        pairs = [
            self.unit(at + name, y, 384, *size)
            for y, branch in ((three, "branch3x3_2"), (double, "branch3x3dbl_3"))
            for name, size in ((branch + "a", (1, 3)), (branch + "b", (3, 1)))
        ]
        return np.concatenate([one, *pairs, self.unit(at + "branch_pool", pool(x), 192)], axis=1)


def windows(x, rows, columns, stride, pad, filling):
    if pad:
        sides = [(0, 0), (0, 0), (rows // 2, rows // 2), (columns // 2, columns // 2)]
        x = np.pad(x, sides, constant_values=filling)
    return np.lib.stride_tricks.sliding_window_view(x, (rows, columns), (2, 3))[:, :, ::stride, ::stride]


def average(x):
    """Average of those pixels of a 3×3 window that exist."""
    return np.nanmean(windows(x, 3, 3, 1, True, np.nan), axis=(4, 5))


def maximum(x, stride=1, pad=True):
    return windows(x, 3, 3, stride, pad, -np.inf).max(axis=(4, 5))


class FloatStorage:
    """Stands for PyTorch's class of this name: pickles refer to it by module and name alone."""


class LongStorage:
    """The same for int64."""


def _rebuild_tensor_v2():
    """The same for PyTorch's function."""


class Stored:
    """Stands for a storage, which is pickled as a reference to numbers elsewhere in the file."""

    def __init__(self, key, data):
        self.key, self.data = key, data


class Tensor:
    """Pickles as PyTorch's tensors do."""

    def __init__(self, stored, offset, shape, strides):
        self.view = (stored, offset, shape, strides, False, OrderedDict())

    def __reduce__(self):
        return _rebuild_tensor_v2, self.view


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if not isinstance(value, Stored):
            return None
        kind = FloatStorage if value.data.dtype == np.float32 else LongStorage
        return "storage", kind, value.key, "cpu", value.data.size


def pickled(*values):
    """Values one after the other, as PyTorch would pickle them."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage, torch.LongStorage, utils._rebuild_tensor_v2 = FloatStorage, LongStorage, _rebuild_tensor_v2
    FloatStorage.__module__ = LongStorage.__module__ = "torch"
    _rebuild_tensor_v2.__module__ = "torch._utils"
    buffer = io.BytesIO()
    with mock.patch.dict(sys.modules, {"torch": torch, "torch._utils": utils}):
        for value in values:
            Pickler(buffer, protocol=2).dump(value)
    return buffer.getvalue()


def state_dict(tensors):
    """The dictionary to be pickled, and its storages; a `Tensor` is taken as it is, with its storage."""
    made = OrderedDict()
    for key, (name, value) in enumerate(tensors.items()):
        if isinstance(value, np.ndarray):
            strides = tuple(np.cumprod((1, *value.shape[:0:-1]))[::-1].tolist()) if value.ndim else ()
            value = Tensor(Stored(str(key), value), 0, value.shape, strides)
        made[name] = value
    made._metadata = OrderedDict({"": {"version": 1}})
    return made, {tensor.view[0].key: tensor.view[0] for tensor in made.values()}


def save_zip(path, tensors):
    """As `torch.save` does since version 1.6."""
    values, storages = state_dict(tensors)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/data.pkl", pickled(values))
        archive.writestr("weights/byteorder", "little")
        for key, stored in storages.items():
            archive.writestr(f"weights/data/{key}", stored.data.tobytes())


def save_legacy(path, tensors):
    """As `torch.save` did before."""
    values, storages = state_dict(tensors)
    with open(path, "wb") as file:
        file.write(pickled(MAGIC, 1001, {"little_endian": True}, values, list(storages)))
        for stored in storages.values():
            file.write(struct.pack("<q", stored.data.size) + stored.data.tobytes())


def save_safetensors(path, tensors):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, value in tensors.items():
        dtype = {"float32": "F32", "int64": "I64"}[str(value.dtype)]
        offsets = [len(data), len(data) + value.nbytes]
        header[name] = {"dtype": dtype, "shape": value.shape, "data_offsets": offsets}
        data += value.tobytes()
    save_with_header(path, header, data)


def save_with_header(path, header, data):
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
