"""Configurations as benchmarks read them: all options by their names, and the algorithm."""

import json
from types import SimpleNamespace

from jaxgan.program.preparation import flat


def chosen_options(options):
    """`NAME=VALUE`, each value as JSON or else as text."""
    return {name: parsed(value) for name, _, value in (one.partition("=") for one in options)}


def parsed(text):
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return tuple(value) if isinstance(value, list) else value


def options_of(config):
    """Options of recipe and program, and the names of what is chosen, as attributes."""
    return SimpleNamespace(**flat(config.recipe), **flat(config.program))


def record_of(config):
    """The same as a dictionary, for JSON."""
    return vars(options_of(config))


def build(config, of):
    """The algorithm of a configuration for data of the shape `of`."""
    return config.recipe.experiment(of, config.program.steps).algorithm
