"""A small recipe, and one process of several that train it.

    python train_in_processes.py OUT HOST:PORT,COUNT,INDEX CASE:NAME:STEPS[:WRAPPER] ...

trains each case in the folder OUT/NAME, or goes on with the run that is there, and says how that ended. The case
`sweep` is four seeds of `norm`.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jax
import numpy as np
import optax
from games_for_tests import SmallNetwork, pooled_game

import jaxgan
from jaxgan import Players, augmentation, cli, data, dynamics, losses, networks, penalties
from jaxgan.recipes import files
from jaxgan.runs import checkpoints

ROWS = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
SGD = Players(optax.sgd(0.05), optax.sgd(0.1))
NAME = Path(__file__).stem
ENDLESS = 1_000_000
"""Steps of a run that is to be stopped."""
INPUT = {"norm": "resident", "pool": "stream", "wide": "resident"}
SAVE = checkpoints.save
WRAPPER = {"norm": "sharded", "pool": "sharded", "wide": "fully_sharded"}


@dataclass(frozen=True)
class Small:
    """Points in the plane."""

    case: Literal["norm", "pool", "wide"] = "norm"
    """norm: batch statistics, dropout, a penalty and adaptive augmentation; pool: a pool of earlier samples; wide:
    kernels that are large enough to be split."""

    def dataset(self):
        return data.load(ROWS)

    def experiment(self, data, steps):
        game, rates = pooled_game(), SGD
        if self.case == "norm":
            game = jaxgan.gan(
                SmallNetwork(2),
                SmallNetwork(None),
                loss=losses.non_saturating(),
                penalties=[penalties.r1(1.0)],
                augment=augmentation.apa(target=0.0, images=20, interval=1),
                latent_size=3,
            )
        if self.case == "wide":
            rates = Players(optax.sgd(0.01), optax.sgd(0.01))
            game = jaxgan.gan(
                networks.MLPGenerator((2,), hidden=(256, 256), squash=False),
                networks.MLPDiscriminator((256, 256)),
                loss=losses.non_saturating(),
                latent_size=3,
            )
        return jaxgan.Experiment(data, jaxgan.algorithm(game, dynamics.alternating(rates)), extendable=True)


recipe = Small()
program = jaxgan.Program(batch_size=8, steps=4, wrapper="sharded", log_every=1, sample_every=100, checkpoint_every=2)


def train(case, out, steps, wrapper=None):
    wrapper = wrapper or WRAPPER[case]
    configuration = files.load(Path(__file__)).replace(case=case, steps=steps, wrapper=wrapper, input=INPUT[case])
    return jaxgan.train(configuration, out=out, name=NAME, resume="newest" if out.exists() else None, show="none")


def sweep(out, steps, *more):
    options = ["--seeds", "4", "--wrapper", "jit", "--input", "resident", "--steps", str(steps), "--out", str(out)]
    again = ["--resume"] if out.exists() else []
    return cli.main(["sweep", __file__, *options, *again, "--show", "json", *more])


def save(manager, state, **rest):
    """Save a state, and say whether each device holds a quarter of it."""
    arrays = jax.tree.leaves(state)
    here = sum(x.addressable_shards[0].data.size for x in arrays)
    print(json.dumps({"event": "saved", "split": here < 0.3 * sum(x.size for x in arrays)}), flush=True)
    SAVE(manager, state, **rest)


def main(out, where, *jobs):
    checkpoints.save = save
    begin = ["--distributed", where]
    for case, name, steps, *wrapper in (job.split(":") for job in jobs):
        folder = Path(out) / name
        if case == "sweep":
            status = sweep(folder, steps, *begin)
            print(json.dumps({"event": "ended", "name": name, "status": status}), flush=True)
            begin = []
            continue
        seldom = ["--checkpoint-every", "1000000", "--log-every", "10"] if int(steps) == ENDLESS else []
        options = ["--case", case, "--input", INPUT[case], "--out", str(folder), "--steps", steps, *seldom]
        options += ["--wrapper", *(wrapper or [WRAPPER[case]])]
        options += ["--resume"] if folder.exists() else []
        status = cli.main(["train", __file__, *options, *begin, "--show", "json"])
        print(json.dumps({"event": "ended", "name": name, "status": status}), flush=True)
        if status == 1:
            sys.exit(status)
        begin = []


if __name__ == "__main__":
    main(*sys.argv[1:])
