"""A trained generator that leaves its run: a folder that JAX alone can use, and what reads it back."""

from jaxgan.export.generator import Generator, load_generator
from jaxgan.export.run import Export, export_run

__all__ = ["Export", "Generator", "export_run", "load_generator"]
