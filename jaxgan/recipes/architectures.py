"""From a configuration to the two networks that it describes."""

from typing import Any, NamedTuple

import flax.linen as nn
import jax.numpy as jnp

from jaxgan import networks
from jaxgan.checks import require
from jaxgan.core import Players
from jaxgan.recipes.config import Config


class Truncation(NamedTuple):
    """How a generator with styles pulls them to their mean when it is sampled, see `networks.StyleGAN2Generator`."""

    psi: float = 1.0
    layers: int | None = None


UNTRUNCATED = Truncation()


def players(config: Config, shape: tuple[int, ...], truncation: Truncation = UNTRUNCATED) -> Players[nn.Module]:
    """The networks for data of this shape; only StyleGAN2 is truncated here, the others by their latents.

    Raises:
        ValueError: if the architecture is not for such data, or a field of the configuration is out of its range.
    """
    dtype = None if config.precision == "float32" else jnp.dtype(config.precision)
    if config.network == "mlp":
        hidden = Players(config.generator_hidden, config.discriminator_hidden)
        return Players(
            networks.MLPGenerator(output_shape=shape, hidden=hidden.generator, squash=len(shape) == 3, dtype=dtype),
            networks.MLPDiscriminator(
                hidden=hidden.discriminator, dropout=config.dropout, spectral_norm=config.spectral_norm, dtype=dtype
            ),
        )
    require(
        len(shape) == 3 and shape[0] == shape[1],
        f"network={config.network} needs square images [H, W, C], but data={config.data} has shape {shape}",
    )
    of_images: dict[str, Any] = {"image_size": shape[0], "channels": shape[2], "dtype": dtype}
    if config.network == "r3gan":
        return Players(
            networks.R3GANGenerator(widths=config.widths, **of_images),
            networks.R3GANDiscriminator(widths=config.widths, dtype=dtype),
        )
    if config.network == "stylegan2":
        return _stylegan2(config, of_images, truncation)
    return _of_one_width(config, of_images)


def _of_one_width(config: Config, of_images: dict[str, Any]) -> Players[nn.Module]:
    """Those whose channels are multiples of `width`."""
    width, dtype, spectral = config.width, of_images["dtype"], config.spectral_norm
    if config.network == "dcgan":
        return Players(
            networks.DCGANGenerator(width=width, **of_images),
            networks.DCGANDiscriminator(width=width, batch_norm=config.batch_norm, spectral_norm=spectral, dtype=dtype),
        )
    generator, discriminator = {
        "sn_resnet": (networks.SNResNetGenerator, networks.SNResNetDiscriminator),
        "biggan": (networks.BigGANGenerator, networks.BigGANDiscriminator),
        "biggan_deep": (networks.BigGANDeepGenerator, networks.BigGANDeepDiscriminator),
    }[config.network]
    shared: dict[str, Any] = {"width": width, "attention": config.attention}
    of_generator: dict[str, Any] = {}
    if config.network == "biggan":
        of_generator = {"hierarchical": config.hierarchical}
        initial = {"orthogonal": nn.initializers.orthogonal(), "normal": nn.initializers.normal(0.02)}
        shared["kernel_init"] = initial[config.initialization]
    return Players(
        generator(spectral_norm=config.generator_spectral_norm, **of_generator, **shared, **of_images),
        discriminator(spectral_norm=spectral, dtype=dtype, **shared),
    )


def _stylegan2(config: Config, of_images: dict[str, Any], truncation: Truncation) -> Players[nn.Module]:
    channels: dict[str, Any] = {"channel_base": config.channel_base, "channel_max": config.channel_max}
    return Players(
        networks.StyleGAN2Generator(
            style_size=config.latent_size,
            mapping_layers=config.mapping_layers,
            mixing=config.mixing,
            truncation=truncation.psi,
            truncation_layers=truncation.layers,
            **channels,
            **of_images,
        ),
        networks.StyleGAN2Discriminator(
            group_size=config.stddev_group, residual=config.residual, dtype=of_images["dtype"], **channels
        ),
    )
