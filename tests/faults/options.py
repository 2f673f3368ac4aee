"""Random combinations of options: each run is described, or refused in words; none ends in a traceback.

python tests/faults/options.py [--count 300] [--seed 0]

A combination is a preset whose data are bundled, some choices, and some options of what is then there, with values that
fit, that are out of range, huge, or of another kind. The run is described by `--dry-run`, all but the compiled step.
"""

import argparse
import contextlib
import io
import random
import traceback
from typing import Annotated, Any, Literal, get_args, get_origin

from jaxgan.cli import main
from jaxgan.options import changed, choices, leaves
from jaxgan.options.tree import leaf_types
from jaxgan.program import dry_run
from jaxgan.recipes.presets import PRESETS

SOURCES = ("digits", "ring", "unequal_modes", "swiss_roll", "stacked_digits")
NUMBERS = ("0", "1", "2", "3", "5", "8", "0.1", "0.5", "0.999", "-1", "1e-9", "1e30", "nan", "inf", "1000000", "2.5")
WORDS = ("", "none", "None", "x", "dcgan", "-", "ψ", "[/red]")


def combination(chance: random.Random) -> list[str]:
    """The arguments of `jaxgan train` of one combination."""
    name = chance.choice(["digits", "ring", "grid"])
    recipe, program = PRESETS[name].config.recipe, PRESETS[name].config.program
    arguments = []
    for choice, kinds in chance.sample(sorted(choices(recipe).items()), chance.randint(0, 3)):
        names = [kind.NAME for kind in kinds if choice != "data" or kind.NAME in SOURCES]
        value = chance.choice(names if chance.random() < 0.95 else WORDS)
        arguments += [f"--{choice}", value]
        with contextlib.suppress(ValueError, TypeError):
            recipe = changed(recipe, **{choice: value})
    types = leaf_types(recipe) | leaf_types(program)
    odd = chance.random() < 0.5
    for option in chance.sample(sorted(types), chance.randint(1, 6)):
        spelled, value = option.replace("_", "-"), (leaves(recipe) | leaves(program))[option]
        if isinstance(value, bool):
            arguments.append(f"--{chance.choice(['', 'no-'])}{spelled}")
        else:
            arguments += [
                f"--{spelled}",
                *(values(types[option], chance) if odd else near(value, types[option], chance)),
            ]
    return arguments and [name, *arguments]


def near(value: Any, hint: Any, chance: random.Random) -> list[str]:
    """Words that are likely to fit: the value itself, or half or twice as much, or another of the choices."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) is Literal:
            return [str(chance.choice(get_args(part)))]
    if isinstance(value, tuple):
        return [str(each) for each in value]
    if isinstance(value, int | float):
        return [str(type(value)(value * chance.choice([0.5, 1, 2])))]
    return [str(value)]


def values(hint: Any, chance: random.Random) -> list[str]:
    """Words after an option of this type."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) is Literal and chance.random() < 0.9:
            return [str(chance.choice(get_args(part)))]
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(plain) is tuple:
        return [chance.choice(NUMBERS[:6]) for _ in range(chance.randint(0, 3))]
    return [chance.choice(NUMBERS if chance.random() < 0.9 else WORDS)]


def outcome(arguments: list[str]) -> tuple[int, str | None]:
    """The exit status of a combination, and the traceback in which it ends, or None."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = main(["train", *arguments, "--dry-run"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        return 1, traceback.format_exc()
    text = said.getvalue()
    if status not in (0, 1, 2):
        return status, f"status {status}\n{text}"
    return status, text if "Traceback" in text or "bug in jaxgan" in text else None


def tried(count: int, seed: int) -> tuple[int, list[tuple[list[str], str]]]:
    """How many of the combinations were described, and those that ended in a traceback."""
    chance, faults, described = random.Random(seed), [], 0
    before, dry_run.cost = dry_run.cost, lambda *_: (None, 0)
    try:
        for _ in range(count):
            arguments = combination(chance)
            status, found = outcome(arguments)
            described += status == 0
            if found is not None:
                faults.append((arguments, found))
    finally:
        dry_run.cost = before
    return described, faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    described, wrong = tried(asked.count, asked.seed)
    for words, text in wrong:
        print(f"jaxgan train {' '.join(words)}\n{text}\n")
    print(f"{asked.count} combinations, {described} described, {len(wrong)} tracebacks, the others refused in words")
