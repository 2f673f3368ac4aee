"""What is imported when: a name brings its own module, and a command what it uses."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jaxgan

HEAVY = ["jax", "flax", "optax", "orbax", "sklearn", "scipy.stats", "tensorboardX", "matplotlib", "grain"]
HEAVY += ["tensorflow_datasets", "array_record", "rich"]
NUMERICAL = {"jax", "flax", "optax", "rich"}  # Flax brings rich


def imported(code):
    """The heavy modules that a Python process holds after `code`."""
    code = f"import sys, json\n{code}\nprint(json.dumps([m for m in {HEAVY} if m in sys.modules]), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import jaxgan", set()),
        ("from jaxgan.cli import main\nmain(['--help'])", set()),
        ("from jaxgan.cli import main\nmain(['--version'])", set()),
        (
            "import jaxgan\nfor name in jaxgan.__all__:\n    if name not in ('train', 'open'): getattr(jaxgan, name)",
            NUMERICAL,
        ),
    ],
    ids=["package", "help", "version", "library"],
)
def test_only_what_is_used_is_imported(code, allowed):
    assert imported(code) <= allowed


def test_the_names_that_editors_see_are_those_that_there_are():
    """Type checkers and completion read the imports under TYPE_CHECKING; Python reads the tables."""
    tree = ast.parse(Path(jaxgan.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname: node.module for node in block.body for alias in node.names}
    modules = {name: home.rpartition(".")[0] for name, home in jaxgan.MODULES.items()}
    assert seen == modules | jaxgan.HOMES
    assert dir(jaxgan) == sorted([*seen, "__version__"])


@pytest.mark.slow
def test_modules_are_found_as_the_documents_name_them():
    """Each name in a process that has looked at no other."""
    root = Path(__file__).parents[1]
    pages = [root / "README.md", *(root / "examples" / "docs" / "pages").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    names = sorted({name.rstrip(".") for name in re.findall(r"`(jaxgan\.[A-Za-z_][\w.]*)", text)})
    names += ["jaxgan.errors.InputError", "jaxgan.networks.layers.Conv", "jaxgan.execution.Step", "jaxgan.core.Info"]
    code = (
        "import functools, sys, jax, flax, optax\n"
        f"for name in {names}:\n"
        "    for module in [m for m in sys.modules if m.partition('.')[0] == 'jaxgan']: del sys.modules[module]\n"
        "    import jaxgan\n"
        "    functools.reduce(getattr, name.split('.')[1:], jaxgan)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(names) > 10


@pytest.mark.parametrize("name", jaxgan.HOMES)
def test_a_public_name_is_that_of_its_module_however_it_is_reached(name):
    home = importlib.import_module(jaxgan.HOMES[name])
    assert getattr(jaxgan, name) is getattr(home, name)
    assert f"jaxgan.{name}" not in sys.modules, "a module of that name would take the place of the object"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'jaxgan' has no attribute 'gam'"):
        jaxgan.gam  # noqa: B018
