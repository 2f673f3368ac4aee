"""Weights of pytorch-pretrained-biggan: our generator makes of them what their program makes, written here in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.errors import InputError
from jaxgan.export.others import under_our_names
from jaxgan.networks import BigGANDeepGenerator
from jaxgan.networks.biggan import LAYOUTS
from jaxgan.networks.layers.residual import Layout
from jaxgan.program import inheritance

LATENT, EMBEDDING, CLASSES, WIDTH = 3, 4, 2, 8
BLOCKS = {0: (False, 16, 16), 1: (True, 16, 8), 3: (False, 8, 8), 4: (True, 8, 8)}
"""By their number: upsampling, channels before and after; number 2 is the attention."""
RANDOM = np.random.default_rng(0)


def normalized(name, *shape):
    """A layer with spectral norm: any matrix, with its first singular vectors."""
    weight = RANDOM.normal(0, 0.5, shape)
    left, _, right = np.linalg.svd(weight.reshape(shape[0], -1), full_matrices=False)
    return {f"{name}.weight_orig": weight, f"{name}.weight_u": left[:, 0], f"{name}.weight_v": right[0]}


def statistics(name, channels):
    """Running statistics for three truncations, the last of which is none."""
    means, variances = RANDOM.normal(0, 0.5, (3, channels)), RANDOM.uniform(0.01, 0.5, (3, channels))
    return {f"{name}.running_means": means, f"{name}.running_vars": variances}


def weights():
    told = LATENT + EMBEDDING
    arrays = {"embeddings.weight": RANDOM.normal(size=(EMBEDDING, CLASSES))}
    arrays |= normalized("generator.gen_z", 4 * 4 * 16, told)
    arrays["generator.gen_z.bias"] = RANDOM.normal(size=4 * 4 * 16)
    for number, (_, before, after) in BLOCKS.items():
        block, hidden = f"generator.layers.{number}", before // 4
        for i, (inputs, outputs, size) in enumerate(
            [(before, hidden, 1), (hidden, hidden, 3), (hidden, hidden, 3), (hidden, after, 1)]
        ):
            arrays |= statistics(f"{block}.bn_{i}", inputs)
            arrays |= normalized(f"{block}.bn_{i}.scale", inputs, told)
            arrays |= normalized(f"{block}.bn_{i}.offset", inputs, told)
            arrays |= normalized(f"{block}.conv_{i}", outputs, inputs, size, size)
            arrays[f"{block}.conv_{i}.bias"] = RANDOM.normal(size=outputs)
    for name, shape in (("theta", (1, 8)), ("phi", (1, 8)), ("g", (4, 8)), ("o_conv", (8, 4))):
        arrays |= normalized(f"generator.layers.2.snconv1x1_{name}", *shape, 1, 1)
    arrays["generator.layers.2.gamma"] = np.array([0.7])
    arrays |= statistics("generator.bn", 8)
    arrays |= {"generator.bn.weight": RANDOM.uniform(0.5, 1, 8), "generator.bn.bias": RANDOM.normal(0, 0.2, 8)}
    arrays |= normalized("generator.conv_to_rgb", 8, 8, 3, 3)
    arrays["generator.conv_to_rgb.bias"] = RANDOM.normal(0, 0.2, 8)
    return arrays


def reference(arrays, z, y):
    """The `BigGAN` of pytorch_pretrained_biggan/model.py, in evaluation mode, without truncation."""

    def weight(name):
        matrix = arrays[f"{name}.weight_orig"]
        return matrix / np.linalg.norm(matrix.reshape(len(matrix), -1), 2)

    def conv(x, name):
        kernel, bias = weight(name), arrays.get(f"{name}.bias", np.zeros(()))
        size, (height, width) = kernel.shape[-1], x.shape[2:]
        padded = np.pad(x, ((0, 0), (0, 0), (size // 2,) * 2, (size // 2,) * 2))
        taps = [(i, j) for i in range(size) for j in range(size)]
        y = sum(
            np.einsum("nchw,oc->nohw", padded[:, :, i : i + height, j : j + width], kernel[:, :, i, j]) for i, j in taps
        )
        return y + bias.reshape(-1, 1, 1)

    def standard(x, name):
        mean, variance = (arrays[f"{name}.running_{each}"][-1, :, None, None] for each in ("means", "vars"))
        return (x - mean) / np.sqrt(variance + 1e-4)

    def doubled(x):
        return x.repeat(2, axis=2).repeat(2, axis=3)

    def pooled(x):
        return x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).max(axis=(3, 5))

    def attend(x):
        theta, phi, g = (conv(x, f"generator.layers.2.snconv1x1_{name}") for name in ("theta", "phi", "g"))
        flat = [a.reshape(*a.shape[:2], -1) for a in (theta, pooled(phi), pooled(g))]
        scores = np.exp(np.einsum("ncq,nck->nqk", *flat[:2]))
        attended = np.einsum("nqk,nck->ncq", scores / scores.sum(axis=2, keepdims=True), flat[2])
        return x + 0.7 * conv(attended.reshape(g.shape), "generator.layers.2.snconv1x1_o_conv")

    told = np.concatenate([z, y @ arrays["embeddings.weight"].T], axis=1)
    x = told @ weight("generator.gen_z").T + arrays["generator.gen_z.bias"]
    x = x.reshape(-1, 4, 4, 16).transpose(0, 3, 1, 2)
    for number, (up, _, after) in BLOCKS.items():
        x = attend(x) if number == 3 else x
        h, block = x, f"generator.layers.{number}"
        for i in range(4):
            scale, offset = (told @ weight(f"{block}.bn_{i}.{name}").T for name in ("scale", "offset"))
            h = standard(h, f"{block}.bn_{i}") * (1 + scale[:, :, None, None]) + offset[:, :, None, None]
            h = np.maximum(h, 0)
            h = conv(doubled(h) if up and i == 1 else h, f"{block}.conv_{i}")
        x = h + (doubled(x) if up else x)[:, :after]
    x = standard(x, "generator.bn") * arrays["generator.bn.weight"][:, None, None]
    x = np.maximum(x + arrays["generator.bn.bias"][:, None, None], 0)
    return np.tanh(conv(x, "generator.conv_to_rgb")[:, :3]).transpose(0, 2, 3, 1)


@pytest.mark.slow
@pytest.mark.parametrize("spectral_norm", [True, False])
def test_our_generator_makes_the_same_images(spectral_norm, monkeypatch):
    monkeypatch.setitem(LAYOUTS, 16, Layout(4, 2, (1, 1), (1, 1), (1,)))
    arrays = weights()
    z, y = RANDOM.normal(size=(2, LATENT)), np.eye(CLASSES)
    module = BigGANDeepGenerator(16, width=WIDTH, embedding_size=EMBEDDING, attention=(8,), spectral_norm=spectral_norm)
    given = jnp.asarray(z, jnp.float32), jnp.asarray(y, jnp.float32)
    like = jax.eval_shape(lambda: module.init(jax.random.key(0), *given, train=False))
    start = jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), like)
    params = start.pop("params")
    tree = {"params": params, "variables": {"network": start}}
    filled = inheritance._filled("generator", tree, under_our_names(arrays)[0])
    assert not filled.new
    assert all("spectral" in name for name in filled.left)
    assert bool(filled.left) != spectral_norm
    variables = {"params": filled.tree["params"], **filled.tree["variables"]["network"]}
    images = jax.jit(lambda variables: module.apply(variables, *given, train=False))(variables)
    expected = reference(arrays, z, y)
    assert np.std(expected) > 0.1
    np.testing.assert_allclose(images, expected, atol=1e-4)


def test_what_is_missing_is_named():
    arrays = weights()
    del arrays["generator.layers.2.snconv1x1_g.weight_u"]
    with pytest.raises(InputError, match=r"pytorch-pretrained-biggan, but generator\.layers\.2\.snconv1x1_g"):
        under_our_names(arrays)


def test_weights_of_mimicry_are_refused_in_words():
    with pytest.raises(InputError, match="its blocks upsample bilinearly, and those of sn_resnet repeat each pixel"):
        under_our_names({"l1.weight": np.zeros((4, 2)), "block2.c1.weight": np.zeros((4, 4, 3, 3))})
