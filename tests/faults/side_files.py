"""Damage the files of a run folder one by one: each run goes on, or is refused in words.

    python tests/faults/side_files.py

The state needs config.json and one whole checkpoint. All else is rebuilt or left out, with a note.
"""

import os
import shutil
import tempfile
from pathlib import Path

import jaxgan
from jaxgan import Configuration
from jaxgan.errors import UserError
from jaxgan.recipes.gan import GAN

CONFIG = Configuration(GAN()).replace(
    data="ring",
    network="mlp",
    latent_size=2,
    generator_hidden=(4,),
    discriminator_hidden=(4,),
    batch_size=4,
    steps=4,
    log_every=2,
    sample_every=4,
    checkpoint_every=2,
)


def delete(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def instead(text):
    def damage(path):
        delete(path)
        path.write_bytes(text)

    return damage


def folder_instead(path):
    delete(path)
    path.mkdir()


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def flip(path):
    content = bytearray(path.read_bytes() or b"x")
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def append(text):
    def damage(path):
        with path.open("ab") as file:
            file.write(text)

    return damage


def join_lines(path):
    path.write_bytes(path.read_bytes().replace(b"\n", b""))


def dangling_link(path):
    delete(path)
    path.symlink_to("nowhere")


DAMAGES = {
    "deleted": delete,
    "empty": instead(b""),
    "cut": cut,
    "flipped": flip,
    "null": instead(b"null"),
    "list": instead(b"[1, 2]"),
    "number": instead(b"7"),
    "text": instead(b'"text"'),
    "empty object": instead(b"{}"),
    "odd object": instead(b'{"step": "x", "watch": 3, "data": [], "config": {"steps": []}}'),
    "binary": instead(bytes(range(256))),
    "not UTF-8": append(b"\xff\xfe\n"),
    "deep JSON": instead(b"[" * 100_000),
    "NaN": append(b'{"step": 2, "a": NaN}\n'),
    "joined lines": join_lines,
    "folder": folder_instead,
    "dangling link": dangling_link,
}
FILES = ("config.json", "metrics.jsonl", "watch.json", "log.txt", "rollbacks.json", "lock")
OTHERS = {
    "samples deleted": lambda run: delete(run / "samples"),
    "samples are a file": lambda run: instead(b"x")(run / "samples"),
    "tensorboard deleted": lambda run: delete(run / "tensorboard"),
    "tensorboard is a file": lambda run: instead(b"x")(run / "tensorboard"),
    "checkpoints deleted": lambda run: delete(run / "checkpoints"),
    "checkpoints are a file": lambda run: instead(b"x")(run / "checkpoints"),
    "a stranger among checkpoints": lambda run: (run / "checkpoints" / ".DS_Store").write_bytes(b"x"),
    "a file named as a step": lambda run: (run / "checkpoints" / "99").write_bytes(b"x"),
    "an empty folder named as a step": lambda run: (run / "checkpoints" / "99").mkdir(),
    "a stranger in a checkpoint": lambda run: (run / "checkpoints" / "2" / "Thumbs.db").write_bytes(b"x"),
    "no digests": lambda run: delete(run / "checkpoints" / "4" / "digests.json"),
    "digests of nothing": lambda run: instead(b"{}")(run / "checkpoints" / "4" / "digests.json"),
    "digests are a list": lambda run: instead(b"[]")(run / "checkpoints" / "4" / "digests.json"),
    "no metadata": lambda run: delete(run / "checkpoints" / "4" / "_CHECKPOINT_METADATA"),
    "no checkpoint is whole": lambda run: [cut(run / "checkpoints" / n / "watch.json") for n in ("2", "4")],
    "an unfinished file": lambda run: (run / "config.json.unfinished").write_bytes(b"x"),
}


def cases():
    """Names, and what each does to a run folder."""
    named = {
        f"{file} {name}": (lambda run, file=file, damage=damage: damage(run / file))
        for file in FILES
        for name, damage in DAMAGES.items()
    }
    return named | OTHERS


def make(out):
    """A finished run with all its files."""
    folder = jaxgan.train(CONFIG, out=out, show="none").folder
    (folder / "rollbacks.json").write_text('{"times": 1, "step": 2}')
    return folder


def outcome(run, name, out):
    """What comes of resuming a damaged copy: "went on", or the words that refuse it. Anything else is raised."""
    copy = out / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(run, copy)
    cases()[name](copy)
    config = CONFIG.replace(steps=6)
    try:
        trained = jaxgan.train(config, out=out, resume=copy, show="none")
    except (UserError, OSError) as error:
        return str(error)
    assert int(trained.state.step) == 6
    return "went on"


def main():
    """Print what comes of each damage."""
    with tempfile.TemporaryDirectory() as place:
        run, faults = make(Path(place)), 0
        for name in cases():
            try:
                print(f"{name}: {outcome(run, name, Path(place)).splitlines()[0][:150]}", flush=True)
            except Exception as error:
                faults += 1
                print(f"FAULT {name}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(cases())} damages, {faults} faults")
    return faults > 0


if __name__ == "__main__":
    raise SystemExit(main())
