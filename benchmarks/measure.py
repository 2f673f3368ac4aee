"""What every benchmark shares: timing, the machine's own rate, and the record that is printed and kept."""

import json
import os
import platform
import resource
import statistics
import time
from pathlib import Path

import jax
import jax.numpy as jnp
from rich.console import Console
from rich.table import Table

from jaxgan.runs.run_folder import environment


def seconds(call, *, repeats):
    """Median and minimum seconds of `call()`, each waited for."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        jax.block_until_ready(call())
        times.append(time.perf_counter() - begun)
    return statistics.median(times), min(times)


def product_rate(size=1024, dtype=jnp.float32):
    """FLOP/s of a square matrix product on one device, the most that a step could reach."""
    a = jnp.ones((size, size), dtype)
    product = jax.jit(lambda a: a @ a)
    jax.block_until_ready(product(a))
    return 2 * size**3 / seconds(lambda: product(a), repeats=10)[1]


def bandwidth(size=1 << 25):
    """Bytes/s of a + s·b over `size` float32 numbers: two arrays read and one written, none of which a cache holds."""
    a, b = jnp.ones(size), jnp.ones(size)
    triad = jax.jit(lambda a, b: a + 0.5 * b)
    jax.block_until_ready(triad(a, b))
    return 3 * a.nbytes / seconds(lambda: triad(a, b), repeats=5)[1]


def peak_memory():
    """Peak bytes in use on the device where it is counted, else of the whole process so far."""
    stats = jax.local_devices()[0].memory_stats() or {}
    unit = 1 if platform.system() == "Darwin" else 1024
    return stats.get("peak_bytes_in_use", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def settings(options):
    """Options of the command line without those that name a place, for JSON."""
    return {name: value for name, value in vars(options).items() if name not in ("data_dir", "out", "picture")}


def report(title, rows, *, out, columns=None, **about):
    """Print the machine and a table of `rows` (dictionaries; what one lacks is empty); write both to `out` as JSON.

    `columns` are those of the table, all by default.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    rows = [{name: row.get(name, "") for name in names} for row in rows]
    machine = environment() | {"glibc_tunables": os.environ.get("GLIBC_TUNABLES", "")}
    record = {"benchmark": title, **about, "environment": machine, "rows": rows}
    console = Console(width=160)
    console.print({k: v for k, v in record.items() if k not in ("rows", "members")})
    table = Table(title=title)
    for name in columns or names:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(_shown(row[name]) for name in columns or names))
    console.print(table)
    if out is not None:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        Path(out).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        console.print(f"written to {out}")


def _shown(value):
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
