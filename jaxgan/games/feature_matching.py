"""A generator that matches what the discriminator's features are on average."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.devices import average

Features = Float[Array, "batch size"]


def feature_distance(real: Features, fake: Features) -> Float[Array, ""]:
    """‖E f(x) − E f(G(z))‖², the means over the whole batch, on all devices.

    Reference:
        Salimans et al., Improved Techniques for Training GANs, 2016, section 3.1.
    """
    return jnp.sum(average(jnp.mean(real, axis=0) - jnp.mean(fake, axis=0)) ** 2)
