"""Convolutions against lax in float64: values, derivatives, transformations, and what they cost when sharded."""

import contextlib
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from tiers import mostly_slow

from jaxgan.devices import ANY, compiling_for
from jaxgan.networks.layers.convolution import IMAGES, conv, conv_transpose

RANDOM = np.random.default_rng(0)
MANY = 20  # channels enough for minimal filtering

# kernel, stride, height, width, input channels, padding
SHAPES = {
    "4x4 stride 2": (4, 2, 8, 8, MANY, "SAME"),
    "4x4 stride 2, odd": (4, 2, 14, 10, MANY, "SAME"),
    "4x4 stride 2, one place": (4, 2, 2, 2, MANY, "SAME"),
    "4x4 stride 2, few channels": (4, 2, 6, 5, 3, "SAME"),
    "4x4 stride 1": (4, 1, 5, 4, 6, "SAME"),
    "4x4 stride 1 without padding": (4, 1, 4, 4, MANY, ((0, 0), (0, 0))),
    "3x3 stride 1": (3, 1, 6, 7, MANY, "SAME"),
    "3x3 stride 1, few channels": (3, 1, 4, 4, 1, "SAME"),
    "3x3 stride 2": (3, 2, 7, 8, MANY, ((1, 1), (0, 1))),
    "3x3 cropped": (3, 1, 8, 8, MANY, ((-1, 0), (1, -1))),
    "1x1 stride 1": (1, 1, 3, 4, MANY, "SAME"),
    "1x1 stride 2": (1, 2, 5, 4, 4, "SAME"),
    "5x5 stride 1": (5, 1, 5, 6, 3, "SAME"),
    "5x5 stride 2": (5, 2, 7, 7, MANY, ((2, 1), (2, 2))),
}
LAX = {
    conv: lambda x, kernel, stride, padding: lax.conv_general_dilated(
        x, kernel, (stride, stride), padding, dimension_numbers=IMAGES
    ),
    conv_transpose: lambda x, kernel, stride, padding: lax.conv_transpose(
        x, kernel, (stride, stride), padding, dimension_numbers=IMAGES
    ),
}


def draw(size, stride, height, width, inputs, padding):
    return RANDOM.normal(size=(2, height, width, inputs)), RANDOM.normal(size=(size, size, inputs, 3))


def derivatives(convolution, point, direction):
    """To second order, in reverse and forward mode and mixed, of a function that is not linear in its arguments."""
    gradient = jax.grad(lambda x, kernel: jnp.sum(jnp.sin(convolution(x, kernel))), (0, 1))

    def penalty(x, kernel):
        return sum(jnp.sum(jnp.tanh(g)) for g in gradient(x, kernel))

    return {
        "value": convolution(*point),
        "gradient": gradient(*point),
        "gradient of gradient": jax.grad(penalty, (0, 1))(*point),
        "jvp": jax.jvp(convolution, point, direction)[1],
        "jvp of gradient": jax.jvp(gradient, point, direction)[1],
        "jvp of gradient of gradient": jax.jvp(jax.grad(penalty, (0, 1)), point, direction)[1],
    }


def same(ours, expected, tolerance=1e-8):
    jax.tree.map(partial(np.testing.assert_allclose, rtol=tolerance, atol=tolerance), ours, expected)


@pytest.mark.parametrize("function", LAX, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("platform", "forms"),
    [(None, {"dot_general"}), ("tpu", {"conv_general_dilated"}), (ANY, {"dot_general", "conv_general_dilated"})],
)
def test_only_the_forms_of_possible_platforms_are_traced(platform, forms, function):
    """In a process that has CPUs alone, as here, those are the products."""
    x, kernel = (jnp.asarray(a, jnp.float32) for a in draw(*SHAPES["3x3 stride 1"]))

    with contextlib.nullcontext() if platform is None else compiling_for(platform):
        traced = str(jax.make_jaxpr(lambda *point: function(*point))(x, kernel))
    assert {form for form in ("dot_general", "conv_general_dilated") if f"{form}[" in traced} == forms


