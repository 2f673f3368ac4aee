"""What the comparison with PyTorch trains: configurations, and one pair of networks with 3×3 convolutions."""

from dataclasses import dataclass, replace

import flax.linen as nn
import jax.numpy as jnp
import optax
import pytorch_networks
import pytorch_resnet
from configurations import options_of

import jaxgan
from jaxgan import Players, dynamics, losses
from jaxgan.networks.dcgan import kernel_init
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.linear import Conv, ConvTranspose, Dense
from jaxgan.recipes.presets import PRESETS
from jaxgan.recipes.recipe import DataShape


class ThreeByThreeGenerator(nn.Module):
    """The shape of the generator in Miyato et al., Spectral Normalization, 2018, table 3: 8w to w wide."""

    image_size: int
    width: int

    @nn.compact
    def __call__(self, latent, condition=None, *, train):
        side, w = self.image_size // 8, self.width
        x = Dense(side * side * 8 * w, use_bias=False, kernel_init=kernel_init)(latent, train=train)
        x = nn.relu(batch_norm(train=train)(x.reshape(-1, side, side, 8 * w)))
        for features in (4 * w, 2 * w, w):
            x = ConvTranspose(features, use_bias=False, kernel_init=kernel_init)(x)
            x = nn.relu(batch_norm(train=train)(x))
        return jnp.tanh(Conv(3, kernel_size=3, stride=1, kernel_init=kernel_init)(x, train=train))


class ThreeByThreeDiscriminator(nn.Module):
    """The shape of the discriminator beside it, without spectral normalisation, w to 8w wide."""

    width: int

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        w = self.width
        for features in (w, 2 * w, 4 * w):
            x = nn.leaky_relu(Conv(features, kernel_size=3, stride=1, kernel_init=kernel_init)(x, train=train), 0.1)
            x = nn.leaky_relu(Conv(2 * features, kernel_init=kernel_init)(x, train=train), 0.1)
        x = nn.leaky_relu(Conv(8 * w, kernel_size=3, stride=1, kernel_init=kernel_init)(x, train=train), 0.1)
        return Dense(1, kernel_init=kernel_init)(x.reshape(x.shape[0], -1), train=train)[:, 0]


@dataclass(frozen=True)
class Case:
    """A configuration and its data; with `three_by_three`, on the networks above instead of those it names."""

    config: jaxgan.Configuration
    of: DataShape
    three_by_three: bool = False

    @property
    def options(self):
        """Options of recipe and program, by name."""
        return options_of(self.config)

    def game(self):
        if not self.three_by_three:
            return self.config.recipe.game(self.of, self.config.program.steps)
        return jaxgan.gan(
            ThreeByThreeGenerator(self.of.shape[0], self.options.width),
            ThreeByThreeDiscriminator(self.options.width),
            loss=getattr(losses, self.options.loss)(),
            latent_size=self.options.latent_size,
        )

    def algorithm(self, rule="alternating", epsilon=1e-8):
        """Algorithm with Adam's ε."""
        config = self.options
        rates = Players(config.generator_rate, config.discriminator_rate)
        optimizers = Players(*(optax.adam(rate, b1=config.b1, b2=config.b2, eps=epsilon) for rate in rates))
        steps = {"discriminator_steps": config.discriminator_steps} if rule == "alternating" else {}
        return jaxgan.algorithm(self.game(), getattr(dynamics, rule)(optimizers, **steps), ema_decay=config.ema_decay)

    def changed(self, **changes):
        """The same with other fields of the configuration; those that are None stay."""
        asked = {name: value for name, value in changes.items() if value is not None}
        return replace(self, config=self.config.replace(**asked))

    def pytorch(self):
        """(generator, discriminator) in PyTorch."""
        if self.three_by_three:
            return pytorch_networks.three_by_three(self.options, self.of.shape)
        if self.options.network == "mlp":
            return pytorch_networks.mlp(self.options, self.of.shape, self.of.num_classes)
        of = pytorch_resnet.sn_resnet if self.options.network == "sn_resnet" else pytorch_networks.dcgan
        return of(self.options, self.of.shape)


def _dcgan(size, batch_size, **changes):
    config = jaxgan.preset("dcgan-cifar10").replace(latent="normal", batch_size=batch_size)
    return Case(config.replace(**changes), DataShape((size, size, 3), None))


def _of_preset(name):
    return Case(PRESETS[name].config.replace(schedule="constant", latent="normal", latent_signs=0), PRESETS[name].of)


CASES = {
    "dcgan-32": _dcgan(32, 128),
    "dcgan-64": _dcgan(64, 64),
    "dcgan-128": _dcgan(128, 64),
    "dcgan-32-r1": _dcgan(32, 128, r1=1.0),
    "three-by-three": replace(_dcgan(32, 64, width=32, batch_norm=False, loss="hinge"), three_by_three=True),
    "sn-resnet": _dcgan(32, 64, network="sn_resnet", spectral_norm=True, loss="hinge"),
    "wgan-gp": _of_preset("wgan-gp-mnist"),
    "article-mnist": _of_preset("article-mnist"),
    "ring": _of_preset("ring"),
}
ON = {
    "cpu": ("dcgan-32", "dcgan-64", "dcgan-32-r1", "three-by-three", "wgan-gp"),
    "gpu": ("dcgan-64", "dcgan-128", "sn-resnet"),
}
"""The cases of each platform. Dense networks come alone, for the program sets XLA's flags by the kind of network."""
