"""jaxgan's networks in PyTorch: the same layers under the same names, and their weights copied over.

Images are [B, C, H, W] here and [B, H, W, C] there; everything else is the same.
"""

import itertools
import math

import jax
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from jaxgan.networks.dcgan import LAYOUTS


class Dense(nn.Linear):
    """A dense layer; `maps` are the [C, H, W] that it reads flattened, or is cut into, if it does either."""

    def __init__(self, inputs, outputs, *, bias=True, reads=None, makes=None):
        super().__init__(inputs, outputs, bias)
        self.reads, self.makes = reads, makes


class BatchNorm(nn.BatchNorm2d):
    """Normalises by the statistics of the batch; `move` says whether the running ones follow."""

    def forward(self, x, move):
        running = (self.running_mean, self.running_var) if move else (None, None)
        return F.batch_norm(x, *running, self.weight, self.bias, True, self.momentum, self.eps)


NAMES = {Dense: "Dense", nn.Conv2d: "Conv", nn.ConvTranspose2d: "ConvTranspose", BatchNorm: "BatchNorm"}
"""What Flax calls them."""


class Chain(nn.Module):
    """Layers one after another; those with weights are named as Flax names them, `Conv_0`, `Conv_1`, ..."""

    def __init__(self, *layers):
        super().__init__()
        kinds = [NAMES.get(type(layer), type(layer).__name__) for layer in layers]
        for i, (kind, layer) in enumerate(zip(kinds, layers, strict=True)):
            self.add_module(f"{kind}_{kinds[:i].count(kind)}", layer)

    def forward(self, x, condition=None, move=True):
        if condition is not None:
            x = torch.cat([x.flatten(1), condition], 1)
        for layer in self.children():
            x = layer(x, move) if isinstance(layer, BatchNorm) else layer(x)
        return x


def convolution(inputs, outputs, *, kernel=4, stride=2, bias=True):
    """Padded as "SAME" pads the even sides used here."""
    return nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=bias)


def transposed(inputs, outputs, *, bias=False):
    return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=bias)


def start(config, side, features):
    """Latent to the smallest feature map."""
    maps = (features, side, side)
    dense = Dense(config.latent_size, math.prod(maps), bias=False, makes=maps)
    return [dense, nn.Unflatten(1, maps), BatchNorm(features), nn.ReLU()]


def dcgan(config, shape):
    """(generator, discriminator) of `jaxgan.networks.DCGAN...` for images `shape` [H, W, C]."""
    size, _, channels = shape
    side, doublings = LAYOUTS[size]
    widths = [config.width * 2**i for i in range(doublings)]
    generator = start(config, side, widths[-1])
    for i in reversed(range(1, doublings)):
        generator += [transposed(widths[i], widths[i - 1]), BatchNorm(widths[i - 1]), nn.ReLU()]
    generator += [transposed(widths[0], channels, bias=True), nn.Tanh()]
    discriminator = [convolution(channels, widths[0]), nn.LeakyReLU(0.2)]
    for inputs, outputs in itertools.pairwise(widths):
        discriminator.append(convolution(inputs, outputs, bias=not config.batch_norm))
        discriminator += [BatchNorm(outputs)] if config.batch_norm else []
        discriminator.append(nn.LeakyReLU(0.2))
    return Chain(*generator), Chain(*discriminator, *end(widths[-1], side))


def end(features, side):
    maps = (features, side, side)
    return [nn.Flatten(), Dense(math.prod(maps), 1, reads=maps), nn.Flatten(0)]


def mlp(config, shape, classes):
    """(generator, discriminator) of `jaxgan.networks.MLP...` for samples `shape`, images of one channel or points."""
    condition, size = classes if config.condition == "labels" else 0, math.prod(shape)
    images = len(shape) == 3
    generator = [*dense_layers(config.latent_size + condition, config.generator_hidden, size)]
    generator += [nn.Unflatten(1, (shape[2], *shape[:2])), nn.Tanh()] if images else []
    discriminator = dense_layers(size + condition, config.discriminator_hidden, 1)
    return Chain(*generator), Chain(nn.Flatten(), *discriminator, nn.Flatten(0))


