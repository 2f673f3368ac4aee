"""Argument checks: what they refuse, how they say it, and what passes unlooked at."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan.checks import require, require_choice, require_key, require_number

INFINITY, NAN = float("inf"), float("nan")


def test_a_requirement_that_does_not_hold_raises_its_message():
    require(True, "unused")
    with pytest.raises(ValueError, match=r"^the message$"):
        require(False, "the message")


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        (0, {"at_least": 0}),
        (np.float32(0.5), {"at_least": 0, "below": 1}),
        (jnp.float32(3), {"at_least": 3}),
        (-1e30, {}),
    ],
)
def test_numbers_within_their_bounds_pass(value, bounds):
    require_number("rate", value, **bounds)


@pytest.mark.parametrize(
    ("value", "bounds", "message"),
    [
        (-0.5, {"at_least": 0}, "rate must be at least 0, got -0.5"),
        (1.0, {"at_least": 0, "below": 1}, "rate must be less than 1, got 1.0"),
        (jnp.float32(2), {"below": 1}, "rate must be less than 1, got 2.0"),
        (NAN, {"at_least": 0}, "rate must be at least 0, got nan"),
        (NAN, {}, "rate must be finite, got nan"),
        (INFINITY, {"at_least": 0}, "rate must be finite, got inf"),
    ],
)
def test_numbers_out_of_bounds_are_named_with_their_bound(value, bounds, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        require_number("rate", value, **bounds)


@pytest.mark.parametrize("value", [None, "0.5", [0.5], np.ones(2)])
def test_what_is_no_number_is_named(value):
    with pytest.raises(TypeError, match=f"rate must be a number, got {re.escape(repr(value))}"):
        require_number("rate", value, at_least=0)


def test_schedules_and_traced_numbers_pass():
    require_number("rate", optax.constant_schedule(-1.0), at_least=0)

    @jax.jit
    def traced(rate):
        require_number("rate", rate, at_least=0)
        return rate

    assert traced(-1.0) == -1


def test_a_choice_lists_what_is_allowed():
    require_choice("first", "generator", ("discriminator", "generator"))
    with pytest.raises(ValueError, match=r"^first must be one of discriminator, generator; got 'nobody'$"):
        require_choice("first", "nobody", ("discriminator", "generator"))


def test_typed_keys_pass_traced_or_not():
    require_key(jax.random.key(0))
    require_key(jax.random.split(jax.random.key(0)))
    jax.eval_shape(require_key, jax.random.key(0))


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (jax.random.key_data(jax.random.key(0)), "an array of uint32"),
        (np.zeros(2, np.uint32), "an array of uint32"),
        (0, "int"),
        (None, "NoneType"),
    ],
)
def test_raw_keys_and_seeds_are_refused(key, kind):
    with pytest.raises(TypeError, match=rf"jax.random.key\(seed\); got {kind}$"):
        require_key(key)
