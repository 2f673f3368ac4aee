"""Observation of a run: pictures, detectors, evaluations, samples."""
