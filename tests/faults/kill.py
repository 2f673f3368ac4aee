"""Kill a run again and again with SIGKILL, resume it each time, and compare the end with a run that was left alone.

    python tests/faults/kill.py --kills 6
    python tests/faults/kill.py --presets digits ring --kills 20

By default, a small run of each recipe is killed. Each kill comes at a random moment: some while the program starts,
most while it steps, draws and writes checkpoints, which it does every other step; the ring is evaluated too. At the end
state, metrics, pictures and the best state must be equal, bit for bit, and so must be what the detectors remember and
TensorBoard's points; no line may stand twice.
"""

import argparse
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax
import numpy as np

from jaxgan.program.preparation import prepare
from jaxgan.runs import run_folder
from jaxgan.runs.best import Best

IMAGES = "--image-size 8 --generator-width 4 --batch-size 8"
SMALL = {
    "digits": "--image-size 8 --width 4 --batch-size 8",
    "ring": "--generator-hidden 8 --discriminator-hidden 8 --batch-size 8 --evaluate-every 6 --evaluate-samples 20",
    "pix2pix": f"{IMAGES} --discriminator-width 4",
    "pix2pixhd-digits": f"{IMAGES} --discriminator-width 4 --blocks 1",
    "colorize-photos": "--generator-width 4 --batch-size 8 --discriminator-width 4",
    "spade-digits": f"{IMAGES} --discriminator-width 4 --hidden 4",
    "esrgan-digits": "--generator-width 4 --growth 4 --batch-size 8 --discriminator-width 4",
    "stargan-v2-digits": f"{IMAGES} --hidden 8",
    "cyclegan-digits": f"{IMAGES} --discriminator-width 4 --blocks 1",
    "cut-digits": f"{IMAGES} --discriminator-width 4 --blocks 1 --head-size 8",
    "relgan-grammar": "--generator-hidden 8 --filters 4 --batch-size 48",
    "bigan-ring": "--generator-hidden 8 --encoder-hidden 8 --discriminator-hidden 8 --batch-size 8",
    "distill-digits": "--image-size 8 --width 8 --head-hidden 8 --batch-size 8",
    "vqgan-digits": "--image-size 8 --width 4 --discriminator-width 4 --batch-size 8",
    "vae-gan-digits": "--image-size 8 --width 4 --discriminator-width 4 --batch-size 8",
    "wavegan-tones": "--generator-width 2 --discriminator-width 2 --batch-size 8",
    "hifigan-tones": "--generator-width 8 --period-width 1 --scale-width 16 --batch-size 8",
    "mocogan-digits": "--generator-width 4 --discriminator-width 4 --batch-size 8",
    "dcgan3d-digits": "--generator-width 4 --discriminator-width 4 --batch-size 8",
}
OFTEN = "--steps-per-call 1 --log-every 1 --sample-every 20 --checkpoint-every 2 --show json"
CHECKPOINTS = 10
"""Most kills fall within so many checkpoints of the start, however fast the machine is."""


def survive(preset, kills, steps, seed, out):
    """Returns how many checkpoints the killed runs had reached when each was killed; raises if anything differs."""
    command = [sys.executable, "-m", "jaxgan", "train", preset, *SMALL[preset].split(), *OFTEN.split()]
    command += ["--steps", str(steps)]
    subprocess.run([*command, "--out", out / "alone"], check=True, capture_output=True)
    randomly = random.Random(seed)
    reached = []
    while len(reached) < kills:
        reached.append(kill_one([*command, "--out", out / "killed"], out / "killed" / f"00000-{preset}", randomly))
        print(f"kill {len(reached)}: checkpoints up to step {reached[-1]}", flush=True)
    subprocess.run([*command, "--out", out / "killed", "--resume"], check=True, capture_output=True)
    compare(out / "alone" / f"00000-{preset}", out / "killed" / f"00000-{preset}")
    return reached


def kill_one(command, folder, randomly):
    """Start or resume the run and kill it; returns its newest checkpoint's step, -1 if there is none."""
    resume = ["--resume"] if folder.exists() else []
    process = subprocess.Popen([*command, *resume], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if randomly.random() < 0.25:
        time.sleep(randomly.uniform(0, 6))
    else:
        for line in process.stdout:
            if json.loads(line)["event"] == "compiled":
                break
        more = newest(folder) + 2 * randomly.randint(0, CHECKPOINTS)
        while newest(folder) < more and process.poll() is None:
            time.sleep(0.01)
        time.sleep(randomly.uniform(0, 0.3))
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    if process.returncode != -signal.SIGKILL:
        raise AssertionError(
            f"the run ended by itself with {process.returncode}: more steps, or this is why:\n{errors}"
        )
    return newest(folder)


def newest(folder):
    """Step of the newest checkpoint, -1 if there is none."""
    steps = [int(f.name) for f in (folder / "checkpoints").glob("*") if f.name.isdigit()] if folder.exists() else []
    return max(steps, default=-1)


def compare(alone, killed):
    """Assert that two runs ended equal."""
    states = []
    for folder in (alone, killed):
        run = run_folder.load(folder)
        states.append(prepare(run.recipe, run.program, name=run.name, out=folder.parent, resume=folder).state)
    jax.tree.map(np.testing.assert_array_equal, *map(jax.device_get, states))
    assert numbers(alone) == numbers(killed)
    assert remembered(alone) == remembered(killed)
    assert points(alone / "tensorboard") == points(killed / "tensorboard")
    best = [Best(folder / "best") for folder in (alone, killed)]
    assert best[0].record == best[1].record
    if best[0].record is not None:
        jax.tree.map(np.testing.assert_array_equal, *(each.restore(jax.eval_shape(lambda: states[0])) for each in best))
    for picture in sorted((alone / "samples").iterdir()):
        assert picture.read_bytes() == (killed / "samples" / picture.name).read_bytes(), picture.name


def remembered(folder):
    """What the detectors know; the size of metrics.jsonl depends on how fast the run was."""
    record = json.loads((folder / "watch.json").read_text())
    return {name: value for name, value in record.items() if name != "size"}


def numbers(folder):
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [{name: value for name, value in line.items() if name != "images_per_second"} for line in lines]


def points(folder):
    """The scalars that TensorBoard shows, by name and step: a file begins by taking back what came from its step on."""
    shown = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        for event in events(path):
            if event.HasField("session_log"):
                shown = {(tag, step): value for (tag, step), value in shown.items() if step < event.step}
            for value in event.summary.value:
                if value.HasField("simple_value") and value.tag != "images_per_second":
                    shown[value.tag, event.step] = value.simple_value
    return shown


def events(path):
    """The whole records of a file of events: length, checksum, content, checksum."""
    from tensorboardX.proto.event_pb2 import Event

    content, place = path.read_bytes(), 0
    while place + 12 <= len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        record = content[place + 12 : place + 12 + length]
        if len(record) < length:
            return
        event = Event()
        event.ParseFromString(record)
        yield event
        place += length + 16


if __name__ == "__main__":
    os.environ["JAX_PLATFORMS"] = os.environ.get("JAX_PLATFORMS", "cpu")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", nargs="+", choices=tuple(SMALL), default=tuple(SMALL))
    parser.add_argument("--kills", type=int, default=6, help="of each")
    parser.add_argument("--steps", type=int, help="of each run (default: 20 for each kill)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for preset in options.presets:
        with tempfile.TemporaryDirectory() as made:
            reached = survive(preset, options.kills, options.steps or 20 * options.kills, options.seed, Path(made))
        print(f"{preset}: {len(reached)} kills, all resumed; what is left equals what a run left alone has", flush=True)
