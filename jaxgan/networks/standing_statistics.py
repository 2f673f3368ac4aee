"""Batch statistics for sampling, which are measured instead of averaged during training."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require
from jaxgan.networks.adapter import Network, Step, as_network
from jaxgan.networks.layers.batch_norm import MOMENTUM


def standing_statistics(
    generator: nn.Module | Network,
    params: PyTree,
    variables: PyTree,
    latents: Float[Array, "passes batch size"],
    conditions: Float[Array, "passes batch classes"] | None = None,
    step: Step = None,
) -> PyTree:
    """The generator's variables with batch statistics that fit the given latents.

    Each batch normalisation gets the mean, over the passes, of the means and of the variances of its batches. The
    running averages of a training lag behind the parameters, and belong to latents that were not truncated: draw the
    latents as they will be for sampling, with `jaxgan.latents.truncated` as well. For the averaged generator:

        average = state.average
        variables = average.variables
        measured = standing_statistics(generator, average.params, variables.network, latents, conditions)
        state = state._replace(average=average._replace(variables=variables._replace(network=measured)))
        images = algorithm.sample(state, key, n, labels, latent)

    Args:
        generator: a Linen module or a `Network` whose batch normalisation is `layers.batch_norm`.
        params: its parameters; they stay as they are.
        variables: its variables; those that are no batch statistics stay as they are.
        latents: a batch of them for each pass; the paper makes about a hundred passes.
        conditions: conditions of the rows of each pass, as the network takes them (labels one-hot), or None.
        step: that of the state, for a network that takes it.

    Raises:
        ValueError: if there are no batch statistics.

    Reference:
        Brock et al., [Large Scale GAN Training for High Fidelity Natural Image
        Synthesis](https://arxiv.org/abs/1809.11096), 2019, appendix C.
    """
    g = as_network(generator)
    require("batch_stats" in variables, f"the generator has no batch statistics, only {sorted(variables)}")
    empty = {**variables, "batch_stats": jax.tree.map(jnp.zeros_like, variables["batch_stats"])}

    def measure(rows: tuple[Array, Array | None]) -> PyTree:
        _, moved = g.apply(params, empty, *rows, train=True, key=None, step=step)
        return jax.tree.map(lambda x: x / (1 - MOMENTUM), moved["batch_stats"])

    passes = jax.lax.map(measure, (latents, conditions))
    return {**variables, "batch_stats": jax.tree.map(lambda x: jnp.mean(x, axis=0), passes)}
