"""Run the notebooks, and make pages of their cells and outputs. `# %%` begins a cell of these scripts."""

import os
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbclient import NotebookClient
from traitlets.config import Config

SOURCES = Path(__file__).parents[1] / "notebooks"
SECONDS = 600
"""Longest time for a cell, and for the kernel to start."""
BEGIN = """import os, tempfile
os.chdir(tempfile.mkdtemp(dir={folder!r}))
%reset -f"""
"""First cell of each notebook, which is not shown: an empty folder, and no names of the notebook before."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook."""
    sources = {source.stem: source.read_text(encoding="utf-8") for source in sorted(SOURCES.glob("*.py"))}
    for name, page in zip(sources, pages(*sources.values()), strict=True):
        files.append(File.generated(config, f"notebooks/{name}.md", content=page))
    return files


@cache
def pages(*sources: str) -> list[str]:
    """Markdown of notebooks with their outputs. An error in a cell ends the build.

    One kernel runs them all, because imports take longer than most cells.
    """
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    with tempfile.TemporaryDirectory() as folder:
        notebooks = [[text(body) if is_text else code(body) for is_text, body in split(source)] for source in sources]
        cells = [cell for each in notebooks for cell in (code(BEGIN.format(folder=folder)), *each)]
        os.environ["JAX_COMPILATION_CACHE_DIR"] = f"{folder}/programs"  # a cell may train what one before has compiled
        NotebookClient(
            nbformat.v4.new_notebook(cells=cells),
            timeout=SECONDS,
            startup_timeout=SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}}),  # no open ports
        ).execute()
    return ["\n\n".join(part for cell in each for part in parts(cell)) + "\n" for each in notebooks]


def split(source: str) -> Iterator[tuple[bool, str]]:
    """Cells in order: whether it is text, and what it holds."""
    for cell in re.split(r"^# %%", source, flags=re.MULTILINE)[1:]:
        kind, _, body = cell.partition("\n")
        is_text = "[markdown]" in kind
        yield is_text, (re.sub(r"^# ?", "", body, flags=re.MULTILINE) if is_text else body).strip()


def parts(cell: Any) -> Iterator[str]:
    """The text of a cell, or its code, what it shows, and what it prints."""
    if cell.cell_type == "markdown":
        yield cell.source
        return
    yield f"```python\n{cell.source}\n```"
    said = "".join(output.text for output in cell.outputs if output.output_type == "stream").strip("\n")
    for output in cell.outputs:
        if output.output_type == "stream":
            continue
        data = output.data
        if "text/html" in data:
            yield f"<div>{data['text/html']}</div>" if data["text/html"] else ""
        elif "image/png" in data:
            yield f'<p><img alt="output" src="data:image/png;base64,{data["image/png"].strip()}"></p>'
        else:
            yield f'<pre class="output">{escape(data["text/plain"])}</pre>'
    if said:
        yield f'<pre class="output">{escape(said)}</pre>'
