"""Launches, operations and messages of a compiled program, counted in the compiler's text (optimized HLO)."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

BYTES = {"pred": 1, "s4": 1, "u4": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "f16": 2, "bf16": 2}
BYTES |= {"s32": 4, "u32": 4, "f32": 4, "s64": 8, "u64": 8, "f64": 8, "c64": 8, "c128": 16}
COLLECTIVES = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")
FREE = {"parameter", "constant", "get-tuple-element", "tuple", "bitcast", "after-all", "partition-id", "replica-id"}
FREE |= {"while", "conditional", "call", "copy-start", "copy-done", "opt-barrier", "add-dependency"}
"""What launches nothing by itself; copies between the memories of a TPU run beside the rest."""
HOST = ("infeed", "outfeed", "send", "recv")
CALLBACK = re.compile(r"callback|host_compute", re.IGNORECASE)

HEADER = re.compile(r"^(ENTRY )?%?([\w.\-]+) \(.*\{$")
INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%?([\w.\-]+) = (\(.*?\)|\S+) ([\w\-]+)\((.*)$")
ARRAY = re.compile(r"(\w+)\[([\d,]*)\]")
CALLED = re.compile(r"(?:calls|body|to_apply|branch_computations|true_computation|false_computation)=\{?(%[^}\s]*)")
TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"')


class Instruction(NamedTuple):
    """One line of a computation."""

    name: str
    type: str
    """Its shape with the element type, or a tuple of them."""
    opcode: str
    operands: tuple[str, ...]
    """Names of other instructions; of a constant, its value."""
    rest: str
    """Rest of the line: attributes."""


class Collective(NamedTuple):
    """All collectives of one kind."""

    number: int
    bytes: int


class Counts(NamedTuple):
    """Counts of one run of the program on one device; a loop counts as often as it turns."""

    kernels: int
    """Fusions, library calls and single operations on arrays, each of which a GPU launches."""
    operations: float
    """Multiplications and additions of products (convolutions and matrix products)."""
    traffic: int
    """Bytes that kernels would read and write without caches."""
    convolutions: int
    transposes: int
    """Kernels that only move elements: transposes and copies of arrays of several axes."""
    collectives: dict[str, Collective]
    float64: int
    """Instructions with 64-bit floating-point results."""
    host: int
    """Calls back to the host, and transfers with it."""
    loops: int
    """Convolutions in a GPU's program that no library computes: they are loops, and many times slower."""
    chain: int
    """Longest chain of all-reduces, each of which needs the previous one."""


def counts(text: str) -> Counts:
    """Count what a compiled program does, from `compiled.as_text()`."""
    computations, entry = parsed(text)
    kernels = convolutions = transposes = float64 = host = traffic = loops = 0
    operations = 0.0
    collectives: dict[str, Collective] = {}
    on_gpu = any(word in text for word in ("fusion_backend_config", "__cudnn$", "__cublas"))
    for computation, one, times, launched in _executed(computations, entry):
        types = {other.name: other.type for other in computations[computation]}
        product = _operations(one, types)
        operations += times * product
        convolutions += times * (one.opcode == "convolution" or "__cudnn$conv" in one.rest)
        loops += times * (one.opcode == "convolution" and on_gpu)
        float64 += times * ("f64[" in one.type)
        host += times * _is_host(one)
        if not launched:
            continue
        kind = next((kind for kind in COLLECTIVES if one.opcode in (kind, f"{kind}-start")), None)
        if kind is not None:
            size = sum(bytes_of(types.get(operand, "")) for operand in one.operands)
            before = collectives.get(kind, Collective(0, 0))
            collectives[kind] = Collective(before.number + times, before.bytes + times * size)
        if one.opcode == "copy-start":  # its result names both ends
            traffic += times * bytes_of(one.type, main_memory=True)
        if one.opcode in FREE or one.opcode.endswith("-done") or _is_scalar(one.type):
            continue
        kernels += times
        transposes += times * _only_moves(one, computations)
        touched = (one.type, *(types.get(operand, "") for operand in one.operands))
        traffic += times * sum(bytes_of(type_, main_memory=True) for type_ in touched)
    longest = chain(computations, entry)
    return Counts(kernels, operations, traffic, convolutions, transposes, collectives, float64, host, loops, longest)


def chain(computations: dict[str, list[Instruction]], name: str) -> int:
    """Longest chain of all-reduces in a computation, each of which needs the previous one; a loop counts as often as it
    turns."""
    behind: dict[str, int] = {}
    for one in computations.get(name, ()):
        own = int(one.opcode in ("all-reduce", "all-reduce-start"))
        if one.opcode in ("while", "conditional", "call"):
            called = CALLED.search(one.rest)
            inner = re.findall(r"%([\w.\-]+)", called[1]) if called else []
            turns = _turns(one, computations) if one.opcode == "while" else 1
            own = turns * max((chain(computations, each) for each in inner), default=0)
        behind[one.name] = own + max((behind.get(operand, 0) for operand in one.operands), default=0)
    return max(behind.values(), default=0)


def aliased(text: str) -> int:
    """Number of arguments whose memory a result takes over."""
    header = text.partition("\n")[0]
    return header.count("may-alias") + header.count("must-alias")


