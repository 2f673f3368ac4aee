"""A term that makes each layer of the discriminator give the same features for samples and their targets."""

from itertools import pairwise

import flax.linen as nn
import jax.numpy as jnp
import numpy as np

from jaxgan.checks import require_number
from jaxgan.core import Info, Players
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, Term, term
from jaxgan.games.weight import Weight, at
from jaxgan.networks.adapter import layer_sizes


def layer_matching(discriminator: nn.Module, weight: Weight = 10.0) -> Term:
    """L_G + weight · Σ_l E|f_l(x) − f_l(G(z, c))|, f_l the features of layer l: the mean over rows and numbers of each.

    Row i of the samples is compared with row i of the data: it is for pairs. It costs no further pass. Of a
    discriminator of several scales the layers of all are added up; pix2pixHD's program divides the weight by their
    number. Info has the unweighted sum as `layer_distance`.

    Args:
        discriminator: that of the game, a module that sows the features of each layer as "features" into the collection
            "intermediates", such as `networks.PatchDiscriminator`.
        weight: at least 0, or a schedule of the step.

    Raises:
        ValueError: if the weight is negative.

    Reference:
        Wang et al., [High-Resolution Image Synthesis and Semantic Manipulation with Conditional
        GANs](https://arxiv.org/abs/1711.11585), 2018 (pix2pixHD), equation 4.

    Examples:
        >>> discriminator = jaxgan.networks.PatchDiscriminator(layers=2, width=8)
        >>> jaxgan.terms.layer_matching(discriminator, weight=10.0).name
        'layer_matching'
    """
    require_number("weight", weight, at_least=0)

    def layer_matching(c: Context) -> tuple[Players, Info]:
        assert c.real_features is not None
        assert c.fake_features is not None
        apart = jnp.abs(c.real_features - c.fake_features)
        ends = np.cumsum([0, *layer_sizes(discriminator, c.fake, c.condition)])
        total = sum((global_mean(apart[:, begin:end]) for begin, end in pairwise(ends)), jnp.zeros(()))
        return Players(at(weight, c.turn.step) * total, jnp.zeros(())), {"layer_distance": total}

    return term(layer_matching, needs_features=True)
