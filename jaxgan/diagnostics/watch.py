"""All detectors together, for use during a run."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from jaxgan.diagnostics.divergence import BOUNDED, distant_samples, divergence, unstable_discriminator
from jaxgan.diagnostics.finding import Finding
from jaxgan.diagnostics.ignored_labels import class_share, ignored_labels
from jaxgan.diagnostics.mode_collapse import diversity, missing_modes, mode_collapse, stray_samples
from jaxgan.diagnostics.oscillation import oscillation
from jaxgan.diagnostics.overfitting import overfitting
from jaxgan.diagnostics.vanishing import vanishing_gradients

KEPT = 64
"""Number of values of each series that are remembered."""
EARLIEST = 500
"""First step at which samples are judged: early samples are always alike."""
TICK = 20
"""Number of steps over which `Watch.tick` expects means."""
SLOW = 5
"""Number of ticks for one value of the slower series, which shows slower swings."""
TICKED = ("loss_generator", "loss_discriminator", "vanishing", "indecision")
SWINGING = TICKED[:2]
LASTING = 5
"""Number of ticks with vanishing gradients before they are reported."""
STEADY = 300
"""Number of steps whose mean shows whether the discriminator is unstable."""
OBEDIENCE = 2
"""Number of consecutive looks in which samples must ignore their labels: a good generator may begin to follow them
after the first."""
LOGITS = ("real_logits", "fake_logits", "held_out_logits")
LOOKS = 8
"""Smallest number of looks at held-out rows before anything is reported about them."""


class Watch(NamedTuple):
    """Memory of the detectors during a run. Start with `Watch()`, and update it at regular steps.

    watch, findings = watch.update(step, info, samples, real)

    It is a plain value: `json.dumps(watch._asdict())` saves it, and `Watch(**json.loads(text))` goes on as if nothing
    had happened.

    Examples:
        >>> watch, findings = jaxgan.diagnostics.Watch().update(100, {"loss_generator": float("inf")})
        >>> [finding.name for finding in findings]
        ['divergence']
    """

    series: dict[str, list[float]] = {}  # noqa: RUF012
    """The last 64 finite values of each number in the infos, and of the mean sample's place. It is never changed in
    place."""
    firing: list[str] = []  # noqa: RUF012
    """Detectors that fired when they last had something to judge."""

    def update(
        self,
        step: int,
        info: Mapping[str, Any],
        samples: np.ndarray | None = None,
        real: np.ndarray | None = None,
        labels: np.ndarray | None = None,
    ) -> tuple["Watch", list[Finding]]:
        """Take in one report. This takes milliseconds, on the host.

        Args:
            step: step of the run. Whether samples are too alike, and heed their labels, is judged from step 500 on.
            info: numbers of the step. All are watched for divergence; with `reverse_kl` of a known mixture, the
                generator is watched for missing modes, with `modes` and `mode_count` for each of them, and with
                `high_quality` for samples between them: pass these three when all modes should be there.
            samples: `[N, ...]`, if there are new ones.
            real: `[M, ...]`, rows of data to compare them with; the same at every update.
            labels: `[N]`, the classes of the samples and of the data, row by row; None where there are none.

        Returns:
            The watch to go on with, and what fires now and did not before.
        """
        latest = {name: float(value) for name, value in info.items()}
        told = any(name in BOUNDED or not math.isfinite(value) for name, value in latest.items())
        findings = [divergence(self.series, latest)] if told else []
        if "reverse_kl" in latest and step >= EARLIEST:
            counts = (int(latest[name]) if name in latest else None for name in ("modes", "mode_count"))
            findings.append(missing_modes(latest["reverse_kl"], *counts))
        if "high_quality" in latest and step >= EARLIEST:
            findings.append(stray_samples(latest["high_quality"]))
        series = self._with(latest)
        if samples is not None and real is not None and np.isfinite(samples).all():
            series = Watch(series)._with({"sample_mean": _place(samples, real)})
            findings.append(distant_samples(*_distances(samples, real)))
            before = "wandering samples" in self.firing
            swings = oscillation({"sample_mean": series["sample_mean"]}, unit="looks", before=before)
            findings.append(swings._replace(name="wandering samples"))
            if step >= EARLIEST:
                findings.append(mode_collapse(diversity(samples, real)))
                if labels is not None:
                    series = Watch(series)._with({"class_share": class_share(samples, labels)})
                    shares = series.get("class_share", [])[-OBEDIENCE:]
                    if len(shares) == OBEDIENCE:
                        findings.append(ignored_labels(max(shares), class_share(real, labels)))
        return self._told(series, findings)

    def tick(self, step: int, info: Mapping[str, Any], *, every: int = TICK) -> tuple["Watch", list[Finding]]:
        """Take in means over a few steps, at whatever interval a run reports. They show lasting problems.

        Args:
            step: the last of them, a multiple of `every`.
            info: means of `loss_generator` and `loss_discriminator`, watched for oscillation over 32 and more ticks,
                of `vanishing`, see `Saturation`, and of `indecision`, see `unstable_discriminator`; others are left
                out.
            every: steps in each tick.
        """
        fine = {f"{name}, every {every}": float(info[name]) for name in TICKED if name in info}
        series = self._with(fine)
        slow = every * SLOW
        if step % slow == 0:
            pooled = {name: series.get(f"{name}, every {every}", [])[-SLOW:] for name in SWINGING}
            coarse = {f"{name}, every {slow}": sum(v) / SLOW for name, v in pooled.items() if len(v) == SLOW}
            series = Watch(series)._with(coarse)
        swings = []
        for steps in (every, slow):
            losses = {name: series.get(f"{name}, every {steps}", []) for name in SWINGING}
            swings.append(oscillation(losses, every=steps, unit="steps", before="oscillation" in self.firing))
        findings = [max(swings, key=lambda finding: (finding.fired, finding.value))]
        slopes = series.get(f"vanishing, every {every}", [])[-LASTING:]
        if len(slopes) == LASTING:
            findings.append(vanishing_gradients(max(slopes)))
        count = -(-STEADY // every)
        ratios = series.get(f"indecision, every {every}", [])[-count:]
        if len(ratios) == count:
            findings.append(unstable_discriminator(sum(ratios) / count, count * every))
        return self._told(series, findings)

    def held_out(self, logits: Mapping[str, Any]) -> tuple["Watch", list[Finding]]:
        """Take in a look at rows that the discriminator is never trained on.

        Args:
            logits: its means on as many rows of data that it is trained on (`real_logits`), on samples (`fake_logits`)
                and on rows that it has not seen (`held_out_logits`); other rows each time, where there are more.
        """
        series = self._with({f"held out: {name}": float(logits[name]) for name in LOGITS})
        looks = [series.get(f"held out: {name}", [])[-LOOKS:] for name in LOGITS]
        found = [overfitting(*looks)] if min(map(len, looks)) == LOOKS else []
        return self._told(series, found)

    def _with(self, latest: Mapping[str, float]) -> dict[str, list[float]]:
        """The series with the finite values of these added."""
        added = {name: value for name, value in latest.items() if math.isfinite(value)}
        return self.series | {name: [*self.series.get(name, []), value][-KEPT:] for name, value in added.items()}

    def _told(self, series: dict[str, list[float]], findings: Sequence[Finding]) -> tuple["Watch", list[Finding]]:
        """The next watch, and the findings that fire now and did not before."""
        fired = [finding for finding in findings if finding.fired]
        new = {finding.name: finding for finding in reversed(fired) if finding.name not in self.firing}
        judged = {finding.name for finding in findings}
        names = list(dict.fromkeys(finding.name for finding in fired))
        firing = [name for name in self.firing if name not in judged] + names
        return Watch(series, firing), list(new.values())[::-1]


def _place(samples: np.ndarray, real: np.ndarray) -> float:
    """Distance of the mean sample from the mean of the data along one fixed direction, in standard deviations."""
    made, true = (np.asarray(x, np.float64).reshape(len(x), -1) for x in (samples, real))
    direction = np.random.default_rng(0).standard_normal(true.shape[1])
    spread = np.std(true @ direction)
    return float((made.mean(axis=0) - true.mean(axis=0)) @ direction / (spread if spread > 0 else 1.0))


def _distances(samples: np.ndarray, real: np.ndarray) -> tuple[float, float]:
    """See `distant_samples`."""
    made, true = (np.asarray(x, np.float64).reshape(len(x), -1) for x in (samples, real))
    spreads = [float(np.sqrt(np.mean(np.sum((x - x.mean(axis=0)) ** 2, axis=1)))) for x in (made, true)]
    unit = spreads[1] if spreads[1] > 0 else 1.0
    return float(np.linalg.norm(made.mean(axis=0) - true.mean(axis=0))) / unit, spreads[0] / unit
