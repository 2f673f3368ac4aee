"""The small first kernels of DCGAN and of the networks for translation that came after it."""

from typing import Literal

import flax.linen as nn

DEVIATION = 0.02
"""Standard deviation, or factor of Glorot and Bengio's."""
SmallKernels = Literal["normal", "glorot"]
SMALL_KERNELS: dict[SmallKernels, nn.initializers.Initializer] = {
    "normal": nn.initializers.normal(DEVIATION),
    "glorot": nn.initializers.variance_scaling(DEVIATION**2, "fan_avg", "normal"),
}
"""Normal distributions: of standard deviation 0.02, and of 0.02·√(2 / (inputs + outputs)) with each counted times the
places of the kernel (Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks,
2010)."""
