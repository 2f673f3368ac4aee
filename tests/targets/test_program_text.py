"""Counts of programs that are small enough to count by hand."""

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from jaxgan.targets.program_text import Collective, aliased, bytes_of, counts

GPU = """HloModule jit_step, input_output_alias={ {0}: (0, {}, may-alias), {1}: (1, {}, must-alias) }

%fused_transpose (p: f32[4,4,3,8]) -> f32[8,4,4,3] {
  %p = f32[4,4,3,8]{3,2,1,0} parameter(0)
  ROOT %t = f32[8,4,4,3]{3,2,1,0} transpose(%p), dimensions={3,0,1,2}
}

%fused_add (a: f32[64,8], b: f32[64,8]) -> f32[64,8] {
  %a = f32[64,8]{1,0} parameter(0)
  %b = f32[64,8]{1,0} parameter(1)
  ROOT %s = f32[64,8]{1,0} add(%a, %b)
}

%body (x: (s32[], f32[64,8])) -> (s32[], f32[64,8]) {
  %x = (s32[], f32[64,8]{1,0}) parameter(0)
  %i = s32[] get-tuple-element(%x), index=0
  %v = f32[64,8]{1,0} get-tuple-element(%x), index=1
  %w = f32[64,8]{1,0} fusion(%v, %v), kind=kLoop, calls=%fused_add
  ROOT %o = (s32[], f32[64,8]{1,0}) tuple(%i, %w)
}

%condition (x: (s32[], f32[64,8])) -> pred[] {
  %x = (s32[], f32[64,8]{1,0}) parameter(0)
  ROOT %yes = pred[] constant(true)
}

ENTRY %main (image: f32[2,16,16,3], kernel: f32[4,4,3,8], v: f32[64,8], m: f32[8,5]) -> f32[] {
  %image = f32[2,16,16,3]{3,2,1,0} parameter(0)
  %kernel = f32[4,4,3,8]{3,2,1,0} parameter(1)
  %v = f32[64,8]{1,0} parameter(2)
  %m = f32[8,5]{1,0} parameter(3)
  %turned = f32[8,4,4,3]{3,2,1,0} fusion(%kernel), kind=kLoop, calls=%fused_transpose
  %conv = (f32[2,8,8,8]{3,2,1,0}, u8[0]{0}) custom-call(%image, %turned), window={size=4x4 stride=2x2 pad=1_1x1_1}, dim_labels=b01f_o01i->b01f, custom_call_target="__cudnn$convForward"
  %y = f32[2,8,8,8]{3,2,1,0} get-tuple-element(%conv), index=0
  %gi = (f32[2,16,16,3]{3,2,1,0}, u8[0]{0}) custom-call(%y, %turned), window={size=4x4 stride=2x2 pad=1_1x1_1}, dim_labels=b01f_o01i->b01f, custom_call_target="__cudnn$convBackwardInput"
  %gk = (f32[8,4,4,3]{3,2,1,0}, u8[0]{0}) custom-call(%image, %y), window={size=4x4 stride=2x2 pad=1_1x1_1}, dim_labels=b01f_o01i->b01f, custom_call_target="__cudnn$convBackwardFilter"
  %product = (f32[64,5]{1,0}, s8[1024]{0}) custom-call(%v, %m), custom_call_target="__cublas$gemm", backend_config={"gemm_backend_config":{"dot_dimension_numbers":{"lhs_contracting_dimensions":["1"],"rhs_contracting_dimensions":["0"]}}}
  %start = s32[] constant(0)
  %before = (s32[], f32[64,8]{1,0}) tuple(%start, %v)
  %after = (s32[], f32[64,8]{1,0}) while(%before), condition=%condition, body=%body, backend_config={"known_trip_count":{"n":"7"}}
  %sent = f32[64,8]{1,0} get-tuple-element(%after), index=1
  %sum = f32[64,8]{1,0} all-reduce(%sent), replica_groups={}, to_apply=%add
  %told = f32[4]{0} custom-call(%sum), custom_call_target="xla_ffi_python_gpu_callback"
  %wide = f64[2]{0} convert(%told)
  ROOT %n = f32[] constant(1)
}
"""  # noqa: E501
CONVOLUTION = 2 * (2 * 8 * 8 * 8) * (4 * 4 * 3)