@pytest.mark.slow
@pytest.mark.parametrize("function", LAX, ids=lambda f: f.__name__)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_derivative_is_lax_s(shape, function):
    point, direction = draw(*shape), draw(*shape)

    def compute(convolution):
        fixed = partial(convolution, stride=shape[1], padding=shape[-1])
        return jax.jit(partial(derivatives, fixed))(point, direction)

    with jax.enable_x64(True):
        same(compute(function), compute(LAX[function]))


BY_PRODUCTS = ["4x4 stride 2", "4x4 stride 2, few channels", "3x3 stride 1"]


@pytest.mark.parametrize("function", LAX, ids=lambda f: f.__name__)
@mostly_slow("name", BY_PRODUCTS, quick=["4x4 stride 2, few channels"])
def test_under_vmap_and_inside_loops_and_branches(name, function):
    stride, padding = SHAPES[name][1], SHAPES[name][-1]
    xs, kernels = (jnp.stack(parts) for parts in zip(*(draw(*SHAPES[name]) for _ in range(3)), strict=True))

    def gradients(convolution, x, kernel):
        return jax.grad(lambda x, kernel: jnp.sum(jnp.sin(convolution(x, kernel, stride, padding))), (0, 1))(x, kernel)

    one = partial(gradients, function)

    def looped(x, kernel):
        return lax.cond(jnp.sum(x) < jnp.inf, one, lambda x, kernel: (x, kernel), x, kernel)

    with jax.enable_x64(True):
        xs, kernels = jnp.asarray(xs, float), jnp.asarray(kernels, float)
        expected = [gradients(LAX[function], *pair) for pair in zip(xs, kernels, strict=True)]
        expected = jax.tree.map(lambda *parts: jnp.stack(parts), *expected)
        same(jax.jit(jax.vmap(one))(xs, kernels), expected)
        same(jax.jit(lambda *pair: lax.map(lambda p: looped(*p), pair))(xs, kernels), expected)
        per_kernel = jax.jit(jax.vmap(one, (None, 0)))(xs[0], kernels)
        same(jax.tree.map(lambda g: g[0], per_kernel), jax.tree.map(lambda g: g[0], expected))


@pytest.mark.parametrize("function", LAX, ids=lambda f: f.__name__)
@mostly_slow("name", BY_PRODUCTS, quick=["4x4 stride 2, few channels"])
def test_rows_stay_where_they_are(name, function):
    """Every device convolves its own rows; the gradient of the kernel alone is summed over devices."""
    size, stride, height, width, inputs, padding = SHAPES[name]
    mesh = Mesh(np.array(jax.devices()), ("rows",))
    split, whole = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in (("rows",), ()))
    x = jnp.asarray(RANDOM.normal(size=(16, height, width, inputs)), jnp.float32)
    kernel = jnp.asarray(RANDOM.normal(size=(size, size, inputs, 32)), jnp.float32)

    def gradients(x, kernel):
        return jax.grad(lambda *a: jnp.sum(jnp.sin(function(*a, stride, padding))), (0, 1))(x, kernel)

    compiled = jax.jit(gradients, in_shardings=(split, whole), out_shardings=(split, whole)).lower(x, kernel).compile()
    alone = jax.jit(gradients).lower(x, kernel).compile()
    assert compiled.cost_analysis()["flops"] < 0.3 * alone.cost_analysis()["flops"]
    assert not any(word in compiled.as_text() for word in ("all-gather", "all-to-all", "collective-permute"))
    ours = compiled(jax.device_put(x, split), jax.device_put(kernel, whole))
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-3, atol=1e-3), ours, alone(x, kernel))


