"""The presets in words: one line each, or everything about one."""

import shlex
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from jaxgan.checks import require_choice
from jaxgan.configuration import Configuration
from jaxgan.options import choices, chosen, leaves
from jaxgan.options.help import first_sentence
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.presets import GANS, NOTHING, PRESETS, Preset
from jaxgan.recipes.sources import spelled

REFERENCES = Path(__file__).parent / "references"
"""A table for each preset of a paper: its fields beside those of the paper's program."""
INDENT = 2
NAME_WIDTH = 24
NO_BREAK = "\xa0"


def overview(width: int) -> str:
    """One line per preset if there are 80 columns, grouped by what they need. No word is broken.

    Args:
        width: columns.
    """
    return "\n\n".join(
        "\n".join([*title, *(_entry(name, PRESETS[name].about, width) for name in names)])
        for title, names in _groups(width)
    )


def details(name: str, width: int) -> str:
    """What a preset trains, what it needs, its settings, and how it differs from the program of its paper.

    Args:
        name: name of the preset.
        width: columns.

    Raises:
        ValueError: naming those that there are.
    """
    require_choice("preset", name, tuple(PRESETS))
    preset, table = PRESETS[name], reference(name)
    facts = [_entry(title, text, width) for title, text in _facts(name, preset).items()]
    sections = [
        _wrapped(f"{name}: {preset.about}", width),
        [*facts, *_needs(preset.needs, width)],
        ["Settings that are not the defaults", *_options(settings(preset), width)],
    ]
    if table:
        sections.append(["Follows", *_wrapped(table["source"], width, INDENT)])
        sections.append(["Differs from it in", *_differences(table, width)])
    return "\n\n".join("\n".join(lines) for lines in sections)


def reference(name: str) -> dict[str, Any]:
    """Table of a preset of a paper; empty for other presets."""
    path = REFERENCES / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def settings(preset: Preset) -> list[str]:
    """Options on the command line that turn the defaults into the preset."""
    config, defaults = preset.config, defaults_of(preset)
    recipe: Any = config.recipe
    names = chosen(recipe) | {"data": spelled(recipe.data)}
    base = defaults.replace(**names)
    words = [
        word
        for name in choices(recipe)
        if names[name] != chosen(defaults.recipe)[name]
        for word in (f"--{_dashed(name)}", names[name])
    ]
    for now, usual in ((leaves(recipe), leaves(base.recipe)), (leaves(config.program), leaves(base.program))):
        words += [word for name, value in now.items() if value != usual[name] for word in _spelled(name, value)]
    return words


def defaults_of(preset: Preset) -> Configuration:
    """Defaults to which the settings of a preset are compared."""
    recipe: Any = preset.config.recipe
    return GANS if isinstance(recipe, GAN) else Configuration(type(recipe)())


def _groups(width: int) -> list[tuple[list[str], list[str]]]:
    """Needs of presets, with the presets' names."""
    needs = {name: preset.needs for name, preset in PRESETS.items()}
    of_mnist = PRESETS["dcgan-mnist"].needs
    nothing = [name for name, need in needs.items() if need == NOTHING]
    mnist = [name for name, need in needs.items() if need == of_mnist]
    other = [name for name in needs if name not in (*nothing, *mnist)]
    before, _, command = of_mnist.partition(": ")
    return [
        (_wrapped("Need nothing", width), nothing),
        ([*_wrapped(f"Need {before}:", width), *_wrapped(command, width, INDENT)], mnist),
        (_wrapped("Need other data; jaxgan presets NAME says which", width), other),
    ]


def _facts(name: str, preset: Preset) -> dict[str, str]:
    recipe: Any = preset.config.recipe
    program = preset.config.program
    shape = "×".join(map(str, preset.of.shape))
    critic = leaves(recipe).get("discriminator_steps", 1)
    return {
        "command": f"jaxgan train {name}",
        "data": f"{spelled(recipe.data)}, {shape}"
        + (f", {preset.of.num_classes} classes" * bool(preset.of.num_classes)),
        **(_of_gan(recipe) if isinstance(recipe, GAN) else {"trains": first_sentence(type(recipe).__doc__ or "")}),
        "rule": recipe.rule.NAME + (f", {critic} steps of the discriminator" * (critic > 1)),
        "length": f"{program.steps:,} steps of {program.batch_size:,} rows",
    }


def _of_gan(recipe: GAN) -> dict[str, str]:
    return {
        "network": recipe.network.NAME + (", told the class" * (recipe.condition.NAME == "labels")),
        "loss": recipe.objective.summary(),
    }


def _needs(text: str, width: int) -> list[str]:
    """What a preset needs; a command that makes it is not broken."""
    before, colon, command = text.partition(": ")
    if NAME_WIDTH + len(text) <= width or not colon:
        return [_entry("needs", text, width)]
    return [_entry("needs", f"{before}:", width), *_wrapped(command, width, INDENT)]


def _differences(table: dict[str, Any], width: int) -> list[str]:
    lines = []
    for row in (row for row in (*table["field"], *table.get("other", [])) if "why" in row):
        lines += _wrapped(row["name"], width, INDENT)
        for title, key in (("here", "ours"), ("there", "reference"), ("why", "why")):
            lines += _wrapped(f"{title}: {_plain(row[key])}", width, 2 * INDENT)
    return lines or [" " * INDENT + "nothing that is known"]


def _plain(value: Any) -> str:
    return (
        " ".join(map(str, value)) if isinstance(value, list) else f"{value:,}" if isinstance(value, int) else str(value)
    )


def _spelled(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"--{'' if value else 'no-'}{_dashed(name)}"]
    return [f"--{_dashed(name)}", *map(str, value if isinstance(value, tuple) else [value])]


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _entry(name: str, text: str, width: int) -> str:
    """A name with text beside it, or below it if there is no room."""
    start = f"{' ' * INDENT}{name}".ljust(NAME_WIDTH - 1) + " "
    if width < 2 * NAME_WIDTH:
        return "\n".join([start.rstrip(), *_wrapped(text, width, 2 * INDENT)])
    return "\n".join(_wrapped(text, width, NAME_WIDTH)).replace(" " * NAME_WIDTH, start, 1)


def _options(words: list[str], width: int) -> list[str]:
    """Options in lines, each beside its value."""
    joined = shlex.join(words).replace(" ", NO_BREAK).replace(f"{NO_BREAK}--", " --")
    return [line.replace(NO_BREAK, " ") for line in _wrapped(joined, width, INDENT)]


def _wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    space = " " * indent
    return textwrap.wrap(
        text,
        max(width, indent + 1),
        initial_indent=space,
        subsequent_indent=space,
        break_long_words=False,
        break_on_hyphens=False,
    )
