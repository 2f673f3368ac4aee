"""Why a GAN trains or does not: spectra, paths, gradients, detectors of collapse, maps of stability."""

from jaxgan.diagnostics.divergence import divergence as divergence
from jaxgan.diagnostics.finding import Finding as Finding
from jaxgan.diagnostics.gradient_report import GradientReport as GradientReport
from jaxgan.diagnostics.gradient_report import gradient_report as gradient_report
from jaxgan.diagnostics.mode_collapse import Diversity as Diversity
from jaxgan.diagnostics.mode_collapse import diversity as diversity
from jaxgan.diagnostics.mode_collapse import mode_collapse as mode_collapse
from jaxgan.diagnostics.oscillation import Swing as Swing
from jaxgan.diagnostics.oscillation import oscillation as oscillation
from jaxgan.diagnostics.oscillation import swing as swing
from jaxgan.diagnostics.overfitting import overfitting as overfitting
from jaxgan.diagnostics.path_angle import PathAngle as PathAngle
from jaxgan.diagnostics.path_angle import path_angle as path_angle
from jaxgan.diagnostics.path_angle import plot_path_angle as plot_path_angle
from jaxgan.diagnostics.saturation import Saturation as Saturation
from jaxgan.diagnostics.saturation import saturation as saturation
from jaxgan.diagnostics.spectrum import Spectrum as Spectrum
from jaxgan.diagnostics.spectrum import jacobian_spectrum as jacobian_spectrum
from jaxgan.diagnostics.stability_map import StabilityMap as StabilityMap
from jaxgan.diagnostics.stability_map import plot_stability_map as plot_stability_map
from jaxgan.diagnostics.stability_map import stability_map as stability_map
from jaxgan.diagnostics.watch import Watch as Watch
