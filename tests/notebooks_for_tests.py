"""A notebook whose outputs can be looked at, for a process that has no kernel."""

import sys
from types import ModuleType, SimpleNamespace


class Notebook:
    """`cell` is the number of the cell that runs; `outputs` are the lists of what each output showed in turn."""

    def __init__(self, monkeypatch):
        self.outputs = []
        self.shell = SimpleNamespace(kernel=object(), execution_count=1)
        ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
        ipython.get_ipython = lambda: self.shell
        ipython.display, display.HTML, display.display = display, str, self.display
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)

    def display(self, content, display_id=False):
        output = [content]
        self.outputs.append(output)
        return SimpleNamespace(update=output.append) if display_id else None

    def newest(self):
        """What the outputs show now."""
        return [output[-1] for output in self.outputs]
