"""DINOv2 and CLIP against the same network in NumPy, on narrow random weights under the names of Hugging Face."""

import json
import math
import struct

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from inception_for_tests import save_safetensors
from PIL import Image

from jaxgan.data import load
from jaxgan.data.media.images import decode
from jaxgan.errors import InputError, NotFoundError
from jaxgan.metrics.frechet import Moments, frechet_distance
from jaxgan.metrics.vision_transformer import kind_of, vision_transformer
from jaxgan.metrics.vision_transformer.weights import load_weights
from jaxgan.observe.comparison import Comparison, compare

SIZE, DEPTH, HEADS = 128, 2, 2
RANDOM = np.random.default_rng(0)


def normal(*shape, scale=0.1):
    return (scale * RANDOM.standard_normal(shape)).astype(np.float32)


def linear(name, outputs, inputs):
    return {f"{name}.weight": normal(outputs, inputs), f"{name}.bias": normal(outputs)}


def norm(name):
    return {f"{name}.weight": 1 + normal(SIZE), f"{name}.bias": normal(SIZE)}


def dinov2(patch=56, grid=6):
    tensors = {"embeddings.cls_token": normal(1, 1, SIZE), "embeddings.mask_token": normal(1, SIZE)}
    tensors["embeddings.position_embeddings"] = normal(1, 1 + grid**2, SIZE, scale=1)
    tensors["embeddings.patch_embeddings.projection.weight"] = normal(SIZE, 3, patch, patch, scale=0.02)
    tensors["embeddings.patch_embeddings.projection.bias"] = normal(SIZE)
    for i in range(DEPTH):
        block = f"encoder.layer.{i}."
        tensors |= norm(block + "norm1") | norm(block + "norm2")
        for one in ("query", "key", "value"):
            tensors |= linear(f"{block}attention.attention.{one}", SIZE, SIZE)
        tensors |= linear(block + "attention.output.dense", SIZE, SIZE)
        tensors |= linear(block + "mlp.fc1", 3 * SIZE, SIZE) | linear(block + "mlp.fc2", SIZE, 3 * SIZE)
        tensors |= {f"{block}layer_scale{j}.lambda1": normal(SIZE, scale=1) for j in (1, 2)}
    return tensors | norm("layernorm")


def clip(patch=16, grid=4, embedding=10):
    vision = "vision_model."
    tensors = {"logit_scale": normal(), "text_model.final_layer_norm.bias": normal(3)}
    tensors[f"{vision}embeddings.class_embedding"] = normal(SIZE)
    tensors[f"{vision}embeddings.position_embedding.weight"] = normal(1 + grid**2, SIZE, scale=1)
    tensors[f"{vision}embeddings.patch_embedding.weight"] = normal(SIZE, 3, patch, patch, scale=0.02)
    tensors |= norm(f"{vision}pre_layrnorm") | norm(f"{vision}post_layernorm")
    for i in range(DEPTH):
        block = f"{vision}encoder.layers.{i}."
        tensors |= norm(block + "layer_norm1") | norm(block + "layer_norm2")
        for one in ("q", "k", "v", "out"):
            tensors |= linear(f"{block}self_attn.{one}_proj", SIZE, SIZE)
        tensors |= linear(block + "mlp.fc1", 3 * SIZE, SIZE) | linear(block + "mlp.fc2", SIZE, 3 * SIZE)
    return tensors | {"visual_projection.weight": normal(embedding, SIZE)}


