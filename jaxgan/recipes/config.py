"""Everything that defines a run, as one frozen dataclass; the command line is made from it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, NamedTuple

from jaxgan.checks import require, require_number
from jaxgan.observe.numbers import Metric
from jaxgan.options.conform import conform

Loss = Literal[
    "minimax",
    "non_saturating",
    "least_squares",
    "wasserstein",
    "hinge",
    "relativistic_pairing",
    "relativistic_average",
]


PENALTIES = ("r1", "r2", "gradient_penalty")
"""Fields of `Config` that are the weights of penalties."""


SEEDS = 2**31
"""Seeds are below this: JAX takes no more bits."""


class DataShape(NamedTuple):
    """What of a data set shapes the networks."""

    shape: tuple[int, ...]
    num_classes: int | None


@dataclass(frozen=True)
class Config:
    """A training run. Two runs of one configuration on one machine are equal, bit for bit."""

    data: str
    """What to train on: digits, ring, grid, stacked_digits, stacked_mnist, folder:PATH, tfds:NAME or npz:PATH."""
    data_dir: str | None = None
    """Where prepared TFDS sets lie (default: TFDS's own folder)."""
    split: str = "train"
    """Split of a TFDS set (also of MNIST, stacked), such as train or train[:10%]."""
    image_size: int | None = None
    """Pixels a side to which images are brought (default: as stored)."""
    channels: Literal[1, 3, 4] | None = None
    """Of the images of a folder or a TFDS set: gray, RGB or RGBA (default: as stored)."""
    mirror: bool = False
    """Take every image twice, as it is and flipped left to right."""
    dequantize: bool = False
    """Add to images uniform noise as wide as the distance of two grey levels, anew each step."""
    input: Literal["auto", "resident", "stream"] = "auto"
    """The whole data set on the device, or the same batches streamed to it; auto: on the device up to 2 GiB."""
    workers: int = 0
    """Processes that gather streamed batches; 0: threads of this one."""
    cache_dir: str | None = None
    """Where decoded images over 2 GiB are kept (default: ~/.cache/jaxgan)."""

    network: Literal["dcgan", "mlp", "sn_resnet", "biggan", "biggan_deep", "r3gan", "stylegan2"] = "dcgan"
    """Architecture of both players."""
    width: int = 64
    """DCGAN: channels next to the image; SN-ResNet and BigGAN: the unit of their channels."""
    hierarchical: bool = True
    """BigGAN: chunks of the latent and one embedding of the label for all blocks, or neither."""
    initialization: Literal["orthogonal", "normal"] = "orthogonal"
    """BigGAN: kernels before training, orthogonal or N(0, 0.02²)."""
    attention: tuple[int, ...] = ()
    """SN-ResNet and BigGAN: sides of the feature maps with self-attention."""
    widths: tuple[int, ...] = (768, 768, 768, 768)
    """R3GAN: channels of each feature map, the smallest map first."""
    channel_base: int = 16384
    """StyleGAN2: channels of a feature map times its side, up to channel_max."""
    channel_max: int = 512
    """StyleGAN2: most channels of a feature map."""
    mapping_layers: int = 8
    """StyleGAN2: layers from the latent to the style."""
    mixing: float = 0.9
    """StyleGAN2: share of rows that take a second style from a random layer on."""
    stddev_group: int = 4
    """StyleGAN2: rows of a group of minibatch standard deviation."""
    residual: bool = True
    """StyleGAN2: residual blocks in the discriminator."""
    generator_hidden: tuple[int, ...] = (128,)
    """MLP: widths of the generator's hidden layers."""
    discriminator_hidden: tuple[int, ...] = (512, 256, 128)
    """MLP: widths of the discriminator's hidden layers."""
    dropout: float = 0.0
    """MLP: share of the discriminator's hidden units dropped, in [0, 1)."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of what lies between the layers of both networks; parameters, statistics, samples, logits and losses are float32.
    The products of float32 take TensorFloat-32 on GPUs that have it."""
    remat: bool = False
    """Keep of each pass of a network its input alone and compute the rest again for the derivatives: for accelerators;
    the compiler for the CPU saves no memory by it."""
    batch_norm: bool = True
    """DCGAN: batch normalisation in the discriminator."""
    spectral_norm: bool = False
    """Spectral normalisation of the discriminator."""
    generator_spectral_norm: bool = False
    """SN-ResNet and BigGAN: of the generator too, as SAGAN and BigGAN have it."""
    conditional: bool = False
    """Give both players the labels."""
    label_dropout: float = 0.0
    """Share of rows whose label both players are not given, in [0, 1): one generator, conditional and not."""
    auxiliary: Literal["none", "classifier", "twin", "contrastive"] = "none"
    """Of a conditional run: heads that tell the class, in place of giving the discriminator the labels (AC-GAN,
    TAC-GAN, ContraGAN)."""
    auxiliary_weight: float = 1.0
    """Weight of what they add to the losses."""
    latent_size: int = 100
    """Numbers in a latent."""
    latent: Literal["normal", "uniform", "sphere"] = "normal"
    """Distribution of the latent."""
    latent_signs: int = 0
    """So many of its numbers are random signs instead, for data in separate clusters; 2 to this power is to be many
    more than those."""

    loss: Loss = "non_saturating"
    """What the players want."""
    label_smoothing: float = 0.0
    """One-sided: the target of real data is 1 minus this; for minimax, non_saturating and least_squares."""
    r1: float = 0.0
    """Weight γ of the R1 penalty, γ/2·E‖∇D‖² on real data."""
    r2: float = 0.0
    """Weight γ of the R2 penalty, the same on samples."""
    gradient_penalty: float = 0.0
    """Weight of the one-centred gradient penalty of WGAN-GP."""
    penalty_every: int = 1
    """Take the penalties every so many steps, that many times as strong."""
    path_length: float = 0.0
    """StyleGAN2: weight of its path length regularisation, every fourth step on half of the rows."""
    augment: Literal["none", "diffaugment", "ada", "apa", "r3gan"] = "none"
    """Augmentation of all that the discriminator sees: fixed, adaptive, samples taken for data now and then, or R3GAN's
    with a given probability."""
    ada_target: float = 0.6
    """ADA and APA: mean sign of the logits of real rows to which the probability is moved, in [-1, 1]."""
    augment_probability: float = 0.55
    """R3GAN's augmentation: probability of its transforms (of colours half of it); a burn-in starts it at 0."""

    rule: Literal[
        "alternating", "simultaneous", "extragradient", "past_extragradient", "optimistic", "symplectic_adjustment"
    ] = "alternating"
    """How the players move."""
    discriminator_steps: int = 1
    """Alternating: discriminator steps for each of the generator's; the batch is split among them."""
    generator_parts: int = 0
    """Alternating: further parts of the batch, each as large as that of a discriminator step, on which the generator
    moves; 0: on the last discriminator step's."""
    generator_rate: float = 2e-4
    """Learning rate of the generator's Adam."""
    discriminator_rate: float = 2e-4
    """Learning rate of the discriminator's Adam."""
    b1: float = 0.5
    """Adam: decay of the first moment, both players."""
    b2: float = 0.999
    """Adam: decay of the second moment, both players."""
    schedule: Literal["constant", "cosine", "linear"] = "constant"
    """Learning rates: constant, or to zero over all steps."""
    ema_decay: float = 0.999
    """Decay of the averaged generator, from which samples are drawn."""
    ema_warmup: float | None = None
    """After t steps the decay is at most (1 + t) / (ema_warmup + t), so that the first weights are forgotten early; 1:
    no such limit (default: 10, and 1 with burn_in or ema_start)."""
    ema_start: int = 0
    """Steps in which the average is the generator as it is."""
    burn_in: int = 0
    """Steps in which rates, penalties and b2 go from their starts to their values along half a cosine, and the
    half-life of the average from 0, as R3GAN's do."""
    burn_in_rate: float = 1.0
    """Learning rates start this many times as high."""
    burn_in_penalty: float = 1.0
    """Penalties start this many times as strong."""
    burn_in_b2: float | None = None
    """Where b2 starts (default: at its value)."""

    batch_size: int = 64
    """Real rows of a step, over all devices, all discriminator steps and the generator's parts."""
    steps: int = 1000
    """Steps to take."""
    seed: int = 0
    """Of the weights, the latents and the order of the data."""
    steps_per_call: int = 1
    """Steps in one compiled call."""
    wrapper: Literal["jit", "pmap", "sharded"] = "jit"
    """One device, or all local devices by jax.pmap or by a sharded jit."""

    on_divergence: Literal["stop", "rollback", "continue"] = "stop"
    """A number that is not finite: stop; go back to the newest checkpoint, also when one has grown beyond measure, and
    on with other random numbers, at most three times; or say so and go on, without checkpoints while it lasts."""
    log_every: int = 100
    """Steps between lines of the log."""
    sample_every: int = 500
    """Steps between pictures."""
    checkpoint_every: int = 500
    """Steps between checkpoints; one is always kept of the end."""
    evaluate_every: int = 0
    """Steps between evaluations, at the end too; 0: never. The best state by the first metric is kept in best/."""
    evaluate_metrics: tuple[Metric, ...] = ("fid",)
    """What is measured then."""
    evaluate_samples: int = 5000
    """Samples of each evaluation; the best state is judged again at the end by twice as many others."""
    inception_weights: str | None = None
    """File of Inception's published weights, to evaluate by its features (default: those of a classifier that is
    trained on the data where they are images with labels, else the numbers themselves)."""

    def __post_init__(self) -> None:
        conform(self)
        self._check_sizes()
        for name in ("width", "latent_size", "penalty_every", "discriminator_steps", "batch_size", "steps_per_call"):
            require_number(name, getattr(self, name), at_least=1)
        for name in ("steps", "log_every", "sample_every", "checkpoint_every"):
            require_number(name, getattr(self, name), at_least=1)
            value, call = getattr(self, name), self.steps_per_call
            require(value % call == 0, f"{name}={value} must be a multiple of steps_per_call={call}")
        for name in ("workers", "latent_signs", "generator_parts", "evaluate_every", "ema_start", "burn_in"):
            require_number(name, getattr(self, name), at_least=0)
        for name in ("burn_in_rate", "burn_in_penalty"):
            require_number(name, getattr(self, name), at_least=0)
        require(
            self.evaluate_every % self.steps_per_call == 0,
            f"evaluate_every={self.evaluate_every} must be a multiple of steps_per_call={self.steps_per_call}",
        )
        require_number("evaluate_samples", self.evaluate_samples, at_least=10)
        require(bool(self.evaluate_metrics), "evaluate_metrics must name at least one metric")
        require(
            self.latent_signs <= self.latent_size,
            f"latent_signs={self.latent_signs} must be at most latent_size={self.latent_size}",
        )
        for name in (*PENALTIES, "path_length", "generator_rate", "discriminator_rate", "auxiliary_weight"):
            require_number(name, getattr(self, name), at_least=0)
        for name in ("dropout", "label_dropout", "label_smoothing", "b1", "b2", "ema_decay"):
            require_number(name, getattr(self, name), at_least=0, below=1)
        require(
            self.label_smoothing == 0 or self.loss in ("minimax", "non_saturating", "least_squares"),
            f"label_smoothing={self.label_smoothing} has no meaning for loss={self.loss}, which has no labels",
        )
        require(
            self.penalty_every == 1 or bool(self.penalties()),
            f"penalty_every={self.penalty_every} needs a penalty: r1, r2 or gradient_penalty above 0",
        )
        for name, default in (("label_dropout", 0.0), ("auxiliary", "none")):
            value = getattr(self, name)
            require(self.conditional or value == default, f"{name}={value} needs a conditional run")
        require(
            self.label_dropout == 0 or self.network != "r3gan" or self.auxiliary != "none",
            f"label_dropout={self.label_dropout} has no meaning for network=r3gan: without a label its logit is 0",
        )
        require(
            self.auxiliary != "none" or self.auxiliary_weight == 1,
            f"auxiliary_weight={self.auxiliary_weight} needs an auxiliary",
        )
        require(-1 <= self.ada_target <= 1, f"ada_target must be in [-1, 1], got {self.ada_target}")
        require(
            self.augment in ("ada", "apa") or self.ada_target == 0.6,
            f"ada_target={self.ada_target} needs augment=ada or apa, got augment={self.augment}",
        )
        require(
            0 <= self.augment_probability <= 1, f"augment_probability must be in [0, 1], got {self.augment_probability}"
        )
        require(
            self.augment == "r3gan" or self.augment_probability == 0.55,
            f"augment_probability={self.augment_probability} needs augment=r3gan, got augment={self.augment}",
        )
        for name, default in (("hierarchical", True), ("initialization", "orthogonal")):
            value = getattr(self, name)
            require(
                self.network == "biggan" or value == default,
                f"{name}={value} needs network=biggan, got network={self.network}",
            )
        require(
            self.path_length == 0 or self.network == "stylegan2",
            f"path_length={self.path_length} needs network=stylegan2, got network={self.network}",
        )
        own = [name for name in ("mixing", "path_length") if getattr(self, name) > 0]
        require(
            self.network != "stylegan2" or not own or (self.latent != "uniform" and self.latent_signs == 0),
            f"{' and '.join(own)} above 0 need latent=normal or sphere and latent_signs=0, for stylegan2 draws normal "
            f"latents for them, got latent={self.latent} and latent_signs={self.latent_signs}",
        )
        self._check_burn_in_and_average()
        for name, default in (("discriminator_steps", 1), ("generator_parts", 0)):
            value = getattr(self, name)
            require(
                self.rule == "alternating" or value == default,
                f"{name}={value} needs rule=alternating, got rule={self.rule}",
            )

    def _check_sizes(self) -> None:
        for name in ("channel_base", "channel_max", "mapping_layers", "stddev_group"):
            require_number(name, getattr(self, name), at_least=1)
        for name in ("attention", "widths", "generator_hidden", "discriminator_hidden"):
            for size in getattr(self, name):
                require_number(f"each of {name}", size, at_least=1)
        if self.image_size is not None:
            require_number("image_size", self.image_size, at_least=1)
        require(0 <= self.mixing <= 1, f"mixing must be in [0, 1], got {self.mixing}")
        require_number("seed", self.seed, at_least=0, below=SEEDS)

    def _check_burn_in_and_average(self) -> None:
        starts = (self.burn_in_rate, self.burn_in_penalty, self.burn_in_b2)
        require(
            self.burn_in > 0 or starts == (1, 1, None),
            "burn_in_rate, burn_in_penalty and burn_in_b2 need a burn_in above 0",
        )
        require(
            self.burn_in == 0 or self.schedule == "constant",
            f"burn_in={self.burn_in} needs schedule=constant, got schedule={self.schedule}",
        )
        require(
            self.burn_in == 0 or self.ema_start == 0,
            f"ema_start={self.ema_start} has no effect with burn_in={self.burn_in}, where the average starts at once",
        )
        if self.ema_warmup is not None:
            require_number("ema_warmup", self.ema_warmup, at_least=1)
            require(
                self.burn_in == self.ema_start == 0,
                f"ema_warmup={self.ema_warmup} has no effect with burn_in={self.burn_in} or ema_start={self.ema_start}",
            )
        if self.burn_in_b2 is not None:
            require_number("burn_in_b2", self.burn_in_b2, at_least=0, below=1)

    def penalties(self) -> dict[str, float]:
        """Those that are on, with their weights."""
        weights = {name: getattr(self, name) for name in PENALTIES}
        return {name: weight for name, weight in weights.items() if weight > 0}

    def to_json(self) -> dict[str, Any]:
        """A dictionary of numbers, strings and lists."""
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Config":
        """The configuration that `to_json` was called on.

        Raises:
            ValueError: naming fields that this version does not know.
        """
        known = {field.name for field in fields(Config)}
        require(set(values) <= known, f"unknown configuration fields {sorted(set(values) - known)}")
        restored: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return Config(**restored)


def differences(saved: Config, asked: Config, also_free: Collection[str] = ()) -> list[str]:
    """What keeps `asked` from going on where `saved` stopped, a line each; how often it reports may differ.

    The number of steps may differ too, unless the learning rates follow it, and the fields that `also_free` names.
    """
    free = {"log_every", "sample_every", "checkpoint_every", "data_dir", "cache_dir", "workers", "on_divergence"}
    free |= {"evaluate_every", "evaluate_metrics", "evaluate_samples", "inception_weights"}
    if saved.schedule == asked.schedule == "constant":
        free |= {"steps"}
    free |= set(also_free)
    pairs = [(f.name, getattr(saved, f.name), getattr(asked, f.name)) for f in fields(Config) if f.name not in free]
    return [f"{name}: saved {old!r}, now {new!r}" for name, old, new in pairs if old != new]
