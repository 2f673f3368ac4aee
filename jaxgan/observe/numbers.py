"""Numbers for the evaluation of a run, under the short names of the command line.

Of points the measures of `jaxgan.metrics.points` are found under their own names, `reverse_kl` and `sliced_wasserstein`
among them, of sounds those of `jaxgan.metrics.sounds`, of clips those of `jaxgan.metrics.clips`, of texts those of
`jaxgan.metrics.texts`, of pairs of images those of `jaxgan.metrics.pairs`, and of sounds that are made from their
spectrograms also `jaxgan.metrics.sound_pairs`; any other number, and these two of other
data, is a value of a metric of `jaxgan.metrics.evaluate`.
"""

from typing import Any, Literal, NamedTuple, get_args

from jaxgan.checks import require

Metric = Literal[
    "fid",
    "kid",
    "precision",
    "recall",
    "density",
    "coverage",
    "sliced_wasserstein",
    "two_sample",
    "ms_ssim",
    "inception_score",
    "classes",
    "reverse_kl",
    "labels_obeyed",
    "intra_fid",
    "cas",
    "modes",
    "high_quality",
    "spread",
    "worst_spread",
    "uncovered",
    "neighbour_ratio",
    "l1",
    "psnr",
    "ssim",
    "mel_distance",
    "pitch_distance",
    "clear_pitch",
    "mel_l1",
    "clip_distance",
    "motion_error",
    "speed_distance",
    "validity",
    "nll_oracle",
    "nll_gen",
    "bleu_3",
    "self_bleu_3",
]


OF_ANY: tuple[Metric, ...] = (
    "fid",
    "kid",
    "precision",
    "recall",
    "density",
    "coverage",
    "sliced_wasserstein",
    "two_sample",
)
"""Metrics of all data."""
OF_KIND: dict[str, tuple[Metric, ...]] = {
    "images": ("ms_ssim", "inception_score", "classes", "reverse_kl", "labels_obeyed", "intra_fid", "cas"),
    "pairs": ("l1", "psnr", "ssim", "ms_ssim", "inception_score"),
    "points": ("modes", "high_quality", "reverse_kl", "spread", "worst_spread", "uncovered", "neighbour_ratio"),
    "sound": ("mel_distance", "pitch_distance", "clear_pitch"),
    "sound pairs": ("mel_distance", "pitch_distance", "clear_pitch", "mel_l1"),
    "clips": ("clip_distance", "motion_error", "speed_distance"),
    "tokens": ("validity", "nll_oracle", "nll_gen", "bleu_3", "self_bleu_3"),
}
"""Further metrics, by the medium of the data, or `pairs` of images, or `sound pairs`."""


class Number(NamedTuple):
    """A value of a metric of `jaxgan.metrics.evaluate`."""

    metric: str
    """Name of the metric in `jaxgan.metrics.evaluate`."""
    value: str
    """Name of the value in the record."""
    lower_is_better: bool
    spread: str | None = None
    """Name of the spread in the record, if there is one."""
    of_classes: bool = False
    """Whether it needs features that distinguish classes."""


NUMBERS: dict[Metric, Number] = {
    "fid": Number("frechet", "value", True),
    "kid": Number("kernel", "mean", True, "deviation"),
    "precision": Number("precision_recall", "precision", False),
    "recall": Number("precision_recall", "recall", False),
    "density": Number("density_coverage", "density", False),
    "coverage": Number("density_coverage", "coverage", False),
    "sliced_wasserstein": Number("sliced_wasserstein", "value", True),
    "two_sample": Number("logistic_test", "accuracy", True),
    "ms_ssim": Number("ms_ssim", "value", True),
    "inception_score": Number("inception_score", "mean", False, "deviation", of_classes=True),
    "classes": Number("class_coverage", "represented", False, of_classes=True),
    "reverse_kl": Number("class_coverage", "reverse_kl", True, of_classes=True),
    "labels_obeyed": Number("labels_obeyed", "value", False, of_classes=True),
    "intra_fid": Number("intra_frechet", "mean", True),
    "cas": Number("classification_accuracy", "value", False),
}


HIGHER_IS_BETTER = ("modes", "high_quality", "psnr", "ssim", "clear_pitch", "validity", "bleu_3")
"""Measures of points, sounds, texts and pairs of which a higher value is better."""


def lower_is_better(name: Metric) -> bool:
    """Whether a smaller value is the better one."""
    return NUMBERS[name].lower_is_better if name in NUMBERS else name not in HIGHER_IS_BETTER


def shown(name: Metric, features: str, medium: str) -> str:
    """Name of a metric's value for these features: only Inception's distance is called `fid`.

    Of other features it says which: `fid_pixels`, `precision_classifier`; of the numbers of texts, `fid_tokens`. What
    has no choice of features keeps its name.
    """
    features = "tokens" if (features, medium) == ("pixels", "tokens") else features
    plain = features == "inception" or name in ("ms_ssim", "classes", "reverse_kl", "labels_obeyed", "cas")
    return name if plain else f"{name}_{features}"


def fitting(recipe: Any) -> tuple[Metric, ...]:
    """Metrics for the data of a recipe, as far as its MEDIUM, or that of its data, says what they are."""
    kind = getattr(recipe, "MEDIUM", None) or getattr(getattr(recipe, "data", None), "MEDIUM", None)
    return get_args(Metric) if kind is None else (*OF_ANY, *OF_KIND[kind])


def check_features(name: Metric, features: str, *, trainable: bool) -> None:
    """Raise `ValueError` unless a number can be computed from such features.

    Args:
        name: one of `NUMBERS`.
        features: what the metrics look at.
        trainable: whether a classifier can be trained on the data.
    """
    tells = ("classifier", "inception") if name == "inception_score" else ("classifier",)
    without = "" if trainable else "; features=classifier needs images with labels of two classes or more"
    require(
        not NUMBERS[name].of_classes or features in tells,
        f"{name} needs features={' or '.join(tells)}, got features={features}{without}",
    )
