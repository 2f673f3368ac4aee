"""Named configurations of GANs that are joined to other models, within minutes."""

import jaxgan
from jaxgan.configuration import Configuration
from jaxgan.recipes.bigan import BiGAN
from jaxgan.recipes.distillation import DMD2, UNet
from jaxgan.recipes.rates import Average, Cosine, Linear, Rates
from jaxgan.recipes.rules import Alternating
from jaxgan.recipes.sources import Digits, Folder, Grid, Ring
from jaxgan.recipes.vqgan import VQGAN, Codebook, Gaussian

BIGAN_RING = Configuration(
    BiGAN(data=Ring(), rates=Rates(5e-4, 3e-3, Cosine())),
    jaxgan.Program(
        batch_size=256, steps=12_000, steps_per_call=50, log_every=1000, sample_every=3000, checkpoint_every=3000
    ),
)

BIGAN_GRID = Configuration(BiGAN(data=Grid(), rates=Rates(5e-4, 3e-3, Cosine())), BIGAN_RING.program)

VQGAN_DIGITS = Configuration(
    # for minutes on two cores: 16 codes out of 32 for a digit, and the paper's weights of the codebook
    VQGAN(
        data=Digits(image_size=16),
        width=16,
        multipliers=(1, 2, 2),
        blocks=1,
        attention=(),
        bottleneck=Codebook(codes=32, codebook_weight=1.0, commitment=0.25),
        code_size=16,
        perceptual_weight=0.0,
        discriminator_width=16,
        patch_layers=1,
        rule=Alternating(b1=0.5, b2=0.9),
        rates=Rates(1e-3, 1e-3, Linear(constant_share=0.5)),
        average=Average(0.994),
    ),
    jaxgan.Program(batch_size=32, steps=1500, steps_per_call=10, sample_every=500, checkpoint_every=500),
)

VQGAN_FOLDER = Configuration(
    # configs/custom_vqgan.yaml of taming-transformers on one GPU: the rate is 4.5e-6 times the batch
    VQGAN(data=Folder(path="images", image_size=256), adversarial_start=10_000),
    jaxgan.Program(batch_size=5, steps=500_000, sample_every=5000, checkpoint_every=5000),
)

VAE_GAN_DIGITS = VQGAN_DIGITS.replace(bottleneck="gaussian", code_size=4, kl_weight=0.1)
"""Codes of some 50 nats an image, as much as 16 codes out of 32 can hold."""

VAE_GAN_FOLDER = Configuration(
    # configs/autoencoder/autoencoder_kl_32x32x4.yaml of latent-diffusion on one GPU: two batches of 12 for each step,
    # at 4.5e-6 times 24
    VQGAN(
        data=Folder(path="images", image_size=256),
        multipliers=(1, 2, 4, 4),
        attention=(),
        bottleneck=Gaussian(),
        code_size=4,
        adversarial_weight=0.5,
        adversarial_start=50_001,
        rates=Rates(1.08e-4, 1.08e-4),
    ),
    jaxgan.Program(batch_size=24, steps=500_000, sample_every=5000, checkpoint_every=5000),
)

DISTILL_DIGITS = Configuration(
    # for minutes on two cores: higher rates, and one critic step for each of the student's, but at three times its rate
    DMD2(
        data=Digits(image_size=16),
        network=UNet(),
        deviation=0.695,
        adversarial_share=0.33,
        pretraining_rate=2e-3,
        adversarial_weight=1e-2,
        rule=Alternating(b1=0.0, b2=0.99),
        rates=Rates(3e-4, 1e-3, Cosine()),
        average=Average(0.995),
    ),
    jaxgan.Program(batch_size=64, steps=6000, steps_per_call=10, sample_every=1000, checkpoint_every=1000),
)
