"""Named configurations that make clips: of made ones within minutes, and as the paper's program has them."""

import jaxgan
from jaxgan.configuration import Configuration
from jaxgan.recipes.clip_sources import ClipFolder, MovingDigits
from jaxgan.recipes.rates import Average, Linear, Rates
from jaxgan.recipes.video import VideoGAN

MOCOGAN_DIGITS = Configuration(
    # for minutes on two cores: small networks at five times the rates, which fall, with R1
    VideoGAN(
        data=MovingDigits(16),
        generator_width=32,
        discriminator_width=32,
        r1=0.1,
        rates=Rates(1e-3, 1e-3, Linear(constant_share=0.5)),
        average=Average(0.99),
    ),
    jaxgan.Program(batch_size=32, steps=3000, steps_per_call=10, sample_every=500, checkpoint_every=500),
)

DCGAN_3D_DIGITS = MOCOGAN_DIGITS.replace(network="dcgan_3d", latent_size=50)

MOCOGAN_ACTIONS = Configuration(
    # train.py of the authors' program, which draws the batches of both discriminators apart
    VideoGAN(data=ClipFolder("actions", every=2), average=Average(0.0)),
    jaxgan.Program(batch_size=3, steps=100_000, sample_every=2000, checkpoint_every=2000),
)
