"""All detectors together, fed while a run goes."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from jaxgan.diagnostics.divergence import divergence
from jaxgan.diagnostics.finding import Finding
from jaxgan.diagnostics.mode_collapse import diversity, mode_collapse
from jaxgan.diagnostics.oscillation import oscillation
from jaxgan.diagnostics.overfitting import overfitting

KEPT = 64
"""Values of each series that are remembered."""
SWINGING = ("loss_generator", "loss_discriminator", "sample_mean")


class Watch(NamedTuple):
    """What the detectors remember of a run: start with `Watch()`, and feed it at regular steps.

    watch, findings = watch.update(step, info, samples, real)

    It is a plain value: `json.dumps(watch._asdict())` saves it, and `Watch(**json.loads(text))` goes on as if nothing
    had happened.
    """

    series: dict[str, list[float]] = {}  # noqa: RUF012
    """Never changed in place. The last 64 finite values of each number in the infos, and of the mean sample's place."""
    firing: list[str] = []  # noqa: RUF012
    """Detectors that fired when they last had something to judge."""

    def update(
        self, step: int, info: Mapping[str, Any], samples: np.ndarray | None = None, real: np.ndarray | None = None
    ) -> tuple["Watch", list[Finding]]:
        """Feed one report; milliseconds, on the host.

        Args:
            step: of the run. Samples of step 0, from an untrained generator, are not judged.
            info: numbers of the step. All are watched for divergence, the losses for oscillation; with
                `held_out_logits` (the mean logit of data that the discriminator is never trained on) beside
                `real_logits` and `fake_logits`, the discriminator is watched for overfitting.
            samples: `[N, ...]`, if there are new ones.
            real: `[M, ...]`, rows of data to compare them with; the same at every update.

        Returns:
            The watch to go on with, and what fires now and did not before.
        """
        latest = {name: float(value) for name, value in info.items()}
        findings = [divergence(self.series, latest)]
        if {"real_logits", "fake_logits", "held_out_logits"} <= latest.keys():
            logits = (latest[name] for name in ("real_logits", "fake_logits", "held_out_logits"))
            findings.append(overfitting(*logits))
        if samples is not None and real is not None and np.isfinite(samples).all():
            latest["sample_mean"] = _place(samples, real)
            if step > 0:
                findings.append(mode_collapse(diversity(samples, real)))
        added = {name: value for name, value in latest.items() if math.isfinite(value)}
        series = self.series | {name: [*self.series.get(name, []), added[name]][-KEPT:] for name in added}
        findings.append(oscillation({name: series[name] for name in SWINGING if name in series}))
        fired = [finding for finding in findings if finding.fired]
        new = [finding for finding in fired if finding.name not in self.firing]
        judged = {finding.name for finding in findings}
        firing = [name for name in self.firing if name not in judged] + [finding.name for finding in fired]
        return Watch(series, firing), new


def _place(samples: np.ndarray, real: np.ndarray) -> float:
    """Where the mean sample lies from the mean of the data, along one fixed direction, in standard deviations."""
    made, true = (np.asarray(x, np.float64).reshape(len(x), -1) for x in (samples, real))
    direction = np.random.default_rng(0).standard_normal(true.shape[1])
    spread = np.std(true @ direction)
    return float((made.mean(axis=0) - true.mean(axis=0)) @ direction / (spread if spread > 0 else 1.0))
