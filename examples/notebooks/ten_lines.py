# %% [markdown]
# # Ten lines
#
# A GAN of handwritten digits, by hand first and then with the program around it. Everything here is small, so that the
# page builds in seconds: 8 × 8 pixels, small networks, 2,000 steps. `python examples/ten_lines.py` trains 16 ×
# 16 pixels for 1,000 steps.

# %%
import signal

import jax
import optax

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks, penalties

digits = data.load("digits", image_size=8)
jaxgan.show(next(digits.batches(32, seed=0)).real, columns=16)

# %% [markdown]
# A game says **what** each player wants, a rule **how** they move. `jaxgan.algorithm` joins them. Nothing is compiled
# yet.

# %%
game = jaxgan.gan(
    networks.MLPGenerator(output_shape=(8, 8, 1), hidden=(256, 256)),
    networks.MLPDiscriminator(hidden=(256, 256)),
    loss=losses.relativistic_pairing(),
    penalties=[penalties.r1(gamma=0.1), penalties.r2(gamma=0.1)],
    latent_size=32,
)
rule = dynamics.alternating(Players(optax.adam(1e-3, b1=0.0), optax.adam(1e-3, b1=0.0)))
algorithm = jaxgan.algorithm(game, rule, ema_decay=0.99)

# %% [markdown]
# The step is a pure function of state, batch and key. The key is the same at every step.

# %%
key, batches = jax.random.key(0), digits.batches(batch_size=64, seed=0)
state = algorithm.init(key, next(batches))
step = jaxgan.jitted(algorithm.step)
for _ in range(2000):
    state, info = step(state, next(batches), key)
jaxgan.show(algorithm.sample(state, jax.random.key(1), 32), columns=16)

# %% [markdown]
# The state is one pytree of arrays, and the info holds the numbers of the last step.

# %%
print(state)
for name, value in info.items():
    print(f"{name:20} {float(value):+.3f}")

# %% [markdown]
# ## With the program around it
#
# `jaxgan.train` runs the same algorithm with a run folder: numbers, pictures, checkpoints and detectors. In a notebook
# it shows a bar, the losses and the newest picture while it trains. This cell is interrupted at step 1,000, as the stop
# button of the notebook does it. The run ends after that step, with a checkpoint.


# %%
def stop_button(progress):
    if progress.step == 1000:
        signal.raise_signal(signal.SIGINT)


experiment = jaxgan.Experiment(digits, algorithm, extendable=True)
program = jaxgan.Program(
    batch_size=64, steps=2000, steps_per_call=50, log_every=50, sample_every=1000, checkpoint_every=1000
)
stopped = jaxgan.train(experiment, program, name="digits", callbacks=[stop_button])
print(stopped)

# %% [markdown]
# The next cell continues that run to its end. The result is the one that an uninterrupted run has, bit for bit.

# %%
trained = jaxgan.train(experiment, program, name="digits", resume="newest")
print(trained)

# %% [markdown]
# The command line does the same, for longer: `jaxgan train` takes 1,000 steps on images of 16 × 16 pixels in one to two
# minutes, and `jaxgan train --resume` continues it. Next: [Dirac-GAN and the rules](dirac_gan.md), or [the
# concepts](../concepts.md).
