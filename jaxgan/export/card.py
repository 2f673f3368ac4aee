"""The model card of an exported generator, for model hubs."""

from pathlib import Path
from typing import Any

USE = """from pathlib import Path

import numpy as np
from jax import export

read = lambda name: export.deserialize(bytearray(Path(name).read_bytes()))
"""
DRAWN = """index = np.arange(16, dtype=np.int32)
latents = read("latents.jaxexport").call({arguments})
"""
CALL = """samples = read("generator.jaxexport").call({arguments})
"""
PICTURES = """pictures = np.clip(np.rint((np.asarray(samples) + 1) * 127.5), 0, 255).astype(np.uint8)
"""


def written(about: dict[str, Any], picture: Path) -> str:
    """The card in Markdown, with the front matter that hubs read.

    Args:
        about: content of `export.json`.
        picture: beside the card.
    """
    parts = [_front(about), f"# {about['name']}\n", _shown(picture), _summary(about), _usage(about), _onnx(about)]
    parts += [_judged(about), _figures(about), _data(about), _recipe(about), _versions(about)]
    return "\n".join(part for part in parts if part)


def use(about: dict[str, Any]) -> str:
    """Code that samples with JAX alone, to be run in the folder."""
    inputs, labels, values, text = about["inputs"], about.get("labels"), _values(about), USE
    if "latents" in inputs:
        bound = ["truncation=np.float32(np.inf)"] if about["truncates_latents"] else []
        text += DRAWN.format(arguments=", ".join(["index=index", "seed=np.int32(0)", *bound]))
    elif labels is not None:
        text += "index = np.arange(16, dtype=np.int32)\n"
    text += CALL.format(arguments=", ".join(f"{name}={values[name]}" for name in inputs))
    return text + (PICTURES if about["medium"] == "images" else "")


def _values(about: dict[str, Any]) -> dict[str, str]:
    """Code for a value of each input."""
    values = {"seed": "np.int32(0)", "truncation": "np.array(1, np.float32)", "latents": "latents"}
    labels = about.get("labels")
    if labels is not None:
        values["labels"] = f"index % {len(labels['classes'])}"
    for name, like in about["inputs"].items():
        if name.startswith("condition"):
            values[name] = f"np.zeros({('rows', *like['shape'][1:])!r}, np.{like['dtype']})".replace("'rows'", "16")
    return values


def _front(about: dict[str, Any]) -> str:
    kind = "image-to-image" if _translates(about) else "unconditional-image-generation"
    task = [f"pipeline_tag: {kind}"] if about["medium"] == "images" else []
    license = [f"license: {about['license']}"] if about["license"] else []
    return "\n".join(["---", "library_name: jaxgan", *license, *task, "tags:", "- gan", "- jax", "---", ""])


def _translates(about: dict[str, Any]) -> bool:
    """Whether the samples are made from rows of data."""
    return any(name.startswith("condition") for name in about["inputs"])


def _shown(picture: Path) -> str:
    return f"![Samples]({picture.name})\n" if picture.suffix == ".png" else f"Samples: `{picture.name}`\n"


def _summary(about: dict[str, Any]) -> str:
    license = f"Licence: {about['license']}." if about["license"] else "No licence was named."
    return (
        f"The averaged generator of a GAN after {about['step']:,} steps, {about['parameters']:,} parameters. "
        f"It was trained and exported by jaxgan {about['environment']['jaxgan']}. {license}\n"
    )


def _usage(about: dict[str, Any]) -> str:
    sample = "" if _translates(about) else "`jaxgan sample FOLDER`, or "
    return (
        "## Sample\n\n"
        "JAX alone is enough (`pip install jax flatbuffers`), on a CPU, a CUDA GPU or a TPU. In this folder:\n\n"
        f"```python\n{use(about)}```\n\n{_table(about['inputs'])}\n\n"
        f"With jaxgan: {sample}`jaxgan.load_generator(FOLDER)` in Python. "
        "`generator.safetensors` holds the weights by name.\n"
    )


def _onnx(about: dict[str, Any]) -> str:
    model = about.get("onnx")
    if model is None:
        return ""
    values = _values(about) | {"latents": "np.asarray(latents)"}
    given = ", ".join(f'"{name}": {values[name]}' for name in model["inputs"])
    return (
        "## ONNX\n\n"
        "`generator.onnx` is the same generator for ONNX Runtime (`pip install onnxruntime`). Its samples differ from "
        f"those above by at most {model['difference']:.1g} of the largest value.\n\n"
        "```python\nimport onnxruntime\n\n"
        'session = onnxruntime.InferenceSession("generator.onnx")\n'
        f"{', '.join(model['outputs'])}, = session.run(None, {{{given}}})\n```\n\n"
        f"{_table(model['inputs'])}\n"
    )


def _judged(about: dict[str, Any]) -> str:
    judge = about.get("discriminator")
    if judge is None:
        return ""
    weights = "`discriminator.safetensors` holds the weights by name.\n"
    if isinstance(judge, str):
        return f"## Discriminator\n\n{weights}There is no program: {judge}.\n"
    group = judge["group"]
    together = f"It compares {group} neighbouring rows with each other and takes multiples of {group}. "
    values = _values(about)
    named = "".join(f", {name}={values.get(name, name)}" for name in judge["inputs"] if name != "samples")
    return (
        "## Discriminator\n\n"
        f"{judge['parameters']:,} parameters. The logits are high on real data and low on samples. They are those of "
        "evaluation mode: without augmentation and noise. Images are in [-1, 1], as the generator makes them. "
        f"{together if group > 1 else ''}\n\n"
        f'```python\nlogits = read("discriminator.jaxexport").call(samples=samples{named})\n```\n\n'
        f"{_table(judge['inputs'])}\n\n"
        f"With jaxgan: `jaxgan.load_discriminator(FOLDER)` in Python. {weights}"
    )


def _table(inputs: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {like['dtype']} | {' × '.join(map(str, like['shape'])) or 'one number'} |"
        for name, like in inputs.items()
    ]
    return "\n".join(["| input | type | shape |", "| --- | --- | --- |", *rows])


def _figures(about: dict[str, Any]) -> str:
    if not about["figures"]:
        return ""
    rows = [f"| {each.get('metric')} | {each['value']:.4g} | {each.get('reference')} |" for each in about["figures"]]
    return "\n".join(["## Figures\n", "| metric | value | against |", "| --- | --- | --- |", *rows, ""])


def _data(about: dict[str, Any]) -> str:
    data = about["data"]
    lines = [f"- {name}: {data[name]}" for name in ("name", "rows", "fingerprint") if data.get(name) is not None]
    if about.get("labels"):
        lines.append(f"- classes: {', '.join(about['labels']['classes'])}")
    return "\n".join(["## Data\n", *lines, ""])


def _recipe(about: dict[str, Any]) -> str:
    if about["recipe"] is None:
        return ""
    options = "\n".join(f"{name}: {value}" for name, value in _flat(about["recipe"]["options"]))
    return f"## Recipe\n\n`{about['recipe']['kind']}` with\n\n```\n{options}\n```\n"


def _flat(tree: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in tree.items():
        rows += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(f"{before}{name}", value)]
    return rows


def _versions(about: dict[str, Any]) -> str:
    versions = about["environment"]
    named = ", ".join(f"{name} {versions[name]}" for name in ("jaxgan", "jax", "flax", "optax", "python"))
    return f"## Versions\n\nExported with {named}. JAX keeps what it exports readable for at least six months.\n"
