"""Make the data and the experiment of a recipe, with checks."""

import warnings
from typing import Any, get_args, get_type_hints

import jax

from jaxgan import data
from jaxgan.checks import require, require_choice
from jaxgan.core import Algorithm
from jaxgan.data import store
from jaxgan.errors import InputTypeError
from jaxgan.experiment import Experiment
from jaxgan.program.program import Program
from jaxgan.recipes.recipe import DataShape, Recipe

CONDITIONAL = get_args(get_type_hints(Experiment)["conditional"])
Data = data.Dataset | data.IterableDataset


def dataset_of(what: Recipe | Experiment, program: Program) -> Any:
    """Load the data of a recipe, with the program's cache. Doubts about the data are in its `origin`."""
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
    """Check an experiment: its algorithm and how it requests samples. Use the game's latents if the experiment has
    none.

    Raises:
        TypeError: if its algorithm is something else.
        ValueError: if samples are asked for by something else than the choices of `Experiment.conditional`, by classes
            that the data do not have, or with latents of another size than the game's.
    """
    if not isinstance(experiment.algorithm, Algorithm):
        got = type(experiment.algorithm).__name__
        raise InputTypeError(f"Experiment.algorithm must be what jaxgan.algorithm(...) returns, got {got}")
    require_choice("Experiment.conditional", experiment.conditional, CONDITIONAL)
    by_class = experiment.conditional == "classes"
    require(
        not by_class or experiment.data.num_classes is not None,
        'Experiment.conditional is "classes", but the data have no labels: take "nothing", or data with labels',
    )
    own = None if experiment.algorithm.game is None else experiment.algorithm.game.latents
    if own is None:
        return experiment
    if experiment.latents is None:
        return experiment if experiment.conditional == "rows" else experiment._replace(latents=own)
    key = jax.random.key(0)
    sizes = [jax.eval_shape(each.draw, key).shape for each in (experiment.latents, own)]
    require(sizes[0] == sizes[1], f"Experiment.latents draws rows {sizes[0]}, but the game takes {sizes[1]}")
    return experiment


def shape_of(dataset: Data) -> DataShape:
    """Shape of the data, which determines the networks."""
    first = dataset.first.condition if isinstance(dataset, data.IterableDataset) else dataset.condition
    asked = first is not None and dataset.num_classes is None
    return DataShape(dataset.shape, dataset.num_classes, dataset.medium.name + (" with conditions" if asked else ""))
