"""What is looked at of a run: pictures, detectors, evaluations, samples."""
