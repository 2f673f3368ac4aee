"""What each player wants: losses, penalties and latents over two networks."""
