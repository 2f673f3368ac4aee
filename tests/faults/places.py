"""Run jaxgan in odd places and circumstances: each must work, or end in words and with the right exit status.

    python tests/faults/places.py                  all of them: six minutes on two cores
    python tests/faults/places.py disk standard    those whose names have one of these words

For Linux: full disks are small tmpfs of a user namespace, and root gives its rights up where they matter.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

SMALL = (
    "--generator-hidden 8 --discriminator-hidden 8 --batch-size 8 --steps 20 --steps-per-call 1 "
    "--log-every 5 --sample-every 10 --checkpoint-every 5"
)
PRELUDE = f"""
jaxgan() {{ "$PYTHON" -m jaxgan "$@"; }}
ring() {{ jaxgan train ring {SMALL} "$@"; }}
without_rights() {{ if [ $(id -u) = 0 ]; then setpriv --inh-caps=-all --bounding-set=-all "$@"; else "$@"; fi; }}
export -f jaxgan ring without_rights
disk() {{ mkdir disk; unshare -rm bash -c "mount -t tmpfs -o $1 none disk && $2"; }}
done_run() {{ cp -r "$DONE" run; }}
"""


class Place(NamedTuple):
    """A command in a folder of its own."""

    command: str
    """For bash, after `PRELUDE`. `$DONE` is the folder of a finished run."""
    status: int
    """The exit status it must have."""
    words: str = ""
    """What it must say."""


TWO_BYTES = r"$'\xff\xfe'"
PLACES = {
    "out is a file": Place("touch runs; ring", 1, "runs: "),
    "out is below a file": Place("touch file; ring --out file/runs", 1, "file"),
    "out is a dangling link": Place("ln -s nowhere runs; ring", 1, "runs"),
    "out is a link to itself": Place("ln -s runs runs; ring", 1, "runs"),
    "out is a link to a folder": Place("mkdir there; ln -s there runs; ring && ls there/00000-ring/checkpoints/20", 0),
    "out cannot be written": Place("mkdir -m 555 runs; without_rights bash -c ring", 1, "Permission denied"),
    "out cannot be listed": Place("mkdir -m 000 runs; without_rights bash -c ring", 1, "Permission denied"),
    "out is read-only": Place("disk ro 'ring --out disk'", 1, "Read-only file system"),
    "out is relative to here": Place("mkdir a b; cd a; ring --out ../b && ls ../b/00000-ring/checkpoints/20", 0),
    "out begins with a tilde": Place("HOME=$PWD; ring --out '~/runs' && ls runs/00000-ring || ls '~'", 0),
    "out has spaces and brackets": Place("ring --out 'my runs [v2] {a,b} (1)'", 0),
    "out has stars": Place("ring --out 'a*b**c?'", 0),
    "out has a backslash": Place("ring --out 'a\\b'", 0),
    "out has a percent sign": Place("ring --out 'a%20b%s'", 0),
    "out has quotes": Place("""ring --out $'a\\'b"c'""", 0),
    "out has a newline": Place("ring --out $'a\\nb'", 0),
    "out has letters beyond ASCII": Place("ring --out 'größe-実験-🐈'", 0),
    "out is not UTF-8": Place(f"ring --out {TWO_BYTES}", 0),
    "out has a name that is too long": Place("ring --out $(printf 'a%.0s' {1..300})", 1, "File name too long"),
    "out has a path that is too long": Place("ring --out $(printf 'a/%.0s' {1..3000})", 1, "File name too long"),
    "out is deep": Place("ring --out $(printf 'folder/%.0s' {1..100})", 0),
    "out is empty": Place("ring --out ''", 0),
    "out begins with a dash": Place("ring --out=-x", 0),
    "out is /dev/null": Place("ring --out /dev/null", 1, "/dev/null"),
    "the folder here is gone": Place("mkdir gone; cd gone; rmdir ../gone; ring", 1, "No such file"),
    "the folder here cannot be written": Place("chmod 555 .; without_rights bash -c ring", 1, "Permission denied"),
    "disk full before the run": Place("disk size=4k,nr_inodes=2 'ring --out disk'", 1, "No space left on device"),
    "disk full at the first picture": Place("disk size=40k 'ring --out disk'", 1, "No space left on device"),
    "disk full at the first checkpoint": Place("disk size=120k 'ring --out disk'", 1, "No space left on device"),
    "disk full at the second checkpoint": Place(
        "disk size=330k '! ring --out disk && mount -o remount,size=9m disk && "
        "ring --out disk --resume && ls disk/00000-ring/checkpoints/20'",
        0,
        "No space left on device",
    ),
    "no more inodes": Place("disk nr_inodes=40 'ring --out disk'", 1, "No space left on device"),
    "largest file is small": Place("ulimit -f 20; ring", 0, "no picture: File too large"),
    "few open files": Place("ulimit -n 20; ring", 1, "Too many open files"),
    "little memory": Place("ulimit -v 3000000; ring --batch-size 50000 --generator-hidden 3000 3000", 1, "memory"),
    "no HOME": Place("env -u HOME -u XDG_CACHE_HOME -u JAX_COMPILATION_CACHE_DIR bash -c ring", 0),
    "HOME cannot be written": Place(
        "mkdir -m 555 home; export HOME=$PWD/home; unset XDG_CACHE_HOME MPLCONFIGDIR JAX_COMPILATION_CACHE_DIR; "
        "without_rights bash -c ring",
        0,
    ),
    "cache is a file": Place("touch cache; unset JAX_COMPILATION_CACHE_DIR; XDG_CACHE_HOME=$PWD/cache ring", 0),
    "cache is a full disk": Place("unset JAX_COMPILATION_CACHE_DIR; disk size=8k 'XDG_CACHE_HOME=$PWD/disk ring'", 0),
    "temporary folder is missing": Place("export TMPDIR=$PWD/nowhere; ring", 0),
    "standard input closed": Place("ring <&-", 0),
    "standard output closed": Place("ring >&- && ls runs/00000-ring/checkpoints/20", 0),
    "standard error closed": Place("ring 2>&-", 0),
    "all standard files closed": Place("ring <&- >&- 2>&- && ls runs/00000-ring/checkpoints/20", 0),
    "standard output full": Place("ring >/dev/full && ls runs/00000-ring/checkpoints/20", 0),
    "standard output read by head": Place("set -o pipefail; ring | head -1 && ls runs/00000-ring/checkpoints/20", 0),
    "standard error full": Place("ring 2>/dev/full", 0),
    "presets read by head": Place("jaxgan presets | head -1", 0),
    "help read by head": Place("jaxgan train --help | head -1", 0),
    "usage on a full standard output": Place("jaxgan --help >/dev/full", 1),
    "the terminal goes away": Place(
        "script -qec 'ring --show text --steps 3000 --log-every 1000 --sample-every 3000 --checkpoint-every 3000 & "
        "until grep -q compiled runs/00000-ring/log.txt; do sleep 0.2; done 2>/dev/null; kill -HUP $$' /dev/null; "
        "for i in {1..120}; do grep finished runs/00000-ring/log.txt && exit; sleep 1; done; exit 1",
        0,
    ),
    "sample into a folder that is a file": Place("done_run; touch file; jaxgan sample run --out file/x.png", 1, "file"),
    "sample of a run that cannot be written": Place(
        "done_run; chmod -R a-w run; without_rights bash -c 'jaxgan sample run'", 1, "Permission denied"
    ),
    "sample from a run that cannot be written": Place(
        "done_run; chmod -R a-w run; without_rights bash -c 'jaxgan sample run --out x.png' && ls x.png", 0
    ),
    "sample of a run that cannot be read": Place(
        "done_run; chmod 000 run; without_rights bash -c 'jaxgan sample run'", 1, "Permission denied"
    ),
    "sample of a file": Place("touch run; jaxgan sample run", 2, "no run in run"),
    "sample onto a full disk": Place(
        "done_run; disk size=4k 'jaxgan sample run --out disk/x.npz --n 5000'", 1, "No space left on device"
    ),
    "evaluate a run that cannot be written": Place(
        "done_run; chmod -R a-w run; without_rights bash -c 'jaxgan evaluate run --n 100 --metrics sliced_wasserstein'",
        1,
        "Permission",
    ),
    "report of a run that cannot be written": Place(
        "done_run; chmod -R a-w run; without_rights bash -c 'jaxgan report run'", 1, "Permission denied"
    ),
    "report to a folder": Place("done_run; mkdir page; jaxgan report run --out page", 2, "page"),
    "resume of a run that cannot be written": Place(
        "done_run; chmod -R a-w run; without_rights bash -c 'ring --resume run'", 1, "Permission denied"
    ),
    "weights that cannot be read": Place(
        "touch weights; chmod 000 weights; without_rights bash -c "
        "'jaxgan train digits --inception-weights weights --evaluate-every 10 --steps 10'",
        2,
        "Permission denied",
    ),
    "data that cannot be read": Place(
        "touch data.npz; chmod 000 data.npz; without_rights bash -c 'ring --data npz:data.npz'", 1, "Permission denied"
    ),
    "a folder of data that cannot be read": Place(
        "mkdir -p data/a data/b; chmod 000 data/b; without_rights bash -c 'jaxgan train digits --data folder:data'",
        1,
        "Permission denied",
    ),
    "data that link to themselves": Place("ln -s data data; jaxgan train digits --data folder:data", 2, "data"),
}


