"""The XLA flags of the tests, of which the installed XLA may lack some: one that it does not know ends the process."""

import importlib.util
import mmap
from pathlib import Path

FLAGS = {
    "xla_force_host_platform_device_count": "4",
    "xla_backend_optimization_level": "0",
    "xla_cpu_use_fusion_emitters": "false",  # a third of the compile time
}


def known() -> str:
    """Those whose names are strings of XLA's library."""
    library = Path(importlib.util.find_spec("jaxlib").origin).with_name("libjax_common.so")
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return " ".join(f"--{name}={value}" for name, value in FLAGS.items() if text.find(f"\0{name}\0".encode()) >= 0)
