"""Named configurations, each with what it is for."""

from dataclasses import replace
from typing import NamedTuple

from jaxgan.checks import require_choice
from jaxgan.training.build import DataShape
from jaxgan.training.config import Config


class Preset(NamedTuple):
    """A configuration and one line about it."""

    about: str
    config: Config
    of: DataShape
    """Of its data set, so that it can be described without it."""
    needs: str
    """What must be there before it runs."""


MNIST = DataShape((28, 28, 1), 10)
NOTHING = "nothing: the data are bundled or made"


def _prepared(name: str) -> str:
    return f"TFDS {name}, prepared once: pip install 'jaxgan[prepare]' && tfds build {name} --file_format=array_record"


POINTS = Config(
    data="grid",
    network="mlp",
    generator_hidden=(128, 128, 128),
    discriminator_hidden=(128, 128, 128),
    latent_size=12,
    latent_signs=10,
    loss="relativistic_pairing",
    r1=0.2,
    r2=0.2,
    generator_rate=5e-4,
    discriminator_rate=3e-3,
    b1=0.0,
    schedule="cosine",
    batch_size=256,
    steps=25_000,
    steps_per_call=50,
    log_every=1000,
    sample_every=5000,
    checkpoint_every=5000,
)

MNIST_DCGAN = Config(
    data="tfds:mnist",
    width=32,
    r1=0.3,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    steps=10_000,
    sample_every=1000,
    checkpoint_every=1000,
)

DCGAN = Config(
    data="tfds:cifar10",
    latent="uniform",
    batch_size=128,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    b1=0.5,
    sample_every=1000,
    checkpoint_every=1000,
)

PRESETS = {
    "digits": Preset(
        "class-conditional DCGAN with R1 on the bundled handwritten digits; no download",
        Config(
            data="digits",
            image_size=16,
            width=32,
            conditional=True,
            r1=0.3,
            generator_rate=1e-3,
            discriminator_rate=1e-3,
            steps=2500,
        ),
        DataShape((16, 16, 1), 10),
        NOTHING,
    ),
    "ring": Preset(
        "MLP with relativistic pairing and R1 + R2 on 8 Gaussians on a circle",
        replace(POINTS, data="ring", r1=0.02, r2=0.02, generator_rate=2e-3, discriminator_rate=2e-3, steps=20_000),
        DataShape((2,), 8),
        NOTHING,
    ),
    "grid": Preset("the same on 25 Gaussians on a grid", POINTS, DataShape((2,), 25), NOTHING),
    "article-mnist": Preset(
        "dense layers on MNIST with labels, noise 100, batch 128, 50 epochs",
        Config(
            data="tfds:mnist",
            network="mlp",
            conditional=True,
            batch_size=128,
            steps=50 * (60_000 // 128),
            log_every=100,
            sample_every=2000,
            checkpoint_every=2000,
        ),
        MNIST,
        _prepared("mnist"),
    ),
    "dcgan-mnist": Preset("DCGAN with R1 on MNIST", MNIST_DCGAN, MNIST, _prepared("mnist")),
    "conditional-mnist": Preset(
        "class-conditional DCGAN with R1 on MNIST", replace(MNIST_DCGAN, conditional=True), MNIST, _prepared("mnist")
    ),
    "wgan-gp-mnist": Preset(
        "DCGAN as WGAN-GP on MNIST: five critic steps, gradient penalty 10",
        replace(
            MNIST_DCGAN,
            loss="wasserstein",
            r1=0.0,
            gradient_penalty=10.0,
            batch_norm=False,
            discriminator_steps=5,
            batch_size=5 * 64,
            generator_rate=1e-4,
            discriminator_rate=1e-4,
            b1=0.0,
            b2=0.9,
        ),
        MNIST,
        _prepared("mnist"),
    ),
    "sn-hinge-mnist": Preset(
        "DCGAN with spectral normalisation and the hinge loss on MNIST",
        replace(
            MNIST_DCGAN,
            loss="hinge",
            r1=0.0,
            batch_norm=False,
            spectral_norm=True,
            generator_rate=2e-4,
            discriminator_rate=2e-4,
            b1=0.0,
            b2=0.9,
        ),
        MNIST,
        _prepared("mnist"),
    ),
    "dcgan-cifar10": Preset(
        "DCGAN of the paper's learning rates on CIFAR-10, 32 pixels in colour",
        replace(DCGAN, data="tfds:cifar10", steps=50_000),
        DataShape((32, 32, 3), 10),
        _prepared("cifar10"),
    ),
    "dcgan-celeba-64": Preset(
        "DCGAN of the paper's learning rates on CelebA, centre square at 64 pixels",
        replace(DCGAN, data="tfds:celeb_a", image_size=64, steps=100_000),
        DataShape((64, 64, 3), None),
        _prepared("celeb_a"),
    ),
}


def preset(name: str) -> Config:
    """The configuration of that name; change fields by `dataclasses.replace`.

    Raises:
        ValueError: naming those that there are.
    """
    require_choice("preset", name, tuple(PRESETS))
    return PRESETS[name].config
