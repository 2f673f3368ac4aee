"""Export of a trained generator to a folder that needs only JAX, and functions that read it."""
