"""Sounds from their mel spectrograms: HiFi-GAN beside Griffin and Lim's phases, on sounds that were not trained on.

`mel l1` is `jaxgan.metrics.sound_pairs.mel_l1`, whose perfect value is 0. Griffin and Lim's method has the same
spectrograms, the smallest amplitudes that have them, without what is negative, and 60 iterations for the phases.
`pitch error` is the median distance in semitones of the pitch of the sound and of its sample, among sounds whose pitch
is clear; `clear` is the share of these whose sample has a clear pitch too.

    python benchmarks/vocoder.py --seeds 3 --out benchmarks/results/vocoder.json
    python benchmarks/vocoder.py --seeds 1 --steps 200
"""

import time
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
import tyro
from measure import report

import jaxgan
from jaxgan.metrics.mel import mel_filters
from jaxgan.metrics.pitch import SAMPLES, pitches
from jaxgan.metrics.sound_pairs import mel_l1
from jaxgan.metrics.sounds import CLEAR, HIGHEST
from jaxgan.metrics.summary import summarize
from jaxgan.program.holding_out import hold_out
from jaxgan.recipes.hifigan import WINDOW


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str = "hifigan-tones"
    """Preset to measure."""
    seeds: int = 3
    """Number of runs."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    held_out: float = 0.05
    """Share of the sounds that is not trained on, on which all are measured."""
    runs: Path = Path("runs")
    """Folder for the runs."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/vocoder.json."""


def griffin_lim(mels, recipe, rate, length, iterations=60):
    """Waveforms `[n, length, 1]` with these spectrograms `[n, windows, bands]`, from random phases.

    Griffin & Lim, Signal Estimation from Modified Short-Time Fourier Transform, 1984.
    """
    hop = length // mels.shape[1]
    size = WINDOW * hop
    filters = mel_filters(rate, size, recipe.bands, 0.0, recipe.highest or rate / 2, "slaney")
    amplitudes = np.maximum(0, np.exp(mels) @ np.linalg.pinv(filters).T)
    window, before = np.hanning(size + 1)[:-1], (size - hop) // 2
    places = np.arange(mels.shape[1])[:, None] * hop + np.arange(size)

    def overlapped(frames):
        """The sum of frames `[n, windows, size]` at their places, without what lies outside."""
        total = np.zeros((len(frames), length + size - hop))
        for i, place in enumerate(places):
            total[:, place] += frames[:, i]
        return total[:, before : before + length]

    weight = overlapped(np.broadcast_to(window**2, (1, *places.shape)))

    def waves(spectra):
        return overlapped(np.fft.irfft(spectra, size, axis=-1) * window) / weight

    spectra = amplitudes * np.exp(2j * np.pi * np.random.default_rng(0).random(amplitudes.shape))
    for _ in range(iterations):
        padded = np.pad(waves(spectra), ((0, 0), (before, size - hop - before)), mode="reflect")
        phases = np.fft.rfft(padded[:, places] * window, axis=-1)
        spectra = amplitudes * np.exp(1j * np.angle(phases))
    return np.clip(waves(spectra), -1, 1)[..., None].astype(np.float32)


def measured(what, made, real, rate, seconds=0.0):
    ours, theirs = (pitches(x[..., 0], rate, highest=min(HIGHEST, rate / SAMPLES)) for x in (made, real))
    of_data = (theirs.clarity >= CLEAR) & np.isfinite(theirs.hertz)
    both = of_data & (ours.clarity >= CLEAR) & np.isfinite(ours.hertz)
    apart = np.abs(12 * np.log2(ours.hertz[both] / theirs.hertz[both]))
    return {
        "what": what,
        "mel l1": mel_l1(made, real, rate),
        "clear": float(both.sum() / of_data.sum()),
        "pitch error": float(np.median(apart)) if len(apart) else float("nan"),
        "seconds": seconds,
    }


def main(options: Options) -> None:
    config = jaxgan.preset(options.preset)
    config = config if options.steps is None else config.replace(steps=options.steps)
    size = config.program.batch_size
    parts = hold_out(config.recipe.dataset(), options.held_out, batch_size=size, seed=0)
    held = parts.rows
    rate, batch = held.medium.rate, held.decode(held.take(np.arange(len(held))))
    real, mels = batch.real, np.asarray(config.recipe.experiment(held, config.program.steps).ask(batch))
    rows = [measured("Griffin and Lim", griffin_lim(mels, config.recipe, rate, real.shape[1]), real, rate)]
    for seed in range(options.seeds):
        begun = time.perf_counter()
        trained = jaxgan.train(config.replace(seed=seed), dataset=parts.training, out=options.runs, show="none")
        seconds = time.perf_counter() - begun
        made = np.asarray(trained.algorithm.sample(trained.state, jax.random.key(0), len(real), mels))
        rows.append(measured(f"seed {seed}", made, real, rate, seconds))
        print(rows[-1], trained.folder, flush=True)
    if options.seeds > 1:
        members = rows[1:]
        means = {name: summarize([row[name] for row in members]) for name in members[0] if name != "what"}
        rows.append({"what": "mean", **{name: float(each.mean) for name, each in means.items()}})
        rows.append({"what": "standard error", **{name: float(each.standard_error) for name, each in means.items()}})
    report("vocoder", rows, out=options.out, preset=options.preset, held_out=options.held_out)


if __name__ == "__main__":
    main(tyro.cli(Options))
