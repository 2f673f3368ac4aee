"""VGG19 against the same layers in NumPy, on narrow random weights under torchvision's names."""

import jax.numpy as jnp
import numpy as np
import pytest
from inception_for_tests import save_safetensors

from jaxgan.metrics import vgg

CONFIGURATION = [1, 1, "M", 2, 2, "M", 4, 4, 4, 4, "M", 8, 8, 8, 8, "M", 8, 8, 8, 8]
"""Torchvision's configuration E, in multiples of the first width."""
WIDTH = 2


def random_tensors(width=WIDTH):
    """Tensors as torchvision counts them: a convolution and its ReLU take a place each, and a maximum takes one."""
    rng, tensors, place, inputs = np.random.default_rng(0), {}, 0, 3
    for outputs in CONFIGURATION:
        if outputs == "M":
            place += 1
            continue
        outputs *= width
        scale = np.sqrt(2 / (9 * inputs))
        tensors[f"features.{place}.weight"] = scale * rng.standard_normal((outputs, inputs, 3, 3))
        tensors[f"features.{place}.bias"] = 0.1 * rng.standard_normal(outputs)
        place, inputs = place + 2, outputs
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items()}


def in_numpy(tensors, x):
    """Every layer in order, channels first: the outputs of convolutions and of ReLUs."""
    layers, places = [], iter(sorted({int(name.split(".")[1]) for name in tensors}))
    for outputs in CONFIGURATION:
        if outputs == "M":
            batch, channels, height, width = x.shape
            x = x.reshape(batch, channels, height // 2, 2, width // 2, 2).max(axis=(3, 5))
            continue
        place = next(places)
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        x = np.einsum("bchwij,ocij->bohw", windows, tensors[f"features.{place}.weight"], optimize=True)
        x = x + tensors[f"features.{place}.bias"][:, None, None]
        layers.append(x)
        x = np.maximum(x, 0)
        layers.append(x)
    return layers


@pytest.fixture
def narrow(tmp_path, monkeypatch):
    """A file of narrow weights, which `vgg19` reads as it reads the published ones."""
    load = vgg.load_weights
    monkeypatch.setattr(vgg, "load_weights", lambda path: load(path, WIDTH))
    tensors = random_tensors()
    path = tmp_path / "vgg19.safetensors"
    save_safetensors(path, tensors)
    return path, tensors


def test_every_layer_equals_that_of_numpy(narrow):
    path, tensors = narrow
    images = np.random.default_rng(1).uniform(-1, 1, (2, 16, 16, 3)).astype(np.float32)
    expected = in_numpy(tensors, images.transpose(0, 3, 1, 2))
    features = vgg.vgg19(path, vgg.LAYERS, standardized=False)(jnp.asarray(images))
    assert len(features) == len(expected) == 32
    for came, right in zip(features, expected, strict=True):
        np.testing.assert_allclose(came, right.transpose(0, 2, 3, 1), rtol=1e-4, atol=1e-4)


def test_images_are_standardized_as_the_network_was_trained(narrow):
    path, tensors = narrow
    images = np.random.default_rng(1).uniform(-1, 1, (1, 16, 16, 1)).astype(np.float32)
    of_torchvision = ((images + 1) / 2 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    right = in_numpy(tensors, of_torchvision.transpose(0, 3, 1, 2))[0]
    (came,) = vgg.vgg19(path, ("conv1_1",))(jnp.asarray(images))
    np.testing.assert_allclose(came, right.transpose(0, 2, 3, 1), rtol=1e-4, atol=1e-4)


def test_a_file_that_is_not_vgg19_is_refused_in_words(tmp_path, narrow):
    path, tensors = narrow
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.pth.*torchvision"):
        vgg.vgg19(tmp_path / "none.pth", ("conv5_4",))
    with pytest.raises(ValueError, match=r"layer must be one of .*'conv6_1'"):
        vgg.vgg19(path, ("conv6_1",))
    save_safetensors(path, {name: tensor for name, tensor in tensors.items() if name != "features.34.bias"})
    with pytest.raises(ValueError, match=r"no tensor features\.34\.bias"):
        vgg.vgg19(path, ("conv1_1",))
    save_safetensors(path, random_tensors(2 * WIDTH))
    with pytest.raises(ValueError, match=r"features\.0\.weight must be float32 \(2, 3, 3, 3\), got .* \(4, 3, 3, 3\)"):
        vgg.vgg19(path, ("conv1_1",))
    save_safetensors(path, tensors)
    with pytest.raises(ValueError, match="1 or 3 channels for VGG19, got 2"):
        vgg.vgg19(path, ("conv1_1",))(jnp.zeros((1, 16, 16, 2)))
