"""From a recipe to its data and its experiment, checked."""

import warnings
from typing import Any

from jaxgan import data
from jaxgan.core import Algorithm
from jaxgan.data import store
from jaxgan.errors import InputTypeError
from jaxgan.experiment import Experiment
from jaxgan.program.program import Program
from jaxgan.recipes.recipe import DataShape, Recipe

Data = data.Dataset | data.IterableDataset


def dataset_of(what: Recipe | Experiment, program: Program) -> Any:
    """Load the data of a recipe, with the program's cache; what is doubtful is in its `origin`."""
    if isinstance(what, Experiment):
        return what.data
    with warnings.catch_warnings(), store.cache_in(program.cache_dir):
        warnings.simplefilter("ignore", data.SkippedFiles)
        warnings.simplefilter("ignore", data.DoubtfulData)
        return what.dataset()


def made(recipe: Recipe, dataset: Data | DataShape, program: Program) -> Experiment:
    """The experiment of a recipe.

    Raises:
        TypeError: if the recipe makes something else.
    """
    experiment = recipe.experiment(dataset, program.steps)
    if not isinstance(experiment, Experiment):
        raise InputTypeError(
            f"{type(recipe).__name__}.experiment must return a jaxgan.Experiment, got {type(experiment).__name__}"
        )
    if not isinstance(experiment.algorithm, Algorithm):
        got = type(experiment.algorithm).__name__
        raise InputTypeError(f"Experiment.algorithm must be what jaxgan.algorithm(...) returns, got {got}")
    return experiment


def shape_of(dataset: Data) -> DataShape:
    """What shapes the networks."""
    first = dataset.first.condition if isinstance(dataset, data.IterableDataset) else dataset.condition
    asked = first is not None and dataset.num_classes is None
    return DataShape(dataset.shape, dataset.num_classes, dataset.medium.name + (" with conditions" if asked else ""))
