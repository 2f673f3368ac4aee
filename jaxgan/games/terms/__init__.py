"""Terms, which add to the players' losses: `jaxgan.gan(terms=[...])`.

A term of your own is a function `(context) -> (Players, info)`; see `jaxgan.games.term` for what the context holds, and
for a `Term` with parameters, variables, features or further samples. Penalties `(critic, real, fake, turn) -> scalar`
are terms too. `every(n, term)` takes any of them every n steps.

Examples:
    >>> def players(*terms, **options):
    ...     '''A small game with terms.'''
    ...     generator = jaxgan.networks.MLPGenerator(output_shape=(2,), hidden=(8,))
    ...     discriminator = jaxgan.networks.MLPDiscriminator(hidden=(8,))
    ...     return jaxgan.gan(
    ...         generator, discriminator, loss=jaxgan.losses.hinge(), terms=terms, latent_size=4, **options
    ...     )
"""

from jaxgan.games.auxiliary import classifier, contrastive, twin
from jaxgan.games.pairs import latent_consistency, mode_seeking
from jaxgan.games.penalties import (
    balanced_consistency,
    consistency,
    dragan,
    every,
    gradient_penalty,
    one_sided,
    r1,
    r2,
    zero_centered,
)
from jaxgan.games.term import Context, GeneratorContext, Shapes, Term, term
from jaxgan.games.terms.diversity import diversity
from jaxgan.games.terms.feature_matching import feature_matching
from jaxgan.games.terms.layer_matching import layer_matching
from jaxgan.games.terms.lecam import lecam
from jaxgan.games.terms.patch_nce import patch_nce
from jaxgan.games.terms.path_length import path_length
from jaxgan.games.terms.perceptual import perceptual
from jaxgan.games.terms.reconstruction import reconstruction
from jaxgan.games.terms.style import style_cycle, style_reconstruction
from jaxgan.games.terms.total_variation import total_variation

__all__ = [
    "Context",
    "GeneratorContext",
    "Shapes",
    "Term",
    "balanced_consistency",
    "classifier",
    "consistency",
    "contrastive",
    "diversity",
    "dragan",
    "every",
    "feature_matching",
    "gradient_penalty",
    "latent_consistency",
    "layer_matching",
    "lecam",
    "mode_seeking",
    "one_sided",
    "patch_nce",
    "path_length",
    "perceptual",
    "r1",
    "r2",
    "reconstruction",
    "style_cycle",
    "style_reconstruction",
    "term",
    "total_variation",
    "twin",
    "zero_centered",
]
