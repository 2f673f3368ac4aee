"""The recipe of texts, RelGAN with an LSTM, and the maximum of the likelihood beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import jaxgan
from jaxgan.checks import require
from jaxgan.options import Range, conform
from jaxgan.recipes import rules
from jaxgan.recipes.pix2pix import Width
from jaxgan.recipes.rates import Average, Rates
from jaxgan.recipes.rules import Alternating, Rule
from jaxgan.recipes.text_sources import Grammar, Texts, blanks

if TYPE_CHECKING:
    from jaxtyping import Array, Float

    from jaxgan.core import Dynamics, Game, GANState, Turn
    from jaxgan.data.dataset import Dataset
    from jaxgan.experiment import Experiment
    from jaxgan.networks import LSTMGenerator
    from jaxgan.recipes.recipe import DataShape

CLIP = 5.0
"""Largest norm of the gradient of the likelihood."""


@dataclass(frozen=True)
class RelGAN:
    """Texts: an LSTM that first learns by likelihood, then against RelGAN's discriminator by relaxed tokens.

    In the adversarial steps β, by which scores of tokens are multiplied, rises exponentially from 1 to
    `inverse_temperature`. With `adversarial_share=0` the same generator learns by likelihood alone: the baseline.

    Reference:
        Nie et al., [RelGAN: Relational Generative Adversarial Networks for Text
        Generation](https://openreview.net/forum?id=rJedV3R5tm), 2019; the numbers are those of the authors' program
        with `lstm_vanilla`. It clips gradients in the adversarial steps too.
    """

    MEDIUM: ClassVar[str] = "tokens"
    PLACE: ClassVar[tuple[str, ...]] = ("data",)
    data: Texts = Grammar()
    """Texts to train on."""
    generator_hidden: Width = 32
    """Size of the generator's state and of its embeddings of tokens."""
    discriminator_embedding: Width = 64
    """Numbers in all embeddings of a token by the discriminator."""
    representations: Width = 64
    """Number of embeddings, into which these numbers are split."""
    filters: Width = 300
    """Channels of each of the discriminator's four convolutions."""
    adversarial_share: Annotated[float, Range(0, at_most=1)] = 0.2
    """Share of the steps that are adversarial; they come last."""
    pretraining_rate: Annotated[float, Range(0)] = 1e-2
    """Learning rate of the generator while it learns by likelihood."""
    inverse_temperature: Annotated[float, Range(1)] = 100.0
    """β at the end."""
    straight_through: bool = False
    """Show the discriminator one-hot tokens, with the gradients of relaxed ones."""
    rule: Rule = Alternating(b1=0.9, discriminator_steps=5, generator_parts=1)
    """How the players move in the adversarial steps."""
    rates: Rates = Rates(1e-4, 1e-4)
    average: Average = Average(0.0)
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision between the layers of all networks."""

    def __post_init__(self) -> None:
        conform(self)
        self.average.check(self.rates.schedule)
        size, parts = self.discriminator_embedding, self.representations
        require(size % parts == 0, f"representations={parts} must divide discriminator_embedding={size}")

    @property
    def dtype(self) -> str | None:
        """Dtype of what the networks compute; None: that of the data."""
        return None if self.precision == "float32" else self.precision

    def dataset(self) -> "Dataset":
        """Load the texts."""
        return self.data.dataset()

    def asked_for(self, of: "DataShape") -> "Dataset":
        """Replacement for texts that are not there."""
        return blanks(self.data, of)

    def experiment(self, data: Any, steps: int) -> "Experiment":
        """The experiment on these texts.

        Raises:
            ValueError: if the longest text is shorter than the widest filter of the discriminator.
        """
        from jaxgan.networks.relgan import SIZES

        require(
            data.shape[0] >= SIZES[-1],
            f"RelGAN needs a text of at least {SIZES[-1]} tokens, but the longest has {data.shape[0]}; with "
            f"unit=characters a line has more tokens than with unit=words",
        )
        generator, alone = self.generator(data, steps), self.pretraining_steps(steps)
        rule = self.pretrained(generator, self.rule.dynamics(self.rates, max(1, steps - alone)), alone)
        average = self.average
        algorithm = jaxgan.algorithm(
            self.game(generator), rule, ema_decay=average.decay(self.rates.schedule), ema_warmup=average.ema_warmup
        )

        def log_likelihood(state: "GANState", rows: "Array") -> "Float[Array, 'rows']":
            return _log_likelihood(generator, state.average.params, rows)

        return jaxgan.Experiment(data, algorithm, parts=rules.parts(self.rule), log_likelihood=log_likelihood)

    def pretraining_steps(self, steps: int) -> int:
        """The first of so many steps, in which the generator learns by likelihood."""
        return round((1 - self.adversarial_share) * steps)

    def generator(self, data: "Dataset", steps: int) -> "LSTMGenerator":
        """The generator, whose β rises in the adversarial steps."""
        import jax.numpy as jnp

        alone, (length, vocabulary) = self.pretraining_steps(steps), data.shape

        def beta(step: "Array") -> "Array":
            return self.inverse_temperature ** jnp.clip((step - alone) / max(1, steps - alone), 0, 1)

        sizes = (length, vocabulary, self.generator_hidden, self.generator_hidden)
        return jaxgan.networks.LSTMGenerator(*sizes, beta, self.straight_through, self.dtype)

    def game(self, generator: "LSTMGenerator") -> "Game":
        """The game of the adversarial steps."""
        return jaxgan.gan(
            generator,
            jaxgan.networks.RelGANDiscriminator(
                self.discriminator_embedding, self.representations, self.filters, dtype=self.dtype
            ),
            loss=jaxgan.losses.relativistic_pairing(),
            latent_size=generator.length * generator.vocabulary,
            latent=jaxgan.latents.uniform,
            condition=jaxgan.conditions.nothing(),
        )

    def pretrained(self, generator: "LSTMGenerator", rule: "Dynamics", steps: int) -> "Dynamics":
        """The rule after so many steps in which the generator learns by likelihood, in nats a token."""
        import optax

        def loss(params: Any, turn: "Turn") -> "Float[Array, '']":
            found = _log_likelihood(generator, params, turn.batch.real)
            return -jaxgan.global_mean(found) / generator.length

        optimizer = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(self.pretraining_rate))
        return jaxgan.dynamics.pretrained(rule, loss, optimizer, steps=steps)


def _log_likelihood(generator: "LSTMGenerator", params: Any, rows: "Array") -> "Float[Array, 'rows']":
    found: Any = generator.apply({"params": params}, rows, method="log_likelihood")
    return found
