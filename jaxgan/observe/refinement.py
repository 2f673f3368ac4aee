"""Latents of better samples, which the discriminator helps to choose."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import GANState, stream
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment
from jaxgan.observe.langevin import langevin
from jaxgan.observe.metropolis import metropolis
from jaxgan.observe.requests import CHUNK

Method = Literal["langevin", "metropolis"]


class Refined(NamedTuple):
    """Latents after refinement."""

    latents: Float[np.ndarray, "n size"]
    accepted: float
    """Share of accepted steps."""


def check_refinement(experiment: Experiment, method: Method) -> None:
    """Raise `ValueError` unless the samples of an experiment can be refined."""
    latents = experiment.latents
    require(latents is not None, f"refine={method} needs samples made from latents; those of this run are not")
    require(
        experiment.log_ratio is not None,
        f"refine={method} needs a discriminator whose logits estimate log p_data/p_G, and those of this run do not. "
        f"They do after training with loss=minimax, non_saturating or f_divergence (kl, reverse_kl, jensen_shannon), "
        f"without label_smoothing, without auxiliary heads, with pack=1, and with stddev_group=1 of stylegan2. They do "
        f"not with wasserstein, hinge, least_squares or relativistic losses, nor for clips, texts, BiGANs "
        f"and translations",
    )
    require(
        method != "langevin" or (latents is not None and latents.log_density is not None),
        "refine=langevin needs latents whose density has a gradient: latent=normal without signs; refine=metropolis "
        "takes any",
    )


def refined(
    experiment: Experiment,
    state: GANState,
    start: Float[np.ndarray, "n size"],
    condition: PyTree = None,
    *,
    method: Method,
    steps: int,
    rate: float,
    seed: int = 0,
) -> Refined:
    """Latents of p₀(z) · exp(D(G(z))), the density of latents whose samples have the density of the data.

    That holds where the logit D is log p_data/p_G, and the generator reaches all data.

    Args:
        experiment: whose averaged generator and whose discriminator.
        state: on one device.
        start: latents as they are drawn in training.
        condition: rows `[n, ...]`, or None.
        method: see `observe.langevin` and `observe.metropolis`.
        steps: steps of each chain, at least 1.
        rate: size of a step of Langevin sampling.
        seed: seed of the chains. Row i depends on the seed, on i, and on its start.

    Raises:
        ValueError: see `check_refinement`.
    """
    check_refinement(experiment, method)
    latents, log_ratio = experiment.latents, experiment.log_ratio
    if latents is None or log_ratio is None:
        raise InputError("the samples cannot be refined")

    @jax.jit
    def chains(z: Array, keys: Key[Array, "n"], asked: PyTree) -> tuple[Array, Array]:
        def ratio(z: Array) -> Array:
            samples = experiment.algorithm.sample(state, jax.random.key(seed), len(z), asked, z)
            return log_ratio(state, samples, asked)

        if method == "metropolis":
            return metropolis(latents.draw, ratio, z, keys, steps=steps)
        density: Callable[[Array], Array] = latents.log_density or jnp.zeros_like
        return langevin(lambda z: density(z) + ratio(z), z, keys, steps=steps, rate=rate)

    n, key, parts, shares = len(start), stream(jax.random.key(seed), "refine"), [], []
    size = min(n, CHUNK)
    for first in range(0, n, size):
        rows = np.arange(first, first + size) % n
        keys = jax.vmap(lambda i: jax.random.fold_in(key, i))(rows)
        z, share = chains(start[rows], keys, jax.tree.map(lambda x, rows=rows: x[rows], condition))
        parts.append(np.asarray(z)[: n - first])
        shares.append(float(share))
    return Refined(np.concatenate(parts), float(np.mean(shares)))
