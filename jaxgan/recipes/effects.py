"""Options that have no effect beside others: which fields of a configuration a network reads, and like questions."""

from dataclasses import fields, replace
from typing import Any

from jaxgan.checks import require
from jaxgan.data.load import OPTIONS as DATA_OPTIONS
from jaxgan.recipes.config import Config

BIGGAN = ("biggan", "biggan_deep")
RESIDUAL = ("sn_resnet", *BIGGAN)
READ_BY = {
    "width": ("dcgan", *RESIDUAL),
    "attention": RESIDUAL,
    "hierarchical": ("biggan",),
    "initialization": ("biggan",),
    "widths": ("r3gan",),
    "channel_base": ("stylegan2",),
    "channel_max": ("stylegan2",),
    "mapping_layers": ("stylegan2",),
    "mixing": ("stylegan2",),
    "stddev_group": ("stylegan2",),
    "residual": ("stylegan2",),
    "generator_hidden": ("mlp",),
    "discriminator_hidden": ("mlp",),
    "dropout": ("mlp",),
    "batch_norm": ("dcgan",),
    "spectral_norm": ("dcgan", "mlp", *RESIDUAL),
    "generator_spectral_norm": RESIDUAL,
}
"""Fields that some networks read and others do not, with those that do."""
SIGNED_LOSSES = ("minimax", "non_saturating", "hinge")
"""Losses whose discriminator is undecided at a logit of 0, so that the sign of a logit says what it takes a row for."""


def check(config: Config) -> None:
    """Refuse options that differ from their defaults and have no effect, and adaptation to signs that say nothing.

    Raises:
        ValueError: naming each such option and why it has no effect.
    """
    inert = without_effect(config)
    require(not inert, "\n".join(f"{name}={getattr(config, name)} has no effect: {why}" for name, why in inert.items()))
    require(
        config.augment not in ("ada", "apa") or config.loss in SIGNED_LOSSES,
        f"augment={config.augment} follows the signs of logits, which say nothing with loss={config.loss}; "
        f"it needs one of {', '.join(SIGNED_LOSSES)}",
    )


def without_effect(config: Config) -> dict[str, str]:
    """Options that differ from their defaults though nothing reads them, each with the reason."""
    reasons = {
        name: f"it is an option of {', '.join(networks)}, not of network={config.network}"
        for name, networks in READ_BY.items()
        if config.network not in networks
    }
    if config.evaluate_every == 0:
        reasons |= dict.fromkeys(("evaluate_metrics", "evaluate_samples"), "evaluate_every is 0")
    if config.input == "resident":
        reasons["workers"] = "input=resident has no batches to gather"
    return {name: why for name, why in reasons.items() if getattr(config, name) != _defaults()[name]}


def adapted(config: Config, preset: Config) -> Config:
    """The configuration with the defaults in place of what the preset sets for another network or other data.

    Args:
        config: the preset with the options that a user gave.
        preset: as it was.
    """
    kind = config.data.partition(":")[0]
    unread = {name for name, kinds in DATA_OPTIONS.items() if kind not in kinds and name in _defaults()}
    unread |= set(without_effect(config))
    return replace(config, **{n: _defaults()[n] for n in unread if getattr(config, n) == getattr(preset, n)})


def _defaults() -> dict[str, Any]:
    return {field.name: field.default for field in fields(Config)}
