"""A page in a single file, which includes its style and its script."""

from pathlib import Path
from string import Template
from typing import Any

from jaxgan.checks import require

HERE = Path(__file__).parent


def check_out(out: Path) -> None:
    """Raise `ValueError` if a page cannot go there."""
    require(not out.is_dir(), f"out must be a file, but {out} is a folder")


def write_page(template: str, out: Path, **parts: Any) -> Path:
    """Fill a template of this folder, with the style and the script of the curves, and write it.

    Args:
        template: its file name.
        out: the page.
        parts: HTML, by the names of the template.

    Returns:
        `out`.
    """
    shared = {name: (HERE / file).read_text(encoding="utf-8") for name, file in SHARED.items()}
    page = Template((HERE / template).read_text(encoding="utf-8")).substitute(shared, **parts)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    return out


SHARED = {"style": "style.css", "panels": "panels.js"}
