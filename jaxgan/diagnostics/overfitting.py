"""Detector of a discriminator that knows its training data by heart."""

from jaxgan.diagnostics.finding import Finding

RATIO = 0.6
"""The paper's target, above which it augments more."""


def overfitting(real_logits: float, fake_logits: float, held_out_logits: float) -> Finding:
    """r_v = (E[D(train)] − E[D(held out)]) / (E[D(train)] − E[D(generated)]): 0 is none, 1 is complete.

    At 1 the discriminator takes data that it has not seen for generated ones. Fires above 0.6. Where it does not tell
    data from samples (E[D(train)] ≤ E[D(generated)]) the ratio says nothing, and 0 is returned.

    Args:
        real_logits: mean of D on data that it is trained on.
        fake_logits: mean of D on samples.
        held_out_logits: mean of D on data that it is never trained on.

    Reference:
        Karras et al., Training Generative Adversarial Networks with Limited Data, 2020, equation 1.
    """
    gap = real_logits - fake_logits
    ratio = (real_logits - held_out_logits) / gap if gap > 0 else 0.0
    fired = ratio > RATIO
    seen = f"data that the discriminator has not seen lie {ratio:.0%} of the way from its training data to the samples"
    cure = "it learns the data by heart: try more data, mirrored images, R1, or a smaller discriminator"
    return Finding("discriminator overfitting", fired, ratio, f"{seen}; {cure}" if fired else seen)
