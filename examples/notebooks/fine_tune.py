# %% [markdown]
# # Fine-tune and invert
#
# A generator of the digits 0 to 4 learns 5 to 9 from few rows. Then the latents of given pictures are found.

# %%
import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks, penalties
from jaxgan.observe.inversion import Inversion, inverter

digits = data.load("digits", image_size=8)
low = data.Dataset("0 to 4", digits.real[digits.labels < 5])
high = data.Dataset("5 to 9", digits.real[digits.labels >= 5][:200])
print(low, high, sep="\n")

game = jaxgan.gan(
    networks.MLPGenerator(output_shape=(8, 8, 1), hidden=(256, 256)),
    networks.MLPDiscriminator(hidden=(256, 256)),
    loss=losses.relativistic_pairing(),
    penalties=[penalties.r1(0.1), penalties.r2(0.1)],
    latent_size=32,
)
rule = dynamics.alternating(Players(optax.adam(1e-3, b1=0.0), optax.adam(1e-3, b1=0.0)))
algorithm = jaxgan.algorithm(game, rule, ema_decay=0.99)


def program(steps):
    return jaxgan.Program(
        batch_size=64, steps=steps, steps_per_call=50, log_every=steps, sample_every=steps, checkpoint_every=steps
    )


# %% [markdown]
# ## Fine-tune
#
# `start` is a state to begin with. Its step is set to 0, so that the new run counts its own steps. Beside it, the same
# 200 steps from nothing.

# %%
trained = jaxgan.train(jaxgan.Experiment(low, algorithm), program(1500), name="low", show="none")
start = trained.state._replace(step=jnp.zeros_like(trained.state.step))
tuned = jaxgan.train(jaxgan.Experiment(high, algorithm), program(200), name="tuned", start=start, show="none")
fresh = jaxgan.train(jaxgan.Experiment(high, algorithm), program(200), name="fresh", show="none")
for run in (trained, tuned, fresh):
    jaxgan.show(algorithm.sample(run.state, jax.random.key(1), 16), columns=16)

# %% [markdown]
# From above: digits 0 to 4 after 1,500 steps; fine-tuned on 200 rows of 5 to 9; and 200 steps from nothing. On the
# command line, `jaxgan train --start RUN` begins with the weights of a run or an export, and `jaxgan.carry_over` takes
# what fits where the networks differ.
#
# ## Invert
#
# `inverter` searches the latents from which the averaged generator makes a picture, from several starts at once. PSNR
# says how close it comes. Digits that the generator was trained on are near; noise is far from all that it can make.

# %%
experiment = jaxgan.Experiment(low, algorithm, latents=game.latents)
invert = inverter(experiment, trained.state, Inversion(starts=8, iterations=200))
seen = np.asarray(next(low.batches(8, seed=1)).real)
noise = np.random.default_rng(0).uniform(-1, 1, seen.shape).astype(np.float32)
for name, pictures in {"digits": seen, "noise": noise}.items():
    found = invert(pictures)
    print(f"{name}: {np.mean(found.psnr):.1f} dB on average")
    jaxgan.show(np.concatenate([pictures, found.samples]), columns=8)

# %% [markdown]
# Pictures above, what the generator makes of their latents below. On the command line: `jaxgan invert RUN PICTURES`
# writes the latents to a file that `jaxgan sample --latents` reads. [Export and fine-tuning](../export.md) has the
# rest.
