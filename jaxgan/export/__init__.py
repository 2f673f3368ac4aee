"""A trained generator that leaves its run: a folder that JAX alone can use, and what reads it back."""
