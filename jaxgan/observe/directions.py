"""Directions of a latent in which a generator's first layers change most, in closed form."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require


class Directions(NamedTuple):
    """Directions of a latent or a style."""

    vectors: Float[np.ndarray, "size size"]
    """One in each row, of length 1, the strongest first. Its sign is such that its largest number is positive."""
    strengths: Float[np.ndarray, "size"]
    """Sum of the squared changes of all features for a step of length 1, with every feature's weights scaled to length
    1."""


def directions(weights: Sequence[Float[np.ndarray, "size _features"]]) -> Directions:
    """Directions n of length 1 that are the most important to linear layers x ↦ Aᵀx: the eigenvectors of A Aᵀ.

    ‖Aᵀn‖² is largest for the first, and for each further one among those that are orthogonal to all before it. The
    weights of each feature, a column of A, are divided by their length first. No sample and no label is needed.

        found = directions([kernel])
        latents = latents + 3 * found.vectors[0]

    Args:
        weights: kernels of layers that read the same latent; their features are put side by side. Features whose
            weights are all 0 do not count.

    Raises:
        ValueError: if there is no kernel.

    Reference:
        Shen & Zhou, [Closed-Form Factorization of Latent Semantics in GANs](https://arxiv.org/abs/2007.06600), 2021,
        equations 4 to 6; the scaling is that of the authors' program.
    """
    require(len(weights) > 0, "weights must hold the kernel of at least one layer")
    matrix = np.concatenate([np.asarray(kernel, np.float64) for kernel in weights], axis=1)
    length = np.linalg.norm(matrix, axis=0)
    matrix = matrix / np.where(length > 0, length, 1)
    strengths, vectors = np.linalg.eigh(matrix @ matrix.T)
    strengths, vectors = strengths[::-1], vectors.T[::-1]
    largest = np.argmax(np.abs(vectors), axis=1)
    signs = np.sign(np.take_along_axis(vectors, largest[:, None], axis=1))
    return Directions(signs * vectors, np.maximum(strengths, 0))
