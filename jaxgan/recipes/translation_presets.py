"""Named configurations that translate pictures: of bundled digits within minutes, and as the papers have them."""

import jaxgan
from jaxgan.configuration import Configuration
from jaxgan.recipes.cut import CUT
from jaxgan.recipes.cyclegan import CycleGAN
from jaxgan.recipes.esrgan import ESRGAN
from jaxgan.recipes.pix2pix import Pix2Pix
from jaxgan.recipes.pix2pix_hd import Pix2PixHD
from jaxgan.recipes.rates import Average, Constant, Halving, Linear, Rates
from jaxgan.recipes.spade import SPADE
from jaxgan.recipes.stargan_v2 import StarGANv2
from jaxgan.recipes.translation_sources import (
    Classes,
    Colours,
    DigitStyles,
    EdgesToDigits,
    GrayToColourPhotos,
    InvertedDigits,
    Pairs,
    Unpaired,
)

PIX2PIX = Configuration(
    Pix2Pix(data=EdgesToDigits(16), generator_width=16, discriminator_width=16, patch_layers=1, average=Average(0.995)),
    jaxgan.Program(batch_size=32, steps=2000, steps_per_call=10),
)

PIX2PIX_FACADES = Configuration(
    # scripts/train_pix2pix.sh of the authors' PyTorch program: 200 epochs of 400 facades, from labels to photographs
    Pix2Pix(data=Pairs("facades", direction="BtoA", image_size=286, crop=256, mirror=True), average=Average(0.0)),
    jaxgan.Program(batch_size=1, steps=200 * 400, log_every=400, sample_every=2000, checkpoint_every=4000),
)

COLORIZE_PHOTOS = Configuration(
    Pix2Pix(
        data=GrayToColourPhotos(),
        keep_luma=True,
        generator_width=16,
        discriminator_width=16,
        patch_layers=1,
        dropout=0.0,
        average=Average(0.99),
    ),
    jaxgan.Program(batch_size=16, steps=1000, steps_per_call=10, log_every=50, sample_every=250, checkpoint_every=500),
)

COLORIZE = Configuration(
    # batch and steps of the facades; the authors' program makes the two colours of CIELAB, this those of YCbCr
    Pix2Pix(data=Colours("photos", image_size=256, mirror=True), keep_luma=True, average=Average(0.0)),
    jaxgan.Program(batch_size=1, steps=200 * 400, log_every=400, sample_every=2000, checkpoint_every=4000),
)

PIX2PIXHD_DIGITS = Configuration(
    Pix2PixHD(
        data=EdgesToDigits(16),
        generator_width=8,
        blocks=2,
        halvings=1,
        discriminator_width=16,
        patch_layers=1,
        rates=Rates(1e-3, 1e-3, Linear(constant_share=0.5)),
        average=Average(0.99),
    ),
    jaxgan.Program(batch_size=16, steps=1000, steps_per_call=10, log_every=50, sample_every=250, checkpoint_every=500),
)

PIX2PIXHD_FACADES = Configuration(
    # the program's defaults: 200 epochs, here of 400 facades at 256 pixels
    Pix2PixHD(data=Pairs("facades", direction="BtoA", image_size=286, crop=256, mirror=True), average=Average(0.0)),
    jaxgan.Program(batch_size=1, steps=200 * 400, log_every=400, sample_every=2000, checkpoint_every=4000),
)

CYCLEGAN_DIGITS = Configuration(
    # no identity: a digit that is inverted is not to keep its colours; no norm: some seeds with it do not invert
    CycleGAN(
        data=InvertedDigits(16),
        generator_width=8,
        blocks=2,
        halvings=1,
        discriminator_width=16,
        patch_layers=1,
        norm="none",
        identity_share=0.0,
        rates=Rates(1e-3, 1e-3, Linear(constant_share=0.5)),
        average=Average(0.98),
    ),
    jaxgan.Program(batch_size=16, steps=800, steps_per_call=10, log_every=50, sample_every=200, checkpoint_every=200),
)

