"""The layers of VGG19, from a local file of its published weights, for perceptual distances."""

from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice
from jaxgan.errors import NotFoundError
from jaxgan.metrics.inception.pth import read_pth
from jaxgan.metrics.inception.safetensors import read_safetensors

BLOCKS = (2, 2, 4, 4, 4)
"""Convolutions between one pooling and the next."""
CONVOLUTIONS = tuple(f"{block}_{i}" for block, count in enumerate(BLOCKS, 1) for i in range(1, count + 1))
LAYERS = tuple(f"{kind}{name}" for name in CONVOLUTIONS for kind in ("conv", "relu"))
"""conv1_1, relu1_1, conv1_2, ... relu5_4: each convolution, before and after its ReLU."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and deviation of the images in [0, 1] that the network was trained on, for each colour."""
LAYOUT = ("NHWC", "HWIO", "NHWC")
WHERE = (
    "The published weights are torchvision's vgg19-dcbb9e9d.pth, 548 MiB; the same tensors under the same names as "
    ".safetensors will do"
)
Images = Float[Array, "batch height width channels"]


def vgg19(
    weights: str | Path, layers: tuple[str, ...], *, standardized: bool = True
) -> Callable[[Images], list[Array]]:
    """Features of images in layers of VGG19, for `terms.perceptual`.

        features = vgg19("vgg19.safetensors", ("conv5_4",))
        term = jaxgan.terms.perceptual(features, weight=1.0)

    Sixteen 3×3 convolutions with ReLU in five blocks, with 2×2 maxima between them. The sides of images are halved four
    times on the way to block 5.

    Args:
        weights: path of the file: torchvision's state dict by `torch.save`, or its tensors as `.safetensors`. Only
            `features.N.weight` and `features.N.bias` are used.
        layers: names of layers, out of `LAYERS`. ESRGAN's program takes conv5_4; pix2pixHD's and SPADE's take relu1_1
            to relu5_1, weighted by 1/32, 1/16, 1/8, 1/4 and 1.
        standardized: whether to standardize images by the mean and deviation that the network was trained with; the
            programs of pix2pixHD and SPADE do not.

    Returns:
        A function of images `[B, H, W, C]` in [-1, 1] with 1 or 3 channels, to the features of each layer,
        `[B, h, w, C_l]` in float32.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file does not hold these weights, or a layer is unknown.

    Reference:
        Simonyan and Zisserman, [Very Deep Convolutional Networks for Large-Scale Image
        Recognition](https://arxiv.org/abs/1409.1556), 2015, table 1 (E).
    """
    require(bool(layers), "layers must name at least one layer")
    for layer in layers:
        require_choice("layer", layer, LAYERS)
    kernels = load_weights(Path(weights))

    def features(images: Images) -> list[Array]:
        channels = images.shape[-1]
        require(channels in (1, 3), f"images must have 1 or 3 channels for VGG19, got {channels}")
        x = jnp.broadcast_to(images, (*images.shape[:-1], 3))
        if standardized:
            x = ((x + 1) / 2 - jnp.array(MEAN)) / jnp.array(DEVIATION)
        return _layers(kernels, x, layers)

    return features


def load_weights(path: Path, width: int = 64) -> list[tuple[np.ndarray, np.ndarray]]:
    """Kernels `[3, 3, inputs, outputs]` and biases of the convolutions, whose first block has `width` channels.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it cannot be read, or a tensor is missing, or of another shape or type.
    """
    if not path.is_file():
        raise NotFoundError(f"weights of VGG19: there is no file {path}. {WHERE}")
    tensors = read_safetensors(path) if path.suffix == ".safetensors" else read_pth(path)
    kernels, inputs, place = [], 3, 0
    for block, count in enumerate(BLOCKS):
        outputs = width * min(2**block, 8)
        for _ in range(count):
            pair = []
            for name, shape in (("weight", (outputs, inputs, 3, 3)), ("bias", (outputs,))):
                name = f"features.{place}.{name}"
                require(name in tensors, f"{path}: no tensor {name}. {WHERE}")
                came = tensors[name]
                right = came.shape == shape and came.dtype == np.float32
                require(right, f"{path}: {name} must be float32 {shape}, got {came.dtype} {came.shape}. {WHERE}")
                pair.append(came)
            kernels.append((np.moveaxis(pair[0], (0, 1), (3, 2)), pair[1]))
            inputs, place = outputs, place + 2
        place += 1
    return kernels


def _layers(kernels: list[tuple[np.ndarray, np.ndarray]], x: Array, layers: tuple[str, ...]) -> list[Array]:
    """Features of these layers; nothing is computed after the last of them."""
    found: dict[str, Array] = {}
    for (kernel, bias), name in zip(kernels, CONVOLUTIONS, strict=True):
        if name.endswith("_1") and name != "1_1":
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = lax.conv_general_dilated(x, jnp.asarray(kernel), (1, 1), "SAME", dimension_numbers=LAYOUT) + bias
        found[f"conv{name}"] = x
        x = found[f"relu{name}"] = jax.nn.relu(x)
        if set(layers) <= set(found):
            break
    return [found[layer] for layer in layers]
