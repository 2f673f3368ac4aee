"""Options of a run: steps, batches, devices, and what is written when."""

from dataclasses import dataclass, fields
from typing import Annotated, Literal

from jaxgan.checks import require
from jaxgan.observe.numbers import Metric
from jaxgan.options import Range, conform

SEEDS = 2**31
"""Seeds are below this: JAX takes no more bits."""
Count = Annotated[int, Range(1)]


@dataclass(frozen=True)
class Program:
    """The run. Two runs of one recipe and one program on one machine are equal, bit for bit.

    Examples:
        >>> jaxgan.Program(batch_size=32, steps=500).steps
        500
    """

    batch_size: Count = 64
    """Real rows in a step, over all devices and all parts of the step."""
    steps: Count = 1000
    """Number of training steps."""
    seed: Annotated[int, Range(0, below=SEEDS)] = 0
    """Seed of the weights, the latents and the order of the data."""
    steps_per_call: Count = 1
    """Steps in one compiled call."""
    wrapper: Literal["jit", "pmap", "sharded", "fully_sharded"] = "jit"
    """One device (jit) or all; the last splits the state."""
    held_out: Annotated[float, Range(0, below=1)] = 0.0
    """Share of rows kept out of training, to see if the discriminator memorises the rest."""
    input: Literal["auto", "resident", "stream"] = "auto"
    """resident: keep the data set on the device; stream: send the same batches to it; auto: resident up to 2 GiB."""
    workers: Annotated[int, Range(0)] = 0
    """Number of processes that gather streamed batches; 0: threads of this process."""
    cache_dir: str | None = None
    """Folder for images over 2 GiB, classifiers and features (default: ~/.cache/jaxgan)."""
    on_divergence: Literal["stop", "rollback", "continue"] = "stop"
    """If a number is not finite: stop; rollback: restart from the newest checkpoint with other random numbers, at most
    three times, also when a number has grown too large; continue: go on, without checkpoints until it passes."""
    log_every: Count = 100
    """Steps between lines of the log."""
    sample_every: Count = 500
    """Steps between pictures."""
    checkpoint_every: Count = 500
    """Steps between checkpoints; the end always has one."""
    evaluate_every: Annotated[int, Range(0)] = 0
    """Steps between evaluations, which also come at the end; 0: never. The best state by the first metric is kept in
    best/."""
    evaluate_metrics: tuple[Metric, ...] = ("fid",)
    """Metrics of each evaluation."""
    evaluate_samples: Annotated[int, Range(10)] = 5000
    """Samples per evaluation; at the end twice as many new ones judge the best state again."""
    inception_weights: str | None = None
    """File of Inception's published weights; its features then evaluate images."""
    transformer_weights: str | None = None
    """The same with DINOv2 or CLIP (.safetensors)."""

    def __post_init__(self) -> None:
        conform(self)
        for name in ("steps", "log_every", "sample_every", "checkpoint_every", "evaluate_every"):
            value, call = getattr(self, name), self.steps_per_call
            require(value % call == 0, f"{name}={value} must be a multiple of steps_per_call={call}")
        require(bool(self.evaluate_metrics), "evaluate_metrics must name at least one metric")
        require(
            self.input != "resident" or self.workers == 0,
            f"workers={self.workers} has no effect: input=resident has no batches to gather",
        )
        defaults = {field.name: field.default for field in fields(self)}
        for name in ("evaluate_metrics", "evaluate_samples"):
            value = getattr(self, name)
            require(
                self.evaluate_every > 0 or value == defaults[name],
                f"{name}={value} has no effect: evaluate_every is 0",
            )


REPORTS = ("log_every", "sample_every", "checkpoint_every", "evaluate_every", "evaluate_metrics", "evaluate_samples")
FREE = frozenset([*REPORTS, "cache_dir", "workers", "on_divergence", "inception_weights", "transformer_weights"])
"""Options that may change when a run goes on: how it is fed and how often it reports, not what it computes."""
