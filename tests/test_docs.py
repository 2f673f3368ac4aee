"""The documentation names what there is: its code runs, its commands are understood, its links lead somewhere."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

from jaxgan.command_options import Output, SweepOutput
from jaxgan.options.command_line import parse
from jaxgan.recipes.presets import PRESETS, preset

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "examples" / "docs" / "pages").glob("*.md"))
EVERY = [ROOT / "README.md", *sorted((ROOT / ".github").glob("*.md")), *PAGES]
RUN = ("start.md", "own.md")
"""Whose code stands for itself."""


def named(paths):
    return pytest.mark.parametrize("page", paths, ids=lambda path: path.name)


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands(page):
    """Commands `jaxgan train` and `jaxgan sweep` that name a preset, or that take the default."""
    lines = [line for block in blocks(page, "") for line in block.splitlines()]
    split = [shlex.split(line, comments=True) for line in lines if line.startswith(("jaxgan train", "jaxgan sweep"))]
    return [words for words in split if not {"...", "[PRESET", "FILE.py", "mine.py"} & set(words)]


@named(EVERY)
def test_commands_are_understood(page):
    for _, command, *options in commands(page):
        name = options.pop(0) if options and not options[0].startswith("-") else "digits"
        base = preset(name)
        resumes = [word for i, word in enumerate(options) if word == "--resume" and options[i + 1 : i + 2] != ["RUN"]]
        assert not resumes, "a bare --resume is completed by the program before it is parsed"
        output = Output() if command == "train" else SweepOutput()
        parse(options, base.recipe, base.program, output, prog="jaxgan", description="")


@named(EVERY)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        generated = link.startswith(("reference/", "notebooks/")) or link == "digits.png"
        assert generated or link.startswith("https://") or (page.parent / link).exists(), link


@named(EVERY)
def test_code_is_python(page):
    for block in blocks(page, "python"):
        compile(block, page.name, "exec")


@pytest.mark.slow
@named([page for page in PAGES if page.name in RUN])
def test_code_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {"__name__": "page"}
    for i, block in enumerate(blocks(page, "python")):
        file = tmp_path / f"{page.stem}_{i}.py"
        file.write_text(block, encoding="utf-8")
        exec(compile(block, str(file), "exec"), scope)


def test_the_citation_is_that_of_the_package():
    cited = yaml.safe_load((ROOT / ".github" / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (cited["cff-version"], cited["type"]) == ("1.2.0", "software")
    assert cited["title"].startswith(f"{project['name']}: ")
    assert (cited["authors"], cited["license"]) == (project["authors"], project["license"])
    page = (ROOT / "examples" / "docs" / "pages" / "contributing.md").read_text(encoding="utf-8")
    assert f"title   = {{{cited['title']}}}" in page.replace("{GANs}", "GANs").replace("{JAX}", "JAX")


def test_the_readme_has_at_most_150_lines():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_presets_and_pages_are_listed():
    text = (ROOT / "examples" / "docs" / "pages" / "presets.md").read_text(encoding="utf-8")
    assert [name for name in PRESETS if f"`{name}`" not in text] == []
    nav = (ROOT / "examples" / "docs" / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f" {page.name}\n" not in nav] == []
    notebooks = sorted(path.stem for path in (ROOT / "examples" / "notebooks").glob("*.py"))
    assert notebooks == sorted(re.findall(r" notebooks/(\w+)\.md\n", nav))
