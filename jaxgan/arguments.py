"""Arguments that a function is given only if it names them."""

import inspect
from collections.abc import Callable
from typing import Any


def named(function: Callable[..., Any], **values: Any) -> dict[str, Any]:
    """The values whose names are parameters of the function; none if the function has no signature."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    return {name: value for name, value in values.items() if name in parameters}