def parsed(text: str) -> tuple[dict[str, list[Instruction]], str]:
    """The instructions of each computation, and the name of the one that is run."""
    computations: dict[str, list[Instruction]] = {}
    entry, current = "", None
    for line in text.splitlines():
        header = HEADER.match(line)
        if header:
            current = computations.setdefault(header[2], [])
            entry = header[2] if header[1] else entry
            continue
        found = INSTRUCTION.match(line)
        if found and current is not None:
            inside, rest = _closed(found[4])
            operands = (inside,) if found[3] == "constant" else tuple(re.findall(r"%([\w.\-]+)", inside))
            current.append(Instruction(found[1], found[2], found[3], operands, rest))
    return computations, entry


def bytes_of(shape: str, *, main_memory: bool = False) -> int:
    """Bytes of an array or a tuple of arrays, as the text writes their shapes.

    Args:
        shape: such as `f32[8,4]{1,0}`.
        main_memory: leave out what lies in the fast memory of a TPU.
    """
    parts = re.findall(r"(\w+)\[([\d,]*)\](\{[^}]*\})?", shape)
    fast = re.compile(r"S\([1-9]\)")
    return sum(
        BYTES.get(kind, 0) * math.prod(_sizes(sizes))
        for kind, sizes, layout in parts
        if not (main_memory and fast.search(layout))
    )


def _closed(text: str) -> tuple[str, str]:
    """Text before and after the parenthesis that closes an instruction's operands."""
    depth = 1
    for i, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[:i], text[i + 1 :]
    return text, ""


def _executed(computations: dict[str, list[Instruction]], entry: str) -> Iterator[tuple[str, Instruction, int, bool]]:
    """Each instruction with its computation, how often it runs, and whether it is launched by itself."""
    waiting = [(entry, 1, True)]
    while waiting:
        name, times, launched = waiting.pop()
        for one in computations.get(name, ()):
            yield name, one, times, launched
            turns = _turns(one, computations) if one.opcode == "while" else 1
            inside = launched and one.opcode in ("while", "conditional", "call")
            if one.opcode in ("while", "conditional", "call", "fusion", "async-start"):
                called = CALLED.search(one.rest)
                for inner in re.findall(r"%([\w.\-]+)", called[1]) if called else ():
                    waiting.append((inner, times * turns, inside))


def _turns(loop: Instruction, computations: dict[str, list[Instruction]]) -> int:
    """Number of turns of a loop: the number in its text, or the number up to which it counts from 0; 1 if neither is
    known."""
    said = TRIPS.search(loop.rest)
    if said:
        return int(said[1])
    named = re.search(r"condition=%([\w.\-]+)", loop.rest)
    ends = [one for one in computations.get(named[1], ()) if one.opcode == "constant"] if named else []
    return int(ends[0].operands[0]) if len(ends) == 1 and ends[0].operands[0].isdigit() else 1


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",") if size]


def _shape(type_: str) -> list[int]:
    """Sizes of the first array's axes."""
    found = ARRAY.search(type_)
    return _sizes(found[2]) if found else []


def _is_scalar(type_: str) -> bool:
    return not type_.startswith("(") and math.prod(_shape(type_)) == 1


def _is_host(one: Instruction) -> bool:
    called = re.search(r'custom_call_target="([^"]*)"', one.rest)
    return one.opcode in HOST or (called is not None and bool(CALLBACK.search(called[1])))


def _only_moves(one: Instruction, computations: dict[str, list[Instruction]]) -> bool:
    if one.opcode in ("copy", "transpose"):
        return len(_shape(one.type)) > 1
    called = CALLED.search(one.rest) if one.opcode == "fusion" else None
    inside = computations.get(called[1].strip("%},"), []) if called else []
    moved = {"parameter", "transpose", "copy", "bitcast", "reshape", "tuple", "get-tuple-element"}
    opcodes = {inner.opcode for inner in inside}
    return bool(opcodes & {"transpose", "copy"}) and opcodes <= moved


def _operations(one: Instruction, types: dict[str, str]) -> float:
    """2 · outputs · terms of each sum."""
    operands = [_shape(types.get(name, "")) for name in one.operands]
    if "__cudnn$conv" in one.rest:
        labels = re.search(r"dim_labels=(\w+)_(\w+)->(\w+)", one.rest)
        assert labels is not None
        result = _shape(one.type)
        image, kernel = {
            "Input": (operands[0], operands[1]),
            "Filter": (operands[1], result),
        }.get(next((kind for kind in ("Input", "Filter") if f"Backward{kind}" in one.rest), ""), (result, operands[1]))
        return 2.0 * math.prod(image) * math.prod(kernel) / kernel[labels[2].index("o")]
    if one.opcode == "convolution":
        labels = re.search(r"dim_labels=(\w+)_(\w+)->(\w+)", one.rest)
        assert labels is not None
        window = re.search(r"size=([\dx]+)", one.rest)
        dilated = re.search(r"lhs_dilate=([\dx]+)", one.rest)
        terms = math.prod(map(int, window[1].split("x"))) if window else 1
        holes = math.prod(map(int, dilated[1].split("x"))) if dilated else 1
        return 2.0 * math.prod(_shape(one.type)) * terms * operands[1][labels[2].index("i")] / holes
    summed = re.search(r"lhs_contracting_dim(?:s=\{|ensions\":\[)([\d,\"]*)", one.rest)
    if summed and (one.opcode == "dot" or "cublas" in one.rest):
        axes = [int(axis) for axis in re.findall(r"\d+", summed[1])]
        return 2.0 * math.prod(_shape(one.type)) * math.prod(operands[0][axis] for axis in axes)
    return 0.0
