"""Self-attention over the places of a feature map."""

from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.precision import at_least_float32
from jaxgan.networks.layers.resampling import max_pool


class SelfAttention(nn.Module):
    """y_j = x_j + γ · v(Σ_i β_ji h(x_i)), where β_j = softmax_i(g(x_j)ᵀ f(x_i)) and γ starts at 0.

    f and g are 1×1 convolutions to C/8 channels, h to C/2 and v back to C, without biases. The places i are those left
    after 2×2 max pooling of f(x) and h(x), so both sides must be even.

    Reference:
        Zhang et al., [Self-Attention Generative Adversarial Networks](https://arxiv.org/abs/1805.08318), 2019,
        equations 1 to 3. C/2 channels and the pooling are those of the authors' models and of BigGAN; the paper writes
        C/8 and pools nothing in its formulas.

    Examples:
        >>> from functools import partial
        >>> layer = jaxgan.networks.layers.SelfAttention(partial(jaxgan.networks.layers.Conv, stride=1))
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([1, 4, 4, 8]), train=True)[0].shape
        (1, 4, 4, 8)
    """

    conv: Callable[..., nn.Module]
    """Makes a convolution of stride 1 from its channels, as `layers.linear.Conv` does; called with `kernel_size` and
    `use_bias`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height width channels"]:
        """Attend."""
        batch, height, width, channels = x.shape

        def project(x: Array, features: int, name: str) -> Array:
            return self.conv(max(1, features), kernel_size=1, use_bias=False, name=name)(x, train=train)

        def flat(x: Array) -> Array:
            return x.reshape(batch, -1, x.shape[-1])

        queries = flat(project(x, channels // 8, "query"))
        keys = flat(max_pool(project(x, channels // 8, "key")))
        values = flat(max_pool(project(x, channels // 2, "value")))
        scores = at_least_float32(jnp.einsum("bqc,bkc->bqk", queries, keys))
        attended = jnp.einsum("bqk,bkc->bqc", jax.nn.softmax(scores).astype(values.dtype), values)
        gamma = self.param("gamma", nn.initializers.zeros, ())
        y = x + gamma * project(attended.reshape(batch, height, width, -1), channels, "output")
        return y.astype(x.dtype)


def check_attention(attention: tuple[int, ...], sides: tuple[int, ...]) -> None:
    """Raise `ValueError` unless a network with feature maps of these sides can have self-attention at the requested
    sides."""
    allowed = [side for side in sides if side % 2 == 0]
    require(
        set(attention) <= set(allowed),
        f"attention must be sides of feature maps, any of {', '.join(map(str, allowed))}; got {attention}",
    )
