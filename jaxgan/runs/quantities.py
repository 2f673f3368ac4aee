"""The numbers of a run in words, with their units and ranges."""

from typing import NamedTuple

ROLES = {"generator": "generator", "fake": "generator", "discriminator": "discriminator", "real": "discriminator"}
"""Players of names: `loss_generator` is a loss of the generator."""
LABELS = {
    "fake_logits": "D(fake)",
    "real_logits": "D(real)",
    "real_accuracy": "data",
    "fake_accuracy": "samples",
}
WORDS = {
    "loss": "Loss",
    "logits": "Output of the discriminator (above 0: real)",
    "penalty": "Penalties of the discriminator, weighted",
    "images_per_second": "Speed (rows per second)",
    "gradient_norm": "Norm of the gradient",
    "vanishing": "Slope of the generator's loss left (share, 0 to 1)",
    "indecision": "Loss of the discriminator, over that of one whose output is 0",
    "accuracy": "Labels told rightly (share, 0 to 1)",
    "augment_probability": "Probability of augmentation (0 to 1)",
    "feature_distance": "Distance of mean features",
    "path_penalty": "Penalty on path lengths",
    "modes": "Modes with a sample (count)",
    "high_quality": "Samples within 3σ of a mode (share, 0 to 1)",
    "reverse_kl": "Reverse KL over modes or classes (nats, best at 0)",
    "spread": "Width of modes (ratio to data, best at 1)",
    "worst_spread": "Width of the mode farthest from 1 (ratio to data, best at 1)",
    "uncovered": "Data without a sample near (share, best at 0.03)",
    "neighbour_ratio": "Distance of neighbours (ratio to data, best at 1)",
    "pairwise": "Distance of sample pairs (ratio to data, best at 1)",
    "nearest": "Distance to the nearest sample (ratio to data, best at 1)",
    "fid": "FID (best at 0)",
    "kid": "Kernel distance (best at 0)",
    "precision": "Precision (share, 0 to 1)",
    "recall": "Recall (share, 0 to 1)",
    "density": "Density (about 1 for data)",
    "coverage": "Coverage (share, 0 to 1)",
    "sliced_wasserstein": "Sliced Wasserstein distance (best at 0)",
    "two_sample": "Two-sample test (share told apart, best at 0.5)",
    "ms_ssim": "MS-SSIM of sample pairs (0 to 1, 1: all alike)",
    "inception_score": "Inception score (from 1 to the number of classes)",
    "classes": "Classes with a tenth of their share (count)",
    "l1": "Distance to the target (mean absolute difference, best at 0)",
    "psnr": "Signal to noise (PSNR in decibels, more is better)",
    "ssim": "Likeness to the target (SSIM, at most 1)",
    "mel_distance": "Distance of mel spectrograms (decibels², best at 0)",
    "pitch_distance": "Distance of pitches (semitones, best at 0)",
    "clear_pitch": "Sounds with a clear pitch (share, best at that of the data)",
    "mel_l1": "Distance to the sound's spectrogram (mean difference of logarithms, best at 0)",
    "clip_distance": "Distance of clips (Fréchet distance, best at 0)",
    "motion_error": "Unsteadiness of the motion (pixels, best at that of the data)",
    "speed_distance": "Distance of speeds (pixels a frame, best at 0)",
    "validity": "Texts that the grammar allows (share, 0 to 1)",
    "nll_oracle": "NLL of samples under the truth (nats a token, best at that of the data)",
    "nll_gen": "NLL of data under the generator (nats a token, less is better)",
    "bleu_3": "BLEU-3 against the data (0 to 1, best at that of the data)",
    "self_bleu_3": "BLEU-3 of samples against each other (0 to 1, best at that of the data)",
    "pretraining_loss": "Loss before the game (of the generator)",
    "matching": "Push of the student to its teacher (half its square, best at 0)",
    "critic_loss": "Loss of the critic as a denoiser",
    "labels_obeyed": "Samples of the class asked for (share, 0 to 1)",
    "intra_fid": "Mean Fréchet distance within the classes (best at 0)",
    "cas": "Accuracy of a classifier of samples on the data (share, 0 to 1)",
}
"""Label of each quantity that the program itself reports."""
ACRONYMS = {"ema", "fid", "kid", "kl", "r1", "r2"}
FEATURES = ("classifier", "pixels", "random", "own", "tokens")
"""Endings of metric names that tell the features; `fid` without an ending has Inception's features."""


class Quantity(NamedTuple):
    """Meaning of a name in `metrics.jsonl`."""

    unit: str
    """Unit of the quantity; names of one unit share a panel."""
    role: str
    """The player to whom it belongs, or "single"."""
    label: str
    """Label among those that share the panel."""


def quantity(name: str) -> Quantity:
    """Unit, player and label of a name."""
    for word, role in ROLES.items():
        for unit in (name.removesuffix(f"_{word}"), name.removeprefix(f"{word}_")):
            if unit not in (name, ""):
                return Quantity(unit, role, LABELS.get(name, word))
    return Quantity(name, "single", "")


def words(unit: str) -> str:
    """A unit in words: from `WORDS`, or else its own name."""
    for features in FEATURES:
        metric = unit.removesuffix(f"_{features}")
        if metric in WORDS and metric != unit:
            text = "Fréchet distance (best at 0)" if metric == "fid" else WORDS[metric]
            return f"{text}, features: {features}"
    spelled = " ".join(word.upper() if word in ACRONYMS else word for word in unit.split("_"))
    return WORDS.get(unit, spelled[:1].upper() + spelled[1:])


def named(name: str) -> str:
    """A name in words, with its player."""
    unit, _, label = quantity(name)
    return f"{words(unit)}: {label}" if label else words(unit)
