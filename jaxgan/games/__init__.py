"""What each player wants: losses, penalties and latents over two networks."""

from jaxgan.games import autoencoder, gradients, vae_gan, vqgan

__all__ = [
    "autoencoder",
    "gradients",
    "vae_gan",
    "vqgan",
]
