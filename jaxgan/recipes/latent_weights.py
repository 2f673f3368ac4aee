"""Weights of the layers that read a latent or a style, for the directions of `jaxgan edit`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jaxtyping import Array, Float

from jaxgan.recipes.networks import R3GAN, BigGAN, BigGANDeep, Network, StyleGAN2

if TYPE_CHECKING:
    from jaxgan.core import GANState


def latent_weights(
    network: Network, latent_size: int
) -> "Callable[[GANState], tuple[Float[Array, 'size _features'], ...]] | None":
    """Kernels of the layers of the averaged generator that read the latent, without the weights of a condition.

    Those of StyleGAN2 read the styles, one for each layer of styles.

    Returns:
        A function of the state; None for BigGAN's networks, whose latent enters in several places.
    """
    if isinstance(network, BigGAN | BigGANDeep):
        return None
    if isinstance(network, StyleGAN2):
        return lambda state: tuple(layer["affine"]["kernel"] for layer in _styled(state.average.params["synthesis"]))
    first = "modulation" if isinstance(network, R3GAN) else "Dense_0"
    return lambda state: (state.average.params[first]["kernel"][:latent_size],)


def _styled(synthesis: Any) -> list[Any]:
    """The convolution of each style; the last style has the last layer of colours alone."""
    counts = {kind: sum(name.startswith(kind) for name in synthesis) for kind in ("StyledConv", "Colours")}
    convolutions = [synthesis[f"StyledConv_{i}"] for i in range(counts["StyledConv"])]
    return [*convolutions, synthesis[f"Colours_{counts['Colours'] - 1}"]]
