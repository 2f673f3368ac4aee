"""Draw from an exported generator, like `jaxgan sample` from a run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from jaxgan.checks import require
from jaxgan.data.media import Medium, View, sound, tokens
from jaxgan.export.generator import ABOUT, Generator, load_generator
from jaxgan.observe.requests import CHUNK, classes_in_turn
from jaxgan.observe.sample_count import check_count
from jaxgan.observe.sampling import MOST_CLASSES, MOVING, Sampling, check_columns
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs.classes import class_number


def is_export(folder: Path) -> bool:
    """Whether the folder holds an exported generator."""
    return (folder / ABOUT).is_file()


def sample_export(folder: Path, sampling: Sampling) -> Path:
    """Draw from an exported generator and write a picture or an `.npz`, with the samples that its run would draw.

    Returns:
        The path of the file (default: FOLDER/seed-S.png).

    Raises:
        ValueError: if an option does not fit what was exported.
    """
    generator = load_generator(folder)
    _check(folder, generator, sampling)
    n, about = sampling.n or 64, generator.about
    check_count(n, about["shape"], item=4)
    check_columns(sampling, about["medium"], folder)
    labels, columns = _labels(generator, sampling, n), sampling.columns or 8
    samples = drawn(generator, n, seed=sampling.seed, labels=labels, truncation=sampling.truncation)
    medium = medium_of(generator)
    out = sampling.out or folder / f"seed-{sampling.seed}.png"
    out.parent.mkdir(parents=True, exist_ok=True)
    if sampling.kind == ".npz":
        arrays: dict[str, Any] = {"images": medium.encode(samples)}
        if labels is not None:
            arrays |= {"labels": labels, "class_names": np.array(about["labels"]["classes"])}
        np.savez_compressed(out, **arrays)
        return out
    count = len(about["labels"]["classes"]) if "labels" in about else 0
    if sampling.columns is None and not sampling.labels and 1 < count <= MOST_CLASSES:
        columns = count
    saved = medium.save(out.with_suffix(""), samples, View(columns=min(columns, n)))
    return sampling.out or saved


def medium_of(generator: Generator) -> Medium:
    """Medium of the samples."""
    rate = generator.about.get("rate")
    if rate is not None:
        return sound(rate)
    vocabulary = generator.about.get("vocabulary")
    if vocabulary is not None:
        return tokens(tuple(vocabulary))
    return DataShape(tuple(generator.about["shape"]), None, generator.about["medium"]).medium


def drawn(
    generator: Generator,
    n: int,
    *,
    seed: int,
    labels: Int[np.ndarray, "n"] | None = None,
    truncation: float | None = None,
) -> np.ndarray:
    """n samples as the network makes them."""
    truncates = "truncation" in generator.inputs
    given: dict[str, Any] = {"truncation": truncation} if truncates else {}
    latents = generator.latents(n, seed=seed, truncation=None if truncates else truncation)
    parts = []
    for start in range(0, n, CHUNK):
        rows = slice(start, min(n, start + CHUNK))
        if labels is not None:
            given["labels"] = labels[rows]
        parts.append(generator(latents[rows], seed=seed, **given))
    return np.concatenate([np.asarray(part) for part in parts])


def check_drawn(folder: Path, generator: Generator) -> None:
    """Raise `ValueError` if samples need rows of data."""
    asked = [name for name in generator.inputs if name.startswith("condition")]
    require(
        generator.draw is not None and not asked,
        f"the samples of {folder} are made from rows of data, which an export does not have: call "
        f"jaxgan.load_generator({json.dumps(str(folder))}) with them",
    )


def _check(folder: Path, generator: Generator, sampling: Sampling) -> None:
    clips_as_gif = generator.about["medium"] == "clips" and sampling.kind == ".gif"
    for option, given in (
        ("step", sampling.step is not None),
        ("ema", sampling.ema is not None),
        ("checkpoint", sampling.checkpoint != "latest"),
        ("truncation_layers", sampling.truncation_layers is not None),
        ("latents", sampling.latents is not None),
        ("refine", sampling.refine != "none"),
        ("interpolate", sampling.interpolate),
        (str(MOVING.get(sampling.kind)), sampling.kind in MOVING and not clips_as_gif),
    ):
        require(not given, f"{option} is for runs; {folder} is an exported generator")
    check_drawn(folder, generator)
    require(
        not sampling.labels or "labels" in generator.about,
        f"labels={sampling.labels} given, but the samples of {folder} are not conditioned on classes",
    )
    truncates = "truncation" in generator.inputs or generator.about["truncates_latents"]
    require(
        sampling.truncation is None or truncates,
        f"truncation={sampling.truncation} needs normal latents or a network with styles, and {folder} has neither",
    )


def _labels(generator: Generator, sampling: Sampling, n: int) -> Any:
    if "labels" not in generator.about:
        return None
    known = generator.about["labels"]
    if not sampling.labels:
        return classes_in_turn(known["drawn"], n)
    return classes_in_turn(
        [class_number(each, known["classes"], unlabelled=known["lowest"] < 0) for each in sampling.labels], n
    )
