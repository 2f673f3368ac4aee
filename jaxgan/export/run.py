"""Write the averaged generator of a run into a folder of its own."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax import core

from jaxgan.checks import require
from jaxgan.core import GANState
from jaxgan.data.dataset import NO_LABEL, Dataset
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment
from jaxgan.export import card
from jaxgan.export import inputs as program_inputs
from jaxgan.export.discriminator import DISCRIMINATOR
from jaxgan.export.generator import ABOUT, FORMAT, GENERATOR, LATENTS
from jaxgan.export.onnx import ONNX, onnx_model
from jaxgan.export.programs import Programs, discriminator_program, programs
from jaxgan.export.weights import as_safetensors
from jaxgan.files import json_text
from jaxgan.observe.sampling import Sampling, sample_run
from jaxgan.observe.stored import Checkpoint, check_checkpoint, experiment_of, stored
from jaxgan.options import to_tree
from jaxgan.options.conform import conform
from jaxgan.runs import records, run_folder
from jaxgan.runs.classes import class_names, with_rows
from jaxgan.runs.run_folder import Run, environment

SHOWN = 64
"""Samples in the picture of the card."""


@dataclass(frozen=True)
class Export:
    """What is exported from a run, and where it goes."""

    out: Path | None = None
    """Folder to create (default: RUN/export)."""
    step: int | None = None
    """Step of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """Use the newest state, or the state of the best evaluation."""
    both: bool = False
    """Also write the discriminator: its program and its weights."""
    onnx: bool = False
    """Also write the generator as an ONNX model, see `jaxgan.export.onnx`."""
    license: str = ""
    """License for the card, such as apache-2.0; without one, the card says that there is none."""

    def __post_init__(self) -> None:
        conform(self)
        check_checkpoint(self.step, self.checkpoint)


def export_run(folder: Path, options: Export) -> Path:
    """Write a folder that can be used without jaxgan: programs of the averaged generator, its weights, and a card.

    - `generator.jaxexport`: `jax.export` of the generator with its weights inside, for CPU, CUDA and TPU, of any number
      of rows.
    - `latents.jaxexport`: how its latents are drawn, if it has any.
    - `generator.safetensors`: the weights by name.
    - with `both`, `discriminator.jaxexport` and `discriminator.safetensors`: logits of samples, high on real data, in
      evaluation mode. A game without logits of single rows has weights alone; the card says why.
    - with `onnx`, `generator.onnx`: the same function for ONNX Runtime, of any number of rows. It is compared with the
      generator, and the export is refused if they differ.
    - `README.md`: a card with a picture, how to sample, the data, the recipe and the figures, laid out as model hubs
      take it. `export.json`: the same for programs.

    The folder is made whole or not at all.

    Returns:
        The folder.

    Raises:
        FileNotFoundError: if there is no run, or no such state.
        ValueError: if the folder exists already, the run cannot be read, or its samples cannot be exported.
    """
    run = run_folder.load(folder)
    out = options.out or run.folder / "export"
    require(not out.exists(), f"{out} exists; remove it, or name another folder with --out")
    experiment = experiment_of(run)
    state = jax.device_get(stored(run, experiment, step=options.step, checkpoint=options.checkpoint))
    traced = _traced(experiment, state)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=out.parent, prefix=".", suffix=".unfinished", ignore_cleanup_errors=True
    ) as at:
        made = Path(at) / "export"
        made.mkdir()
        _write_programs(made, traced)
        (made / "generator.safetensors").write_bytes(as_safetensors(state.average))
        about = _about(run, experiment, state, traced, options)
        if options.onnx:
            about["onnx"] = _write_onnx(made, experiment, state)
        if options.both:
            about["discriminator"] = _write_discriminator(made, experiment, state, traced)
        picture = _picture(run, experiment, options, made / "samples.png")
        (made / ABOUT).write_text(json_text(about, indent=2) + "\n", encoding="utf-8")
        (made / "README.md").write_text(card.written(about, picture), encoding="utf-8")
        os.rename(made, out)
    return out


def _traced(experiment: Experiment, state: GANState) -> Programs:
    require(
        experiment.latents is not None or experiment.conditional != "nothing",
        "the samples are drawn by keys alone, of which an export makes no program: give the game latents "
        "(Game.latents), or the experiment (Experiment.latents)",
    )
    with _any_rows("generator"):
        return programs(experiment, state)


