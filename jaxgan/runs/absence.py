"""Error messages for a folder that is no run."""

from pathlib import Path

LISTED = 5
"""Number of runs in the folder to name, the newest first."""


def absent(folder: Path, path: Path) -> str:
    """Message that there is no run in `folder`, because the file `path` is missing, and what there is instead."""
    runs = sorted(each.parent.name for each in folder.glob(f"*/{path.name}"))
    if runs:
        return f"no run in {folder}, but in folders below it: {', '.join(runs[-LISTED:])}"
    if path.name == "config.json" and (folder / "sweep.json").is_file():
        return f"no run in {folder}: it is the folder of a sweep, whose members cannot be opened one by one"
    if (folder / "export.json").is_file():
        return f"no run in {folder}: it is an exported generator, from which jaxgan sample draws"
    return f"no run in {folder}: there is no {path}"
