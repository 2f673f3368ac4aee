"""The generator as an ONNX model, converted by jax2onnx and compared by ONNX Runtime."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import export, lax
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal
from jax.interpreters.partial_eval import dce_jaxpr
from jaxtyping import Array

from jaxgan.checks import require
from jaxgan.core import GANState
from jaxgan.devices import compiling_for
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment
from jaxgan.export import programs

ONNX = "generator.onnx"
PLATFORM = "onnx"
"""Platform for which a network is traced: each convolution is one operation."""
TOLERANCE = 1e-4
"""Largest difference between the model and our own generator, as a share of the largest value, or of 1."""
CALLS = ("jit", "pjit", "custom_jvp_call", "custom_vjp_call")
"""Primitives that hold a whole function."""
FUNCTIONS = ("jaxpr", "call_jaxpr", "fun_jaxpr")
"""Names of the parameters of such a primitive that hold it."""


class OnnxModel(NamedTuple):
    """A model and what was found when it was compared."""

    content: bytes
    inputs: dict[str, Any]
    """Shape and dtype of each input by its name; `rows` is any number."""
    outputs: list[str]
    """Names of the outputs."""
    difference: float
    """Largest difference from our own generator, see `TOLERANCE`."""


def onnx_model(experiment: Experiment, state: GANState) -> OnnxModel:
    """Convert the averaged generator, for any number of rows.

    Args:
        experiment: whose samples.
        state: on the host.

    Raises:
        ValueError: if jax2onnx or ONNX Runtime is not installed, the samples need random numbers besides their
            latents, the generator has an operation that jax2onnx does not convert, or the model computes other samples.
    """
    try:
        import jax2onnx
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise InputError(f"ONNX models need jax2onnx and onnxruntime: pip install 'jaxgan[onnx]' ({error})") from error
    (rows,) = export.symbolic_shape("rows")
    given, generate = programs.generating(experiment, state, rows)

    def of_arrays(**arrays: Array) -> list[Array]:
        unread = {name: jnp.zeros(like.shape, like.dtype) for name, like in given.items() if name not in arrays}
        return jax.tree.leaves(generate(**arrays, **unread))

    with compiling_for(PLATFORM):
        samples = jax.eval_shape(generate, **given)
        inputs = {name: given[name] for name in programs.read(generate, given)}
        require(
            "seed" not in inputs,
            "the samples need random numbers besides their latents, which an ONNX model does not have",
        )
        traced = jax.make_jaxpr(of_arrays)(**inputs)
    outputs = sorted(samples) if isinstance(samples, dict) else ["samples"]
    shapes = [inputs[name] for name in sorted(inputs)]
    logger = logging.getLogger("onnx_ir")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it warns of shapes that jax2onnx leaves open
    try:
        model = jax2onnx.to_onnx(
            simplified(traced), shapes, input_names=sorted(inputs), output_names=outputs, model_name="generator"
        )
        content = model.SerializeToString()
        difference = _difference(content, inputs, experiment, state)
    except Exception as error:  # what another program raises has any type
        raise InputError(f"jax2onnx does not convert this generator: {_first_line(error)}") from error
    finally:
        logger.setLevel(level)
    require(
        difference <= TOLERANCE,
        f"the ONNX model differs from the generator by {difference:.2g} of the largest value, where {TOLERANCE} is "
        f"allowed",
    )
    return OnnxModel(content, inputs, outputs, difference)


def _difference(content: bytes, inputs: dict[str, Any], experiment: Experiment, state: GANState) -> float:
    import onnxruntime

    session, worst = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]), 0.0
    for rows in (1, 3):
        arrays = {name: _any(experiment, name, like, rows) for name, like in inputs.items()}
        given, generate = programs.generating(experiment, state, rows)
        unread = {name: np.zeros(like.shape, like.dtype) for name, like in given.items() if name not in arrays}
        ours = jax.tree.leaves(jax.jit(generate)(**arrays, **unread))
        for one, other in zip(session.run(None, arrays), ours, strict=True):
            worst = max(worst, float(np.abs(one - other).max() / max(1, np.abs(other).max())))
    return worst


def _any(experiment: Experiment, name: str, like: Any, rows: int) -> np.ndarray:
    """Values of an input to compare with: latents as they are drawn, the first two classes, and uniform numbers."""
    if name == "latents" and experiment.latents is not None:
        return np.asarray(jax.vmap(experiment.latents.draw)(jax.random.split(jax.random.key(0), rows)))
    if name == "labels":
        return np.arange(rows, dtype=like.dtype) % 2
    shape = (rows, *like.shape[1:]) if like.shape else ()
    if np.issubdtype(like.dtype, np.integer):
        return np.zeros(shape, like.dtype)
    return np.random.default_rng(0).uniform(0, 1, shape).astype(like.dtype)


def simplified(program: ClosedJaxpr) -> Callable[..., list[Array]]:
    """The same function without what its results do not need; calls are written out, and pads are other operations.

    jax2onnx 0.17 converts no pad of an array whose number of rows is a symbol.
    """
    jaxpr, _ = dce_jaxpr(program.jaxpr, [True] * len(program.jaxpr.outvars), instantiate=True)
    return lambda *arrays: _evaluated(jaxpr, program.consts, arrays)


def _evaluated(jaxpr: Jaxpr, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    values = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments], strict=True))

    def value(of: Any) -> Any:
        return of.val if isinstance(of, Literal) else values[of]

    for equation in jaxpr.eqns:
        taken, name = [value(of) for of in equation.invars], equation.primitive.name
        if name in CALLS:
            inner = next(equation.params[key] for key in FUNCTIONS if key in equation.params)
            made = _evaluated(inner.jaxpr, inner.consts, taken)
        elif name == "pad":
            x, fill = taken
            made = [_padded(x, fill, equation.params["padding_config"])]
        else:
            found = equation.primitive.bind(*taken, **equation.params)
            made = found if equation.primitive.multiple_results else [found]
        values |= dict(zip(equation.outvars, made, strict=True))
    return [value(of) for of in jaxpr.outvars]


def _padded(x: Array, fill: Array, config: Sequence[tuple[int, int, int]]) -> Array:
    """`lax.pad` by other operations, each axis for itself."""
    for axis, (low, high, between) in enumerate(config):
        if between:
            x = _spread(x, fill, axis, between)
        size = x.shape[axis]
        if min(low, high) < 0:
            x = lax.slice_in_dim(x, max(0, -low), size - max(0, -high), axis=axis)
        if max(low, high) > 0:
            border = lax.broadcast_in_dim(fill, (*x.shape[:axis], 1, *x.shape[axis + 1 :]), ())
            x = lax.concatenate([border] * max(0, low) + [x] + [border] * max(0, high), axis)
    return x


def _spread(x: Array, fill: Array, axis: int, between: int) -> Array:
    """The fill between the places of an axis."""
    one = lax.expand_dims(x, (axis + 1,))
    gaps = lax.broadcast_in_dim(fill, one.shape, ())
    wide = lax.concatenate([one] + [gaps] * between, axis + 1)
    size = x.shape[axis] * (between + 1)
    wide = lax.reshape(wide, (*x.shape[:axis], size, *x.shape[axis + 1 :]))
    return lax.slice_in_dim(wide, 0, size - between, axis=axis)


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
