"""Named configurations, each with what it is for."""

import math
from typing import NamedTuple

from jaxgan.checks import require_choice
from jaxgan.configuration import Configuration
from jaxgan.recipes import clip_presets, joined_presets, sound_presets, text_presets, translation_presets
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.sources import Ring


class Preset(NamedTuple):
    """A configuration and one line about it."""

    about: str
    config: Configuration
    of: DataShape
    """Shape of its data set, so that the preset can be described without the data."""
    needs: str
    """What must be there before it runs."""


MNIST = DataShape((28, 28, 1), 10)
CIFAR = DataShape((32, 32, 3), 10)
NOTHING = "nothing: the data are bundled or synthetic"
TWO_DOMAINS = "a folder of two domains, such as horse2zebra: --data unpaired:PATH"


def _prepared(name: str) -> str:
    return f"TFDS {name}, prepared once: pip install 'jaxgan[prepare]' && tfds build {name} --file_format=array_record"


GANS = Configuration(GAN(data=Ring()))  # which has no size that others would take over

POINTS = GANS.replace(
    # of the data: nothing; the noise and the closed octaves show their outline first
    data="spirals",
    network="mlp",
    generator_hidden=(128, 128, 128),
    discriminator_hidden=(128, 128, 128),
    standardize=True,
    octaves=8,
    octave_falloff=0.25,
    octave_opening=(0.45, 0.85),
    latent_size=12,
    latent_signs=10,
    loss="relativistic_pairing",
    r1=0.025,
    r2=0.025,
    instance_noise=1.0,
    instance_noise_share=0.2,
    generator_rate=5e-4,
    discriminator_rate=3e-3,
    b1=0.0,
    schedule="cosine",
    batch_size=256,
    steps=18_000,
    steps_per_call=50,
    log_every=1000,
    sample_every=3000,
    checkpoint_every=3000,
)

MNIST_DCGAN = GANS.replace(
    data="tfds:mnist",
    width=32,
    r1=0.3,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    steps=10_000,
    sample_every=1000,
    checkpoint_every=1000,
)

DCGAN = GANS.replace(
    data="tfds:cifar10",
    latent="uniform",
    batch_size=128,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    b1=0.5,
    sample_every=1000,
    checkpoint_every=1000,
)

SNGAN_CIFAR = GANS.replace(
    # Miyato et al., 2018, as in their program: configs/sn_cifar10_unconditional.yml; each part of the batch has 64 rows
    data="tfds:cifar10",
    dequantize=True,
    network="sn_resnet",
    latent_size=128,
    loss="hinge",
    spectral_norm=True,
    discriminator_steps=5,
    generator_parts=2,
    batch_size=(5 + 2) * 64,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    b1=0.0,
    b2=0.9,
    schedule="linear",
    ema_decay=0.0,
    steps=50_000,
    sample_every=1000,
    checkpoint_every=1000,
)

BIGGAN_CIFAR = GANS.replace(
    # scripts/launch_cifar_ema.sh of BigGAN-PyTorch, the first author's program: all batches are of 50 images
    data="tfds:cifar10",
    network="biggan",
    width=64,
    hierarchical=False,
    initialization="normal",
    condition="labels",
    latent_size=128,
    loss="hinge",
    spectral_norm=True,
    generator_spectral_norm=True,
    discriminator_steps=4,
    generator_parts=1,
    batch_size=(4 + 1) * 50,
    generator_rate=2e-4,
    discriminator_rate=2e-4,
    b1=0.0,
    b2=0.999,
    ema_decay=0.9999,
    ema_start=999,
    steps=125_000,
    sample_every=1000,
    checkpoint_every=1000,
)

R3GAN_CIFAR = GANS.replace(
    # Huang et al., 2024, the appendix's table of hyper-parameters: burn-in of 20 million images, average of 5 million,
    # counted as in their program, where each player has its own 512 images in a step
    data="tfds:cifar10",
    network="r3gan",
    widths=(768, 768, 768, 768),
    condition="labels",
    latent_size=64,
    loss="relativistic_pairing",
    r1=0.005,
    r2=0.005,
    augment="r3gan",
    augment_probability=0.55,
    generator_parts=1,
    batch_size=2 * 512,
    generator_rate=5e-5,
    discriminator_rate=5e-5,
    b1=0.0,
    b2=0.99,
    ema_decay=0.5 ** (512 / 5_000_000),
    schedule="burn_in",
    burn_in=20_000_000 // 512,
    burn_in_rate=4.0,
    burn_in_penalty=10.0,
    burn_in_b2=0.9,
    mirror=True,
    steps=200_000,
    sample_every=1000,
    checkpoint_every=1000,
)

