"""A term that makes samples resemble their sources or their targets."""

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from jaxgan.checks import require, require_choice, require_number
from jaxgan.core import Info, Players
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, Term, term
from jaxgan.games.weight import Weight, at


def _real(context: Context) -> PyTree:
    return context.batch.real


def reconstruction(
    weight: Weight = 1.0,
    norm: Literal["l1", "l2"] = "l1",
    target: Callable[[Context], PyTree] = _real,
    name: str = "reconstruction",
) -> Term:
    """L_G + weight · E|G(z, c) − y|, or with norm l2 E[(G(z, c) − y)²]: the mean over rows and numbers of each row.

    Where samples are trees of arrays, the means of the leaves are added. Info has the unweighted distance.

    Args:
        weight: λ ≥ 0, or a schedule of the step; pix2pix takes 100 with l1.
        norm: "l1" or "l2".
        target: y from the context, of the shape of the samples: the real rows, or `lambda c: c.batch.condition`.
        name: name of the number in the info, and of the term.

    Reference:
        Isola et al., [Image-to-Image Translation with Conditional Adversarial
        Networks](https://arxiv.org/abs/1611.07004), 2017, equation 3.

    Examples:
        >>> game = players(jaxgan.terms.reconstruction(weight=100.0, norm="l1"))
    """
    require_number("weight", weight, at_least=0)
    require_choice("norm", norm, ("l1", "l2"))
    size = jnp.abs if norm == "l1" else jnp.square

    def distance(sample: PyTree, aim: PyTree) -> PyTree:
        shapes = jnp.shape(sample), jnp.shape(aim)
        require(shapes[0] == shapes[1], f"{name}: the target has shape {shapes[1]}, samples have shape {shapes[0]}")
        return global_mean(size(sample - aim))

    def reconstructed(c: Context) -> tuple[Players, Info]:
        total = sum(jax.tree.leaves(jax.tree.map(distance, c.samples, target(c))), jnp.zeros(()))
        return Players(at(weight, c.turn.step) * total, jnp.zeros(())), {name: total}

    return term(reconstructed)._replace(name=name)