def in_numpy(tensors, image, positions):
    """Features of one standardized image `[H, W, 3]`, by loops over heads and patches in float64."""
    is_clip = "visual_projection.weight" in tensors
    tensors = {name: value.astype(np.float64) for name, value in tensors.items()}
    epsilon = 1e-5 if is_clip else 1e-6

    def normalized(x, name):
        x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + epsilon)
        return x * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    def dense(x, name):
        return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def activation(x):
        if is_clip:
            return x / (1 + np.exp(-1.702 * x))
        return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2

    before = "vision_model.embeddings." if is_clip else "embeddings."
    kernel = tensors[before + ("patch_embedding.weight" if is_clip else "patch_embeddings.projection.weight")]
    bias = 0 if is_clip else tensors["embeddings.patch_embeddings.projection.bias"]
    first = tensors[before + ("class_embedding" if is_clip else "cls_token")].reshape(1, -1)
    patch = kernel.shape[-1]
    tokens = [first]
    for i in range(0, image.shape[0], patch):
        for j in range(0, image.shape[1], patch):
            square = image[i : i + patch, j : j + patch].transpose(2, 0, 1)
            tokens.append(np.einsum("dcij,cij->d", kernel, square)[None] + bias)
    x = np.concatenate(tokens) + positions
    if is_clip:
        x = normalized(x, "vision_model.pre_layrnorm")
    for i in range(DEPTH):
        if is_clip:
            block = f"vision_model.encoder.layers.{i}."
            norms, parts = ("layer_norm1", "layer_norm2"), [f"self_attn.{one}_proj" for one in ("q", "k", "v", "out")]
        else:
            block = f"encoder.layer.{i}."
            norms = ("norm1", "norm2")
            parts = [f"attention.attention.{one}" for one in ("query", "key", "value")] + ["attention.output.dense"]
        y = normalized(x, block + norms[0])
        query, key, value = (np.split(dense(y, block + part), HEADS, axis=1) for part in parts[:3])
        heads = []
        for q, k, v in zip(query, key, value, strict=True):
            weights = np.exp(q @ k.T / np.sqrt(SIZE / HEADS))
            heads.append(weights / weights.sum(1, keepdims=True) @ v)
        scales = [1, 1] if is_clip else [tensors[f"{block}layer_scale{j}.lambda1"] for j in (1, 2)]
        x = x + scales[0] * dense(np.concatenate(heads, 1), block + parts[3])
        hidden = activation(dense(normalized(x, block + norms[1]), block + "mlp.fc1"))
        x = x + scales[1] * dense(hidden, block + "mlp.fc2")
    x = normalized(x[:1], "vision_model.post_layernorm" if is_clip else "layernorm")
    return (x @ tensors["visual_projection.weight"].T if is_clip else x)[0]


def standardized(stored, side, mean, deviation):
    """The image as Pillow resizes it channel by channel."""
    channels = [Image.fromarray(stored[..., c].astype(np.float32)) for c in range(3)]
    resized = np.stack([np.asarray(one.resize((side, side), Image.Resampling.BICUBIC)) for one in channels], axis=2)
    return (resized.clip(0, 255) / 255 - mean) / deviation


@pytest.mark.parametrize("stored_side", [32, 300])
def test_clip_is_that_of_numpy(tmp_path, stored_side):
    tensors, stored = clip(), RANDOM.integers(0, 256, (2, stored_side, stored_side, 3), np.uint8)
    save_safetensors(tmp_path / "clip.safetensors", tensors)
    function = vision_transformer(tmp_path / "clip.safetensors")
    positions = tensors["vision_model.embeddings.position_embedding.weight"]
    mean, deviation = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
    expected = [in_numpy(tensors, standardized(one, 64, mean, deviation), positions) for one in stored]
    np.testing.assert_allclose(function.of(decode(stored)).features, expected, rtol=1e-3, atol=1e-4)
    assert function.name.startswith("clip-")


