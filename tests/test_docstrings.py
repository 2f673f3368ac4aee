"""The examples in the docstrings of public names run, and give what they say."""

import ast
import doctest
import inspect
import re
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan

sys.path.append(str(Path(__file__).parents[1] / "examples" / "docs"))
from public import PAGES, named, public

GIVEN = {"jax": jax, "jnp": jnp, "np": np, "optax": optax, "jaxgan": jaxgan}
"""Names that every example may use."""
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
SECTIONS = [name for _, modules in PAGES.values() for name in modules]


def documented():
    """The public functions and classes of each section of the reference, each in the one that has it first.

    Modules among the names of a section, such as those of the metrics, are opened.
    """
    sections, seen = [named(name) for name in SECTIONS], set()
    for section, module in sorted(zip(SECTIONS, sections, strict=True), key=lambda pair: pair[0] == "jaxgan"):
        values = [getattr(module, name) for name in public(module)]
        opened = [value for value in values if inspect.ismodule(value) and value not in sections]
        values += [getattr(inner, name) for inner in opened for name in public(inner)]
        values = [value for value in values if inspect.isfunction(value) or inspect.isclass(value)]
        yield section, [value for value in values if not (value in seen or seen.add(value))]


DOCUMENTED = dict(documented())
RUNS = {
    "load_discriminator",
    "load_generator",
    "open",
    "train",
    "train_classifier",
    "path_angle",
    "plot_path_angle",
    "plot_stability_map",
}
"""Functions whose example would train something; the pages and notebooks show them."""
ELSEWHERE = {"bound", "compile_for", "equinox", "load_weights", "vgg19"}
"""Functions that need a package or a file which the tests may lack."""
OLD = {"lecam"}
"""Functions of `jaxgan.losses` that warn."""
INNER = {
    *("auxiliary", "batch_norm", "check_rows", "check_samples", "choices", "draw_rows", "geometry_color_cutout"),
    *("measurable", "names", "nearest_others", "path_length", "pitch_distance", "seen_in_batches"),
    *("standing_statistics", "streamed", "style_cycle", "style_reconstruction", "widths"),
}
"""Functions that mean something only inside a larger one, which has the example."""


def test_every_public_function_has_an_example():
    functions = [value for values in DOCUMENTED.values() for value in values if inspect.isfunction(value)]
    without = {value.__name__ for value in functions if ">>>" not in inspect.getdoc(value)}
    assert without == RUNS | ELSEWHERE | INNER | OLD


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_examples_give_what_they_say(section, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = dict(GIVEN)
    values = {f"{value.__module__}.{value.__name__}": value for value in DOCUMENTED[section]}
    runner, said = doctest.DocTestRunner(optionflags=FLAGS), []
    for name, value in [(section, named(section)), *values.items()]:
        # what the docstring of the module defines may be used by its functions
        test = doctest.DocTestParser().get_doctest(inspect.getdoc(value), names, name, None, None)
        runner.run(test, out=said.append, clear_globs=False)
        names |= test.globs if inspect.ismodule(value) else {}
    assert not runner.failures, "".join(said)


def references():
    """The references of every docstring: their place, and their text in one line."""
    for path in sorted(Path(jaxgan.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                section = re.search(r"^References?:\n((?:    .*\n?)+)", ast.get_docstring(node) or "", re.MULTILINE)
                if section is not None:
                    yield f"{path.name}: {getattr(node, 'name', '')}", " ".join(section[1].split())


def test_a_paper_has_its_address():
    """Older papers than those of 2013 may have none."""
    lacking, papers = [], 0
    for place, text in references():
        start = 0
        for year in re.finditer(r", (?:201[3-9]|202\d)\b(\]\(https://)?", text):
            papers += 1
            if year[1] is None and "](https://" not in text[start : year.start()]:
                lacking.append(f"{place}: {text[start : year.end()]}")
            start = year.end()
    assert papers > 150
    assert not lacking
