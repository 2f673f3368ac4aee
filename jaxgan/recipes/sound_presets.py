"""Named configurations that make sounds: of made ones within minutes, and as the papers have them."""

import jaxgan
from jaxgan.configuration import Configuration
from jaxgan.recipes.hifigan import HiFiGAN
from jaxgan.recipes.rates import Average, Linear, Rates
from jaxgan.recipes.rules import Alternating
from jaxgan.recipes.sound_sources import Tones, Wav
from jaxgan.recipes.wavegan import WaveGAN

WAVEGAN_TONES = Configuration(
    # for minutes on two cores: two steps of the critic at ten times the rates, which fall, and phases as they are
    WaveGAN(
        data=Tones(1024),
        generator_width=16,
        discriminator_width=16,
        phase_shuffle=0,
        rule=Alternating(b1=0.5, b2=0.9, discriminator_steps=2),
        rates=Rates(1e-3, 1e-3, Linear(constant_share=0.5)),
        average=Average(0.995),
    ),
    jaxgan.Program(batch_size=2 * 32, steps=5000, steps_per_call=10, sample_every=1000, checkpoint_every=1000),
)

WAVEGAN_SC09 = Configuration(
    # train_wavegan.py of the authors' program, with its README's options for SC09; each move has 64 rows of its own
    WaveGAN(data=Wav("sc09/train"), average=Average(0.0)),
    jaxgan.Program(batch_size=(5 + 1) * 64, steps=200_000, sample_every=2000, checkpoint_every=2000),
)

HIFIGAN_TONES = Configuration(
    # for minutes on two cores: narrow networks, two scales, and rates that are five times as high and fall; these
    # sounds are silent where recordings have noise, so that the floor is higher
    HiFiGAN(
        data=Tones(1024),
        generator_width=64,
        upsampling=(8, 4, 2),
        bands=40,
        highest=None,
        floor=1e-3,
        scales=2,
        period_width=2,
        scale_width=16,
        rates=Rates(1e-3, 1e-3, Linear(constant_share=0.5)),
        average=Average(0.99),
    ),
    jaxgan.Program(batch_size=16, steps=1500, steps_per_call=10, sample_every=750, checkpoint_every=750),
)

HIFIGAN_LJSPEECH = Configuration(
    # train.py of the authors' program with config_v3.json; the schedule has an epoch of 12,950 of the 13,100 files
    HiFiGAN(data=Wav("LJSpeech-1.1/wavs", 22_050, 8192, parts="all"), average=Average(0.0)),
    jaxgan.Program(batch_size=16, steps=2_500_000, sample_every=5000, checkpoint_every=5000),
)