def test_dinov2_is_that_of_numpy(tmp_path):
    """With four patches a side, as its positions have, so that they are not resized."""
    tensors, stored = dinov2(grid=4), RANDOM.integers(0, 256, (1, 40, 40, 3), np.uint8)
    save_safetensors(tmp_path / "dinov2.safetensors", tensors)
    function = vision_transformer(tmp_path / "dinov2.safetensors")
    image = standardized(stored[0], 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    expected = in_numpy(tensors, image, tensors["embeddings.position_embeddings"][0])
    np.testing.assert_allclose(function.of(decode(stored)).features[0], expected, rtol=1e-3, atol=1e-4)
    assert function.name.startswith("dinov2-")


def test_positions_are_resized_as_pytorch_does(tmp_path):
    """Bicubic with A = -3/4, places beyond the border taken from it; a table of one value keeps it."""
    tensors = dinov2(patch=28, grid=12)
    table = tensors["embeddings.position_embeddings"][0, 1:].reshape(12, 12, SIZE)
    table[..., 1] = 3
    save_safetensors(tmp_path / "dinov2.safetensors", tensors)
    params, side = load_weights(tmp_path / "dinov2.safetensors", "dinov2")
    assert side == 224
    found = np.asarray(params["positions"])[1:].reshape(8, 8, SIZE)

    def taps(i):
        place = (i + 0.5) * 12 / 8.1 - 0.5
        first, a = math.floor(place), -0.75
        t = place - first
        weights = [
            ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a,
            ((a + 2) * t - (a + 3)) * t * t + 1,
            ((a + 2) * (1 - t) - (a + 3)) * (1 - t) ** 2 + 1,
            ((a * (2 - t) - 5 * a) * (2 - t) + 8 * a) * (2 - t) - 4 * a,
        ]
        return [(min(max(first + k, 0), 11), weight) for k, weight in zip((-1, 0, 1, 2), weights, strict=True)]

    for i in range(8):
        for j in range(8):
            expected = sum(v * w * table[k, m] for k, v in taps(i) for m, w in taps(j))
            np.testing.assert_allclose(found[i, j], expected, atol=1e-5)
    np.testing.assert_allclose(found[..., 1], 3, rtol=1e-6)


def test_grey_images_are_taken_and_others_refused(tmp_path):
    save_safetensors(tmp_path / "clip.safetensors", clip())
    see = vision_transformer(tmp_path / "clip.safetensors").of
    grey = jnp.asarray(RANDOM.uniform(-1, 1, (2, 20, 20, 1)), jnp.float32)
    np.testing.assert_array_equal(see(grey).features, see(jnp.repeat(grey, 3, axis=3)).features)
    with pytest.raises(InputError, match="images must have 1 or 3 channels"):
        jax.eval_shape(see, jax.ShapeDtypeStruct((1, 8, 8, 4), jnp.float32))


def test_files_that_hold_neither_are_refused(tmp_path):
    file = tmp_path / "weights.safetensors"
    with pytest.raises(NotFoundError, match="there is no file"):
        kind_of(file)
    save_safetensors(file, {"a": normal(2)})
    with pytest.raises(InputError, match="holds neither DINOv2 nor CLIP"):
        kind_of(file)
    for content in (b"", b"1234567", struct.pack("<Q", 1 << 60) + b"{}", struct.pack("<Q", 2) + b"[]"):
        file.write_bytes(content)
        with pytest.raises(InputError):
            kind_of(file)
    file.write_bytes(struct.pack("<Q", 4) + json.dumps("ab").encode())
    with pytest.raises(InputError):
        kind_of(file)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"layernorm.bias": None}, "there is no tensor layernorm.bias"),
        ({"encoder.layer.0.norm1.weight": None}, "there is no tensor encoder.layer.0.norm1.weight"),
        ({"encoder.layer.1.mlp.fc2.bias": None}, "there is no tensor encoder.layer.1.mlp.fc2.bias"),
        ({"encoder.layer.1.mlp.fc2.bias": normal(3)}, "mlp.fc2.bias has another shape in each block"),
        ({"layernorm.bias": normal(3), "layernorm.weight": normal(3)}, "the shapes of its tensors do not fit"),
        ({"embeddings.position_embeddings": normal(1, 9, SIZE)}, "8 positions are not those of a square"),
        ({"embeddings.cls_token": normal(1, 1, 100)}, "100 features cannot be split into heads of 64"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, changed, message):
    tensors = {name: value for name, value in (dinov2(grid=4) | changed).items() if value is not None}
    save_safetensors(tmp_path / "dinov2.safetensors", tensors)
    with pytest.raises(InputError, match=message):
        vision_transformer(tmp_path / "dinov2.safetensors")


@pytest.fixture
def files(tmp_path):
    """Paths of two folders of pictures, and of weights of each network."""
    places = {name: tmp_path / name for name in ("real", "fake", "clip", "dinov2")}
    for name in ("real", "fake"):
        places[name].mkdir()
        for i in range(6):
            picture = RANDOM.integers(0, 256, (12, 12, 3), np.uint8)
            Image.fromarray(picture).save(places[name] / f"{i}.png")
    save_safetensors(places["clip"], clip())
    save_safetensors(places["dinov2"], dinov2(grid=4))
    return {name: str(path) for name, path in places.items()}


@pytest.mark.slow
def test_two_folders_are_compared_by_their_features(files):
    (record,) = compare(Comparison(files["real"], files["fake"], metrics=("fid",), transformer_weights=files["clip"]))
    assert record["metric"] == "fid_clip"
    assert record["features"].startswith("clip-")
    see = vision_transformer(files["clip"]).of
    first, second = (np.asarray(see(decode(load(f"folder:{files[name]}").real)).features) for name in ("real", "fake"))
    expected = frechet_distance(*(Moments(len(x), x.mean(0), np.cov(x.T) * (len(x) - 1)) for x in (first, second)))
    np.testing.assert_allclose(record["value"], expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": "clip"}, "features=clip needs transformer_weights"),
        (
            {"features": "clip", "transformer_weights": "dinov2"},
            "features=clip, but transformer_weights is a file of dinov2",
        ),
        ({"transformer_weights": "clip", "inception_weights": "dinov2"}, "are the weights of two networks"),
        ({"transformer_weights": "gone"}, "transformer_weights: there is no file gone"),
        ({"transformer_weights": "clip", "metrics": ("inception_score",)}, "needs features=classifier or inception"),
    ],
)
def test_what_does_not_go_together_is_refused(files, options, message):
    options = {name: files.get(value, value) if name.endswith("weights") else value for name, value in options.items()}
    with pytest.raises(InputError, match=message):
        compare(Comparison(files["real"], files["fake"], **{"metrics": ("fid",)} | options))
