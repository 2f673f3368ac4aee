"""Images of whole grey levels as a continuous density: uniform noise as wide as the distance of two levels."""

import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Game, Info, Players, Turn


def dequantized(game: Game) -> Game:
    """The game whose real image of grey level u in 0 ... 255 is u/128 − 1 + n, n uniform in [0, 1/128), anew each step.

    Real rows are images `[B, H, W, C]` in [−1, 1], as (2u − 255)/255; the noise fills [−1, 1) without a gap. Nothing
    else of the game changes.

    Raises:
        ValueError: from `judge`, if rows are no images.

    Reference:
        Miyato et al., [Spectral Normalization for Generative Adversarial Networks](https://arxiv.org/abs/1802.05957),
        2018: the program's CIFAR10Dataset.
    """

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        real = turn.batch.real
        require(real.ndim == 4, f"dequantized needs images [B, H, W, C], got rows of shape {real.shape[1:]}")

        def noise(key: Key[Array, ""]) -> Array:
            return jax.random.uniform(key, real.shape[1:], real.dtype, maxval=1 / 128)

        levels = (real + 1) * (127.5 / 128) - 1
        batch = turn.batch._replace(real=levels + turn.draw("dequantization", noise))
        return game.judge(params, variables, samples, turn._replace(batch=batch))

    return game._replace(judge=judge)
