"""Argument checks whose errors name the argument, its value and the allowed values. Traced values pass unchecked."""

import inspect
import sys
from collections.abc import Callable
from typing import Any

from jaxgan.errors import InputError, InputTypeError
from jaxgan.names import nearest


def require(condition: bool, message: str) -> None:
    """Raise `ValueError(message)` unless `condition` holds."""
    if not condition:
        raise InputError(message)


def require_number(name: str, value: Any, *, at_least: float | None = None, below: float | None = None) -> None:
    """Check a hyper-parameter against its bounds.

    Schedules (callables of the step) and traced values, as a population passes them, are accepted as they are.

    Raises:
        ValueError: naming the argument, its value and the bound that it breaks.
        TypeError: if it is no number.
    """
    jax = sys.modules.get("jax")  # while it is not imported, nothing is traced
    if callable(value) or (jax is not None and isinstance(value, jax.core.Tracer)):
        return
    try:
        number = float(value + 0.0)  # float alone would take strings
    except TypeError:
        raise InputTypeError(f"{name} must be a number, got {value!r}") from None
    require(at_least is None or number >= at_least, f"{name} must be at least {at_least}, got {value}")
    require(below is None or number < below, f"{name} must be less than {below}, got {value}")
    require(number == number and abs(number) != float("inf"), f"{name} must be finite, got {value}")


def require_choice(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """Raise `ValueError` unless `value` is one of `allowed`."""
    near = nearest(value, [one for one in allowed if isinstance(one, str)]) if isinstance(value, str) else ""
    require(value in allowed, f"{name} must be one of {', '.join(map(str, allowed))}; got {value!r}{near}")


def require_call(name: str, function: Any, parameters: str, example: str) -> Callable[..., Any]:
    """Raise `TypeError` unless `function` can be called as `function(parameters)`; returns it.

    Args:
        name: name of the argument that `function` is.
        function: what came.
        parameters: names of the positional parameters, such as "real_logits, fake_logits".
        example: what a user may write instead.
    """
    count = parameters.count(",") + 1
    expected = f"{name} must be a function ({parameters}), such as {example}"
    if not callable(function):
        raise InputTypeError(f"{expected}; got {function!r}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # built-in functions may have none
        return function
    try:
        signature.bind(*range(count))
    except TypeError:
        called = getattr(function, "__name__", type(function).__name__)
        names = ", ".join(signature.parameters)
        raise InputTypeError(
            f"{expected}; got {called}({names}), which does not take {count} arguments. "
            f"If it makes such a function, call it: {called}(...)"
        ) from None
    return function


def described(value: Any) -> str:
    """Describe a wrong argument in words."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"an array of {value.dtype} {tuple(value.shape)}"
    if callable(value) and hasattr(value, "__name__"):
        kind = "class" if isinstance(value, type) else "function"
        return f"the {kind} {value.__name__}, which may have to be called"
    return f"{type(value).__name__}"


def require_key(key: Any) -> None:
    """Raise `TypeError` unless `key` is a typed random key, as `jax.random.key` makes them.

    `jax.random.fold_in` takes raw uint32 keys without a word, and a run that mixes both kinds cannot be repeated.
    """
    import jax

    dtype = getattr(key, "dtype", None)
    if dtype is None or not jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key):
        kind = f"an array of {dtype}" if dtype is not None else f"{type(key).__name__}"
        raise InputTypeError(f"key must be a typed random key, made by jax.random.key(seed); got {kind}")
