"""Runs of versions without recipes. Their `config.json` holds one flat list of options."""

from collections.abc import Mapping
from typing import Any

from jaxgan.checks import require
from jaxgan.configuration import Configuration
from jaxgan.options import choices, every_name, leaves, to_tree
from jaxgan.program.program import Program
from jaxgan.recipes.gan import GAN

CHOICES = ("data", "network", "loss", "rule", "augment")


def configuration(record: Mapping[str, Any]) -> dict[str, Any]:
    """`name`, `recipe` and `program` of a flat record, in today's form.

    Options that had no effect are left out: those of other networks than the one that was chosen.
    """
    flat: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in record["config"].items()
    }
    unknown = sorted(set(flat) - {*CHOICES, "conditional", "schedule", *every_name(GAN), *every_name(Program)})
    require(not unknown, f"unknown configuration fields {unknown}")
    chosen = {name: flat.pop(name) for name in CHOICES if name in flat}
    chosen["condition"] = "labels" if flat.pop("conditional", False) else "none"
    schedule = flat.pop("schedule", "constant")
    chosen["schedule"] = "burn_in" if flat.get("burn_in", 0) > 0 else schedule
    base = Configuration(GAN()).replace(**chosen)
    known = {**leaves(base.recipe), **leaves(base.program)}
    if "projection" in known:
        flat["projection"] = False  # labels were appended
    values = base.replace(**{name: value for name, value in flat.items() if name in known})
    assert not set(choices(values.recipe)) & set(flat)
    recipe = {"module": GAN.__module__, "kind": GAN.__name__, "options": to_tree(values.recipe)}
    return {"name": record["preset"], "recipe": recipe, "program": to_tree(values.program)}
