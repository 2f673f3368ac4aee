"""An LSTM that draws tokens by relaxed one-hot vectors, and RelGAN's discriminator of many embeddings.

Nie et al., RelGAN: Relational Generative Adversarial Networks for Text Generation, 2019; layers and first weights are
those of the authors' program, whose LSTM this is.
"""

from collections.abc import Callable
from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax.linen.dtypes import promote_dtype
from jaxtyping import Array, Float, Int

from jaxgan.checks import require
from jaxgan.networks.layers.dropout import Dropout
from jaxgan.networks.layers.linear import Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32

SIZES = (2, 3, 4, 5)
"""Numbers of neighbouring tokens that the discriminator's convolutions see."""
LAST = 100
"""Size of the discriminator's last features."""

State = tuple[Float[Array, "batch hidden"], Float[Array, "batch hidden"]]


def of_fan_in(fan_in: int) -> nn.initializers.Initializer:
    """Normal, cut at two standard deviations of 1/√(fan in)."""
    return nn.initializers.truncated_normal(fan_in**-0.5)


class LSTMGenerator(nn.Module):
    """Uniform noise `[B, length·vocabulary]` in [-1, 1) to tokens `[B, length, vocabulary]`.

    The noise u becomes Gumbel noise g = −log(−log((u + 1)/2)), by which the LSTM draws one token after another: the
    place of the largest of its scores + g, whose embedding it is given next. It begins with that of token 0. In
    training mode a token is softmax(β·(scores + g)), in evaluation mode a one-hot vector. With `straight_through` it is
    a one-hot vector in both, with the gradient of the softmax. Samples are draws from the distribution whose logarithm
    `log_likelihood` is.

    Reference:
        [Nie et al., 2019](https://openreview.net/forum?id=rJedV3R5tm), equations 3 to 5; Jang et al., [Categorical
        Reparameterization with Gumbel-Softmax](https://arxiv.org/abs/1611.01144), 2017, section 2.2 (straight through).
    """

    length: int
    vocabulary: int
    embedding: int = 32
    """Size of a token's embedding."""
    hidden: int = 32
    """Size of the state."""
    inverse_temperature: float | Callable[[Int[Array, ""]], Float[Array, ""]] = 1.0
    """β, or a schedule of the step."""
    straight_through: bool = False
    dtype: Computed = None
    """Dtype of the factors of products, see `layers.precision`; the state and the scores stay float32."""

    def setup(self) -> None:
        """The parameters."""
        zeros = nn.initializers.zeros

        def gates(key: Array, shape: tuple[int, int]) -> Array:
            parts = zip(jax.random.split(key), (self.embedding, self.hidden), strict=True)
            return jnp.concatenate([of_fan_in(size)(own, (size, shape[1])) for own, size in parts])

        self.embeddings = self.param("embeddings", of_fan_in(self.vocabulary), (self.vocabulary, self.embedding))
        self.kernel = self.param("kernel", gates, (self.embedding + self.hidden, 4 * self.hidden))
        self.bias = self.param("bias", zeros, (4 * self.hidden,))
        self.projection = self.param("projection", of_fan_in(self.hidden), (self.hidden, self.vocabulary))
        self.shift = self.param("shift", zeros, (self.vocabulary,))

    def __call__(
        self, latent: Float[Array, "batch noise"], *, train: bool, step: Int[Array, ""] | None = None
    ) -> Float[Array, "batch length vocabulary"]:
        """Draw one sequence for each row."""
        rows, numbers = latent.shape[0], jnp.finfo(latent.dtype)
        gumbel = -jnp.log(-jnp.log(jnp.clip((latent + 1) / 2, numbers.tiny, 1 - numbers.epsneg)))
        beta = self.inverse_temperature
        sharpness = beta(jnp.zeros((), jnp.int32) if step is None else step) if callable(beta) else beta

        def token(carry: tuple[State, Array], noise: Array) -> tuple[tuple[State, Array], Array]:
            state = self._next(*carry)
            scores = self._scores(state[0]) + noise
            place = jnp.argmax(scores, axis=-1)
            hard = jax.nn.one_hot(place, self.vocabulary)
            soft = jax.nn.softmax(sharpness * scores)
            drawn = (soft + jax.lax.stop_gradient(hard - soft) if self.straight_through else soft) if train else hard
            return (state, self.embeddings[place]), drawn

        noise = gumbel.reshape(rows, self.length, self.vocabulary)
        _, drawn = jax.lax.scan(token, self._start(rows), jnp.moveaxis(noise, 1, 0))
        return jnp.moveaxis(drawn, 0, 1)

    def log_likelihood(self, rows: Float[Array, "batch length vocabulary"]) -> Float[Array, "batch"]:
        """Natural logarithm of the probability of each sequence of one-hot vectors."""
        embedded = jnp.moveaxis(self._product(rows, self.embeddings), 1, 0)
        state, first = self._start(rows.shape[0])
        before = jnp.concatenate([first[None], embedded[:-1]])

        def token(state: State, x: Array) -> tuple[State, Array]:
            state = self._next(state, x)
            return state, state[0]

        _, hidden = jax.lax.scan(token, state, before)
        logs = jax.nn.log_softmax(self._scores(jnp.moveaxis(hidden, 0, 1)))
        return jnp.sum(rows * logs, axis=(1, 2))

    def _start(self, rows: int) -> tuple[State, Float[Array, "batch embedding"]]:
        empty = jnp.zeros((rows, self.hidden))
        return (empty, empty), jnp.broadcast_to(self.embeddings[0], (rows, self.embedding))

    def _next(self, state: State, x: Float[Array, "batch embedding"]) -> State:
        hidden, cell = state
        gates = self._product(jnp.concatenate([x, hidden], axis=-1), self.kernel) + self.bias
        i, f, g, o = jnp.split(gates, 4, axis=-1)
        cell = nn.sigmoid(f) * cell + nn.sigmoid(i) * jnp.tanh(g)
        return nn.sigmoid(o) * jnp.tanh(cell), cell

    def _scores(self, hidden: Float[Array, "... hidden"]) -> Float[Array, "... vocabulary"]:
        return self._product(hidden, self.projection) + self.shift

    def _product(self, x: Float[Array, "... inputs"], kernel: Float[Array, "inputs outputs"]) -> Array:
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return at_least_float32(x @ kernel)


