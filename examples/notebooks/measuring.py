# %% [markdown]
# # Measuring honestly
#
# A number such as the Fréchet distance means nothing alone. It needs a floor (what other real rows reach), a ceiling
# (what a bad sampler reaches), equal numbers of rows, and a second number that sees what the first does not.

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np
import optax

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks, penalties

digits = data.load("digits", image_size=8)
rows = np.random.default_rng(0).permutation(len(digits))
real = digits.decode(digits.take(rows[:800])).real
other = digits.decode(digits.take(rows[800:1600])).real

# %% [markdown]
# ## Candidates
#
# A GAN after 1,500 steps, and four samplers that need no training.

# %%
game = jaxgan.gan(
    networks.MLPGenerator(output_shape=(8, 8, 1), hidden=(256, 256)),
    networks.MLPDiscriminator(hidden=(256, 256)),
    loss=losses.relativistic_pairing(),
    penalties=[penalties.r1(0.1), penalties.r2(0.1)],
    latent_size=32,
)
rule = dynamics.alternating(Players(optax.adam(1e-3, b1=0.0), optax.adam(1e-3, b1=0.0)))
algorithm = jaxgan.algorithm(game, rule, ema_decay=0.99)
key, training = jax.random.key(0), data.Dataset("real", digits.real[rows[:800]])
state = algorithm.init(key, next(training.batches(64, seed=0)))
step = jaxgan.jitted(jaxgan.repeated(data.resident(algorithm.step, batch_size=64), 100))
on_device = training.on_device()
for _ in range(15):
    state, info = step(state, on_device, key)

random = np.random.default_rng(1)
candidates = {
    "other real rows (floor)": other,
    "the GAN": np.asarray(algorithm.sample(state, jax.random.key(1), 800)),
    "copies of the training rows": real[random.integers(0, 800, 800)],
    "one digit only": other[np.tile(np.flatnonzero(digits.labels[rows[800:1600]] == 3), 20)[:800]],
    "blurred real rows": (other + np.roll(other, 1, axis=1) + np.roll(other, 1, axis=2)) / 3,
    "noise (ceiling)": random.uniform(-1, 1, other.shape).astype(np.float32),
}

# %% [markdown]
# ## One number is not enough
#
# The features are the pixels here, because nothing else is needed for images of 8 × 8. `jaxgan evaluate` uses those of
# a small classifier that it trains on the data or, with `--inception-weights FILE`, those of Inception.


# %%
def pixels(images):
    return images.reshape(len(images), -1)


names = ["frechet", "kernel", "precision_recall", "nearest_neighbour_test"]
print(f"{'':28} {'Fréchet':>9} {'kernel':>9} {'precision':>9} {'recall':>9} {'1-NN test':>9}")
for name, samples in candidates.items():
    frechet, kernel, both, test = jaxgan.evaluate(names, real=real, fake=samples, features=pixels)
    values = [frechet.values["value"], kernel.values["mean"], both.values["precision"], both.values["recall"]]
    values.append(test.values["accuracy"])
    print(f"{name:28} " + " ".join(f"{value:9.3f}" for value in values))

# %% [markdown]
# - Copies of the training rows have the best Fréchet distance of all, below the floor. It cannot tell copying from
#   learning. The nearest-neighbour test can: ½ is what two samples of one distribution reach, and copies are far below.
# - One digit has high precision and low recall: what it makes is real, but it makes little.
# - The GAN lies between floor and ceiling. Its distance alone, without these two, would say neither "good" nor "bad".
#
# ## The number of rows is part of the number
#
# The Fréchet distance of two samples of the *same* distribution is not 0. It falls with their number, so distances at
# different numbers must not be compared. The kernel distance has no such bias, only noise.

# %%
counts = [50, 100, 200, 400, 800]
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for name, color in {"other real rows (floor)": "tab:blue", "the GAN": "tab:red"}.items():
    samples = candidates[name]
    for axis, metric in zip(axes, ("frechet", "kernel"), strict=True):
        found = [
            next(iter(jaxgan.evaluate([metric], real=real[:n], fake=samples[:n], features=pixels)[0].values.values()))
            for n in counts
        ]
        axis.semilogx(counts, found, "o-", color=color, label=name)
        axis.set(xlabel="rows of each", ylabel={"frechet": "Fréchet distance", "kernel": "kernel distance"}[metric])
axes[0].legend()
plt.show()

# %% [markdown]
# Each record says what it was computed from, so that it can be quoted whole:

# %%
print(jaxgan.evaluate(["frechet"], real=real, fake=candidates["the GAN"], features=pixels)[0])

# %% [markdown]
# `jaxgan evaluate RUN` measures a run, and `jaxgan evaluate --real A --fake B` any two folders: with A as one half of
# the data and B as the other, that is the floor. [How good the samples are](../evaluation.md) lists the metrics.
