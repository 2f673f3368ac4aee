"""GANs as pure functions. They compile, they converge, and when they fail they say why."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jaxgan.version import __version__ as __version__

if TYPE_CHECKING:
    from jaxgan import augmentation as augmentation
    from jaxgan import core as core
    from jaxgan import data as data
    from jaxgan import diagnostics as diagnostics
    from jaxgan import dynamics as dynamics
    from jaxgan import errors as errors
    from jaxgan import execution as execution
    from jaxgan import games as games
    from jaxgan import metrics as metrics
    from jaxgan import networks as networks
    from jaxgan import optimizers as optimizers
    from jaxgan import options as options
    from jaxgan import schedules as schedules
    from jaxgan import targets as targets
    from jaxgan.algorithms import algorithm as algorithm
    from jaxgan.configuration import Configuration as Configuration
    from jaxgan.core import Algorithm as Algorithm
    from jaxgan.core import Average as Average
    from jaxgan.core import Batch as Batch
    from jaxgan.core import Dynamics as Dynamics
    from jaxgan.core import Game as Game
    from jaxgan.core import GANState as GANState
    from jaxgan.core import Players as Players
    from jaxgan.core import Turn as Turn
    from jaxgan.devices import all_rows as all_rows
    from jaxgan.devices import global_mean as global_mean
    from jaxgan.devices import global_rows as global_rows
    from jaxgan.execution import fully_sharded as fully_sharded
    from jaxgan.execution import jitted as jitted
    from jaxgan.execution import pmapped as pmapped
    from jaxgan.execution import population as population
    from jaxgan.execution import repeated as repeated
    from jaxgan.execution import sharded as sharded
    from jaxgan.execution import spread as spread
    from jaxgan.experiment import Experiment as Experiment
    from jaxgan.export.discriminator import load_discriminator as load_discriminator
    from jaxgan.export.generator import load_generator as load_generator
    from jaxgan.games import auxiliary as auxiliary
    from jaxgan.games import bottlenecks as bottlenecks
    from jaxgan.games import conditions as conditions
    from jaxgan.games import latents as latents
    from jaxgan.games import losses as losses
    from jaxgan.games import pairs as pairs
    from jaxgan.games import penalties as penalties
    from jaxgan.games import terms as terms
    from jaxgan.games.analysis import with_analysis as with_analysis
    from jaxgan.games.autoencoder import autoencoder as autoencoder
    from jaxgan.games.bigan import bigan as bigan
    from jaxgan.games.cycle import cycle as cycle
    from jaxgan.games.distillation import distilled as distilled
    from jaxgan.games.frozen import frozen as frozen
    from jaxgan.games.gan import gan as gan
    from jaxgan.games.one_way import one_way as one_way
    from jaxgan.games.pool import pool as pool
    from jaxgan.metrics.evaluate import evaluate as evaluate
    from jaxgan.observe.show import show as show
    from jaxgan.observe.stored import open as open
    from jaxgan.power_averages import power_averaged as power_averaged
    from jaxgan.program.program import Program as Program
    from jaxgan.program.train import train as train
    from jaxgan.recipes.presets import preset as preset
    from jaxgan.transfer import carry_over as carry_over

MODULES = {
    "augmentation": "jaxgan.augmentation",
    "core": "jaxgan.core",
    "data": "jaxgan.data",
    "diagnostics": "jaxgan.diagnostics",
    "dynamics": "jaxgan.dynamics",
    "errors": "jaxgan.errors",
    "execution": "jaxgan.execution",
    "games": "jaxgan.games",
    "metrics": "jaxgan.metrics",
    "networks": "jaxgan.networks",
    "optimizers": "jaxgan.optimizers",
    "options": "jaxgan.options",
    "schedules": "jaxgan.schedules",
    "targets": "jaxgan.targets",
    "auxiliary": "jaxgan.games.auxiliary",
    "bottlenecks": "jaxgan.games.bottlenecks",
    "conditions": "jaxgan.games.conditions",
    "latents": "jaxgan.games.latents",
    "losses": "jaxgan.games.losses",
    "pairs": "jaxgan.games.pairs",
    "penalties": "jaxgan.games.penalties",
    "terms": "jaxgan.games.terms",
}
HOMES = {
    "algorithm": "jaxgan.algorithms",
    "carry_over": "jaxgan.transfer",
    "Algorithm": "jaxgan.core",
    "Average": "jaxgan.core",
    "Batch": "jaxgan.core",
    "Dynamics": "jaxgan.core",
    "Game": "jaxgan.core",
    "GANState": "jaxgan.core",
    "Players": "jaxgan.core",
    "Turn": "jaxgan.core",
    "all_rows": "jaxgan.devices",
    "global_mean": "jaxgan.devices",
    "global_rows": "jaxgan.devices",
    "fully_sharded": "jaxgan.execution",
    "jitted": "jaxgan.execution",
    "pmapped": "jaxgan.execution",
    "population": "jaxgan.execution",
    "repeated": "jaxgan.execution",
    "sharded": "jaxgan.execution",
    "spread": "jaxgan.execution",
    "autoencoder": "jaxgan.games.autoencoder",
    "bigan": "jaxgan.games.bigan",
    "with_analysis": "jaxgan.games.analysis",
    "cycle": "jaxgan.games.cycle",
    "frozen": "jaxgan.games.frozen",
    "gan": "jaxgan.games.gan",
    "Configuration": "jaxgan.configuration",
    "Experiment": "jaxgan.experiment",
    "Program": "jaxgan.program.program",
    "distilled": "jaxgan.games.distillation",
    "evaluate": "jaxgan.metrics.evaluate",
    "load_discriminator": "jaxgan.export.discriminator",
    "load_generator": "jaxgan.export.generator",
    "open": "jaxgan.observe.stored",
    "one_way": "jaxgan.games.one_way",
    "pool": "jaxgan.games.pool",
    "power_averaged": "jaxgan.power_averages",
    "preset": "jaxgan.recipes.presets",
    "show": "jaxgan.observe.show",
    "train": "jaxgan.program.train",
}
"""Public modules, and the modules of the other public names. Each is imported when its name is first used."""
__all__ = [*MODULES, *HOMES, "__version__"]


if not TYPE_CHECKING:  # checkers would take any name for one that there is

    def __getattr__(name: str) -> Any:
        if name in MODULES:
            return import_module(MODULES[name])
        if name not in HOMES:
            raise AttributeError(f"module 'jaxgan' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
