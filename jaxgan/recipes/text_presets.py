"""Named configurations that make texts, within minutes."""

import jaxgan
from jaxgan.configuration import Configuration
from jaxgan.recipes.rates import Rates
from jaxgan.recipes.relgan import RelGAN
from jaxgan.recipes.text_sources import Grammar

RELGAN_GRAMMAR = Configuration(
    # for minutes on two cores: a small discriminator, and a generator that learns at half the program's rates
    RelGAN(
        data=Grammar(),
        discriminator_embedding=16,
        representations=4,
        filters=32,
        adversarial_share=0.25,
        pretraining_rate=5e-3,
        rates=Rates(5e-5, 1e-4),
    ),
    jaxgan.Program(batch_size=(5 + 1) * 64, steps=2000, steps_per_call=10, sample_every=500, checkpoint_every=500),
)

RELGAN_ORACLE = RELGAN_GRAMMAR.replace(data="oracle", vocabulary_size=200)
