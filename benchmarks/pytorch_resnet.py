"""jaxgan's SN-ResNet in PyTorch, without conditions: its blocks and its spectral norm, under Flax's names."""

import torch
import torch.nn.functional as F
from pytorch_networks import BatchNorm, Dense, convolution
from torch import nn

from jaxgan.networks.sn_resnet import EPSILON, LAYOUTS


class Spectral(nn.Module):
    """A layer divided by its largest singular value, by one power iteration; its derivative is that of this function.

    The pass that keeps no vector is that of the generator's step, where jaxgan judges real rows first: it sees the
    vector after theirs.
    """

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.register_buffer("u", torch.ones(layer.weight.shape[0]))

    def forward(self, x, move):
        matrix = self.layer.weight.flatten(1)
        moved = iterated(matrix, self.u if move else F.normalize(iterated(matrix, self.u), dim=0))
        if move:
            self.u = F.normalize(moved.detach(), dim=0)
        weight = self.layer.weight / moved.norm()
        if isinstance(self.layer, nn.Conv2d):
            return F.conv2d(x, weight, self.layer.bias, padding=self.layer.padding)
        return F.linear(x, weight, self.layer.bias)


class Norm(nn.Module):
    """What Flax calls `ConditionalBatchNorm`."""

    def __init__(self, features):
        super().__init__()
        self.BatchNorm_0 = BatchNorm(features, EPSILON)

    def forward(self, x, move):
        return self.BatchNorm_0(x, move)


class UpBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.ConditionalBatchNorm_0, self.ConditionalBatchNorm_1 = Norm(inputs), Norm(outputs)
        self.Conv_0 = convolution(inputs, outputs, kernel=3, stride=1, bias=False)
        self.Conv_1 = convolution(outputs, outputs, kernel=3, stride=1, bias=False)
        self.Conv_2 = convolution(inputs, outputs, kernel=1, stride=1, bias=False)

    def forward(self, x, move):
        h = self.Conv_0(larger(F.relu(self.ConditionalBatchNorm_0(x, move))))
        return self.Conv_1(F.relu(self.ConditionalBatchNorm_1(h, move))) + larger(self.Conv_2(x))


class DownBlock(nn.Module):
    def __init__(self, inputs, outputs, *, first=False, down=True):
        super().__init__()
        self.first, self.down = first, down
        hidden = outputs if first else inputs
        self.Conv_0 = Spectral(convolution(inputs, hidden, kernel=3, stride=1))
        self.Conv_1 = Spectral(convolution(hidden, outputs, kernel=3, stride=1))
        self.Conv_2 = Spectral(convolution(inputs, outputs, kernel=1, stride=1)) if down or inputs != outputs else None

    def forward(self, x, move):
        h = self.Conv_0(x if self.first else F.relu(x), move)
        h = self.Conv_1(F.relu(h), move)
        if self.down:
            h, x = F.avg_pool2d(h, 2), F.avg_pool2d(x, 2)
        return h + (x if self.Conv_2 is None else self.Conv_2(x, move))


class Generator(nn.Module):
    def __init__(self, latent_size, layout, width, channels):
        super().__init__()
        maps = (layout.first * width, layout.side, layout.side)
        self.Dense_0 = Dense(latent_size, layout.first * width * layout.side**2, makes=maps)
        widths = [layout.first * width, *(features * width for features in layout.up)]
        for i in range(len(layout.up)):
            self.add_module(f"UpBlock_{i}", UpBlock(*widths[i : i + 2]))
        self.BatchNorm_0 = BatchNorm(widths[-1], EPSILON)
        self.Conv_0 = convolution(widths[-1], channels, kernel=3, stride=1)
        self.maps = maps

    def forward(self, latent, condition=None, move=True):
        x = self.Dense_0(latent).unflatten(1, self.maps)
        for block in self.children():
            x = block(x, move) if isinstance(block, UpBlock) else x
        return torch.tanh(self.Conv_0(F.relu(self.BatchNorm_0(x, move))))


class Head(nn.Module):
    """What Flax calls `ProjectionHead`."""

    def __init__(self, features):
        super().__init__()
        self.Dense_0 = Spectral(Dense(features, 1, bias=False))

    def forward(self, x, move):
        return self.Dense_0(F.relu(x).float().sum((2, 3)), move)[:, 0]


class Discriminator(nn.Module):
    def __init__(self, layout, width, channels):
        super().__init__()
        blocks = [(features, True) for features in layout.down] + [(features, False) for features in layout.flat]
        for i, (features, down) in enumerate(blocks):
            self.add_module(f"DownBlock_{i}", DownBlock(channels, features * width, first=i == 0, down=down))
            channels = features * width
        self.ProjectionHead_0 = Head(channels)

    def forward(self, x, condition=None, move=True):
        for block in self.children():
            x = block(x, move)
        return x


def iterated(matrix, u):
    return matrix @ F.normalize(matrix.T @ u, dim=0)


def larger(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def sn_resnet(config, shape):
    """(generator, discriminator) of `jaxgan.networks.SNResNet...` for images `shape` [H, W, C] of up to 32 pixels."""
    size, _, channels = shape
    layout = LAYOUTS[size]
    generator = Generator(config.latent_size, layout, config.width, channels)
    return generator, Discriminator(layout, config.width, channels)
