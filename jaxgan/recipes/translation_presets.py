"""Named configurations that translate pictures: of bundled digits within minutes, and as the papers have them."""

import jaxgan
from jaxgan.configuration import Configuration
from jaxgan.recipes.cut import CUT
from jaxgan.recipes.cyclegan import CycleGAN
from jaxgan.recipes.pix2pix import Pix2Pix
from jaxgan.recipes.rates import Average, Linear, Rates
from jaxgan.recipes.translation_sources import EdgesToDigits, InvertedDigits, Pairs, Unpaired

PIX2PIX = Configuration(
    Pix2Pix(data=EdgesToDigits(16), generator_width=16, discriminator_width=16, patch_layers=1, average=Average(0.995)),
    jaxgan.Program(batch_size=32, steps=2000, steps_per_call=10),
)

PIX2PIX_FACADES = Configuration(
    # scripts/train_pix2pix.sh of the authors' PyTorch program: 200 epochs of 400 facades, from labels to photographs
    Pix2Pix(data=Pairs("facades", direction="BtoA", image_size=286, crop=256, mirror=True), average=Average(0.0)),
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
FASTCUT_HORSE2ZEBRA = CUT_HORSE2ZEBRA.replace(nce_weight=10.0, identity=False, constant_share=0.75, steps=200 * 1334)
