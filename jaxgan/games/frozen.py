"""Parts of the networks that keep their weights, for fine-tuning with fixed first layers of the discriminator."""

from collections.abc import Sequence

import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Batch, Game, Info, Players, Turn


def frozen(game: Game, parts: Sequence[str]) -> Game:
    """The game in which some parameters are constants: their gradient is 0 under every rule.

    An optimizer that moves parameters whose gradient is 0, as weight decay does, still moves them. Running statistics
    of frozen parts still move too.

        game = jaxgan.frozen(game, ["discriminator/Conv_0", "discriminator/Conv_1"])

    Args:
        game: any.
        parts: paths of parameters or of parts of a network: "generator/Dense_0", or "generator/mapping/Dense_1" for a
            part of a part.

    Raises:
        ValueError: from `init`, if there is no part of that name.

    Reference:
        Mo, Cho & Shin, [Freeze the Discriminator: a Simple Baseline for Fine-Tuning
        GANs](https://arxiv.org/abs/2002.10964), 2020, section 3.

    Examples:
        >>> discriminator = jaxgan.networks.MLPDiscriminator(hidden=(8, 8))
        >>> game = jaxgan.gan(
        ...     jaxgan.networks.MLPGenerator(output_shape=(2,), hidden=(8,)),
        ...     discriminator,
        ...     loss=jaxgan.losses.hinge(),
        ...     latent_size=4,
        ... )
        >>> frozen = jaxgan.frozen(game, ["discriminator/Dense_0"])
    """

    def held(player: str, params: PyTree) -> PyTree:
        def constant(path: tuple[object, ...], leaf: Array) -> Array:
            return jax.lax.stop_gradient(leaf) if any(_is_of(_spelled(player, path), part) for part in parts) else leaf

        return jax.tree_util.tree_map_with_path(constant, params)

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        params, variables = game.init(key, batch)
        _check(params, parts)
        return params, variables

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree]:
        return game.generate(held("generator", params), variables, turn)

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        return game.judge(held("discriminator", params), variables, samples, turn)

    return game._replace(init=init, generate=generate, judge=judge)


def _check(params: Players, parts: Sequence[str]) -> None:
    trees = params._asdict().items()
    paths = [_spelled(player, path) for player, tree in trees for path, _ in jax.tree_util.tree_leaves_with_path(tree)]
    for part in parts:
        player = part.split("/")[0]
        there = dict.fromkeys("/".join(path.split("/")[:2]) for path in paths if player in (path.split("/")[0], ""))
        near = ", ".join(there) or "generator/... and discriminator/..."
        require(any(_is_of(path, part) for path in paths), f"freeze: nothing is named {part!r}; there are {near}")


def _is_of(path: str, part: str) -> bool:
    return path == part or path.startswith(f"{part}/")


def _spelled(player: str, path: tuple[object, ...]) -> str:
    return f"{player}/{jax.tree_util.keystr(path, simple=True, separator='/')}"
