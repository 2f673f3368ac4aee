"""Architectures of both players: one dataclass of options for each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.options.conform import is_traced

if TYPE_CHECKING:
    from collections.abc import Callable

    import flax.linen as nn

    from jaxgan.core import GANState, Players

Sizes = Annotated[tuple[int, ...], Range(1)]


class Truncation(NamedTuple):
    """How a generator with styles pulls them to their mean when it is sampled, see `networks.StyleGAN2Generator`."""

    psi: float = 1.0
    layers: int | None = None


class Sample(NamedTuple):
    """What networks must know about the data and the rest of the recipe."""

    shape: tuple[int, ...]
    """Shape of one datum."""
    dtype: Any
    """Dtype of what lies between the layers; None: float32."""
    latent_size: int
    truncation: Truncation = Truncation()
    steps: int = 1
    """Steps of the run."""

    def of_images(self, network: str) -> dict[str, Any]:
        """The arguments that generators of images share.

        Raises:
            ValueError: if the data are no images.
        """
        require(len(self.shape) == 3, f"network={network} needs images [H, W, C], but the data have shape {self.shape}")
        height, width, channels = self.shape
        size = height if height == width else (height, width)
        return {"image_size": size, "channels": channels, "dtype": self.dtype}


class WithoutTerms:
    """A network that adds nothing to the losses."""

    def terms(self, modules: "Players[nn.Module]") -> list[Any]:
        """None."""
        return []


@dataclass(frozen=True)
class DCGAN(WithoutTerms):
    """Strided convolutions (Radford et al., 2016)."""

    NAME: ClassVar[str] = "dcgan"
    width: Annotated[int, Range(1)] = 64
    """Channels of the layers next to the image."""
    batch_norm: bool = True
    """Batch normalisation in the discriminator."""
    spectral_norm: bool = False
    """Spectral normalisation of the discriminator."""

    def __post_init__(self) -> None:
        conform(self)

    def players(self, sample: Sample) -> "Players[nn.Module]":
        """Both networks."""
        networks = jaxgan.networks
        return jaxgan.Players(
            networks.DCGANGenerator(width=self.width, **sample.of_images(self.NAME)),
            networks.DCGANDiscriminator(
                width=self.width, batch_norm=self.batch_norm, spectral_norm=self.spectral_norm, dtype=sample.dtype
            ),
        )


@dataclass(frozen=True)
class MLP(WithoutTerms):
    """Dense layers, for points and images."""

    NAME: ClassVar[str] = "mlp"
    ALL: ClassVar[tuple[float, float]] = (0.0, 0.0)
    """Value with which all frequencies are in from the start."""
    generator_hidden: Sizes = (128,)
    """Widths of the generator's hidden layers."""
    discriminator_hidden: Sizes = (512, 256, 128)
    """Widths of the discriminator's hidden layers."""
    dropout: Annotated[float, Range(0, below=1)] = 0.0
    """Share of the discriminator's hidden units that are dropped, in [0, 1)."""
    spectral_norm: bool = False
    """Spectral normalisation of the discriminator."""
    projection: bool = True
    """The discriminator projects labels on its features; off: labels are appended to its input."""
    octaves: Annotated[int, Range(0, at_most=16)] = 0
    """Number of frequencies 1, 2, 4, ... at which the discriminator also sees sines and cosines of points."""
    octave_falloff: Annotated[float, Range(0)] = 0.0
    """Exponent a of the amplitude f^(-a) of frequency f."""
    octave_opening: Annotated[tuple[float, float], Range(0, at_most=1)] = ALL
    """Two shares of the steps, between which the frequencies are let in one after another; 0 0: all from the start."""
    standardize: bool = False
    """Points: scale the data to mean 0 and standard deviation 1 for both networks, as measured on the first batch."""

    def __post_init__(self) -> None:
        conform(self)
        begin, end = self.octave_opening
        require(
            begin < end or begin == end == 0,
            f"octave_opening must be an earlier and a later share, got {self.octave_opening}",
        )
        for name in ("octave_falloff", "octave_opening"):
            value = getattr(self, name)
            unused = not is_traced(value) and value in (0, self.ALL)
            require(self.octaves > 0 or unused, f"{name}={value} has no effect with octaves=0")

    def players(self, sample: Sample) -> "Players[nn.Module]":
        """Both networks; samples of images end in tanh."""
        networks, images = jaxgan.networks, len(sample.shape) == 3
        begin, end = self.octave_opening
        require(
            not self.standardize or len(sample.shape) == 1,
            f"standardize needs points [D], but the data have shape {sample.shape}",
        )
        return jaxgan.Players(
            networks.MLPGenerator(
                output_shape=sample.shape, hidden=self.generator_hidden, squash=images, dtype=sample.dtype
            ),
            networks.MLPDiscriminator(
                hidden=self.discriminator_hidden,
                dropout=self.dropout,
                spectral_norm=self.spectral_norm,
                projection=self.projection,
                octaves=self.octaves,
                octave_falloff=self.octave_falloff,
                octave_steps=(round(begin * sample.steps), round(end * sample.steps)),
                dtype=sample.dtype,
            ),
        )


@dataclass(frozen=True)
class Residual(WithoutTerms):
    """Options of the residual networks."""

    width: Annotated[int, Range(1)] = 64
    """Base number of channels."""
    attention: Sizes = ()
    """Sides of the feature maps that have self-attention."""
    spectral_norm: bool = False
    """Spectral normalisation of the discriminator."""
    generator_spectral_norm: bool = False
    """Spectral normalisation of the generator too, as SAGAN and BigGAN have it."""

    def __post_init__(self) -> None:
        conform(self)

    def shared(self) -> dict[str, Any]:
        """Arguments of both players."""
        return {"width": self.width, "attention": self.attention}


