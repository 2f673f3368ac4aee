"""Short ways from flat options to what the program takes."""

from jaxgan import Configuration
from jaxgan.program import preparation
from jaxgan.recipes.gan import GAN, UNTRUNCATED
from jaxgan.recipes.networks import Sample


def configured(**options):
    """The recipe GAN and a program with these options."""
    return Configuration(GAN()).replace(**options)


def prepare(configuration, *, name="x", **rest):
    """As `preparation.prepare`, of a configuration."""
    return preparation.prepare(configuration.recipe, configuration.program, name=name, **rest)


def build(configuration, of):
    """The algorithm of a configuration for data of this shape."""
    return configuration.recipe.experiment(of, configuration.program.steps).algorithm


def flat(configuration):
    """All options of a configuration by their names."""
    return {**preparation.flat(configuration.recipe), **preparation.flat(configuration.program)}


def players(configuration, shape, truncation=UNTRUNCATED):
    """Both networks of a configuration."""
    recipe = configuration.recipe
    return recipe.network.players(Sample(shape, None, recipe.latents.latent_size, truncation))


def optimizers(configuration):
    """Both optimizers of a configuration."""
    recipe = configuration.recipe
    moves = 2 if "extragradient" in recipe.rule.NAME else 1
    critic = getattr(recipe.rule, "discriminator_steps", 1)
    return recipe.rule.adam(recipe.rates, configuration.program.steps, (moves, moves * critic))
