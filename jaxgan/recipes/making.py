"""From a recipe to its data and its experiment, checked."""

import warnings
from typing import Any, get_args, get_type_hints

from jaxgan import data
from jaxgan.checks import require_choice
from jaxgan.core import Algorithm
from jaxgan.data import store
from jaxgan.errors import InputTypeError
from jaxgan.experiment import Experiment
from jaxgan.program.program import Program
from jaxgan.recipes.recipe import DataShape, Recipe

CONDITIONAL = get_args(get_type_hints(Experiment)["conditional"])
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
        ValueError: as `checked`.
    """
    experiment = recipe.experiment(dataset, program.steps)
    if not isinstance(experiment, Experiment):
        raise InputTypeError(
            f"{type(recipe).__name__}.experiment must return a jaxgan.Experiment, got {type(experiment).__name__}"
        )
    return checked(experiment)


def checked(experiment: Experiment) -> Experiment:
    """The experiment, whose algorithm and whose way of asking for samples are such.

    Raises:
        TypeError: if its algorithm is something else.
        ValueError: if samples are asked for by something else than the choices of `Experiment.conditional`.
    """
    if not isinstance(experiment.algorithm, Algorithm):
        got = type(experiment.algorithm).__name__
        raise InputTypeError(f"Experiment.algorithm must be what jaxgan.algorithm(...) returns, got {got}")
    require_choice("Experiment.conditional", experiment.conditional, CONDITIONAL)
    return experiment


def shape_of(dataset: Data) -> DataShape:
    """What shapes the networks."""
    first = dataset.first.condition if isinstance(dataset, data.IterableDataset) else dataset.condition
    asked = first is not None and dataset.num_classes is None
    return DataShape(dataset.shape, dataset.num_classes, dataset.medium.name + (" with conditions" if asked else ""))
