"""What each player wants: losses, penalties and latents over two networks."""

from jaxgan.games import gradients as gradients
