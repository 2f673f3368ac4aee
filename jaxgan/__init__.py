"""GANs as pure functions that compile, converge, and show why when they do not."""

from jaxgan import data as data
from jaxgan import diagnostics as diagnostics
from jaxgan import dynamics as dynamics
from jaxgan import networks as networks
from jaxgan.algorithm import algorithm as algorithm
from jaxgan.core import Algorithm as Algorithm
from jaxgan.core import Average as Average
from jaxgan.core import Batch as Batch
from jaxgan.core import Dynamics as Dynamics
from jaxgan.core import Game as Game
from jaxgan.core import GANState as GANState
from jaxgan.core import Players as Players
from jaxgan.core import Turn as Turn
from jaxgan.execution import jitted as jitted
from jaxgan.execution import pmapped as pmapped
from jaxgan.execution import population as population
from jaxgan.execution import repeated as repeated
from jaxgan.execution import sharded as sharded
from jaxgan.games import latents as latents
from jaxgan.games import losses as losses
from jaxgan.games import penalties as penalties
from jaxgan.games.gan import gan as gan
from jaxgan.training.config import Config as Config
from jaxgan.training.presets import preset as preset
from jaxgan.training.train import train as train
from jaxgan.version import __version__ as __version__