@dataclass(frozen=True)
class SNResNet(Residual):
    """Residual blocks (Miyato et al., 2018)."""

    NAME: ClassVar[str] = "sn_resnet"

    def players(self, sample: Sample) -> "Players[nn.Module]":
        """Both networks."""
        networks, shared = jaxgan.networks, self.shared()
        return jaxgan.Players(
            networks.SNResNetGenerator(
                spectral_norm=self.generator_spectral_norm, **shared, **sample.of_images(self.NAME)
            ),
            networks.SNResNetDiscriminator(spectral_norm=self.spectral_norm, dtype=sample.dtype, **shared),
        )


@dataclass(frozen=True)
class BigGAN(Residual):
    """Residual blocks whose normalisation sees the latent and the label (Brock et al., 2019)."""

    NAME: ClassVar[str] = "biggan"
    hierarchical: bool = True
    """Give each block a chunk of the latent and a shared embedding of the label; off: neither."""
    initialization: Literal["orthogonal", "normal"] = "orthogonal"
    """Initial kernels: orthogonal, or N(0, 0.02²)."""

    def players(self, sample: Sample) -> "Players[nn.Module]":
        """Both networks."""
        from flax.linen import initializers

        networks, kernel = jaxgan.networks, initializers.orthogonal()
        if self.initialization == "normal":
            kernel = initializers.normal(0.02)
        shared = self.shared() | {"kernel_init": kernel}
        return jaxgan.Players(
            networks.BigGANGenerator(
                spectral_norm=self.generator_spectral_norm,
                hierarchical=self.hierarchical,
                **shared,
                **sample.of_images(self.NAME),
            ),
            networks.BigGANDiscriminator(spectral_norm=self.spectral_norm, dtype=sample.dtype, **shared),
        )


@dataclass(frozen=True)
class BigGANDeep(Residual):
    """BigGAN of bottleneck blocks (Brock et al., 2019, appendix B)."""

    NAME: ClassVar[str] = "biggan_deep"

    def players(self, sample: Sample) -> "Players[nn.Module]":
        """Both networks."""
        networks, shared = jaxgan.networks, self.shared()
        return jaxgan.Players(
            networks.BigGANDeepGenerator(
                spectral_norm=self.generator_spectral_norm, **shared, **sample.of_images(self.NAME)
            ),
            networks.BigGANDeepDiscriminator(spectral_norm=self.spectral_norm, dtype=sample.dtype, **shared),
        )


@dataclass(frozen=True)
class R3GAN(WithoutTerms):
    """Grouped convolutions without normalisation (Huang et al., 2024)."""

    NAME: ClassVar[str] = "r3gan"
    widths: Sizes = (768, 768, 768, 768)
    """Channels of each feature map, the smallest map first."""

    def __post_init__(self) -> None:
        conform(self)

    def players(self, sample: Sample) -> "Players[nn.Module]":
        """Both networks."""
        networks = jaxgan.networks
        return jaxgan.Players(
            networks.R3GANGenerator(widths=self.widths, **sample.of_images(self.NAME)),
            networks.R3GANDiscriminator(widths=self.widths, dtype=sample.dtype),
        )


@dataclass(frozen=True)
class StyleGAN2:
    """Styles, noise and skips (Karras et al., 2020)."""

    NAME: ClassVar[str] = "stylegan2"
    channel_base: Annotated[int, Range(1)] = 16384
    """Channels of a feature map times its side, up to channel_max."""
    channel_max: Annotated[int, Range(1)] = 512
    """Largest number of channels of a feature map."""
    mapping_layers: Annotated[int, Range(1)] = 8
    """Layers from the latent to the style."""
    mixing: Annotated[float, Range(0, at_most=1)] = 0.9
    """Share of rows that use a second style from a random layer on."""
    stddev_group: Annotated[int, Range(1)] = 4
    """Rows in a group for the minibatch standard deviation."""
    residual: bool = True
    """Residual blocks in the discriminator."""
    path_length: Annotated[float, Range(0)] = 0.0
    """Weight of the path length regularisation, which is computed every fourth step on half of the rows."""

    def __post_init__(self) -> None:
        conform(self)

    def players(self, sample: Sample) -> "Players[nn.Module]":
        """Both networks."""
        networks = jaxgan.networks
        channels: dict[str, Any] = {"channel_base": self.channel_base, "channel_max": self.channel_max}
        return jaxgan.Players(
            networks.StyleGAN2Generator(
                style_size=sample.latent_size,
                mapping_layers=self.mapping_layers,
                mixing=self.mixing,
                truncation=sample.truncation.psi,
                truncation_layers=sample.truncation.layers,
                **channels,
                **sample.of_images(self.NAME),
            ),
            networks.StyleGAN2Discriminator(
                group_size=self.stddev_group, residual=self.residual, dtype=sample.dtype, **channels
            ),
        )

    def styles(self, sample: Sample, classes: int | None) -> "Callable[[GANState, Any, Any], Any]":
        """`(state, latents, labels) -> styles` by the averaged mapping network."""

        def styles(state: "GANState", latents: Any, labels: Any) -> Any:
            import jax

            generator: Any = self.players(sample).generator
            average = state.average
            told = None if classes is None else jax.nn.one_hot(labels, classes)
            collections = {"params": average.params, **average.variables.network}
            return generator.apply(collections, latents, told, method="styles")

        return styles

    def terms(self, modules: "Players[nn.Module]") -> list[Any]:
        """Path length regularisation."""
        terms = jaxgan.terms
        return [terms.every(4, terms.path_length(modules.generator, self.path_length))] if self.path_length > 0 else []


Network = DCGAN | MLP | SNResNet | BigGAN | BigGANDeep | R3GAN | StyleGAN2