def train_one(folder: Path) -> None:
    """The run that other commands look at."""
    bash("ring --out .", folder, os.environ.copy()).check_returncode()


def bash(command: str, folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a command after the prelude."""
    return subprocess.run(
        ["bash", "-c", PRELUDE + command],
        cwd=folder,
        env=environment | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        start_new_session=True,
    )


def complaint(place: Place, folder: Path, done: Path) -> str:
    """What is wrong about what a place leads to, nothing if it is right."""
    folder.mkdir()
    ended = bash(place.command, folder, os.environ | {"DONE": str(done)})
    said = ended.stdout + ended.stderr
    wrong = []
    if ended.returncode != place.status:
        wrong.append(f"status {ended.returncode}, not {place.status}")
    if "Traceback" in said or "Exception ignored" in said:
        wrong.append("a traceback")
    if place.words not in said:
        wrong.append(f"does not say {place.words!r}")
    return ", ".join(wrong) + ("\n" + said[-3000:] if wrong else "")


def main() -> int:
    """Try all, or those named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    words = parser.parse_args().words
    chosen = {name: place for name, place in PLACES.items() if not words or any(word in name for word in words)}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made, ThreadPoolExecutor(2) as pool:
        train_one(Path(made))
        done = Path(made) / "00000-ring"
        results = pool.map(lambda each: complaint(each[1], Path(made) / str(each[0]), done), enumerate(chosen.values()))
        bad = 0
        for name, wrong in zip(chosen, results, strict=True):
            print(f"{'WRONG' if wrong else 'right'}  {name}" + (f": {wrong}" if wrong else ""), flush=True)
            bad += bool(wrong)
    print(f"{len(chosen)} places, {bad} wrong")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
