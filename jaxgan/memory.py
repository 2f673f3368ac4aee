"""Memory of this machine."""

import os


def memory() -> int:
    """Bytes of memory of this machine; more than any has if the system does not say."""
    if not hasattr(os, "sysconf"):
        return 2**63
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
