"""The Inception-v3 of the FID literature as a feature function."""
