"""Several processes that train one run: how they connect, what they must agree on, and how they end."""

import atexit
import contextlib
import itertools
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import jax

from jaxgan import failures
from jaxgan.checks import require
from jaxgan.errors import InputError, UserError
from jaxgan.standard_files import Unbreakable

AUTO = "auto"
"""Argument of `connect` that lets JAX find the processes."""
MEETING = 300
"""Seconds that a process waits for the others to start."""
ENDING = 7 * 24 * 3600
"""Seconds that a process waits for the others at its end, because the first may evaluate for a long time. If a process
dies, the heartbeats of JAX's runtime show it sooner."""
PATIENCE = 20.0
"""Seconds after which a process prints what it is waiting for."""
POLL = 1000
"""Milliseconds between checks for signals, while a process waits for another."""
_ROUNDS = itertools.count()
_STATUS: list[int] = []


def connect(where: str) -> None:
    """Connect to the other processes of a run; JAX must not have looked for devices yet.

    Args:
        where: "auto" under Slurm, Open MPI, Kubernetes or on Cloud TPU; else HOST:PORT,COUNT,INDEX: the address of
            process 0, the number of processes, and which one this is.

    Raises:
        ValueError: if it cannot be understood, or nothing is found.
    """
    given: dict[str, Any] = {} if where == AUTO else _by_hand(where)
    jax.config.update("jax_enable_preemption_service", False)  # `Interruption` alone handles SIGTERM
    place = given.get("coordinator_address", "the first process")
    waiting = threading.Timer(PATIENCE, _say, [f"waiting for the others at {place}, {MEETING} s at most"])
    waiting.daemon = True
    waiting.start()
    try:
        jax.distributed.initialize(**given, initialization_timeout=MEETING, shutdown_timeout_seconds=ENDING)
    except (ValueError, RuntimeError) as error:
        raise InputError(
            f"distributed={where}: JAX could not join the processes: {error} Without Slurm, Open MPI, Kubernetes or "
            f"Cloud TPU, write HOST:PORT,COUNT,INDEX, such as 10.0.0.1:5000,2,0 for the first of two"
        ) from error
    finally:
        waiting.cancel()
    atexit.register(_end_at_once)


def exchange(text: str) -> list[str]:
    """Messages of all processes, in their order; all must call this equally often.

    Raises:
        ValueError: if one has failed, see `all_or_none`.
    """
    if jax.process_count() == 1:
        return [text]
    number, client = next(_ROUNDS), _client()
    client.key_value_set(_key(number, jax.process_index()), f"+{text}")
    said = [_heard(client, number, index) for index in range(jax.process_count())]
    for index, each in enumerate(said):
        if each.startswith("-"):
            raise _OfAnotherError(f"process {index} of {jax.process_count()} could not start: {each[1:]}")
    return [each[1:] for each in said]


def require_same(values: Mapping[str, Any]) -> None:
    """Raise `ValueError` unless all processes have the same values of these names."""
    said = [json.loads(text) for text in exchange(json.dumps({name: repr(value) for name, value in values.items()}))]
    for index, other in enumerate(said):
        names = [name for name in dict.fromkeys([*said[0], *other]) if said[0].get(name) != other.get(name)]
        lines = [f"{name}: {said[0].get(name)} in process 0, {other.get(name)} in process {index}" for name in names]
        require(not lines, "all processes must train the same run, but they differ:\n  " + "\n  ".join(lines))


@contextlib.contextmanager
def all_or_none() -> Iterator[None]:
    """A context that either all processes leave without error, or none: if one fails, the others learn why in their
    next `exchange`."""
    try:
        yield
    except _OfAnotherError:
        raise
    except BaseException as error:
        if jax.distributed.is_initialized() and not getattr(error, "_jaxgan_told", False):
            error._jaxgan_told = True  # type: ignore[attr-defined]
            words = str(error) if isinstance(error, UserError) else failures.sentence(error) or repr(error)
            _client().key_value_set(_key(next(_ROUNDS), jax.process_index()), f"-{words}")
        raise


@contextlib.contextmanager
def alone_when_it_fails() -> Iterator[None]:
    """A context after whose failure the program ends without waiting for the other processes, which then learn of it.

    All of them see it when the numbers diverge.
    """
    try:
        yield
    except FloatingPointError:
        raise
    except BaseException as error:
        _STATUS.append(130 if isinstance(error, KeyboardInterrupt) else 1)
        raise


class _OfAnotherError(InputError):
    """Error that says that another process failed."""


def _by_hand(where: str) -> dict[str, Any]:
    address, *numbers = where.split(",")
    host, _, port = address.rpartition(":")
    understood = host != "" and port.isdecimal() and len(numbers) == 2 and all(each.isdecimal() for each in numbers)
    require(
        understood and int(numbers[1]) < int(numbers[0]),
        f"distributed must be HOST:PORT,COUNT,INDEX with INDEX below COUNT, such as 10.0.0.1:5000,2,0 for the first of "
        f"two processes, or nothing under Slurm, Open MPI, Kubernetes and on Cloud TPU; got {where}",
    )
    count, index = map(int, numbers)
    return {"coordinator_address": address, "num_processes": count, "process_id": index}


def _client() -> Any:
    """JAX's store of keys and values, which has no public name."""
    from jax._src import distributed

    client = distributed.global_state.client
    require(client is not None, f"{jax.process_count()} processes: call jax.distributed.initialize() first")
    return client


def _key(number: int, index: int) -> str:
    return f"jaxgan/{number}/{index}"


def _heard(client: Any, number: int, index: int) -> str:
    while True:
        try:
            return str(client.blocking_key_value_get(_key(number, index), POLL))
        except jax.errors.JaxRuntimeError as error:
            if "DEADLINE_EXCEEDED" not in str(error):
                raise


def _end_at_once() -> None:
    if _STATUS:
        for file in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                file.flush()
        os._exit(_STATUS[0])


def _say(text: str) -> None:
    print(f"jaxgan: {text}", file=Unbreakable(sys.stderr), flush=True)
