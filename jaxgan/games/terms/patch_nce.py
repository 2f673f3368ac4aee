"""A term for translation without pairs or cycles: patches of one place must be distinguishable from those of other
places."""

import math
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, GeneratorContext, Shapes, Term
from jaxgan.games.weight import Weight, at
from jaxgan.networks.layers.precision import at_least_float32

Patches = Float[Array, "batch patches channels"]
MAPS = (0, 1, 2, 3, 7)
"""Pixels, both convolutions of stride 2, the first and the fifth residual block of a `ResNetTranslator`."""
GAIN = 0.02
"""Factor of Glorot and Bengio's initialisation for the kernels of the heads."""


class Head(NamedTuple):
    """Two dense layers with ReLU between them."""

    first: Float[Array, "channels size"]
    first_bias: Float[Array, "size"]
    second: Float[Array, "size size"]
    second_bias: Float[Array, "size"]


class Compared(NamedTuple):
    """Patches of each feature map, at the same places."""

    made: list[Patches]
    source: list[Patches]


def patch_nce(
    generator: nn.Module,
    weight: Weight = 1.0,
    *,
    identity: bool = True,
    maps: tuple[int, ...] = MAPS,
    patches: int = 256,
    size: int = 256,
    temperature: float = 0.07,
    flip_equivariance: bool = False,
) -> Term:
    """L_G + weight · N, where N is the mean over maps and places i of −log softmax_j(q_i · k_j / temperature)_i.

    q and k are patches of feature maps of the generator's own first half, q those of what it made and k those of its
    source, at the same places of one image, through a head for each map, and of length 1. With `identity` N is the mean
    of this and of the same where the generator is given rows of its target. As in the authors' program no gradient
    flows through k: rules that differentiate the players' gradients take k for a constant. The heads are trained with
    the discriminator, to whose loss the term is added, too. Info has `patch_nce`, without its weight.

    Args:
        generator: that of the game, a module that sows its feature maps `[B, h, w, C]` as "maps" into the collection
            "intermediates", such as `networks.ResNetTranslator`. The condition of the game is the source image.
        weight: at least 0, or a schedule of the step; 1 for CUT, and 10 for FastCUT, which has no `identity`.
        identity: see above.
        maps: which of them, by their numbers.
        patches: places of a map that are drawn anew in each step, alike for all rows; all of a map that has fewer.
        size: size of both layers of a head.
        temperature: above 0.
        flip_equivariance: in half of the steps, take k from the source turned left to right, and turn its feature maps
            back; True for FastCUT. Its authors' program turns the source of the generator and the maps of q, which is
            the same where the data are turned at random too.

    Raises:
        ValueError: if an argument is out of range; from the game's `init`, if the generator has no such map.

    Reference:
        Park et al., [Contrastive Learning for Unpaired Image-to-Image Translation](https://arxiv.org/abs/2007.15651),
        2020, equations 2 to 5; the numbers are those of the authors' program.

    Examples:
        >>> translator = jaxgan.networks.ResNetTranslator(channels=3, width=8, blocks=1)
        >>> term = jaxgan.terms.patch_nce(translator, weight=1.0, maps=(0, 2), patches=16, size=8)
    """
    require_number("weight", weight, at_least=0)
    require(temperature > 0, f"temperature must be above 0, got {temperature}")
    for name, count in (("patches", patches), ("size", size)):
        require(isinstance(count, int) and count >= 1, f"{name} must be a whole number of at least 1, got {count!r}")

    def heads(key: Key[Array, ""], shapes: Shapes) -> list[Head]:
        def start(images: Array) -> list[Array]:
            return feature_maps(generator, dict(generator.init({"params": key}, images, train=True)), images, maps)

        found = jax.eval_shape(start, shapes.condition)
        return [head(jax.random.fold_in(key, i), one.shape[-1], size) for i, one in enumerate(found)]

    def generate(variables: PyTree, context: GeneratorContext, turn: Turn) -> tuple[list[Compared], PyTree]:
        collections = {"params": context.params, **context.variables}
        pairs = [(context.samples(context.latents), context.condition(turn))]
        if identity:
            target = turn.batch.real
            pairs.append((_made(generator, collections, target), target))
        places = turn.stream("places")
        flipped = flip_equivariance and jax.random.bernoulli(turn.stream("flip"))

        def of(images: Array, flipped: Bool[Array, ""] | bool) -> list[Patches]:
            seen = feature_maps(generator, collections, turned(images, flipped), maps)
            return at_places([turned(one, flipped) for one in seen], places, patches)

        return [Compared(of(made, False), of(source, flipped)) for made, source in pairs], variables

    def losses(heads: list[Head], variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
        values = [
            nce(embedded(one, made), jax.lax.stop_gradient(embedded(one, source)), temperature)
            for compared in c.extra
            for one, made, source in zip(heads, *compared, strict=True)
        ]
        mean = sum(map(global_mean, values), jnp.zeros(())) / len(values)
        value = at(weight, c.turn.step) * mean
        return Players(value, value), variables, {"patch_nce": mean}

    return Term("patch nce", losses, heads=heads, generate=generate)


def feature_maps(generator: nn.Module, collections: PyTree, images: Array, maps: tuple[int, ...]) -> list[Array]:
    """Feature maps that the generator sows, by their numbers, in training mode."""
    kept = {name: tree for name, tree in collections.items() if name != "intermediates"}
    _, moved = generator.apply(kept, images, train=True, mutable=["intermediates", *kept])
    sown = moved["intermediates"].get("maps", ())
    require(
        all(number < len(sown) for number in maps),
        f"maps={maps} must be below {len(sown)}, the number of feature maps that {type(generator).__name__} sows",
    )
    return [at_least_float32(sown[number]) for number in maps]


def turned(images: Array, flipped: Bool[Array, ""] | bool) -> Array:
    """Images `[B, h, w, C]` turned left to right, or as they are."""
    return images if flipped is False else jnp.where(flipped, images[:, :, ::-1], images)


def at_places(maps: list[Array], key: Key[Array, ""], patches: int) -> list[Patches]:
    """Each map `[B, h, w, C]` at some of its places, drawn for each map and alike for all rows."""
    found = []
    for i, one in enumerate(maps):
        flat = one.reshape(one.shape[0], -1, one.shape[-1])
        order = jax.random.permutation(jax.random.fold_in(key, i), flat.shape[1])
        found.append(jnp.take(flat, order[: min(patches, flat.shape[1])], axis=1))
    return found


def head(key: Key[Array, ""], channels: int, size: int) -> Head:
    """Initial parameters of a head."""
    keys, zeros = jax.random.split(key), jnp.zeros(size)

    def kernel(key: Key[Array, ""], inputs: int) -> Array:
        return GAIN * math.sqrt(2 / (inputs + size)) * jax.random.normal(key, (inputs, size))

    return Head(kernel(keys[0], channels), zeros, kernel(keys[1], size), zeros)


def embedded(head: Head, patches: Patches) -> Patches:
    """Vectors of length 1 from patches, by a head."""
    hidden = nn.relu(patches @ head.first + head.first_bias) @ head.second + head.second_bias
    return hidden / (jnp.sqrt(jnp.sum(hidden**2, axis=-1, keepdims=True) + 1e-20) + 1e-7)


def nce(made: Patches, source: Patches, temperature: float) -> Float[Array, "batch patches"]:
    """Cross-entropy of each patch, where the class is the patch of the source at the same place."""
    logits = jnp.einsum("bic,bjc->bij", made, source) / temperature
    return -jnp.diagonal(nn.log_softmax(logits, axis=-1), axis1=1, axis2=2)


def _made(generator: nn.Module, collections: PyTree, images: Array) -> Array:
    made, _ = generator.apply(collections, images, train=True, mutable=list(collections))
    return made