def test_each_kind_is_counted_and_a_loop_as_often_as_it_turns():
    found = counts(GPU)
    assert found.convolutions == 3
    assert found.operations == 3 * CONVOLUTION + 2 * 64 * 5 * 8
    assert found.transposes == 1
    assert found.collectives == {"all-reduce": Collective(1, 64 * 8 * 4)}
    assert found.kernels == 1 + 3 + 1 + 7 + 1 + 1 + 1  # transpose, convolutions, product, loop, sum, call back, convert
    assert (found.float64, found.host) == (1, 1)
    assert aliased(GPU) == 2


def test_a_loop_that_does_not_say_how_often_it_turns_is_read():
    text = GPU.replace(', backend_config={"known_trip_count":{"n":"7"}}', "")
    assert counts(text).kernels == counts(GPU).kernels - 6
    counted = "  %end = s32[] constant(7)\n  ROOT %yes = pred[] compare(%x, %end), direction=LT"
    text = text.replace("  ROOT %yes = pred[] constant(true)", counted)
    assert counts(text).kernels == counts(GPU).kernels


def test_all_reduces_that_need_each_other_are_a_chain():
    assert counts(GPU).chain == 1
    second = "  %sum = f32[64,8]{1,0} all-reduce(%sent), replica_groups={}, to_apply=%add\n"
    beside = second + second.replace("%sum", "%other")
    behind = second + second.replace("%sum", "%other").replace("%sent", "%sum")
    inside = "  %w = f32[64,8]{1,0} all-reduce(%v), replica_groups={}, to_apply=%add\n"
    assert counts(GPU.replace(second, beside)).chain == 1
    assert counts(GPU.replace(second, behind)).chain == 2
    looped = GPU.replace("  %w = f32[64,8]{1,0} fusion(%v, %v), kind=kLoop, calls=%fused_add\n", inside)
    assert counts(looped).chain == 7 + 1
    assert counts(looped).collectives["all-reduce"].number == 7 + 1


def test_a_convolution_that_no_library_computes_is_counted():
    plain = "  %own = f32[2,8,8,8]{3,2,1,0} convolution(%image, %turned), window={size=4x4 stride=2x2 pad=1_1x1_1}, dim_labels=b01f_o01i->b01f\n"  # noqa: E501
    text = GPU.replace("  %y = ", plain + "  %y = ")
    assert (counts(GPU).loops, counts(text).loops) == (0, 1)
    assert counts(text).convolutions == 4


def test_what_lies_in_the_fast_memory_of_a_tpu_is_no_traffic():
    shape = "(f32[8,4]{1,0:T(8,128)S(1)}, bf16[3]{0}, pred[])"
    assert bytes_of(shape) == 8 * 4 * 4 + 6 + 1
    assert bytes_of(shape, main_memory=True) == 6 + 1


@pytest.mark.parametrize("stride", [1, 2])
def test_the_operations_of_a_convolution_are_the_closed_form(stride):
    """2 · outputs · size of the kernel · channels."""

    def convolved(x, kernel):
        return lax.conv_general_dilated(
            x, kernel, (stride, stride), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )

    x, kernel = jnp.ones((2, 8, 8, 3)), jnp.ones((2, 2, 3, 5))
    out = convolved(x, kernel)
    forward = jax.jit(convolved).lower(x, kernel).compile().as_text()
    assert counts(forward).operations == 2 * out.size * 2 * 2 * 3


def test_the_operations_of_a_product_are_the_closed_form():
    a, b = jnp.ones((7, 300)), jnp.ones((300, 200))
    text = jax.jit(jnp.dot).lower(a, b).compile().as_text()
    assert counts(text).operations == 2 * 7 * 300 * 200