@contextmanager
def _any_rows(player: str) -> Iterator[None]:
    """Say in words that a network does not take any number of rows."""
    try:
        yield
    except (TypeError, core.InconclusiveDimensionOperation) as error:
        if isinstance(error, TypeError) and "_DimExpr" not in str(error):
            raise
        first = str(error).splitlines()[0]
        raise InputError(
            f"the {player} cannot be traced for any number of rows: {first}. Write x.shape[0] or -1 for the number of "
            f"rows, and not len(x); if it compares rows in groups, give the experiment their size (Experiment.group)"
        ) from error


def _write_programs(folder: Path, traced: Programs) -> None:
    try:
        (folder / GENERATOR).write_bytes(traced.generator.serialize())
        if traced.latents is not None:
            (folder / LATENTS).write_bytes(traced.latents.serialize())
    except ImportError as error:
        raise InputError("exported programs are written by flatbuffers: pip install 'jaxgan[export]'") from error


def _write_onnx(folder: Path, experiment: Experiment, state: GANState) -> Any:
    """What `export.json` says of it: inputs, outputs, and the difference from the generator."""
    with _any_rows("generator"):
        model = onnx_model(experiment, state)
    (folder / ONNX).write_bytes(model.content)
    inputs = {name: _array(like) for name, like in model.inputs.items()}
    return {"inputs": inputs, "outputs": model.outputs, "difference": model.difference}


def _write_discriminator(folder: Path, experiment: Experiment, state: GANState, traced: Programs) -> Any:
    """What `export.json` says of it: inputs and output of its program, or why there is none."""
    weights = {"params": state.params.discriminator, "variables": state.variables.discriminator}
    (folder / "discriminator.safetensors").write_bytes(as_safetensors(weights))
    samples = jax.tree.unflatten(traced.generator.out_tree, traced.generator.out_avals)
    try:
        with _any_rows("discriminator"):
            program = discriminator_program(experiment, state, samples)
    except InputError as error:
        return str(error)
    (folder / DISCRIMINATOR).write_bytes(program.serialize())
    return {
        "inputs": {name: _array(like) for name, like in program_inputs.named(program).items()},
        "output": _array(program.out_avals[0]),
        "group": experiment.group,
        "parameters": sum(np.size(leaf) for leaf in jax.tree.leaves(state.params.discriminator)),
    }


def _picture(run: Run, experiment: Experiment, options: Export, out: Path) -> Path:
    """A picture of samples, as the medium shows them, beside the card."""
    data = experiment.data
    rows = min(SHOWN, len(data)) if experiment.conditional == "rows" and isinstance(data, Dataset) else SHOWN
    return sample_run(run.folder, Sampling(n=rows, step=options.step, checkpoint=options.checkpoint, out=out))


def _about(run: Run, experiment: Experiment, state: GANState, traced: Programs, options: Export) -> dict[str, Any]:
    inputs = program_inputs.named(traced.generator)
    outputs = jax.tree.unflatten(traced.generator.out_tree, traced.generator.out_avals)
    medium = experiment.data.medium
    about: dict[str, Any] = {
        "format": FORMAT,
        "name": run.name,
        "step": int(state.step),
        "license": options.license or None,
        "inputs": {name: _array(like) for name, like in inputs.items()},
        "output": _array(outputs) if not isinstance(outputs, dict) else {k: _array(v) for k, v in outputs.items()},
        "truncates_latents": traced.latents is not None and "truncation" in program_inputs.named(traced.latents),
        "medium": medium.name,
        "rate": medium.rate,
        "vocabulary": medium.vocabulary,
        "shape": run.of.shape,
        "parameters": sum(np.size(leaf) for leaf in jax.tree.leaves(state.average.params)),
    }
    if experiment.conditional == "classes":
        about["labels"] = {
            "classes": class_names(run),
            "lowest": NO_LABEL if experiment.unlabelled else 0,
            "drawn": with_rows(run),
        }
    recipe = None if run.recipe is None else {"kind": type(run.recipe).__name__, "options": to_tree(run.recipe)}
    measured = [each for each in records.read(run.evaluation) if isinstance(each, dict)]
    return about | {
        "data": {"rows": run.rows, **run.source},
        "recipe": recipe,
        "figures": [each for each in measured if each.get("step") == int(state.step)],
        "environment": environment(),
    }


def _array(like: Any) -> dict[str, Any]:
    return {"shape": [size if isinstance(size, int) else str(size) for size in like.shape], "dtype": str(like.dtype)}