@pytest.mark.parametrize("function", LAX, ids=lambda f: f.__name__)
@mostly_slow(
    "shape", SHAPES.values(), ids=SHAPES, quick=["4x4 stride 2", "3x3 stride 1", "1x1 stride 1", "1x1 stride 2"]
)
def test_rounding(shape, function):
    """float32 is as exact as one expects of it, and bfloat16 is rounded once, at the end."""
    x, kernel = (jnp.asarray(a, jnp.bfloat16) for a in draw(*shape))
    exact = [np.asarray(a, np.float64) for a in (x, kernel)]
    with jax.enable_x64(True):
        expected = np.asarray(LAX[function](*exact, *shape[1::4]))
    scale = np.abs(expected).max()
    single = function(x.astype(jnp.float32), kernel.astype(jnp.float32), *shape[1::4])
    half = function(x, kernel, *shape[1::4])
    assert (single.dtype, half.dtype) == (jnp.float32, jnp.bfloat16)
    assert np.abs(np.asarray(single) - expected).max() < 3e-6 * scale
    np.testing.assert_allclose(np.asarray(half.astype(jnp.float32)), expected, rtol=2**-8, atol=3e-6 * scale)


# kernel, stride, channels of a group, features of a group, groups
GROUPS = {
    "3x3, minimal filtering": (3, 1, 5, 2, 2),
    "3x3, few channels": (3, 1, 2, 3, 4),
    "4x4 stride 2": (4, 2, 3, 2, 3),
    "1x1 of one channel": (1, 1, 1, 2, 5),
}


@mostly_slow(
    ("size", "stride", "inputs", "outputs", "groups"), GROUPS.values(), ids=GROUPS, quick=["1x1 of one channel"]
)
def test_groups_are_lax_s_in_every_derivative(size, stride, inputs, outputs, groups):
    shapes = (2, 6, 6, inputs * groups), (size, size, inputs, outputs * groups)
    point, direction = (tuple(RANDOM.normal(size=shape) for shape in shapes) for _ in range(2))

    def native(x, kernel):
        return lax.conv_general_dilated(
            x, kernel, (stride, stride), "SAME", dimension_numbers=IMAGES, feature_group_count=groups
        )

    with jax.enable_x64(True):
        ours = jax.jit(partial(derivatives, partial(conv, stride=stride, groups=groups)))(point, direction)
        same(ours, jax.jit(partial(derivatives, native))(point, direction))


def test_rows_stay_where_they_are_in_groups_too():
    mesh = Mesh(np.array(jax.devices()), ("rows",))
    split, whole = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in (("rows",), ()))
    x, kernel = jax.ShapeDtypeStruct((16, 6, 6, 8), jnp.float32), jax.ShapeDtypeStruct((3, 3, 2, 32), jnp.float32)

    def gradients(x, kernel):
        return jax.grad(lambda *a: jnp.sum(jnp.sin(conv(*a, groups=4))), (0, 1))(x, kernel)

    compiled = jax.jit(gradients, in_shardings=(split, whole), out_shardings=(split, whole)).lower(x, kernel).compile()
    assert not any(word in compiled.as_text() for word in ("all-gather", "all-to-all", "collective-permute"))


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize("groups", [0, 2, 1.0])
def test_refuses_groups_that_do_not_divide(groups):
    x, kernel = jnp.zeros((2, 4, 4, 6)), jnp.zeros((3, 3, 3, 5))
    with pytest.raises(ValueError, match=f"groups must divide the 6 channels and the 5 features, got {groups}"):
        conv(x, kernel, groups=groups)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize("function", LAX, ids=lambda f: f.__name__)
def test_refuses(function):
    x, kernel = jnp.zeros((2, 4, 4, 3)), jnp.zeros((3, 3, 3, 5))
    with pytest.raises(ValueError, match="stride must be a whole number of at least 1, got 0"):
        function(x, kernel, 0)
    with pytest.raises(ValueError, match=r"takes 4 channels, but the images have shape \(2, 4, 4, 3\)"):
        function(x, jnp.zeros((3, 3, 4, 5)))
    with pytest.raises(ValueError, match="leaves"):
        function(x, kernel, 1, ((-2, 0), (0, -1)) if function is conv else ((-3, -3), (0, 0)))
