"""Configurations as benchmarks read them: all options by their names, and the algorithm."""

from types import SimpleNamespace

from jaxgan.program.preparation import flat


def options_of(config):
    """Options of recipe and program, and the names of what is chosen, as attributes."""
    return SimpleNamespace(**flat(config.recipe), **flat(config.program))


def record_of(config):
    """The same as a dictionary, for JSON."""
    return vars(options_of(config))


def build(config, of):
    """The algorithm of a configuration for data of the shape `of`."""
    return config.recipe.experiment(of, config.program.steps).algorithm
