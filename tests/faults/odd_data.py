"""What becomes of odd data: loaded, or refused in words; anything else is a fault."""

import signal
import warnings

from jaxgan import data
from jaxgan.errors import UserError

PATIENCE = 10
"""Seconds after which loading counts as hanging."""


def outcome(source, **options):
    """ "loaded ..." or "refused: ..."; raises what is no error of a user, of the system or of the memory."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(PATIENCE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", data.SkippedFiles)
            warnings.simplefilter("ignore", data.DoubtfulData)
            dataset = data.load(source, **options)
        said = (
            f"loaded {len(dataset)} of {dataset.shape}, {dataset.num_classes} classes, {len(dataset.skipped)} left out"
        )
    except UserError as error:
        said = f"refused: {error}"
    except OSError as error:
        if error.errno is None or error.filename is None:
            raise
        said = f"refused: {error.filename}: {error.strerror}"
    finally:
        signal.alarm(0)
    said.encode()  # can be written to any file of ours
    return said


def _too_long(number, frame):
    raise TimeoutError(f"no answer within {PATIENCE} s")


def report(outcomes):
    """Print (name, thing that gives an outcome) one by one; returns how many were faults."""
    faults = 0
    for name, find in outcomes:
        try:
            print(f"{name}: {find()}".encode("utf-8", "backslashreplace").decode())
        except Exception as error:
            faults += 1
            print(f"{name}: FAULT {type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode())
    print(f"{faults} faults")
    return faults
