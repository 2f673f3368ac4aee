"""What each player wants: losses, penalties and latents over two networks."""

from jaxgan.games import gradients

__all__ = [
    "gradients",
]