STYLEGAN2 = GANS.replace(
    # Karras et al., Training Generative Adversarial Networks with Limited Data, 2020: the authors' PyTorch program with
    # --cfg=paper256 --aug=noaug --mirror=1
    data="folder:ffhq",
    image_size=256,
    network="stylegan2",
    channel_base=16384,
    latent_size=512,
    stddev_group=8,
    r1=1.0,
    penalty_every=16,
    path_length=2.0,
    batch_size=64,
    generator_rate=2.5e-3,
    discriminator_rate=2.5e-3,
    b1=0.0,
    b2=0.99,
    ema_decay=0.5 ** (64 / 20_000),
    ema_warmup=1.0,
    mirror=True,
    steps=25_000_000 // 64,
    log_every=125,
    sample_every=5000,
    checkpoint_every=5000,
)

PRESETS = {
    "digits": Preset(
        "class-conditional DCGAN with R1 on bundled digits",
        GANS.replace(
            data="digits",
            image_size=16,
            width=32,
            condition="labels",
            r1=0.3,
            generator_rate=1e-3,
            discriminator_rate=1e-3,
            ema_decay=0.996,
            steps=2500,
        ),
        DataShape((16, 16, 1), 10),
        NOTHING,
    ),
    "points": Preset("dense layers, relativistic pairing, any points", POINTS, DataShape((2,), None), NOTHING),
    "ring": Preset("the same on 8 Gaussians", POINTS.replace(data="ring"), DataShape((2,), 8), NOTHING),
    "grid": Preset("the same on 25 Gaussians", POINTS.replace(data="grid"), DataShape((2,), 25), NOTHING),
    "article-mnist": Preset(
        "dense layers, labels appended, 50 epochs",
        GANS.replace(
            data="tfds:mnist",
            network="mlp",
            projection=False,
            condition="labels",
            batch_size=128,
            steps=50 * (60_000 // 128),
            log_every=100,
            sample_every=2000,
            checkpoint_every=2000,
        ),
        MNIST,
        _prepared("mnist"),
    ),
    "dcgan-mnist": Preset("DCGAN with R1", MNIST_DCGAN, MNIST, _prepared("mnist")),
    "conditional-mnist": Preset(
        "class-conditional DCGAN with R1", MNIST_DCGAN.replace(condition="labels"), MNIST, _prepared("mnist")
    ),
    "wgan-gp-mnist": Preset(
        "DCGAN as WGAN-GP: 5 critic steps, gradient penalty 10",
        MNIST_DCGAN.replace(
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
        "DCGAN, spectral normalisation and hinge loss",
        MNIST_DCGAN.replace(
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
        "DCGAN as in its paper, CIFAR-10",
        DCGAN.replace(data="tfds:cifar10", steps=50_000),
        CIFAR,
        _prepared("cifar10"),
    ),
    "dcgan-celeba-64": Preset(
        "DCGAN as in its paper, CelebA, 64 pixels",
        DCGAN.replace(data="tfds:celeb_a", image_size=64, steps=100_000),
        DataShape((64, 64, 3), None),
        _prepared("celeb_a"),
    ),
    "sngan-cifar10": Preset(
        "SN-ResNet, hinge loss, 5 critic steps, CIFAR-10",
        SNGAN_CIFAR,
        CIFAR,
        _prepared("cifar10"),
    ),
    "biggan-cifar10": Preset(
        "class-conditional BigGAN, CIFAR-10",
        BIGGAN_CIFAR,
        CIFAR,
        _prepared("cifar10"),
    ),
    "r3gan-cifar10": Preset(
        "class-conditional R3GAN with its burn-in, CIFAR-10",
        R3GAN_CIFAR,
        CIFAR,
        _prepared("cifar10"),
    ),
    "r3gan-mnist": Preset(
        "a small R3GAN, a fifth of the run as burn-in",
        R3GAN_CIFAR.replace(
            data="tfds:mnist",
            widths=(128, 64, 32),
            condition="none",
            r1=0.1,
            r2=0.1,
            augment="none",
            generator_parts=0,
            batch_size=64,
            generator_rate=2e-4,
            discriminator_rate=2e-4,
            ema_decay=0.999,
            burn_in=2000,
            mirror=False,
            steps=10_000,
        ),
        MNIST,
        _prepared("mnist"),
    ),
    "stylegan2-ffhq-256": Preset(
        "StyleGAN2, lazy R1, path length, faces, 256 pixels",
        STYLEGAN2,
        DataShape((256, 256, 3), None),
        "a folder of images: --data folder:PATH",
    ),
    "stylegan2-ada-cifar10": Preset(
        "class-conditional StyleGAN2 with ADA, CIFAR-10",
        STYLEGAN2.replace(  # the same program with --cfg=cifar --cond=1
            data="tfds:cifar10",
            image_size=None,
            condition="labels",
            augment="ada",
            channel_base=32768,
            mapping_layers=2,
            mixing=0.0,
            stddev_group=32,
            residual=False,
            r1=0.01,
            path_length=0.0,
            generator_rate=2e-3,  # 2.5e-3 with the correction for path length regularisation, though there is none
            ema_decay=0.5 ** (64 / 500_000),
            ema_warmup=1 + math.log(2) / 0.05,  # of the programs' half-life of at most 0.05 t, but for terms of 1/t²
            mirror=False,
            steps=100_000_000 // 64,
        ),
        CIFAR,
        _prepared("cifar10"),
    ),
    "pix2pix": Preset(
        "edges to bundled digits, from pairs", translation_presets.PIX2PIX, DataShape((16, 16, 1), None), NOTHING
    ),
    "pix2pix-facades": Preset(
        "pix2pix as in its paper, 256 pixels",
        translation_presets.PIX2PIX_FACADES,
        DataShape((256, 256, 3), None),
        "a folder of pairs, such as facades: --data pairs:PATH",
    ),
    "pix2pixhd-digits": Preset(
        "the same by residual blocks against two scales",
        translation_presets.PIX2PIXHD_DIGITS,
        DataShape((16, 16, 1), None),
        NOTHING,
    ),
    "pix2pixhd-facades": Preset(
        "pix2pixHD as in its program, 256 pixels",
        translation_presets.PIX2PIXHD_FACADES,
        DataShape((256, 256, 3), None),
        "a folder of pairs, such as facades: --data pairs:PATH",
    ),
    "colorize-photos": Preset(
        "gray to colour, parts of two bundled photographs",
        translation_presets.COLORIZE_PHOTOS,
        DataShape((32, 32, 3), None),
        NOTHING,
    ),
    "colorize": Preset(
        "gray to colour by pix2pix, 256 pixels",
        translation_presets.COLORIZE,
        DataShape((256, 256, 3), None),
        "a folder of images in colour: --data colours:PATH",
    ),
    "spade-digits": Preset(
        "edges to bundled digits, with the edges in every norm",
        translation_presets.SPADE_DIGITS,
        DataShape((16, 16, 1), None),
        NOTHING,
    ),
    "spade-facades": Preset(
        "SPADE as in its program, 256 pixels",
        translation_presets.SPADE_FACADES,
        DataShape((256, 256, 3), None),
        "a folder of pairs, such as facades: --data pairs:PATH",
    ),
    "esrgan-digits": Preset(
        "super-resolution of bundled digits, 8 to 32 pixels",
        translation_presets.ESRGAN_DIGITS,
        DataShape((32, 32, 1), None),
        NOTHING,
    ),
    "esrgan-div2k": Preset(
        "ESRGAN as in its program, 32 to 128 pixels",
        translation_presets.ESRGAN_DIV2K,
        DataShape((128, 128, 3), None),
        "folders of small and large images, such as DIV2K's: --data pairs:PATH",
    ),
    "stargan-v2-digits": Preset(
        "digits plain, thick, outlined: each in the others' style",
        translation_presets.STARGAN_V2_DIGITS,
        DataShape((16, 16, 1), 3),
        NOTHING,
    ),
    "stargan-v2-afhq": Preset(
        "StarGAN v2 as in its program, 256 pixels",
        translation_presets.STARGAN_V2_AFHQ,
        DataShape((256, 256, 3), 3),
        "a folder of classes, such as afhq/train: --data folder:PATH",
    ),
    "cyclegan-digits": Preset(
        "digits to inverted ones and back, without pairs",
        translation_presets.CYCLEGAN_DIGITS,
        DataShape((16, 16, 1), None),
        NOTHING,
    ),
    "cyclegan-horse2zebra": Preset(
        "CycleGAN as in its paper, 256 pixels",
        translation_presets.CYCLEGAN_HORSE2ZEBRA,
        DataShape((256, 256, 3), None),
        TWO_DOMAINS,
    ),
    "cut-digits": Preset(
        "digits to inverted ones, without pairs or a way back",
        translation_presets.CUT_DIGITS,
        DataShape((16, 16, 1), None),
        NOTHING,
    ),
    "cut-horse2zebra": Preset(
        "CUT as in its paper, 256 pixels",
        translation_presets.CUT_HORSE2ZEBRA,
        DataShape((256, 256, 3), None),
        TWO_DOMAINS,
    ),
    "fastcut-horse2zebra": Preset(
        "the same with FastCUT's weights and steps",
        translation_presets.FASTCUT_HORSE2ZEBRA,
        DataShape((256, 256, 3), None),
        TWO_DOMAINS,
    ),
    "relgan-grammar": Preset(
        "sentences of a made grammar: likelihood, then RelGAN",
        text_presets.RELGAN_GRAMMAR,
        DataShape((16, 34), None),
        NOTHING,
    ),
    "relgan-oracle": Preset(
        "the same on sequences of an LSTM of random weights",
        text_presets.RELGAN_ORACLE,
        DataShape((20, 200), None),
        NOTHING,
    ),
    "bigan-ring": Preset(
        "8 Gaussians with their latents, BiGAN",
        joined_presets.BIGAN_RING,
        DataShape((2,), 8),
        NOTHING,
    ),
    "bigan-grid": Preset(
        "the same on 25 Gaussians",
        joined_presets.BIGAN_GRID,
        DataShape((2,), 25),
        NOTHING,
    ),
    "distill-digits": Preset(
        "bundled digits in one step, from a diffusion model, DMD2",
        joined_presets.DISTILL_DIGITS,
        DataShape((16, 16, 1), 10),
        NOTHING,
    ),
    "vqgan-digits": Preset(
        "bundled digits by 16 codes out of 32, VQGAN",
        joined_presets.VQGAN_DIGITS,
        DataShape((16, 16, 1), None),
        NOTHING,
    ),
    "vqgan-256": Preset(
        "VQGAN as in its program, 256 pixels",
        joined_presets.VQGAN_FOLDER,
        DataShape((256, 256, 3), None),
        "a folder of images: --data folder:PATH",
    ),
    "vae-gan-digits": Preset(
        "bundled digits by 16 normal codes, VAE-GAN",
        joined_presets.VAE_GAN_DIGITS,
        DataShape((16, 16, 1), None),
        NOTHING,
    ),
    "vae-gan-256": Preset(
        "VAE-GAN as in latent diffusion's program, 256 pixels",
        joined_presets.VAE_GAN_FOLDER,
        DataShape((256, 256, 3), None),
        "a folder of images: --data folder:PATH",
    ),
    "wavegan-tones": Preset(
        "plucked strings, chirps and drums as waveforms",
        sound_presets.WAVEGAN_TONES,
        DataShape((1024, 1), None),
        NOTHING,
    ),
    "wavegan-sc09": Preset(
        "WaveGAN as in its program, a second of 16 kHz",
        sound_presets.WAVEGAN_SC09,
        DataShape((16_384, 1), None),
        "a folder of WAV files, such as sc09/train: --data wav:PATH",
    ),
    "hifigan-tones": Preset(
        "strings, chirps and drums from their mel spectrograms",
        sound_presets.HIFIGAN_TONES,
        DataShape((1024, 1), None),
        NOTHING,
    ),
    "hifigan-ljspeech": Preset(
        "HiFi-GAN V3 as in its program, speech of 22 kHz",
        sound_presets.HIFIGAN_LJSPEECH,
        DataShape((8192, 1), None),
        "a folder of WAV files, such as LJSpeech-1.1/wavs: --data wav:PATH",
    ),
    "mocogan-digits": Preset(
        "clips of digits that move and bounce",
        clip_presets.MOCOGAN_DIGITS,
        DataShape((16, 16, 16, 1), None, "clips"),
        NOTHING,
    ),
    "dcgan3d-digits": Preset(
        "clips of digits that move and bounce, DCGAN over time",
        clip_presets.DCGAN_3D_DIGITS,
        DataShape((16, 16, 16, 1), None, "clips"),
        NOTHING,
    ),
    "mocogan-actions": Preset(
        "MoCoGAN as in its program, 16 frames of 64 pixels",
        clip_presets.MOCOGAN_ACTIONS,
        DataShape((16, 64, 64, 3), None, "clips"),
        "a folder of clips, such as people who act: --data clips:PATH",
    ),
}


def preset(name: str) -> Configuration:
    """The configuration of that name; change options by its `replace`.

    Raises:
        ValueError: naming those that there are.

    Examples:
        >>> jaxgan.preset("digits").replace(steps=500).program.steps
        500
    """
    require_choice("preset", name, tuple(PRESETS))
    return PRESETS[name].config
