"""All that adds to the players' losses: `jaxgan.gan(terms=[...])`.

A term of your own is a function `(context) -> (Players, info)`; see `jaxgan.games.term` for what the context holds, and
for a `Term` with parameters, variables, features or further samples. Penalties `(critic, real, fake, turn) -> scalar`
are terms too. `every(n, term)` takes any of them every n steps.
"""

from jaxgan.games.auxiliary import classifier as classifier
from jaxgan.games.auxiliary import contrastive as contrastive
from jaxgan.games.auxiliary import twin as twin
from jaxgan.games.pairs import latent_consistency as latent_consistency
from jaxgan.games.pairs import mode_seeking as mode_seeking
from jaxgan.games.penalties import balanced_consistency as balanced_consistency
from jaxgan.games.penalties import consistency as consistency
from jaxgan.games.penalties import dragan as dragan
from jaxgan.games.penalties import every as every
from jaxgan.games.penalties import gradient_penalty as gradient_penalty
from jaxgan.games.penalties import one_sided as one_sided
from jaxgan.games.penalties import r1 as r1
from jaxgan.games.penalties import r2 as r2
from jaxgan.games.penalties import zero_centered as zero_centered
from jaxgan.games.term import Context as Context
from jaxgan.games.term import GeneratorContext as GeneratorContext
from jaxgan.games.term import Shapes as Shapes
from jaxgan.games.term import Term as Term
from jaxgan.games.term import term as term
from jaxgan.games.terms.feature_matching import feature_matching as feature_matching
from jaxgan.games.terms.lecam import lecam as lecam
from jaxgan.games.terms.path_length import path_length as path_length
from jaxgan.games.terms.reconstruction import reconstruction as reconstruction
