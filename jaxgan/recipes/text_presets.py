"""Named configurations that make texts, within minutes."""

import jaxgan
from jaxgan.configuration import Configuration
from jaxgan.recipes.rates import Rates
from jaxgan.recipes.relgan import RelGAN
from jaxgan.recipes.rules import Alternating
from jaxgan.recipes.text_sources import Grammar

RELGAN_GRAMMAR = Configuration(
    RelGAN(
        data=Grammar(),
        discriminator_embedding=16,
        representations=4,
        filters=32,
        adversarial_share=0.5,
        pretraining_rate=5e-3,
        rule=Alternating(b1=0.9, discriminator_steps=1),
        rates=Rates(1e-4, 1e-4),
    ),
    jaxgan.Program(batch_size=64, steps=4000, steps_per_call=10, sample_every=1000, checkpoint_every=1000),
)

RELGAN_ORACLE = RELGAN_GRAMMAR.replace(data="oracle", vocabulary_size=200)
