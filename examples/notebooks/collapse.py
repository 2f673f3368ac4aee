# %% [markdown]
# # Why mine collapses
#
# Eight clusters on a circle, and a GAN that finds too few of them. This page reads what the run says, asks the state
# the same questions by hand, and changes one thing after another.

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np
import optax

import jaxgan
from jaxgan import Players, data, diagnostics, dynamics, losses, networks, penalties
from jaxgan.data.mixtures import MIXTURES
from jaxgan.metrics.modes import mode_coverage

ring = data.load("ring")


def experiment(loss, *penalties):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(64, 64), squash=False),
        networks.MLPDiscriminator(hidden=(64, 64), octaves=3),
        loss=loss,
        penalties=penalties,
        latent_size=8,
    )
    rule = dynamics.alternating(Players(optax.adam(2e-3, b1=0.0), optax.adam(2e-3, b1=0.0)))
    return jaxgan.Experiment(ring, jaxgan.algorithm(game, rule, ema_decay=0.995), extendable=True)


# %% [markdown]
# ## A run that fails
#
# A relativistic loss without a penalty.

# %%
failed = experiment(losses.relativistic_pairing())
program = jaxgan.Program(
    batch_size=128, steps=1000, steps_per_call=50, log_every=50, sample_every=500, checkpoint_every=1000
)
trained = jaxgan.train(failed, program, name="failed")

# %% [markdown]
# The detectors say what they see, with the number behind it. The lines are also in `log.txt` of the run's folder and in
# its report, with advice (`jaxgan report RUN`).
#
# ## Ask the state
#
# The detectors are functions. `diversity` compares distances among samples with those among rows of data: 1 means as
# varied as the data.

# %%
key = jax.random.key(0)
real = next(ring.batches(512, seed=0)).real
samples = np.asarray(trained.algorithm.sample(trained.state, key, 512))
print(diagnostics.diversity(samples, real))
print(diagnostics.mode_collapse(diagnostics.diversity(samples, real)).sentence)
print(mode_coverage(samples, MIXTURES["ring"]))

# %% [markdown]
# The spectrum of the vector field says whether the state attracts the players, repels them, or lets them circle.

# %%
batch = next(ring.batches(128, seed=1))
spectrum = diagnostics.jacobian_spectrum(failed.algorithm.game, trained.state, batch, key, count=6)
print(f"{spectrum.verdict}: {np.round(spectrum.eigenvalues, 2)}")

# %% [markdown]
# ## Change one thing at a time
#
# Another loss first, then penalties, then more steps. Three seeds of each would say more (`jaxgan sweep ring
# --seeds 3`).

# %%
with_penalties = experiment(losses.relativistic_pairing(), penalties.r1(0.02), penalties.r2(0.02))
trials = {
    "minimax": (experiment(losses.minimax()), 1000),
    "R1 and R2": (with_penalties, 1000),
    "R1 and R2, 4,000 steps": (with_penalties, 4000),
}
states = {"no penalty": (failed.algorithm, trained.state)}
for name, (trial, steps) in trials.items():
    state = trial.algorithm.init(key, batch)
    step = jaxgan.jitted(jaxgan.repeated(data.resident(trial.algorithm.step, batch_size=128), 100))
    on_device = ring.on_device()
    for _ in range(steps // 100):
        state, info = step(state, on_device, key)
    states[name] = (trial.algorithm, state)

figure, axes = plt.subplots(1, 4, figsize=(12, 3.4), sharex=True, sharey=True, layout="constrained")
for axis, (name, (algorithm, state)) in zip(axes, states.items(), strict=True):
    points = np.asarray(algorithm.sample(state, key, 2500))
    found = mode_coverage(points, MIXTURES["ring"])
    axis.plot(*real.T, ".", color="0.8", markersize=3)
    axis.plot(*points.T, ".", color="tab:red", markersize=1)
    axis.set(title=f"{name}\n{found.modes} of 8 modes, {found.high_quality:.0%} near one", aspect="equal")
    axis.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6))
plt.show()

# %% [markdown]
# The penalties keep all eight clusters, and more steps bring the points closer to them. `jaxgan train ring` takes 6,000
# steps with a schedule and noise on the discriminator's input; [the presets](../presets.md) say what it reaches. [When
# it does not train](../trouble.md) lists the findings and what to try for each.
