"""One process of a run in several, and the two small experiments that it trains.

    python train_in_processes.py OUT HOST:PORT COUNT INDEX CASE:NAME:STEPS ...

trains each case under that name; a run that is there already goes on.
"""

import sys
from pathlib import Path

import jax
import numpy as np
import optax
from games_for_tests import SmallNetwork, pooled_game

import jaxgan
from jaxgan import Players, augmentation, data, dynamics, losses, penalties

ROWS = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
SGD = Players(optax.sgd(0.05), optax.sgd(0.1))
INPUT = {"norm": "resident", "pool": "stream"}


def experiment(case):
    """norm: batch statistics, dropout, a penalty and adaptive augmentation; pool: a pool of earlier samples."""
    game = pooled_game()
    if case == "norm":
        game = jaxgan.gan(
            SmallNetwork(2),
            SmallNetwork(None),
            loss=losses.non_saturating(),
            penalties=[penalties.r1(1.0)],
            augment=augmentation.apa(target=0.0, images=20, interval=1),
            latent_size=3,
        )
    dataset = data.load(ROWS)
    return jaxgan.Experiment(dataset, jaxgan.algorithm(game, dynamics.alternating(SGD)), extendable=True)


def train(case, out, name, steps, wrapper="sharded"):
    every = {"log_every": 1, "sample_every": 4, "checkpoint_every": 2}
    program = jaxgan.Program(batch_size=8, steps=steps, wrapper=wrapper, input=INPUT[case], **every)
    resume = "newest" if list(Path(out).glob(f"*-{name}")) else None
    return jaxgan.train(experiment(case), program, out=out, name=name, resume=resume, show="none")


if __name__ == "__main__":
    out, address, count, index, *jobs = sys.argv[1:]
    jax.distributed.initialize(address, int(count), int(index))
    for case, name, steps in (job.split(":") for job in jobs):
        train(case, out, name, int(steps))
