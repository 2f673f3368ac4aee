"""Detector of a discriminator so confident that the generator has nothing left to learn from."""

from jaxgan.diagnostics.finding import Finding

LEAST = 0.05


def vanishing_gradients(slope: float) -> Finding:
    """Fires if the loss pushes the samples with less than a twentieth of the force of the non-saturating loss.

    Args:
        slope: `Saturation.vanishing`; of minimax about σ(d) at a logit d, below 0.05 where d is below −2.9.

    Examples:
        >>> jaxgan.diagnostics.vanishing_gradients(1e-6).fired, jaxgan.diagnostics.vanishing_gradients(1.0).fired
        (True, False)
    """
    seen = f"the generator's loss keeps {slope:.2g} of the slope of the non-saturating loss"
    if slope >= LEAST:
        return Finding("vanishing gradients", False, slope, seen)
    meaning = "the discriminator is so sure that the generator learns nothing"
    cure = ("the non-saturating loss", "noise on what the discriminator sees", "a slower discriminator")
    return Finding("vanishing gradients", True, slope, f"{seen}; {meaning}", cure)