def dense_layers(inputs, hidden, outputs):
    layers = []
    for width in hidden:
        layers += [Dense(inputs, width), nn.LeakyReLU(0.2)]
        inputs = width
    return [*layers, Dense(inputs, outputs)]


def three_by_three(config, shape):
    """(generator, discriminator) of `compare_cases.ThreeByThree...`."""
    size, _, channels = shape
    w = config.width
    generator = start(config, size // 8, 8 * w)
    for inputs in (8 * w, 4 * w, 2 * w):
        generator += [transposed(inputs, inputs // 2), BatchNorm(inputs // 2), nn.ReLU()]
    generator += [convolution(w, channels, kernel=3, stride=1), nn.Tanh()]
    discriminator, inputs = [], channels
    for outputs in (w, 2 * w, 4 * w):
        discriminator += [convolution(inputs, outputs, kernel=3, stride=1), nn.LeakyReLU(0.1)]
        discriminator += [convolution(outputs, 2 * outputs), nn.LeakyReLU(0.1)]
        inputs = 2 * outputs
    discriminator += [convolution(inputs, inputs, kernel=3, stride=1), nn.LeakyReLU(0.1)]
    return Chain(*generator), Chain(*discriminator, *end(inputs, size // 8))


@torch.no_grad()
def copy(params, network):
    """Give `network` the weights `params` of the Flax network; both must have the same layers and counts."""
    layers = {name.removesuffix(".layer"): layer for name, layer in network.named_modules() if type(layer) in NAMES}
    params = _by_layer(params)
    assert set(layers) == set(params), (sorted(layers), sorted(params))
    for name, layer in layers.items():
        given = {k: np.asarray(v) for k, v in params[name].items()}
        weight = given["scale"] if isinstance(layer, BatchNorm) else _weight(layer, given["kernel"])
        layer.weight.copy_(torch.tensor(np.ascontiguousarray(weight)))
        assert (layer.bias is None) == ("bias" not in given), name
        if layer.bias is not None:
            layer.bias.copy_(torch.tensor(given["bias"]))
    counts = (
        sum(p.size for layer in params.values() for p in layer.values()),
        sum(p.numel() for p in network.parameters()),
    )
    assert counts[0] == counts[1], counts
    return counts[0]


@torch.no_grad()
def copy_variables(variables, network):
    """Give `network` the running means and the spectral vectors of the Flax network's `variables`."""
    for name, statistics in _by_layer(variables.get("batch_stats", {})).items():
        network.get_submodule(name).running_mean.copy_(torch.tensor(np.asarray(statistics["mean"])))
    for name, vectors in _by_layer(variables.get("spectral", {})).items():
        network.get_submodule(name).u.copy_(torch.tensor(np.asarray(vectors["u"])))


def _by_layer(tree):
    """Arrays of each layer of a Flax network, whose name is the path to it."""
    layers = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        *names, last = (key.key for key in path)
        layers.setdefault(".".join(names), {})[last] = leaf
    return layers


def _weight(layer, kernel):
    """PyTorch's order: [out, in, H, W]; transposed convolutions are [in, out, H, W] of the mirrored kernel."""
    if isinstance(layer, nn.Conv2d):
        return kernel.transpose(3, 2, 0, 1)
    if isinstance(layer, nn.ConvTranspose2d):
        return kernel[::-1, ::-1].transpose(2, 3, 0, 1)
    if layer.reads:
        c, h, w = layer.reads
        kernel = kernel.reshape(h, w, c, -1).transpose(2, 0, 1, 3).reshape(h * w * c, -1)
    if layer.makes:
        c, h, w = layer.makes
        kernel = kernel.reshape(-1, h, w, c).transpose(0, 3, 1, 2).reshape(-1, h * w * c)
    return kernel.T
