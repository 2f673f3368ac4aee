# %% [markdown]
# # CycleGAN under any rule
#
# Two sets of points, no pairs: a circle and a square. A CycleGAN learns a map from each to the other, such that there
# and back is near the start. It is a game like any other, so every rule moves it.

# %%
import flax.linen as nn
import jax
import matplotlib.pyplot as plt
import numpy as np
import optax

import jaxgan
from jaxgan import Players, conditions, data, dynamics, losses, networks

random = np.random.default_rng(0)
angles, sides = random.uniform(0, 2 * np.pi, 2000), random.uniform(-1, 1, 2000)
circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
square = np.stack([sides, np.sign(random.normal(size=2000))], axis=1)
square[1000:] = square[1000:, ::-1]  # upright sides
noise = 0.02 * random.normal(size=(2, 2000, 2))
circle, square = (np.float32(rows) for rows in (circle + noise[0], square + noise[1]))
points = data.unpaired(data.load(circle), data.load(square))
print(points)


class Translator(nn.Module):
    """A step away from the point that it is given."""

    @nn.compact
    def __call__(self, latents, condition):
        hidden = nn.silu(nn.Dense(64)(nn.silu(nn.Dense(64)(condition))))
        return condition + nn.Dense(2)(hidden)


def direction():
    return jaxgan.gan(
        Translator(),
        networks.unconditional(networks.MLPDiscriminator(hidden=(64, 64), octaves=1)),
        loss=losses.least_squares(),
        condition=conditions.like((2,)),
        latent_size=1,
    )


game = jaxgan.cycle(direction(), direction(), weight=1.0)

# %% [markdown]
# Three rules, one game. `extragradient` takes two gradients a step, so it is given half as many steps: the rules are
# compared at equal cost.

# %%
adam = Players(optax.adam(1e-3, b1=0.5), optax.adam(1e-3, b1=0.5))
rules = {
    "simultaneous": (dynamics.simultaneous(adam), 4000),
    "alternating": (dynamics.alternating(adam), 4000),
    "extragradient": (dynamics.extragradient(adam), 2000),
}
key, held = jax.random.key(0), next(points.batches(1000, seed=1)).real
figure, axes = plt.subplots(2, 3, figsize=(9, 6.4), sharex=True, sharey=True, layout="constrained")
for (above, below), (name, (rule, steps)) in zip(axes.T, rules.items(), strict=True):
    algorithm = jaxgan.algorithm(game, rule, ema_decay=0.99)
    state = algorithm.init(key, next(points.batches(64, seed=0)))
    step = jaxgan.jitted(jaxgan.repeated(data.resident(algorithm.step, batch_size=64), 100))
    on_device = points.on_device()
    for _ in range(steps // 100):
        state, info = step(state, on_device, key)
    to_square, to_circle = algorithm.sample(state, key, 1000, tuple(held))
    above.scatter(*np.asarray(to_square).T, s=3, c=np.arctan2(*held[0].T), cmap="hsv")
    below.scatter(*np.asarray(to_circle).T, s=3, c=np.arctan2(*held[1].T), cmap="hsv")
    distance = float(info["cycle_distance"][-1])
    above.set(title=f"{name}, {steps} steps\nthere and back: {distance:.3f}", aspect="equal")
    below.set(aspect="equal", xlim=(-1.8, 1.8), ylim=(-1.8, 1.8))
axes[0, 0].set_ylabel("circle to square")
axes[1, 0].set_ylabel("square to circle")
plt.show()

# %% [markdown]
# The colour is the angle of the point that was translated. Here each point stays near its place. Another seed may turn
# or mirror the figure, because nothing in the game says which map is meant. One seed and a few thousand steps do not
# rank the rules.
#
# For pictures: `jaxgan train cyclegan-digits` runs at once; `jaxgan train cyclegan-horse2zebra --data unpaired:PATH`
# is the paper's. [From picture to picture](../translation.md) has both.
