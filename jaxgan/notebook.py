"""The notebook whose kernel this process is, if it is one."""

import sys
from typing import Any


def shell() -> Any | None:
    """IPython's shell of the kernel; None in a script or a terminal."""
    ipython = sys.modules.get("IPython")
    found = None if ipython is None else ipython.get_ipython()
    return None if getattr(found, "kernel", None) is None else found


class Output:
    """An output of the present cell that can be replaced."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self.html = HTML
        self.handle = display(HTML(""), display_id=True)

    def replace(self, text: str) -> None:
        """Show HTML instead of what is there."""
        self.handle.update(self.html(text))
