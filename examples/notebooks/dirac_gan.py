# %% [markdown]
# # Dirac-GAN and the rules
#
# The smallest GAN there is: the data are the point 0, the generator is a point θ, and the discriminator is a line
# D(x) = ψx (Mescheder et al., [2018](https://arxiv.org/abs/1801.04406)). The equilibrium is θ = ψ = 0. It shows in the
# plane what a rule does to any game near its equilibrium.

# %%
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import optax

import jaxgan
from jaxgan import Batch, Players, diagnostics, dynamics, losses, penalties
from jaxgan.networks import Network

point = Network(
    init=lambda key, latent, condition: (jnp.array(1.0), {}),
    apply=lambda theta, variables, latent, condition, *, train, key: (jnp.full_like(latent, theta), variables),
)
line = Network(
    init=lambda key, x, condition: (jnp.array(-1.0), {}),
    apply=lambda psi, variables, x, condition, *, train, key: (psi * x[:, 0], variables),
)


def game(*penalties):
    return jaxgan.gan(point, line, loss=losses.minimax(), penalties=penalties, latent_size=1)


# %% [markdown]
# ## What the field does
#
# Both players follow one vector field v, the gradients of their losses. Its Jacobian at the equilibrium decides whether
# small steps converge. The eigenvalues of the plain game are imaginary: the players circle. R1 gives them a positive
# real part, γ/2: the equilibrium attracts.

# %%
batch, key = Batch(jnp.zeros((1, 1))), jax.random.key(0)
for name, played in {"no penalty": game(), "R1, γ = 0.3": game(penalties.r1(0.3))}.items():
    state = jaxgan.algorithm(played, dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1)))).init(key, batch)
    at_equilibrium = state._replace(params=Players(jnp.float32(0), jnp.float32(0)))
    spectrum = diagnostics.jacobian_spectrum(played, at_equilibrium, batch, key)
    print(f"{name:12} eigenvalues {np.round(spectrum.eigenvalues, 3)}: {spectrum.verdict}")

# %% [markdown]
# ## What the rules do
#
# A rule takes finite steps. Simultaneous steps spiral out, alternating ones stay on a circle. The other rules, or a
# penalty, lead to the equilibrium. The title has the distance from it after 300 steps.

# %%
size, steps = 0.3, 300
sgd = Players(optax.sgd(size), optax.sgd(size))
trials = {
    "simultaneous": (game(), dynamics.simultaneous(sgd)),
    "alternating": (game(), dynamics.alternating(sgd)),
    "alternating with R1": (game(penalties.r1(0.3)), dynamics.alternating(sgd)),
    "extragradient": (game(), dynamics.extragradient(sgd)),
    "optimistic": (game(), dynamics.optimistic(sgd)),
    "consensus": (game(), dynamics.consensus(sgd, 0.5)),
}


def path_of(algorithm):
    def step(state, _):
        return algorithm.step(state, batch, key)[0], state.params

    return jax.jit(lambda s: jax.lax.scan(step, s, length=steps + 1)[1])(algorithm.init(key, batch))


figure, axes = plt.subplots(2, 3, figsize=(9, 6.4), sharex=True, sharey=True, layout="constrained")
for axis, (name, (played, rule)) in zip(axes.flat, trials.items(), strict=True):
    path = path_of(jaxgan.algorithm(played, rule))
    distance = float(jnp.hypot(path.generator[-1], path.discriminator[-1]))
    axis.plot(path.generator, path.discriminator, linewidth=0.8)
    axis.plot(0, 0, "+", color="black")
    axis.set(title=f"{name}\ndistance {distance:.2g}", aspect="equal", xlim=(-1.7, 1.7), ylim=(-1.7, 1.7))
figure.supxlabel("generator θ")
figure.supylabel("discriminator ψ")
plt.show()

# %% [markdown]
# `python examples/dirac_gan.py` draws a dozen rules with the field behind them. `pytest tests/theory` compares every
# rule with the published eigenvalues and growth factors. [Concepts](../concepts.md) lists the rules; each docstring in
# [the reference](../reference/dynamics.md) has its formula and its cost.
