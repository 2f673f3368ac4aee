"""What a researcher writes: networks, a game, a rule and a step of their own, a run, and what comes of it."""

from collections.abc import Sequence
from pathlib import Path

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Key

import jaxgan
from jaxgan import Batch, GANState, Players, data, dynamics, networks, penalties, schedules, terms
from jaxgan.core import Info
from jaxgan.metrics.features import FeatureFunction, Seen
from jaxgan.metrics.summary import summarize
from jaxgan.program.loop import Progress


class Generator(nn.Module):
    width: int = 8

    @nn.compact
    def __call__(
        self, z: Float[Array, "batch latent"], condition: Array | None = None, *, train: bool
    ) -> Float[Array, "batch 2"]:
        hidden = nn.relu(networks.layers.Dense(self.width)(z, train=train))
        return networks.layers.Dense(2)(hidden, train=train)


def wasserstein(real: Float[Array, "batch"], fake: Float[Array, "batch"]) -> Players[Float[Array, "batch"]]:
    return Players(generator=-fake, discriminator=fake - real)


def drift(context: terms.Context) -> tuple[Players[Array], Info]:
    size = jaxgan.global_mean(context.real_logits**2)
    return Players(generator=jnp.zeros(()), discriminator=1e-3 * size), {"drift": size}


def algorithm(rate: float) -> jaxgan.Algorithm:
    game: jaxgan.Game = jaxgan.gan(
        Generator(),
        networks.MLPDiscriminator(hidden=(8,)),
        loss=wasserstein,
        penalties=[penalties.r1(0.1)],
        terms=[drift, terms.every(2, penalties.r2(0.1))],
        latent_size=3,
    )
    rule = dynamics.alternating(Players(optax.adam(rate, b1=0.5), optax.adam(rate, b1=0.5)))
    return jaxgan.algorithm(game, rule, ema_decay=0.99)


def doubled(state: GANState, batch: Batch, key: Key[Array, ""]) -> tuple[GANState, Info]:
    state, _ = algorithm(1e-3).step(state, batch, key)
    return algorithm(1e-3).step(state, batch, key)


def by_hand(points: np.ndarray) -> GANState:
    own, key = algorithm(1e-3), jax.random.key(0)
    dataset = data.load(points)
    assert isinstance(dataset, data.Dataset)
    batches = dataset.batches(8, seed=0)
    state = own.init(key, next(batches))
    for step in (jaxgan.jitted(own.step), jaxgan.pmapped(own.step), jaxgan.sharded(doubled, jax.devices())):
        state, info = step(state, next(batches), key)
        loss: float = float(info["loss_generator"])
    print(repr(state), loss)
    many = jaxgan.jitted(jaxgan.repeated(data.resident(own.step, batch_size=8), 2))
    state, infos = many(state, dataset.on_device(), key)
    losses_of_steps: list[float] = np.asarray(infos["loss_generator"]).tolist()
    print(losses_of_steps)
    members = jaxgan.population(lambda rate: algorithm(rate), jnp.array([1e-3, 1e-2]))
    states = members.init(key, next(batches))
    states, found = jaxgan.spread(members.step)(states, next(batches), key)
    print(summarize(np.asarray(found["loss_generator"])).mean)
    return state


def look(progress: Progress) -> bool:
    return progress.step >= 4 and progress.info["loss_generator"] > 1e6


def embed(rows: Array) -> Array:
    return jnp.tanh(rows)


def run(points: np.ndarray, out: Path) -> Sequence[float]:
    dataset = data.load(points)
    experiment = jaxgan.Experiment(dataset, algorithm(1e-3), extendable=True)
    trained = jaxgan.train(experiment, jaxgan.Program(batch_size=8, steps=4), out=out, callbacks=[look], show="none")
    longer = jaxgan.Program(batch_size=8, steps=6)
    again = jaxgan.train(experiment, longer, out=out, start=trained.state, show="none")
    fake = again.algorithm.sample(again.state, jax.random.key(1), 64)
    print(jaxgan.show(fake, data=points, columns=4).save(out / "points.png"))
    named = FeatureFunction("tanh", lambda rows: Seen(embed(rows)))
    records = [jaxgan.evaluate(["frechet"], real=points, fake=fake, features=f)[0] for f in (embed, named)]
    return [record.values["value"] for record in records]


def opened(out: Path) -> GANState:
    small = jaxgan.preset("ring").replace(steps=2, steps_per_call=1, batch_size=8, generator_hidden=(8,))
    folder: Path = jaxgan.train(small, out=out, show="none").folder
    run = jaxgan.open(folder, step=2)
    print(run.program.steps, run.experiment.algorithm.sample(run.state, jax.random.key(0), 2).shape)
    carried = jaxgan.carry_over(run.state, like=run.state)
    print(carried.kept, schedules, jaxgan.__version__)
    return run.state


def main(out: Path) -> None:
    points = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    print(by_hand(points).step, run(points, out), opened(out).params.generator)
