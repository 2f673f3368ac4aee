"""Detector of a discriminator that memorises its training data."""

from collections.abc import Sequence

import numpy as np

from jaxgan.diagnostics.finding import Finding

RATIO = 0.6
"""The paper's target, above which it augments more."""
SURE = 4.0
"""Number of standard deviations by which the logits of unseen data must differ."""
ADVICE = ("more data", "augmentation", "R1", "a smaller discriminator")

Logits = float | Sequence[float]


def overfitting(real_logits: Logits, fake_logits: Logits, held_out_logits: Logits) -> Finding:
    """r_v = (E[D(train)] − E[D(held out)]) / (E[D(train)] − E[D(generated)]): 0 is none, 1 is complete.

    At 1 the discriminator takes data that it has not seen for generated ones. Fires above 0.6. Where it does not tell
    data from samples (E[D(train)] ≤ E[D(generated)]) the ratio says nothing, and 0 is returned.

    Few rows that are held out may lie off by chance. Of several looks, at other rows that it is trained on each time
    and as many of them as are held out, the ratio is that of the means, and it fires only where

        E[D(train)] − E[D(held out)] > 4 s √(1 + 1/n),

    s being the standard deviation of the n means on training data: the prediction interval of one further such mean.

    Args:
        real_logits: mean of D on data that it is trained on; a number, or one of each look.
        fake_logits: mean of D on samples.
        held_out_logits: mean of D on data that it is never trained on.

    Reference:
        Karras et al., [Training Generative Adversarial Networks with Limited Data](https://arxiv.org/abs/2006.06676),
        2020, equation 1.

    Examples:
        >>> jaxgan.diagnostics.overfitting([2.0] * 8, [-2.0] * 8, [-1.9] * 8).fired  # held-out rows look like samples
        True
    """
    looks = np.atleast_1d(np.asarray(real_logits, np.float64))
    real, fake, held_out = (float(np.mean(logits)) for logits in (looks, fake_logits, held_out_logits))
    ratio = (real - held_out) / (real - fake) if real > fake else 0.0
    chance = float(np.std(looks, ddof=1)) * (1 + 1 / len(looks)) ** 0.5 if len(looks) > 1 else 0.0
    seen = f"data that the discriminator has not seen lie {ratio:.0%} of the way from its training data to the samples"
    if not (ratio > RATIO and real - held_out > SURE * chance):
        return Finding("discriminator overfitting", False, ratio, seen)
    return Finding("discriminator overfitting", True, ratio, f"{seen}; it memorises the data", ADVICE)
