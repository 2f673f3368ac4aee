# %% [markdown]
# # Sweep and stability map
#
# One seed says little, and one learning rate less. Many runs fit into one program: `population` gives an algorithm
# whose state holds all of them, and `spread` compiles it for the devices that there are.

# %%
import itertools

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import jaxgan
from jaxgan import Batch, Players, data, diagnostics, dynamics, losses, networks, penalties
from jaxgan.data.mixtures import MIXTURES
from jaxgan.metrics.modes import mode_coverage
from jaxgan.networks import Network

ring = data.load("ring")


def build(rate):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(48, 48), squash=False),
        networks.MLPDiscriminator(hidden=(48, 48)),
        loss=losses.relativistic_pairing(),
        penalties=[penalties.r1(0.02), penalties.r2(0.02)],
        latent_size=8,
    )
    optimizers = Players(optax.adam(rate, b1=0.0), optax.adam(rate, b1=0.0))
    return jaxgan.algorithm(game, dynamics.alternating(optimizers), ema_decay=0.99)


# %% [markdown]
# ## Five rates, four seeds
#
# Twenty runs of 1,000 steps. All see the same batches; each has its own initial parameters and latents.

# %%
rates, seeds = np.geomspace(1e-4, 1e-2, 5), 4
members = jaxgan.population(build, jnp.asarray(np.repeat(rates, seeds)))
key = jax.random.key(0)
state = members.init(key, next(ring.batches(64, seed=0)))
step = jaxgan.spread(members.step)
for batch in itertools.islice(ring.batches(64, seed=0), 1000):
    state, info = step(state, batch, key)
samples = np.asarray(members.sample(state, jax.random.key(1), 1000))
found = [mode_coverage(points, MIXTURES["ring"]) for points in samples]
quality = np.reshape([each.high_quality for each in found], (5, seeds))
modes = np.reshape([each.modes for each in found], (5, seeds))

figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for axis, values, words in zip(axes, (modes, quality), ("modes of 8", "share near a mode"), strict=True):
    axis.semilogx(rates, values, "o", color="tab:red", alpha=0.6)
    axis.semilogx(rates, np.median(values, axis=1), color="black", label=f"median of {seeds} seeds")
    axis.set(xlabel="learning rate of both players", ylabel=words)
axes[0].legend()
plt.show()

# %% [markdown]
# The spread over seeds is the ruler: a difference between two rates counts only if it is larger. 1,000 steps find the
# clusters; to come close to them takes longer. `jaxgan sweep ring
# --seeds 4 --over rate=1e-4:1e-2:5` does it with a folder, a table and a plot, for any preset; see [a run and its
# folder](../runs.md).
#
# ## A map of two numbers
#
# `stability_map` trains a run for each pair. Here: Dirac-GAN (see [Dirac-GAN and the rules](dirac_gan.md)) over the
# learning rate h and the weight γ of R1. The red line is the border in closed form: there, the largest |1 − hλ| of the
# eigenvalues λ = γ/2 ± √(γ²/4 − 1/4) is 1.

# %%
place = Network(
    init=lambda key, latent, condition: (jnp.float32(0.1), {}),
    apply=lambda theta, variables, latent, condition, *, train, key: (jnp.full_like(latent, theta), variables),
)
slope = Network(
    init=lambda key, x, condition: (jnp.float32(0.1), {}),
    apply=lambda psi, variables, x, condition, *, train, key: (psi * x[:, 0], variables),
)


def dirac(rate, gamma):
    game = jaxgan.gan(place, slope, loss=losses.minimax(), penalties=[penalties.r1(gamma)], latent_size=1)
    return jaxgan.algorithm(game, dynamics.simultaneous(Players(optax.sgd(rate), optax.sgd(rate))))


def distance(algorithm, state, key):
    return jnp.maximum(jnp.hypot(*state.params), 1e-9)


axis = np.geomspace(0.05, 5, 16)
batches = itertools.repeat(Batch(jnp.zeros((1, 1))))
found = diagnostics.stability_map(dirac, axis, axis, batches, key, steps=400, measure=distance)
figure = diagnostics.plot_stability_map(
    found, x_label="learning rate h", y_label="R1 weight γ", value_label="distance at the end", scale="log"
)
h, gamma = np.meshgrid(np.geomspace(0.05, 5, 300), np.geomspace(0.05, 5, 300))
root = np.sqrt(gamma.astype(complex) ** 2 / 4 - 1 / 4)
radius = np.maximum(abs(1 - h * (gamma / 2 + root)), abs(1 - h * (gamma / 2 - root)))
figure.axes[0].contour(h, gamma, radius, levels=[1.0], colors="red")
figure

# %% [markdown]
# 256 runs in one program. `python examples/stability_map.py --cells 32` draws a finer one.