class RelGANDiscriminator(nn.Module):
    """Tokens `[B, T, V]` to one logit for each embedding, `[B, representations]`.

    A token has several embeddings, `embedding` numbers in all. Over each of them run the same convolutions of 2 to 5
    tokens, with ReLU, whose largest values in time go through a highway layer, dropout and two dense layers. What the
    last but one has is sown as features.

    Raises:
        ValueError: when called, if the embeddings do not divide, or sequences have fewer than 5 tokens.
    """

    embedding: int = 64
    """Numbers of all embeddings of a token."""
    representations: int = 64
    """Number of embeddings."""
    filters: int = 300
    """Channels of each of the four convolutions."""
    dropout: float = 0.25
    dtype: Computed = None
    """Dtype between the layers, see `layers.precision`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch length vocabulary"], *, train: bool
    ) -> Float[Array, "batch representations"]:
        """Judge each sequence."""
        require(x.ndim == 3 and x.shape[1] >= SIZES[-1], f"expected tokens [B, T, V], T at least 5, got {x.shape}")
        each, rest = divmod(self.embedding, self.representations)
        require(
            rest == 0 and each > 0,
            f"representations={self.representations} must divide embedding={self.embedding}",
        )
        rows, length, size = x.shape
        table = self.param("embedding", of_fan_in(size), (size, self.embedding))
        tokens, table = promote_dtype(x, table, dtype=self.dtype)
        embedded = (tokens @ table).reshape(rows, length, self.representations, each)
        dense, found = partial(Dense, dtype=self.dtype), []
        for taps in SIZES:
            places = length - taps + 1
            windows = jnp.concatenate([embedded[:, i : i + places] for i in range(taps)], axis=-1)
            init = nn.initializers.truncated_normal((2 / (taps * each)) ** 0.5)
            conv = dense(self.filters, kernel_init=init, name=f"conv_{taps}")
            heights = nn.relu(conv(windows.reshape(-1, taps * each), train=train))
            found.append(jnp.max(heights.reshape(rows, places, self.representations, self.filters), axis=1))
        pooled = jnp.concatenate(found, axis=-1).reshape(rows * self.representations, -1)
        init = of_fan_in(pooled.shape[-1])
        width = pooled.shape[-1]
        changed = nn.relu(dense(width, use_bias=False, kernel_init=init, name="highway")(pooled, train=train))
        gate = nn.sigmoid(dense(width, use_bias=False, kernel_init=init, name="highway_gate")(pooled, train=train))
        mixed = (gate * changed + (1 - gate) * pooled).reshape(rows, -1)
        mixed = Dropout(self.dropout)(mixed, train=train).reshape(rows * self.representations, -1)
        features = at_least_float32(dense(LAST, kernel_init=init, name="hidden")(mixed, train=train))
        self.sow("intermediates", "features", features.reshape(rows, -1))
        logits = Dense(1, kernel_init=of_fan_in(LAST), name="logits")(features, train=train)
        return logits.reshape(rows, self.representations)