CUT_DIGITS = Configuration(
    # with deeper maps labels are lost; rates that fall, or Glorot's kernels, are slower
    CUT(
        data=InvertedDigits(16),
        generator_width=8,
        blocks=2,
        halvings=1,
        discriminator_width=16,
        patch_layers=1,
        nce_maps=(0, 1),
        patches=64,
        head_size=32,
        kernel_init="normal",
        rates=Rates(1e-3, 1e-3, Constant()),
        average=Average(0.97),
    ),
    jaxgan.Program(batch_size=16, steps=400, steps_per_call=10, log_every=50, sample_every=100, checkpoint_every=100),
)

SPADE_DIGITS = Configuration(
    SPADE(
        data=EdgesToDigits(16),
        generator_width=8,
        doublings=2,
        hidden=16,
        discriminator_width=16,
        patch_layers=1,
        rates=Rates(5e-4, 2e-3, Constant()),
        average=Average(0.99),
    ),
    jaxgan.Program(batch_size=16, steps=1000, steps_per_call=10, log_every=50, sample_every=250, checkpoint_every=500),
)

SPADE_FACADES = Configuration(
    # the program's defaults for facades: 50 epochs of 400 facades
    SPADE(data=Pairs("facades", direction="BtoA", image_size=286, crop=256, mirror=True), average=Average(0.0)),
    jaxgan.Program(batch_size=1, steps=50 * 400, log_every=400, sample_every=2000, checkpoint_every=4000),
)

ESRGAN_DIGITS = Configuration(
    ESRGAN(
        generator_width=16,
        blocks=1,
        growth=8,
        discriminator_width=16,
        distance_weight=1.0,
        perceptual_weight=0.1,
        adversarial_weight=0.02,
        rates=Rates(1e-3, 1e-3, Halving((0.5, 0.75))),
        average=Average(0.98),
    ),
    jaxgan.Program(batch_size=16, steps=600, steps_per_call=10, log_every=50, sample_every=200, checkpoint_every=200),
)

ESRGAN_DIV2K = Configuration(
    # options/train/ESRGAN/train_ESRGAN_x4.yml of BasicSR: parts of 128 pixels of DIV2K, in trainB, and of 32, in trainA
    ESRGAN(data=Pairs("DIV2K", crop=128, mirror=True)),
    jaxgan.Program(batch_size=16, steps=400_000, log_every=100, sample_every=5000, checkpoint_every=5000),
)

STARGAN_V2_DIGITS = Configuration(
    StarGANv2(
        data=DigitStyles(16),
        generator_width=16,
        widest=32,
        halvings=1,
        style_size=8,
        hidden=32,
        mapping_rate=0.1,
        cycle_weight=20.0,
        diversity_weight=0.1,
        r1=0.3,
        rates=Rates(1e-3, 1e-3),
        average=Average(0.99),
    ),
    jaxgan.Program(batch_size=32, steps=1000, steps_per_call=10, log_every=50, sample_every=250, checkpoint_every=250),
)

STARGAN_V2_AFHQ = Configuration(
    # README.md and main.py of the authors' program, for animal faces; 8 sources and as many images of new classes
    StarGANv2(data=Classes("afhq/train", image_size=256, mirror=True), diversity_weight=2.0),
    jaxgan.Program(batch_size=2 * 8, steps=100_000, log_every=100, sample_every=5000, checkpoint_every=10_000),
)

HORSE2ZEBRA = Unpaired("horse2zebra", image_size=286, crop=256, mirror=True)

CYCLEGAN_HORSE2ZEBRA = Configuration(
    # 200 epochs of the larger domain, 1,334 zebras
    CycleGAN(data=HORSE2ZEBRA, average=Average(0.0)),
    jaxgan.Program(batch_size=1, steps=200 * 1334, log_every=400, sample_every=2000, checkpoint_every=4000),
)

CUT_HORSE2ZEBRA = Configuration(
    # 200 epochs at the first rate, and 200 in which it falls
    CUT(data=HORSE2ZEBRA, average=Average(0.0)),
    jaxgan.Program(batch_size=1, steps=400 * 1334, log_every=400, sample_every=2000, checkpoint_every=4000),
)
FASTCUT_HORSE2ZEBRA = CUT_HORSE2ZEBRA.replace(
    nce_weight=10.0, identity=False, flip_equivariance=True, constant_share=0.75, steps=200 * 1334
)
