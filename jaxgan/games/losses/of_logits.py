"""Losses that are functions of logits alone."""

import jax
from jax.nn import softplus
from jaxtyping import Array, Float

from jaxgan.checks import require_number
from jaxgan.core import Players
from jaxgan.devices import couple_rows, global_mean
from jaxgan.games.losses.contract import Logits, Loss


def minimax(label_smoothing: float | Float[Array, ""] = 0.0) -> Loss:
    """The original game: L_D = −E[log D(x)] − E[log(1 − D(G(z)))], L_G = E[log(1 − D(G(z)))].

    The generator's loss saturates where the discriminator is sure. With one-sided label smoothing s, the target of
    real data is 1 − s instead of 1 (Salimans et al., 2016, section 3.4).

    Args:
        label_smoothing: s in [0, 1).

    Reference:
        Goodfellow et al., [Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), 2014, equation 1.

    Examples:
        >>> generator, discriminator = jaxgan.losses.minimax()(jnp.zeros(1), jnp.zeros(1))
        >>> print(np.round(generator, 3), np.round(discriminator, 3))  # -log 2, 2 log 2
        [-0.693] [1.386]
    """
    require_number("label_smoothing", label_smoothing, at_least=0, below=1)

    def loss(real: Logits, fake: Logits) -> Players:
        return Players(generator=-softplus(fake), discriminator=_cross_entropy(real, label_smoothing) + softplus(fake))

    return loss


def non_saturating(label_smoothing: float | Float[Array, ""] = 0.0) -> Loss:
    """`minimax` for the discriminator; L_G = −E[log D(G(z))], which has a gradient where D rejects the samples.

    Args:
        label_smoothing: s in [0, 1), see `minimax`.

    Reference:
        Goodfellow et al., [Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), 2014, section 3.

    Examples:
        >>> generator, discriminator = jaxgan.losses.non_saturating()(jnp.zeros(1), jnp.zeros(1))
        >>> print(np.round(generator, 3), np.round(discriminator, 3))  # log 2, 2 log 2
        [0.693] [1.386]
    """
    require_number("label_smoothing", label_smoothing, at_least=0, below=1)

    def loss(real: Logits, fake: Logits) -> Players:
        return Players(generator=softplus(-fake), discriminator=_cross_entropy(real, label_smoothing) + softplus(fake))

    return loss


def least_squares(label_smoothing: float | Float[Array, ""] = 0.0) -> Loss:
    """L_D = ½E[(D(x) − 1)²] + ½E[D(G(z))²], L_G = ½E[(D(G(z)) − 1)²], on the logits themselves.

    Args:
        label_smoothing: s in [0, 1); real data's target is 1 − s.

    Reference:
        Mao et al., [Least Squares Generative Adversarial Networks](https://arxiv.org/abs/1611.04076), 2017, equation 9.

    Examples:
        >>> print(*jaxgan.losses.least_squares()(jnp.array([2.0]), jnp.array([-1.0])))
        [2.] [1.]
    """
    require_number("label_smoothing", label_smoothing, at_least=0, below=1)

    def loss(real: Logits, fake: Logits) -> Players:
        on_real = 0.5 * (real - (1 - label_smoothing)) ** 2
        return Players(generator=0.5 * (fake - 1) ** 2, discriminator=on_real + 0.5 * fake**2)

    return loss


def wasserstein() -> Loss:
    """L_D = E[D(G(z))] − E[D(x)], L_G = −E[D(G(z))]. Needs a Lipschitz critic: a gradient penalty or clipping.

    Reference:
        Arjovsky et al., [Wasserstein GAN](https://arxiv.org/abs/1701.07875), 2017, equation 2.

    Examples:
        >>> print(*jaxgan.losses.wasserstein()(jnp.array([2.0]), jnp.array([-1.0])))
        [1.] [-3.]
    """

    def loss(real: Logits, fake: Logits) -> Players:
        return Players(generator=-fake, discriminator=fake - real)

    return loss


def hinge() -> Loss:
    """L_D = E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))], L_G = −E[D(G(z))].

    Reference:
        Lim & Ye, [Geometric GAN](https://arxiv.org/abs/1705.02894), 2017; Miyato et al., [Spectral
        Normalization](https://arxiv.org/abs/1802.05957), 2018, equations 16 and 17.

    Examples:
        >>> print(*jaxgan.losses.hinge()(jnp.array([0.5]), jnp.array([-3.0])))
        [3.] [0.5]
    """

    def loss(real: Logits, fake: Logits) -> Players:
        return Players(generator=-fake, discriminator=jax.nn.relu(1 - real) + jax.nn.relu(1 + fake))

    return loss


def relativistic_pairing() -> Loss:
    """L_D = E[softplus(−(D(x) − D(G(z))))], L_G = E[softplus(D(x) − D(G(z)))]; each sample against one real datum.

    Reference:
        Jolicoeur-Martineau, [The relativistic discriminator](https://arxiv.org/abs/1807.00734), 2019, equations 3 and
        4; Huang et al., [The GAN is dead; long live the GAN!](https://arxiv.org/abs/2501.05441), 2024, equation 2.

    Examples:
        >>> generator, discriminator = jaxgan.losses.relativistic_pairing()(jnp.array([5.0]), jnp.array([5.0]))
        >>> print(np.round(generator, 3), np.round(discriminator, 3))  # log 2 where both logits are equal
        [0.693] [0.693]
    """

    def loss(real: Logits, fake: Logits) -> Players:
        return Players(generator=softplus(real - fake), discriminator=softplus(fake - real))

    return loss


def relativistic_average() -> Loss:
    """Each sample against the mean of the other kind, over the whole batch on all devices.

    With r = D(x) − E[D(G(z))] and f = D(G(z)) − E[D(x)]: L_D = E[softplus(−r)] + E[softplus(f)],
    L_G = E[softplus(r)] + E[softplus(−f)].

    Reference:
        Jolicoeur-Martineau, [The relativistic discriminator](https://arxiv.org/abs/1807.00734), 2019, equations 7 and
        8.

    Examples:
        >>> real, fake = jnp.array([5.0, 5.0]), jnp.array([5.0, 5.0])
        >>> generator, discriminator = jaxgan.losses.relativistic_average()(real, fake)
        >>> print(np.round(generator, 3), np.round(discriminator, 3))
        [1.386 1.386] [1.386 1.386]
    """

    def loss(real: Logits, fake: Logits) -> Players:
        couple_rows("a relativistic average")
        r, f = real - global_mean(fake), fake - global_mean(real)
        return Players(generator=softplus(r) + softplus(-f), discriminator=softplus(-r) + softplus(f))

    return loss


def _cross_entropy(real: Logits, smoothing: float | Float[Array, ""]) -> Logits:
    """−(1 − s)·log σ(real) − s·log(1 − σ(real))."""
    if isinstance(smoothing, float | int) and smoothing == 0:
        return softplus(-real)
    return (1 - smoothing) * softplus(-real) + smoothing * softplus(real)
