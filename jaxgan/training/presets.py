"""Named configurations, each with what it is for."""

from dataclasses import replace
from typing import NamedTuple

from jaxgan.checks import require_choice
from jaxgan.training.config import Config


class Preset(NamedTuple):
    """A configuration and one line about it."""

    about: str
    config: Config


POINTS = Config(
    data="grid",
    network="mlp",
    generator_hidden=(256, 256, 256),
    discriminator_hidden=(256, 256, 256),
    latent_size=16,
    loss="relativistic_pairing",
    r1=1.0,
    r2=1.0,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    b1=0.0,
    schedule="cosine",
    batch_size=256,
    steps=20_000,
    steps_per_call=50,
    log_every=1000,
    sample_every=5000,
    checkpoint_every=5000,
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
    ),
    "ring": Preset(
        "MLP with relativistic pairing and R1 + R2 on 8 Gaussians on a circle",
        replace(POINTS, data="ring", r1=0.02, r2=0.02, generator_rate=2e-3, discriminator_rate=2e-3),
    ),
    "grid": Preset("the same on 25 Gaussians on a grid", POINTS),
    "article-mnist": Preset(
        "dense layers on MNIST with labels, noise 100, batch 128, 50 epochs (needs TFDS mnist)",
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
    ),
    "dcgan-mnist": Preset(
        "DCGAN with R1 on MNIST (needs TFDS mnist)",
        Config(
            data="tfds:mnist",
            width=32,
            r1=0.3,
            generator_rate=1e-3,
            discriminator_rate=1e-3,
            steps=10_000,
            sample_every=1000,
            checkpoint_every=1000,
        ),
    ),
}


def preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ValueError: naming those that there are.
    """
    require_choice("preset", name, tuple(PRESETS))
    return PRESETS[name]
