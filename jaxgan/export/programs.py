"""Generators, functions that draw their latents, and discriminators, as programs for any number of rows and for every
platform."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import export
from jax.interpreters.partial_eval import dce_jaxpr
from jaxtyping import Array, PyTree

from jaxgan.core import Algorithm, Average, GANState
from jaxgan.devices import ANY, compiling_for
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment, Latents
from jaxgan.observe.requests import any_batch

PLATFORMS = ("cpu", "cuda", "tpu")
"""Platforms for which one program works."""


class Programs(NamedTuple):
    """Programs that are exported from a state."""

    generator: export.Exported
    """`(latents, labels or condition, seed, truncation) -> samples`, those of its arguments that the run has, by name.
    """
    latents: export.Exported | None
    """`(index [rows], seed, truncation) -> latents`: row i depends on the seed and on index i alone. The truncation is
    an argument where latents are truncated, and infinity is none; None where samples are made of no latents."""


def programs(experiment: Experiment, state: GANState) -> Programs:
    """Trace both programs; the numbers of the state are inside that of the generator.

    Args:
        experiment: whose samples.
        state: on the host; only its averaged generator is kept.
    """
    (rows,) = export.symbolic_shape("rows")
    given, generate = generating(experiment, state, rows)
    latents = _latents(experiment)
    return Programs(_for_every_platform(generate, given), None if latents is None else _drawing(latents, rows))


def generating(experiment: Experiment, state: GANState, rows: Any) -> tuple[dict[str, Any], Callable[..., PyTree]]:
    """Shapes and dtypes of the inputs that samples need, by name, and the function of these inputs to samples.

    Args:
        experiment: whose samples.
        state: on the host; only its averaged generator is kept.
        rows: how many, also as a symbol.
    """
    algorithm, latents, kept = experiment.algorithm, _latents(experiment), _without_the_rest(state)
    given: dict[str, Any] = {"seed": jax.ShapeDtypeStruct((), jnp.int32)}
    if latents is not None:
        shape = jax.eval_shape(latents.draw, jax.random.key(0))
        given["latents"] = jax.ShapeDtypeStruct((rows, *shape.shape), shape.dtype)
    asked, condition_of = _asked(experiment, rows)
    given |= asked
    if experiment.truncated is not None:
        given["truncation"] = jax.ShapeDtypeStruct((), jnp.float32)

    def generate(**arguments: Array) -> PyTree:
        psi: Any = arguments.get("truncation")
        of = algorithm if psi is None or experiment.truncated is None else experiment.truncated(psi, None)
        return _by_name(_samples(of, kept, arguments, condition_of(arguments), rows))

    return given, generate


def _latents(experiment: Experiment) -> Latents | None:
    """How latents are drawn; they are not truncated where styles are."""
    latents = experiment.latents
    if latents is not None and experiment.truncated is not None:
        return latents._replace(truncated=None)
    return latents


def discriminator_program(experiment: Experiment, state: GANState, samples: Any) -> export.Exported:
    """Trace `(samples, labels or condition) -> logits`, with those of the conditions that the network reads, by name.

    Args:
        experiment: whose discriminator.
        state: on the host; only its discriminator is kept.
        samples: shape and dtype of the generator's samples, with any leading axis.

    Raises:
        ValueError: if the game has no such function.
    """
    game = experiment.algorithm.game
    if game is None or game.critic is None:
        raise InputError(
            "the game has no logits of single rows (Game.critic): games with pack above 1, cycles of two translations, "
            "VQGANs, distillations, and discriminators of rows with latents have none"
        )
    critic, params, variables = game.critic, state.params.discriminator, state.variables.discriminator
    (rows,) = export.symbolic_shape(f"{experiment.group}*groups" if experiment.group > 1 else "rows")
    shapes, condition_of = _asked(experiment, rows)

    def judge(samples: Array, **arguments: Array) -> Array:
        unread = {name: jnp.zeros(x.shape, x.dtype) for name, x in shapes.items() if name not in arguments}
        return critic(params, variables, samples, condition_of(arguments | unread), state.step)

    given = {"samples": jax.ShapeDtypeStruct((rows, *samples.shape[1:]), samples.dtype), **shapes}
    with compiling_for(ANY):
        given = {name: given[name] for name in read(judge, given)}
    return _for_every_platform(judge, given)


def read(function: Callable[..., PyTree], given: dict[str, Any]) -> list[str]:
    """Names of the arguments on which the result depends."""
    jaxpr = jax.make_jaxpr(function)(**given).jaxpr
    used = dce_jaxpr(jaxpr, [True] * len(jaxpr.outvars))[1]
    return [name for name, is_used in zip(sorted(given), used, strict=True) if is_used]


def _samples(
    algorithm: Algorithm, state: GANState, arguments: dict[str, Array], condition: PyTree, rows: Any
) -> PyTree:
    key = jax.random.key(arguments["seed"])
    given = (arguments["latents"],) if "latents" in arguments else ()
    return algorithm.sample(state, key, rows, condition, *given)


def _drawing(latents: Latents, rows: Any) -> export.Exported:
    given = {"index": jax.ShapeDtypeStruct((rows,), jnp.int32), "seed": jax.ShapeDtypeStruct((), jnp.int32)}
    if latents.truncated is not None:
        given["truncation"] = jax.ShapeDtypeStruct((), jnp.float32)

    def draw(**arguments: Array) -> Array:
        key = jax.random.key(arguments["seed"])

        def one(i: Array) -> Array:
            of_row = jax.random.fold_in(key, i)
            whole = latents.draw(of_row)
            if latents.truncated is None:
                return whole
            bound: Any = arguments["truncation"]
            return jnp.where(jnp.isfinite(bound), latents.truncated(bound)(of_row), whole)

        return jax.vmap(one)(arguments["index"])

    return _for_every_platform(draw, given)


def _for_every_platform(function: Callable[..., Any], given: dict[str, Any]) -> export.Exported:
    with compiling_for(ANY):
        return export.export(jax.jit(function), platforms=PLATFORMS)(**given)


def _asked(experiment: Experiment, rows: Any) -> tuple[dict[str, Any], Callable[[dict[str, Array]], PyTree]]:
    """Shapes of the inputs that samples need, by name, and a function that turns these inputs into the condition."""
    if experiment.conditional == "nothing":
        return {}, lambda arguments: None
    if experiment.conditional == "classes":
        return {"labels": jax.ShapeDtypeStruct((rows,), jnp.int32)}, lambda arguments: arguments["labels"]
    like = jax.eval_shape(lambda batch: experiment.ask(batch), any_batch(experiment))
    leaves, structure = jax.tree.flatten(like)
    names = ["condition"] if len(leaves) == 1 else [f"condition_{i}" for i in range(len(leaves))]
    shapes = {name: jax.ShapeDtypeStruct((rows, *x.shape[1:]), x.dtype) for name, x in zip(names, leaves, strict=True)}
    return shapes, lambda arguments: jax.tree.unflatten(structure, [arguments[name] for name in names])


def _by_name(samples: PyTree) -> Any:
    """Return one array as it is, and several in a dictionary, because files have no other trees."""
    leaves = jax.tree_util.tree_leaves_with_path(samples)
    if len(leaves) == 1:
        return leaves[0][1]
    return {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}


def _without_the_rest(state: GANState) -> GANState:
    """The state with the averaged generator alone, so that no other number gets into the file."""
    return GANState(state.step, None, None, Average(*state.average), None)  # type: ignore[arg-type]
