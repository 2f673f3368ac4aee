"""Tools to find out why a GAN trains or fails: spectra, paths, gradients, detectors of collapse, stability maps.

Examples:
    >>> from jaxgan.networks import Network
    >>> point = Network(lambda key, z, c: (jnp.array(0.0), {}), lambda p, v, z, c, *, train, key: (p + 0 * z, v))
    >>> slope = Network(lambda key, x, c: (jnp.array(0.0), {}), lambda p, v, x, c, *, train, key: (p * x[:, 0], v))
    >>> bilinear = jaxgan.gan(point, slope, loss=jaxgan.losses.wasserstein(), latent_size=1)
    >>> rule = jaxgan.dynamics.simultaneous(jaxgan.Players(optax.sgd(0.1), optax.sgd(0.1)))
    >>> batch, key = jaxgan.Batch(jnp.zeros([1, 1])), jax.random.key(0)
    >>> state = jaxgan.algorithm(bilinear, rule).init(key, batch)  # at the equilibrium
"""

from jaxgan.diagnostics.divergence import distant_samples, divergence, unstable_discriminator
from jaxgan.diagnostics.finding import Finding
from jaxgan.diagnostics.gradient_report import GradientReport, gradient_report
from jaxgan.diagnostics.ignored_labels import class_share, ignored_labels
from jaxgan.diagnostics.mode_collapse import Diversity, diversity, missing_modes, mode_collapse, stray_samples
from jaxgan.diagnostics.oscillation import Swing, oscillation, swing
from jaxgan.diagnostics.overfitting import overfitting
from jaxgan.diagnostics.path_angle import PathAngle, path_angle, plot_path_angle
from jaxgan.diagnostics.saturation import Saturation, saturation
from jaxgan.diagnostics.spectrum import Spectrum, jacobian_spectrum
from jaxgan.diagnostics.stability_map import StabilityMap, plot_stability_map, stability_map
from jaxgan.diagnostics.vanishing import vanishing_gradients
from jaxgan.diagnostics.watch import Watch

__all__ = [
    "Diversity",
    "Finding",
    "GradientReport",
    "PathAngle",
    "Saturation",
    "Spectrum",
    "StabilityMap",
    "Swing",
    "Watch",
    "class_share",
    "distant_samples",
    "divergence",
    "diversity",
    "gradient_report",
    "ignored_labels",
    "jacobian_spectrum",
    "missing_modes",
    "mode_collapse",
    "oscillation",
    "overfitting",
    "path_angle",
    "plot_path_angle",
    "plot_stability_map",
    "saturation",
    "stability_map",
    "stray_samples",
    "swing",
    "unstable_discriminator",
    "vanishing_gradients",
]
