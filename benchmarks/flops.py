"""Floating-point operations of a preset's step, counted by hand: matrix products and convolutions alone.

A multiply-add counts two. F is one forward pass of a network, F1 that of its first layer, whose input needs no
gradient when the input is data.
"""

import itertools
import math

from jaxgan.networks.dcgan import LAYOUTS


def forward(config, shape, classes):
    """(F, F1) for one row of the generator, and of the discriminator."""
    classes = classes if config.conditional else 0
    latent = config.latent_size + classes
    if config.network == "mlp":
        pixels = math.prod(shape)
        generator = _dense([latent, *config.generator_hidden, pixels])
        discriminator = _dense([pixels + classes, *config.discriminator_hidden, 1])
        return (sum(generator), generator[0]), (sum(discriminator), discriminator[0])
    size, _, channels = shape
    side, doublings = LAYOUTS[size]
    widths = [config.width * 2**i for i in range(doublings)]
    inputs = [channels, *widths[:-1]]
    sides = [size // 2 ** (i + 1) for i in range(doublings)]
    convolutions = [2 * 16 * s * s * a * b for s, a, b in zip(sides, inputs, widths, strict=True)]
    first = 2 * latent * side * side * widths[-1]
    last = 2 * side * side * widths[-1] + 2 * classes * widths[-1]
    return (first + sum(convolutions), first), (sum(convolutions) + last, convolutions[0])


def step(config, shape, classes):
    """FLOPs of one step of `config.batch_size` real rows.

    Alternating with n discriminator steps: the generator runs forward on every row and backward on the last part's,
    F + (2F − F1)/n; the discriminator forward and backward on real rows and on samples, 2·(3F − F1), and once more
    forward and back to the image for the generator, 2F/n; a relativistic loss judges real rows there too, F/n.
    Simultaneous steps share those forwards: F. R1 or R2 adds the
    gradient by the image, F, and its own backward pass: 2F through the gradient, and with curvature (batch
    normalisation) 2F through the features. The gradient penalty adds a forward pass to that. A lazy penalty counts
    once in its interval.
    """
    (g, g1), (d, d1) = forward(config, shape, classes)
    parts = config.discriminator_steps
    players = g + (2 * g - g1) / parts + 2 * (3 * d - d1)
    again = 3 if config.loss.startswith("relativistic") else 2
    players += (1 if config.rule == "simultaneous" else again) * d / parts
    curved = config.network == "dcgan" and config.batch_norm
    one = (5 if curved else 3) * d
    penalties = sum(one for weight in (config.r1, config.r2) if weight > 0)
    penalties += (one + d) if config.gradient_penalty > 0 else 0
    return config.batch_size * (players + penalties / config.penalty_every)


def _dense(widths):
    return [2 * a * b for a, b in itertools.pairwise(widths)]
