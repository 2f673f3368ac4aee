"""Weights of StyleGAN2-ADA: our networks make of them what the authors' program makes, written here in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.errors import InputError
from jaxgan.export.others import under_our_names
from jaxgan.networks import StyleGAN2Discriminator, StyleGAN2Generator
from jaxgan.program import inheritance

LATENT, STYLE, CLASSES, SIDE = 3, 4, 2, 8
CHANNELS = {4: 3, 8: 2}
"""By the side: 16 / side, at most 3."""
FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
RANDOM = np.random.default_rng(0)


def dense(name, inputs, outputs):
    return {f"{name}.weight": RANDOM.normal(size=(outputs, inputs)), f"{name}.bias": RANDOM.normal(size=outputs)}


def conv(name, inputs, outputs, size, bias=True):
    arrays = {f"{name}.weight": RANDOM.normal(size=(outputs, inputs, size, size))}
    return arrays | ({f"{name}.bias": RANDOM.normal(size=outputs)} if bias else {})


def generator():
    """Arrays by the names of `Generator` in training/networks.py, without noise."""
    arrays = {
        "mapping.w_avg": RANDOM.normal(size=STYLE),
        "synthesis.b4.const": RANDOM.normal(size=(CHANNELS[4], 4, 4)),
        "synthesis.b8.resample_filter": FILTER,
    }
    arrays |= dense("mapping.embed", CLASSES, STYLE) | dense("mapping.fc0", LATENT + STYLE, STYLE)
    arrays |= dense("mapping.fc1", STYLE, STYLE)
    for side, part, inputs, outputs, size in (
        (4, "conv1", 3, 3, 3),
        (4, "torgb", 3, 3, 1),
        (8, "conv0", 3, 2, 3),
        (8, "conv1", 2, 2, 3),
        (8, "torgb", 2, 3, 1),
    ):
        name = f"synthesis.b{side}.{part}"
        arrays |= conv(name, inputs, outputs, size) | dense(f"{name}.affine", STYLE, inputs)
        if size == 3:
            arrays |= {f"{name}.noise_strength": np.zeros(()), f"{name}.noise_const": np.ones((side, side))}
    return arrays


def discriminator(residual):
    """Arrays by the names of `Discriminator`."""
    arrays = conv("b8.fromrgb", 3, 2, 1) | conv("b8.conv0", 2, 2, 3) | conv("b8.conv1", 2, 3, 3)
    arrays |= conv("b8.skip", 2, 3, 1, bias=False) if residual else {}
    arrays |= conv("b4.conv", 3 + 1, 3, 3) | dense("b4.fc", 3 * 16, 3) | dense("b4.out", 3, 3)
    return arrays | dense("mapping.fc0", 3, 3) | dense("mapping.embed", CLASSES, 3)


def correlated(x, kernel, stride=1):
    size, sides = kernel.shape[-1], [1 + (side - kernel.shape[-1]) // stride for side in x.shape[2:]]
    ends = [stride * (side - 1) + 1 for side in sides]
    return sum(
        np.einsum("nchw,oc->nohw", x[:, :, i : i + ends[0] : stride, j : j + ends[1] : stride], kernel[:, :, i, j])
        for i in range(size)
        for j in range(size)
    )


def filtered(x, before, after, up=1):
    """Zeros between the pixels and around them, then the filter."""
    n, channels, height, width = x.shape
    y = np.zeros((n * channels, 1, height * up, width * up))
    y[:, 0, ::up, ::up] = x.reshape(-1, height, width)
    y = np.pad(y, ((0, 0), (0, 0), (before, after), (before, after)))
    y = correlated(y, up**2 * FILTER[None, None])
    return y.reshape(n, channels, *y.shape[2:])


def leaky(x):
    return np.where(x > 0, x, 0.2 * x) * np.sqrt(2)


def length(x):
    return x / np.sqrt(np.mean(x**2, axis=1, keepdims=True) + 1e-8)


def affine(arrays, name, x, rate=1.0):
    weight = arrays[f"{name}.weight"]
    return x @ weight.T * rate / np.sqrt(weight.shape[1]) + arrays[f"{name}.bias"] * rate


def mapped(arrays, z, y, depth):
    parts = [] if z is None else [length(z)]
    x = np.concatenate([*parts, length(affine(arrays, "mapping.embed", y))], axis=1)
    for i in range(depth):
        x = leaky(affine(arrays, f"mapping.fc{i}", x, 0.01))
    return x


def layer(arrays, name, x, w, up=False):
    weight, style = arrays[f"{name}.weight"], affine(arrays, f"{name}.affine", w)
    if name.endswith("torgb"):
        style /= np.sqrt(weight.shape[1])
        return correlated(x * style[:, :, None, None], weight) + arrays[f"{name}.bias"][:, None, None]
    root = np.sqrt(np.einsum("oirc,ni->no", weight**2, style**2) + 1e-8)
    x = x * style[:, :, None, None]
    x = correlated(filtered(x, 3, 2, up=2), weight[:, :, ::-1, ::-1]) if up else padded(x, weight)
    return leaky(x / root[:, :, None, None] + arrays[f"{name}.bias"][:, None, None])


def padded(x, weight):
    return correlated(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), weight)


def image(arrays, z, y, psi):
    w = mapped(arrays, z, y, 2)
    w = arrays["mapping.w_avg"] + psi * (w - arrays["mapping.w_avg"])
    x = np.repeat(arrays["synthesis.b4.const"][None], len(z), axis=0)
    x = layer(arrays, "synthesis.b4.conv1", x, w)
    colours = layer(arrays, "synthesis.b4.torgb", x, w)
    x = layer(arrays, "synthesis.b8.conv0", x, w, up=True)
    x = layer(arrays, "synthesis.b8.conv1", x, w)
    return filtered(colours, 2, 1, up=2) + layer(arrays, "synthesis.b8.torgb", x, w)


def logit(arrays, x, y):
    """The logits of one group of rows."""

    def weight(name):
        kernel = arrays[f"{name}.weight"]
        return kernel / np.sqrt(np.prod(kernel.shape[1:]))

    def bias(name):
        return arrays[f"{name}.bias"][:, None, None]

    x = leaky(correlated(x, weight("b8.fromrgb")) + bias("b8.fromrgb"))
    h = leaky(padded(x, weight("b8.conv0")) + bias("b8.conv0"))
    h = leaky(correlated(filtered(h, 2, 2), weight("b8.conv1"), stride=2) + bias("b8.conv1"))
    if "b8.skip.weight" in arrays:
        h = (h + correlated(filtered(x, 1, 1), weight("b8.skip"), stride=2)) / np.sqrt(2)
    spread = np.mean(np.sqrt(np.var(h, axis=0) + 1e-8))
    h = np.concatenate([h, np.full((len(h), 1, 4, 4), spread)], axis=1)
    h = leaky(padded(h, weight("b4.conv")) + bias("b4.conv"))
    h = affine(arrays, "b4.out", leaky(affine(arrays, "b4.fc", h.reshape(len(h), -1))))
    return np.sum(h * mapped(arrays, None, y, 1), axis=1) / np.sqrt(3)


def filled(player, module, arrays, *given):
    like = jax.eval_shape(lambda: module.init(jax.random.key(0), *given, train=False))
    start = jax.tree.map(lambda x: np.zeros(x.shape, x.dtype), like)
    params = start.pop("params")
    found = inheritance._filled(player, {"params": params, "variables": {"network": start}}, arrays)
    assert not found.new
    assert not found.left
    return {"params": found.tree["params"], **found.tree["variables"]["network"]}


@pytest.mark.slow
@pytest.mark.parametrize("residual", [True, False])
def test_our_networks_make_the_same_images_and_logits(residual):
    theirs, judge = generator(), discriminator(residual)
    both = {f"G_ema.{name}": x for name, x in theirs.items()} | {f"D.{name}": x for name, x in judge.items()}
    ours = under_our_names(both)
    z, y = RANDOM.normal(size=(2, LATENT)), np.eye(CLASSES)
    given = jnp.asarray(z, jnp.float32), jnp.asarray(y, jnp.float32)
    small = {"channel_base": 16, "channel_max": 3}
    module = StyleGAN2Generator(SIDE, style_size=STYLE, mapping_layers=2, truncation=0.5, **small)
    variables = filled("generator", module, ours[0], *given)
    images = jax.jit(lambda variables: module.apply(variables, *given, train=False))(variables)
    expected = image(theirs, z, y, 0.5)
    assert np.std(expected) > 0.1
    np.testing.assert_allclose(images, expected.transpose(0, 2, 3, 1), atol=1e-4)

    module = StyleGAN2Discriminator(group_size=2, residual=residual, mapping_layers=1, **small)
    variables = filled("discriminator", module, ours[1], images, given[1])
    logits = jax.jit(lambda variables: module.apply(variables, images, given[1], train=False))(variables)
    expected = logit(judge, expected, y)
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def test_the_generator_alone_may_have_no_prefix():
    arrays = generator()
    alone, nothing = under_our_names(arrays)
    assert nothing == {}
    assert alone.keys() == under_our_names({f"G_ema.{name}": x for name, x in arrays.items()})[0].keys()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"synthesis.b8.resample_filter": FILTER[:2, :2]}, "another filter for resampling"),
        ({"synthesis.b4.torgb.weight": None}, "without skip connections to the colours"),
        ({"synthesis.b8.conv1.affine.bias": None}, r"but synthesis\.b8\.conv1\.affine\.bias is missing"),
        ({"D.b8.conv0.weight": np.zeros((2, 2, 3, 3))}, r"but b8\.fromrgb\.weight is missing"),
    ],
)
def test_another_network_is_refused_in_words(change, message):
    arrays = {name: x for name, x in (generator() | change).items() if x is not None}
    with pytest.raises(InputError, match=message):
        under_our_names(arrays)
