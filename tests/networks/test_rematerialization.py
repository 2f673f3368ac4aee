"""A network computed again for its derivatives is the same network, and keeps its arguments alone."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.ad_checkpoint import print_saved_residuals
from recipes_for_tests import build

import jaxgan
from jaxgan import Batch, networks
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.dropout import Dropout
from jaxgan.networks.layers.linear import Dense
from jaxgan.recipes.recipe import DataShape

KEY = jax.random.key(0)
SHAPES = {"digits": (8, 8, 1), "ring": (2,)}


@pytest.mark.slow
@pytest.mark.parametrize("preset", SHAPES)
def test_a_step_of_the_same_configuration_is_the_same(preset):
    shape, rows = SHAPES[preset], np.random.default_rng(0).normal
    dense = {"generator_hidden": (8,), "discriminator_hidden": (8,), "dropout": 0.2}
    small = dense if preset == "ring" else {"width": 4}
    batch = Batch(rows(size=(8, *shape)).astype(np.float32), np.arange(8) % 2)
    found = []
    for remat in (True, False):
        config = jaxgan.preset(preset).replace(r1=1.0, remat=remat, **small)
        algorithm = build(config, DataShape(shape, 2))
        found.append(jax.jit(algorithm.step)(algorithm.init(KEY, batch), batch, KEY))
        assert ("remat" in str(jax.make_jaxpr(algorithm.step)(found[-1][0], batch, KEY))) == remat
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), *found)


@pytest.mark.parametrize("function", ["apply", "apply_with_features"])
def test_a_backward_pass_keeps_the_arguments_alone(function, capsys):
    module, x = networks.DCGANDiscriminator(width=4), jnp.ones((4, 8, 8, 1))

    def kept(network):
        params, variables = network.init(KEY, x, None)
        mode = {"train": True} if function == "apply" else {}

        def run(params, x):
            return getattr(network, function)(params, variables, x, None, key=KEY, **mode)[0]

        print_saved_residuals(run, params, x)
        return [
            line for line in capsys.readouterr().out.splitlines() if "argument" not in line and "constant" not in line
        ]

    assert kept(networks.linen(module))
    assert not kept(networks.rematerialized(module))


class WideBlock(nn.Module):
    """With all that a pass may move or draw."""

    @nn.compact
    def __call__(self, x, *, train):
        y = nn.relu(batch_norm(train=train)(Dense(32, spectral_norm=True)(x, train=train)))
        return x + Dense(x.shape[-1])(Dropout(0.5)(y, train=train), train=train)


class OfBlocks(nn.Module):
    @nn.compact
    def __call__(self, x, *, train):
        for _ in range(3):
            x = WideBlock()(x, train=train)
        self.sow("intermediates", "features", x)
        return jnp.sum(x, axis=-1)


@pytest.mark.parametrize("function", ["apply", "apply_with_features"])
def test_of_blocks_a_backward_pass_keeps_the_inputs_alone(function, capsys):
    """And the run is the same: outputs, derivatives, what the pass moves, dropout."""
    x, plain = jax.random.normal(KEY, (8, 5)), networks.linen(OfBlocks())
    params, variables = plain.init(KEY, x, None)
    mode, found = {"train": True} if function == "apply" else {}, []
    for network in (plain, networks.rematerialized(OfBlocks())):

        def run(params, network=network):
            output, moved = getattr(network, function)(params, variables, x, None, key=KEY, **mode)
            return sum(jnp.sum(jnp.sin(leaf)) for leaf in jax.tree.leaves(output)), moved

        print_saved_residuals(lambda params, run=run: run(params)[0], params)
        wide = capsys.readouterr().out.count("f32[8,32]")
        found.append((jax.jit(jax.value_and_grad(run, has_aux=True))(params), wide))
    (expected, kept), (again, kept_of_blocks) = found
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5), again, expected)
    assert kept > kept_of_blocks == 0
