"""Floating-point operations that the step of a configuration needs: matrix products and convolutions alone.

A multiply-add counts two. What one pass of a network takes is counted in its program before any compiler sees it, with
convolutions as they are defined and not as a platform computes them; how many passes a step needs is counted by hand.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from configurations import options_of
from jax.extend.core import ClosedJaxpr

from jaxgan import networks
from jaxgan.devices import compiling_for
from jaxgan.recipes.networks import Sample

ROWS = 8
"""That a pass is counted with: some layers look at several."""


class Pass(NamedTuple):
    """Operations of one row of one network: F, and of a pass forward and back to the parameters, 3F − F1.

    F1 is that of the first layer, whose input, being data or latents, needs no gradient.
    """

    forward: float
    trained: float


def passes(config, of):
    """(generator's, discriminator's) `Pass` for data of shape `of`."""
    options = options_of(config)
    condition = jnp.zeros((ROWS, of.num_classes)) if options.condition == "labels" else None
    modules = config.recipe.network.players(Sample(of.shape, None, options.latent_size))
    inputs = jnp.zeros((ROWS, options.latent_size)), jnp.zeros((ROWS, *of.shape))
    return tuple(_pass(networks.linen(module), x, condition) for module, x in zip(modules, inputs, strict=True))


def step(config, of):
    """FLOPs of one step of the configuration's batch of real rows.

    Alternating with n discriminator steps: the generator runs forward on every row and backward on the last part's,
    F + (2F − F1)/n; the discriminator forward and backward on real rows and on samples, 2·(3F − F1), and once more
    forward and back to the image for the generator, 2F/n; a relativistic loss judges real rows there too, F/n.
    Simultaneous steps share those forwards: F. R1 or R2 adds the gradient by the image, F, and its own backward pass:
    2F through the gradient, and with curvature (batch normalisation) 2F through the features. The gradient penalty adds
    a forward pass to that. A lazy penalty counts once in its interval. Path length regularisation, auxiliary heads and
    augmentation are not counted.
    """
    generator, discriminator = passes(config, of)
    options = options_of(config)
    parts, d = getattr(options, "discriminator_steps", 1), discriminator.forward
    players = generator.forward + (generator.trained - generator.forward) / parts + 2 * discriminator.trained
    again = 3 if options.loss.startswith("relativistic") else 2
    players += (1 if options.rule == "simultaneous" else again) * d / parts
    curved = options.network == "dcgan" and options.batch_norm
    one = (5 if curved else 3) * d
    penalties = sum(one for weight in (options.r1, options.r2) if weight > 0)
    penalties += (one + d) if options.gradient_penalty > 0 else 0
    return options.batch_size * (players + penalties / options.penalty_every)


def _pass(network, x, condition):
    key = jax.random.key(0)
    params, variables = jax.eval_shape(network.init, key, x, condition)

    def out(params, variables):
        return jnp.sum(network.apply(params, variables, x, condition, train=True, key=key)[0])

    with compiling_for("tpu"):  # which calls the library for every convolution
        return Pass(*(counted(jax.make_jaxpr(f)(params, variables)) / len(x) for f in (out, jax.grad(out))))


def counted(program):
    """Operations of a `ClosedJaxpr`; of branches the last."""
    found = 0
    for equation in program.jaxpr.eqns:
        inner = [p for p in jax.tree.leaves(equation.params) if isinstance(p, ClosedJaxpr)]
        if equation.primitive.name == "dot_general":
            (contracted, _), _ = equation.params["dimension_numbers"]
            shape = equation.invars[0].aval.shape
            found += 2 * equation.outvars[0].aval.size * math.prod(shape[i] for i in contracted)
        elif equation.primitive.name == "conv_general_dilated":
            kernel = equation.invars[1].aval
            features = kernel.shape[equation.params["dimension_numbers"].rhs_spec[0]]
            spread = math.prod(equation.params["lhs_dilation"])
            found += 2 * equation.outvars[0].aval.size * kernel.size / features / spread
        elif equation.primitive.name == "cond":
            found += counted(inner[-1])
        else:
            turns = equation.params["length"] if equation.primitive.name == "scan" else 1
            found += turns * sum(map(counted, inner))
    return found
