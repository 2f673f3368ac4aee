"""From a configuration to the algorithm that it describes, and to its compiled step."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec
from jaxtyping import Array

from jaxgan import augmentation, data, dynamics, execution, networks
from jaxgan.algorithms import algorithm
from jaxgan.checks import require
from jaxgan.core import Algorithm, Game, Players
from jaxgan.devices import AXIS, mesh_of
from jaxgan.execution.layout import AnyStep
from jaxgan.games import latents, losses, penalties, terms
from jaxgan.games.dequantized import dequantized
from jaxgan.games.gan import gan
from jaxgan.recipes import architectures, rates
from jaxgan.recipes.architectures import UNTRUNCATED, Truncation
from jaxgan.recipes.config import PENALTIES, Config, DataShape

Traced = rates.Numbers
"""Numbers, by their names in the configuration, that take the place of what it says; a population passes them."""
NOTHING: Traced = MappingProxyType({})


def build_game(config: Config, of: DataShape, traced: Traced = NOTHING, truncation: Truncation = UNTRUNCATED) -> Game:
    """The game: networks, loss and penalties; a penalty whose weight is traced is on.

    Raises:
        ValueError: if the data does not fit the networks, or labels are asked for and there are none.
    """
    require(
        not config.conditional or of.num_classes is not None,
        f"conditional needs a data set with labels; data={config.data} has none",
    )
    adapt = networks.rematerialized if config.remat else networks.linen
    modules = architectures.players(config, of.shape, truncation)
    made = Players(*map(adapt, modules))
    make_loss: Callable[..., losses.Loss] = getattr(losses, config.loss)
    num_classes = of.num_classes if config.conditional else None
    game = gan(
        made.generator,
        made.discriminator,
        loss=make_loss(**_smoothing(config, traced)),
        penalties=_penalties(config, traced),
        terms=_terms(config, modules.generator),
        latent_size=config.latent_size,
        latent=_latent(config),
        num_classes=num_classes,
        label_dropout=config.label_dropout,
        augment=_augment(config, of),
    )
    if config.dequantize:
        require(len(of.shape) == 3, f"dequantize needs images, but data={config.data} has shape {of.shape}")
        game = dequantized(game)
    return game


def build(config: Config, of: DataShape, traced: Traced = NOTHING, truncation: Truncation = UNTRUNCATED) -> Algorithm:
    """The whole algorithm, optimizers included.

    Args:
        config: of the run.
        of: shape of its data.
        traced: any of the learning rates, `b1`, `b2`, the weights of penalties, `label_smoothing` and `ema_decay`.
        truncation: of the styles of StyleGAN2, when it is sampled.

    Raises:
        ValueError: as `build_game`.
    """
    optimizers = rates.optimizers(config, traced)
    if config.rule == "alternating":
        rule = dynamics.alternating(
            optimizers, discriminator_steps=config.discriminator_steps, generator_parts=config.generator_parts
        )
    else:
        rule = getattr(dynamics, config.rule)(optimizers)
    decay = rates.average_decay(config, traced.get("ema_decay", config.ema_decay))
    return algorithm(build_game(config, of, traced, truncation), rule, ema_decay=decay, ema_warmup=config.ema_warmup)


def is_resident(config: Config, dataset: data.Dataset | data.IterableDataset) -> bool:
    """Whether the whole data set lies on the device.

    Raises:
        ValueError: if it should, but is an iterable of batches.
    """
    if isinstance(dataset, data.IterableDataset):
        require(config.input != "resident", "input=resident needs a data set with rows, got an iterable of batches")
        return False
    return config.input == "resident" or (config.input == "auto" and not isinstance(dataset.real, np.memmap))


def rows_placed(config: Config) -> jax.sharding.Sharding:
    """Where the rows of stacked batches `[steps_per_call, B, ...]` lie."""
    if config.wrapper == "jit":
        return jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    return NamedSharding(mesh_of(jax.local_devices()), PartitionSpec(None, AXIS))


def compile_step(config: Config, step: AnyStep, *, resident: bool = True) -> AnyStep:
    """The step as the configuration runs it: `(state, data, key) -> (state, infos)`, on the devices it names.

    Args:
        config: of the run.
        step: of the algorithm.
        resident: `data` is the whole set on the device; else stacked batches of stored rows.

    Raises:
        ValueError: if devices and discriminator steps do not divide the batch.
    """
    count = 1 if config.wrapper == "jit" else jax.local_device_count()
    wrap = {"jit": execution.jitted, "pmap": execution.pmapped, "sharded": execution.sharded}[config.wrapper]
    return wrap(steps_of_a_call(config, step, resident=resident, devices=count))


def steps_of_a_call(config: Config, step: AnyStep, *, resident: bool, devices: int = 1) -> AnyStep:
    """The steps of one call, not compiled yet, see `compile_step`.

    Raises:
        ValueError: if devices and discriminator steps do not divide the batch.
    """
    parts = config.discriminator_steps + config.generator_parts
    require(
        config.batch_size % (devices * parts) == 0,
        f"batch_size={config.batch_size} must be divisible by {devices} devices × {parts} parts "
        "(discriminator_steps + generator_parts)",
    )
    drawing = data.resident(step, batch_size=config.batch_size, seed=config.seed) if resident else data.streamed(step)
    return execution.repeated(drawing, config.steps_per_call)


def _latent(config: Config) -> Callable[..., Array]:
    latent: Callable[..., Array] = getattr(latents, config.latent)
    return latents.with_signs(config.latent_signs, latent) if config.latent_signs else latent


def _terms(config: Config, generator: Any) -> list[terms.Term]:
    listed = [] if config.auxiliary == "none" else [getattr(terms, config.auxiliary)(config.auxiliary_weight)]
    if config.path_length > 0:
        listed.append(terms.every(4, terms.path_length(generator, config.path_length)))
    return listed


def _augment(config: Config, of: DataShape) -> augmentation.Transform | augmentation.Augmentation | None:
    require(
        config.augment in ("none", "apa") or len(of.shape) == 3,
        f"augment={config.augment} needs images, but data={config.data} has shape {of.shape}",
    )
    if config.augment in ("none", "diffaugment"):
        return None if config.augment == "none" else augmentation.diffaugment()
    if config.augment == "r3gan":
        return augmentation.r3gan(rates.augment_probability(config))
    return getattr(augmentation, config.augment)(config.ada_target)


def _smoothing(config: Config, traced: Traced) -> dict[str, Any]:
    """The argument of the losses that have it."""
    smoothing = traced.get("label_smoothing", config.label_smoothing)
    return {"label_smoothing": smoothing} if "label_smoothing" in traced or smoothing > 0 else {}


def _penalties(config: Config, traced: Traced) -> list[penalties.Penalty]:
    weights = config.penalties() | {name: traced[name] for name in PENALTIES if name in traced}
    made = [getattr(penalties, name)(rates.penalty_weight(config, weight)) for name, weight in weights.items()]
    return made if config.penalty_every == 1 else [penalties.every(config.penalty_every, p) for p in made]
