"""Several networks as one: each is what it is alone, with parameters, variables and random keys of its own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import networks

KEY = jax.random.key(0)
X, Y = jnp.linspace(-1, 1, 8).reshape(4, 2), jnp.linspace(0, 1, 12).reshape(4, 3)


def test_each_network_is_what_it_is_alone():
    first, second = networks.MLPDiscriminator(hidden=(4,)), networks.MLPDiscriminator(hidden=(3,), spectral_norm=True)
    both = networks.parallel(first, networks.linen(second))
    params, variables = both.init(KEY, (X, Y), None)
    outputs, moved = both.apply(params, variables, (X, Y), None, train=True, key=KEY)
    for i, (module, x) in enumerate(((first, X), (second, Y))):
        alone, alone_moved = networks.linen(module).apply(params[i], variables[i], x, None, train=True, key=KEY)
        np.testing.assert_array_equal(outputs[i], alone)
        jax.tree.map(np.testing.assert_array_equal, moved[i], alone_moved)
    evaluated, kept = both.apply(params, variables, (X, Y), None, train=False, key=None)
    jax.tree.map(np.testing.assert_array_equal, kept, variables)
    assert evaluated[1].shape == (4,)


def test_twins_draw_different_weights_and_masks():
    module = networks.MLPDiscriminator(hidden=(64,), dropout=0.5)
    both = networks.parallel(module, module)
    params, variables = both.init(KEY, (X, X), None)
    assert not np.array_equal(*(each["Dense_0"]["kernel"] for each in params))
    same = (params[0], params[0])
    outputs, _ = both.apply(same, variables, (X, X), None, train=True, key=KEY)
    assert not np.array_equal(*outputs)


def test_wrong_numbers_of_networks_and_inputs_are_refused():
    with pytest.raises(ValueError, match="at least one network"):
        networks.parallel()
    both = networks.parallel(networks.MLPDiscriminator(), networks.MLPDiscriminator())
    with pytest.raises(ValueError, match="2 networks in parallel need as many inputs and conditions, got 3 and 2"):
        both.init(KEY, (X, X, X), None)
