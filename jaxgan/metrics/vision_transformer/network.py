"""The network of DINOv2 and of CLIP's images: patches and a class token through blocks of attention."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

Parameters = dict[str, Array]
HEAD = 64
"""Features of each head of attention, in every published model."""
PARTS = ("norm1", "query", "key", "value", "out", "norm2", "fc1", "fc2")


class Kind(NamedTuple):
    """What is different between the two networks."""

    layers: str
    """Name of a block's tensors, before the number of the block."""
    parts: tuple[str, ...]
    """Names of `PARTS` in a block."""
    tensors: dict[str, str]
    """Names of the others."""
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    """Mean and deviation of each colour in [0, 1]."""
    epsilon: float
    """In the normalisation of layers."""
    activation: Callable[[Array], Array]


KINDS = {
    "dinov2": Kind(
        "encoder.layer.",
        (
            "norm1",
            *(f"attention.attention.{name}" for name in ("query", "key", "value")),
            "attention.output.dense",
            "norm2",
            "mlp.fc1",
            "mlp.fc2",
        ),
        {
            "class": "embeddings.cls_token",
            "positions": "embeddings.position_embeddings",
            "patches": "embeddings.patch_embeddings.projection",
            "last": "layernorm",
        },
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
        1e-6,
        partial(jax.nn.gelu, approximate=False),
    ),
    "clip": Kind(
        "vision_model.encoder.layers.",
        (
            "layer_norm1",
            *(f"self_attn.{name}_proj" for name in ("q", "k", "v", "out")),
            "layer_norm2",
            "mlp.fc1",
            "mlp.fc2",
        ),
        {
            "class": "vision_model.embeddings.class_embedding",
            "positions": "vision_model.embeddings.position_embedding.weight",
            "patches": "vision_model.embeddings.patch_embedding",
            "first": "vision_model.pre_layrnorm",
            "last": "vision_model.post_layernorm",
            "projection": "visual_projection",
        },
        (0.48145466, 0.4578275, 0.40821073),
        (0.26862954, 0.26130258, 0.27577711),
        1e-5,
        lambda x: x * jax.nn.sigmoid(1.702 * x),
    ),
}


def features(params: Parameters, x: Float[Array, "batch side side 3"], name: str) -> Float[Array, "batch features"]:
    """Features of standardized images.

    Args:
        params: of `weights.load_weights`.
        x: images, standardized by the mean and deviation of the kind.
        name: key of `KINDS`.
    """
    kind, batch = KINDS[name], x.shape[0]
    size = params["class"].shape[0]
    patch = round((params["patches"].shape[0] // 3) ** 0.5)
    grid = x.shape[1] // patch
    x = x.reshape(batch, grid, patch, grid, patch, 3).swapaxes(2, 3).reshape(batch, grid**2, -1)
    x = x @ params["patches"] + params["patches_bias"]
    x = jnp.concatenate([jnp.broadcast_to(params["class"], (batch, 1, size)), x], axis=1) + params["positions"]
    if "first" in params:
        x = _normalized(x, params["first"][0], params["first"][1], kind.epsilon)
    blocks = {key: value for key, value in params.items() if key.split("_")[0] in PARTS or key.startswith("scale")}
    x, _ = lax.scan(lambda x, block: (_block(block, x, kind), None), x, blocks)
    made = _normalized(x[:, 0], params["last"][0], params["last"][1], kind.epsilon)
    return made @ params["projection"] if "projection" in params else made


def _block(params: Parameters, x: Float[Array, "batch tokens size"], kind: Kind) -> Float[Array, "batch tokens size"]:
    def linear(x: Array, part: str) -> Array:
        return x @ params[f"{part}_weight"] + params[f"{part}_bias"]

    def normalized(x: Array, part: str) -> Array:
        return _normalized(x, params[f"{part}_weight"], params[f"{part}_bias"], kind.epsilon)

    y = normalized(x, "norm1")
    query, key, value = (linear(y, part).reshape(*y.shape[:2], -1, HEAD) for part in ("query", "key", "value"))
    y = jax.nn.dot_product_attention(query, key, value).reshape(x.shape)
    x = x + linear(y, "out") * params.get("scale1", 1)
    y = linear(kind.activation(linear(normalized(x, "norm2"), "fc1")), "fc2")
    return x + y * params.get("scale2", 1)


def _normalized(x: Array, scale: Array, shift: Array, epsilon: float) -> Array:
    mean = jnp.mean(x, axis=-1, keepdims=True)
    variance = jnp.mean((x - mean) ** 2, axis=-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + epsilon) * scale + shift
