"""Layers in NumPy, as PyTorch defines them, to follow the authors' programs with: images `[B, H, W, C]` in float64."""

import numpy as np


def conv(x, layer, stride, padding, mode="constant"):
    """The layer's kernel slid over the image with so many pixels around it, and its bias if it has one."""
    kernel = np.asarray(layer["kernel"], np.float64)
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)), mode=mode)
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("bhwcij,ijco->bhwo", windows, kernel) + layer.get("bias", 0)


def conv_transpose(x, layer, padding, output_padding=0):
    """Stride 2: each pixel adds the kernel, turned by half a circle as Flax keeps it, at twice its place."""
    kernel = np.asarray(layer["kernel"], np.float64)[::-1, ::-1]
    size, (batch, height, width, _) = kernel.shape[0], x.shape
    y = np.zeros((batch, 2 * height + size, 2 * width + size, kernel.shape[3]))
    for i in range(height):
        for j in range(width):
            y[:, 2 * i : 2 * i + size, 2 * j : 2 * j + size] += np.einsum("bc,ijco->bijo", x[:, i, j], kernel)
    rows, columns = ((side - 1) * 2 - 2 * padding + size + output_padding for side in (height, width))
    return y[:, padding : padding + rows, padding : padding + columns] + layer.get("bias", 0)


def instance_norm(x):
    """Without parameters."""
    return (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-5)


def leaky_relu(x, slope=0.2):
    """The positive part, and a share of the negative one."""
    return np.where(x > 0, x, slope * x)
