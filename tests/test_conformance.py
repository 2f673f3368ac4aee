"""Every loss, penalty, term, rule, network, option and game in one table: structure kept, finite, one trace, one run
under all wrappers.

Each loss, penalty, network and option stands once, each rule under both kinds of wrapper, each game but `jaxgan.gan`
under three rules. The first tier has two rows, and one step of some more. SGD, because Adam turns rounding into steps
of the size of the learning rate.
"""

import inspect
import itertools
from functools import cache
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import SmallNetwork

import jaxgan
from jaxgan import Batch, Players, augmentation, conditions, dynamics, losses, networks, penalties, terms
from jaxgan.games.restyled import restyled, restyling
from jaxgan.metrics import mel
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.linear import Conv, Dense

ROWS = 16
SGD = Players(optax.sgd(0.02), optax.sgd(0.05))
TOLERANCE = {"rtol": 2e-4, "atol": 2e-5}
ROUNDED = {"rtol": 2e-2, "atol": 2e-3}
"""Tolerance of bfloat16: each device rounds the sum over its rows."""

WRAPPERS = {
    "jitted": lambda step: jaxgan.jitted(step),
    "pmapped 2": lambda step: jaxgan.pmapped(step, jax.devices()[:2]),
    "pmapped 4": lambda step: jaxgan.pmapped(step),
    "sharded 2": lambda step: jaxgan.sharded(step, jax.devices()[:2]),
    "sharded 4": lambda step: jaxgan.sharded(step),
    "fully_sharded 4": lambda step: jaxgan.fully_sharded(step, smallest=1),
}

LOSSES = {
    "minimax": losses.minimax(label_smoothing=0.1),
    "non_saturating": losses.non_saturating(),
    "least_squares": losses.least_squares(),
    "wasserstein": losses.wasserstein(),
    "hinge": losses.hinge(),
    "relativistic_pairing": losses.relativistic_pairing(),
    "relativistic_average": losses.relativistic_average(),
    "f_divergence": losses.f_divergence("kl"),
    "by_scale": losses.by_scale(losses.least_squares(), (8 * 8, 4 * 4)),
    "top_k": losses.top_k(losses.hinge(), optax.linear_schedule(1.0, 0.5, 2)),
}

PENALTIES = {
    "none": [],
    "r1": [penalties.r1(0.5)],
    "r2": [penalties.r2(0.5)],
    "gradient_penalty": [penalties.gradient_penalty(1.0)],
    "every": [penalties.every(2, penalties.r1(optax.linear_schedule(0.5, 1.0, 4)))],
    "two": [penalties.r1(0.2), penalties.r2(0.2)],
    "zero_centered": [penalties.zero_centered(0.5)],
    "one_sided": [penalties.one_sided(1.0)],
    "dragan": [penalties.dragan(1.0)],
    "consistency": [penalties.consistency(1.0)],
    "balanced_consistency": [penalties.balanced_consistency(1.0, 1.0)],
}

RATES = Players(0.02, 0.05)
RULES = {
    "simultaneous": dynamics.simultaneous(SGD),
    "alternating": dynamics.alternating(SGD),
    "alternating 2": dynamics.alternating(SGD, discriminator_steps=2),
    "generator first": dynamics.alternating(SGD, discriminator_steps=2, first="generator"),
}
FURTHER_RULES = {
    "extragradient": dynamics.extragradient(SGD),
    "past_extragradient": dynamics.past_extragradient(SGD),
    "optimistic": dynamics.optimistic(SGD),
    "lookahead": dynamics.lookahead(dynamics.lookahead(dynamics.alternating(SGD), period=1), period=2),
    "consensus": dynamics.consensus(SGD, 0.5),
    "symplectic_adjustment": dynamics.symplectic_adjustment(SGD),
    "unrolled": dynamics.unrolled(SGD, 2),
    "competitive": dynamics.competitive(RATES, iterations=3),
    "runge_kutta": dynamics.runge_kutta(RATES, order=2, regularization=0.1),
    "generator parts": dynamics.alternating(SGD, discriminator_steps=1, generator_parts=1),
    "pretrained": dynamics.pretrained(
        dynamics.alternating(SGD), lambda params, turn: optax.tree.norm(params, squared=True), optax.sgd(0.1), steps=1
    ),
}


def large_networks(dtype):
    """Those of papers, as small as they go."""
    shared = {"image_size": 8, "channels": 2, "dtype": dtype}
    attention = {"attention": (8,)}, {"attention": (4,)}
    r3gan = {"widths": (4, 4), "blocks": 1, "group_size": 2}
    channels = {"channel_base": 32, "channel_max": 4}
    return {
        "sn resnet": Players(
            networks.SNResNetGenerator(width=2, **shared), networks.SNResNetDiscriminator(width=2, dtype=dtype)
        ),
        "sagan": Players(
            networks.SNResNetGenerator(width=2, spectral_norm=True, **attention[0], **shared),
            networks.SNResNetDiscriminator(width=4, spectral_norm=2, dtype=dtype, **attention[1]),
        ),
        "wgan-gp resnet": Players(
            networks.SNResNetGenerator(width=2, self_modulated=True, **shared),
            networks.SNResNetDiscriminator(width=2, spectral_norm=False, layer_norm=True, pooling="mean", dtype=dtype),
        ),
        "biggan": Players(
            networks.BigGANGenerator(width=2, embedding_size=4, **shared),
            networks.BigGANDiscriminator(width=2, dtype=dtype),
        ),
        "biggan deep": Players(
            networks.BigGANDeepGenerator(width=2, embedding_size=4, **shared),
            networks.BigGANDeepDiscriminator(width=2, dtype=dtype),
        ),
        "r3gan": Players(networks.R3GANGenerator(**r3gan, **shared), networks.R3GANDiscriminator(dtype=dtype, **r3gan)),
        "stylegan2": Players(
            networks.StyleGAN2Generator(style_size=4, mapping_layers=1, **channels, **shared),
            networks.StyleGAN2Discriminator(group_size=2, mapping_layers=1, dtype=dtype, **channels),
        ),
        "stargan v2": Players(
            networks.StarGANv2(2, 2, 2, halvings=1, style_size=2, hidden=16, dtype=dtype),
            networks.told(networks.StarGANv2Discriminator(2, 2, dtype), lambda condition: condition.to),
        ),
    }


class SourceGenerator(nn.Module):
    """Images from latents and source images."""

    @nn.compact
    def __call__(self, z, condition, *, train):
        rows = jnp.concatenate([z, condition.reshape(len(z), -1)], axis=1)
        return jnp.tanh(Dense(8 * 8 * 2)(rows, train=train)).reshape(-1, 8, 8, 2)


class SourceDiscriminator(nn.Module):
    """Judges images beside their sources."""

    @nn.compact
    def __call__(self, x, condition, *, train):
        pairs = jnp.concatenate([x, condition], axis=-1).reshape(len(x), -1)
        return Dense(1)(nn.leaky_relu(Dense(4)(pairs, train=train)), train=train)[:, 0]


class PixelNetwork(nn.Module):
    """Each pixel by itself but for batch normalisation."""

    features: int

    @nn.compact
    def __call__(self, x, *, train):
        x = nn.leaky_relu(batch_norm(train=train)(Conv(3, 1, 1)(x, train=train)))
        return Conv(self.features, 1, 1)(x, train=train)


class SmallTranslator(nn.Module):
    """Rows of the other domain from the condition."""

    @nn.compact
    def __call__(self, z, condition, *, train):
        return Dense(3)(condition, train=train)


def translators(dtype):
    """Those of papers that take a source image, as small as they go."""
    small = {"channels": 2, "width": 2, "dtype": dtype}
    return {
        "pix2pix": Players(
            networks.UNetGenerator(sampling_dropout=True, **small),
            networks.PatchDiscriminator(layers=1, width=2, norm="batch", dtype=dtype),
        ),
        "cyclegan": Players(
            networks.ResNetTranslator(blocks=1, **small),
            networks.MultiScalePatchDiscriminator(scales=2, layers=0, width=2, dtype=dtype),
        ),
        "spade": Players(
            networks.SPADEGenerator(doublings=1, hidden=2, from_latent=True, **small),
            networks.PatchDiscriminator(layers=1, width=2, spectral_norm=True, dtype=dtype),
        ),
        "esrgan": Players(
            networks.RRDBGenerator(doublings=0, blocks=1, growth=2, **small),
            networks.unconditional(networks.VGGDiscriminator(width=2, hidden=4, dtype=dtype)),
        ),
    }


def wave_networks(dtype):
    """Those for waveforms."""
    return Players(
        networks.WaveGANGenerator(256, 2, width=2, dtype=dtype), networks.WaveGANDiscriminator(width=2, dtype=dtype)
    )


TOKENS, WORDS = 5, 3
"""Tokens of a text, and of the vocabulary, for the networks of texts."""
CLIPS = networks.MoCoGANGenerator(frames=7, image_size=16, content_size=2, motion_size=1, width=2)
LARGE = (*large_networks(None), *translators(None))
DCGAN = networks.DCGANGenerator(image_size=8, channels=2, width=4)
NETWORKS = {
    "dcgan": Players(DCGAN, networks.DCGANDiscriminator(width=4)),
    "dcgan 16": Players(
        networks.DCGANGenerator(image_size=16, channels=2, width=4), networks.DCGANDiscriminator(width=4)
    ),
    "spectral": Players(DCGAN, networks.DCGANDiscriminator(width=4, batch_norm=False, spectral_norm=True)),
    "mlp": Players(
        networks.MLPGenerator(output_shape=(8, 8, 2), hidden=(8,)),
        networks.MLPDiscriminator(hidden=(8,), dropout=0.2, spectral_norm=True),
    ),
    "bfloat16 dcgan": Players(
        networks.DCGANGenerator(image_size=8, channels=2, width=4, dtype=jnp.bfloat16),
        networks.DCGANDiscriminator(width=4, dtype=jnp.bfloat16),
    ),
    "bfloat16 mlp": Players(
        networks.MLPGenerator(output_shape=(8, 8, 2), hidden=(8,), dtype=jnp.bfloat16),
        networks.MLPDiscriminator(hidden=(8,), dropout=0.2, spectral_norm=True, dtype=jnp.bfloat16),
    ),
    "rematerialized": Players(
        networks.rematerialized(DCGAN), networks.rematerialized(networks.DCGANDiscriminator(width=4))
    ),
    **large_networks(None),
    "biggan by class": Players(
        networks.BigGANGenerator(image_size=8, channels=2, width=1, hierarchical=False),
        networks.BigGANDiscriminator(width=1),
    ),
    "small": Players(SmallNetwork(3), SmallNetwork(None)),
    "source": Players(SourceGenerator(), SourceDiscriminator()),
    **translators(None),
    "wavegan": wave_networks(None),
    "bfloat16 wavegan": wave_networks(jnp.bfloat16),
    "hifigan": Players(
        networks.HiFiGANGenerator(width=4, upsampling=(8,)),
        networks.HiFiGANDiscriminator((2,), scales=1, period_width=2, scale_width=16),
    ),
    "relgan": Players(
        networks.LSTMGenerator(TOKENS, WORDS, embedding=2, hidden=3, inverse_temperature=2.0),
        networks.RelGANDiscriminator(embedding=4, representations=2, filters=2),
    ),
    "mocogan": Players(CLIPS, networks.MoCoGANDiscriminator(width=2)),
    "dcgan 3d": Players(
        networks.DCGAN3DGenerator(frames=4, image_size=8, width=4), networks.DCGAN3DDiscriminator(width=4)
    ),
    "gradient normalized": Players(
        networks.MLPGenerator(output_shape=(8, 8, 2), hidden=(8,)),
        networks.gradient_normalized(networks.MLPDiscriminator(hidden=(8,))),
    ),
}


def direction(loss):
    """Translation of points to the other domain."""
    condition = conditions.like((3,))
    return jaxgan.gan(SmallTranslator(), SmallNetwork(None), loss=loss, condition=condition, latent_size=1)


GAMES = {
    "bigan": lambda loss, penalties: jaxgan.bigan(
        SmallNetwork(3),
        networks.MLPEncoder(5, hidden=(4,)),
        networks.JointDiscriminator(hidden=(4,)),
        loss=loss,
        penalties=penalties,
        latent_size=5,
    ),
    "autoencoder, codebook": lambda loss, _: jaxgan.autoencoder(
        PixelNetwork(2), jaxgan.bottlenecks.codebook(4), PixelNetwork(3), PixelNetwork(1), loss=loss
    ),
    "autoencoder, gaussian": lambda loss, _: jaxgan.autoencoder(
        PixelNetwork(4), jaxgan.bottlenecks.gaussian(), PixelNetwork(3), PixelNetwork(1), loss=loss
    ),
    "distilled": lambda loss, _: (
        jaxgan.distilled(
            networks.MLPDenoiser(hidden=(4, 4)), networks.MLPDiscriminator(hidden=(4,)), (3,), loss=loss
        ).game
    ),
    "cycle": lambda loss, _: jaxgan.cycle(direction(loss), direction(loss), weight=1.0, pool=jaxgan.pool(12)),
    "one way": lambda loss, _: jaxgan.one_way(direction(loss)),
    "with analysis": lambda loss, _: jaxgan.with_analysis(direction(loss), jnp.tanh),
}
"""Games of other functions than `jaxgan.gan`, of a loss and penalties; in the table they stand as networks do."""

STYLES = NETWORKS["stylegan2"].generator
RESTYLER = NETWORKS["stargan v2"].generator
SUMS = "reconstruction, total variation"
RESTYLING = "style reconstruction, style cycle, diversity"
TRANSLATOR = NETWORKS["cyclegan"].generator


def spectrogram(waves):
    return mel.vocoder_mel(waves[..., 0], 4000, size=32, hop=8, bands=4, highest=None)


def drift(context):
    """A term of one's own: a plain function."""
    size = jaxgan.global_mean(context.real_logits**2)
    return Players(generator=0.0, discriminator=1e-2 * size), {"drift": size}


OPTIONS = {
    "plain": {},
    "noise and packs": {"instance_noise": optax.linear_schedule(0.5, 0.1, 2), "pack": 2},
    "mode seeking": {"terms": [terms.mode_seeking(0.1)]},
    "lecam": {"terms": [terms.lecam(0.1)]},
    "latent consistency": {"terms": [terms.latent_consistency(0.1, 1.0, 0.3)]},
    "feature matching": {"terms": [terms.feature_matching(1.0)]},
    "lazy": {"terms": [terms.every(2, terms.lecam(0.1)), terms.every(3, terms.reconstruction(1.0))]},
    "path length": {"terms": [terms.every(2, terms.path_length(STYLES))]},
    SUMS: {"terms": [terms.reconstruction(1.0, "l2"), terms.total_variation(0.1), drift, penalties.r1(0.2)]},
    "source images": {
        "condition": conditions.like((8, 8, 2), dropout=0.2),
        "terms": [terms.reconstruction(1.0, target=lambda context: context.batch.condition)],
    },
    "layer matching": {
        "condition": conditions.like((8, 8, 2)),
        "terms": [terms.layer_matching(NETWORKS["spade"].discriminator, 1.0)],
    },
    "spectrograms": {
        "condition": conditions.like((32, 4)),
        "terms": [terms.layer_matching(NETWORKS["hifigan"].discriminator, 1.0), terms.perceptual(spectrogram)],
    },
    "perceptual": {
        "condition": conditions.like((8, 8, 2)),
        "terms": [terms.perceptual(lambda images: images.mean(axis=(1, 2)), 1.0, "l2")],
    },
    RESTYLING: {
        "condition": restyling((8, 8, 2), 3),
        "terms": [terms.style_reconstruction(RESTYLER), terms.style_cycle(RESTYLER), terms.diversity(0.1)],
    },
    "patch nce": {
        "condition": conditions.like((8, 8, 2)),
        "terms": [terms.patch_nce(TRANSLATOR, maps=(0, 1), patches=8, size=4, flip_equivariance=True)],
    },
    "vectors": {"condition": conditions.vectors(3)},
    "diffaugment": {"augment": augmentation.diffaugment()},
    "ada": {"augment": augmentation.ada(images=64, interval=1, transform=augmentation.change_color)},
    "apa": {"augment": augmentation.apa(target=-0.9, images=64, interval=1)},
    "r3gan": {"augment": augmentation.r3gan(optax.linear_schedule(0.2, 1.0, 2))},
    "classifier": {"terms": [terms.classifier()], "label_dropout": 0.2},
    "twin": {"terms": [terms.twin()]},
    "contrastive": {"terms": [terms.contrastive(size=4)]},
}


OF_SOURCES = ("source images", "layer matching", "perceptual", "patch nce")


class Case(NamedTuple):
    """One row of the table."""

    loss: str
    penalty: str
    rule: str
    network: str
    wrapper: str
    num_classes: int | None = None
    options: str = "plain"


FIRST_TIER = [
    Case("non_saturating", "r1", "alternating", "small", "pmapped 4"),
    Case("relativistic_average", "none", "simultaneous", "small", "sharded 4"),
]
"""Under two wrappers."""
ALONE = [
    Case("hinge", "every", "alternating 2", "small", "jitted", None, "lazy"),
    Case("wasserstein", "gradient_penalty", "extragradient", "small", "jitted", None, "noise and packs"),
    Case("top_k", "balanced_consistency", "simultaneous", "gradient normalized", "jitted", 3),
    Case("non_saturating", "none", "generator parts", "rematerialized", "jitted", None, "apa"),
    Case("hinge", "none", "simultaneous", "bfloat16 dcgan", "jitted", 3, "classifier"),
    Case("hinge", "none", "simultaneous", "mlp", "jitted", 3, "feature matching"),
    Case("hinge", "none", "simultaneous", "source", "jitted", None, "source images"),
]
"""One step in one program."""
TABLE = [
    Case("minimax", "none", "simultaneous", "mlp", "pmapped 2"),
    Case("least_squares", "r2", "simultaneous", "spectral", "sharded 4", 3),
    Case("non_saturating", "r1", "alternating", "dcgan 16", "pmapped 4", 3),
    Case("relativistic_average", "r1", "alternating", "mlp", "sharded 2"),
    Case("wasserstein", "gradient_penalty", "alternating 2", "mlp", "pmapped 4"),
    Case("hinge", "none", "alternating 2", "dcgan", "sharded 2", 3),
    Case("relativistic_pairing", "two", "generator first", "mlp", "pmapped 2"),
    Case("minimax", "every", "generator first", "mlp", "sharded 4"),
    *(
        Case("non_saturating", "none", rule, "small", wrapper)
        for rule, wrappers in zip(
            FURTHER_RULES, itertools.cycle([("pmapped 2", "sharded 4"), ("pmapped 4", "sharded 2")])
        )
        for wrapper in wrappers
    ),
    Case("f_divergence", "zero_centered", "simultaneous", "mlp", "sharded 4", None, "latent consistency"),
    Case("top_k", "one_sided", "alternating", "mlp", "pmapped 2", 3, "noise and packs"),
    Case("hinge", "dragan", "simultaneous", "mlp", "pmapped 4", None, "mode seeking"),
    Case("hinge", "none", "alternating", "mlp", "sharded 2", None, "lecam"),
    Case("hinge", "none", "alternating 2", "mlp", "pmapped 4", None, "lazy"),
    Case("hinge", "every", "alternating 2", "mlp", "sharded 2", None, SUMS),
    Case("hinge", "none", "simultaneous", "source", "pmapped 4", None, "source images"),
    Case("non_saturating", "none", "alternating", "pix2pix", "pmapped 2", None, "source images"),
    Case("by_scale", "none", "simultaneous", "cyclegan", "sharded 2", None, "patch nce"),
    Case("hinge", "none", "alternating", "spade", "pmapped 4", None, "layer matching"),
    Case("relativistic_average", "none", "simultaneous", "esrgan", "sharded 2", None, "perceptual"),
    Case("hinge", "none", "simultaneous", "mlp", "fully_sharded 4", None, "vectors"),
    Case("non_saturating", "none", "alternating", "stylegan2", "pmapped 2", 3, "path length"),
    Case("hinge", "consistency", "simultaneous", "gradient normalized", "pmapped 2"),
    Case("top_k", "balanced_consistency", "simultaneous", "mlp", "sharded 2"),
    Case("minimax", "none", "alternating", "dcgan", "pmapped 4", 3, "feature matching"),
    Case("non_saturating", "r1", "alternating", "bfloat16 dcgan", "pmapped 4", 3),
    Case("hinge", "none", "simultaneous", "bfloat16 mlp", "sharded 4", 3),
    Case("non_saturating", "r1", "alternating", "rematerialized", "pmapped 2", 3, "feature matching"),
    Case("hinge", "none", "simultaneous", "mlp", "pmapped 4", None, "diffaugment"),
    Case("minimax", "none", "simultaneous", "mlp", "pmapped 2", None, "ada"),
    Case("non_saturating", "none", "alternating", "mlp", "sharded 2", None, "apa"),
    Case("relativistic_pairing", "r1", "alternating", "mlp", "sharded 2", None, "r3gan"),
    Case("hinge", "none", "simultaneous", "mlp", "pmapped 4", 3, "classifier"),
    Case("hinge", "none", "alternating", "mlp", "sharded 4", 3, "twin"),
    Case("hinge", "none", "simultaneous", "mlp", "pmapped 2", 3, "contrastive"),
    Case("hinge", "none", "simultaneous", "sn resnet", "pmapped 4", 3),
    Case("hinge", "none", "simultaneous", "sagan", "sharded 4", 3),
    Case("wasserstein", "gradient_penalty", "simultaneous", "wgan-gp resnet", "pmapped 2"),
    Case("wasserstein", "gradient_penalty", "simultaneous", "wavegan", "sharded 2", 3),
    Case("wasserstein", "none", "simultaneous", "bfloat16 wavegan", "pmapped 2"),
    Case("hinge", "none", "alternating", "hifigan", "sharded 2", None, "spectrograms"),
    Case("relativistic_pairing", "none", "simultaneous", "relgan", "sharded 2"),
    Case("non_saturating", "none", "simultaneous", "mocogan", "sharded 2"),
    Case("non_saturating", "r1", "alternating", "dcgan 3d", "pmapped 2"),
    Case("hinge", "none", "simultaneous", "biggan", "pmapped 4", 3),
    Case("hinge", "none", "simultaneous", "biggan deep", "sharded 2", 3),
    Case("hinge", "none", "alternating", "biggan by class", "fully_sharded 4", 3),
    Case("relativistic_pairing", "two", "alternating", "r3gan", "pmapped 4", 3),
    Case("non_saturating", "none", "alternating", "stylegan2", "sharded 4", 3),
    Case("non_saturating", "none", "simultaneous", "stargan v2", "pmapped 4", None, RESTYLING),
    *(
        Case("non_saturating", "r1" if game == "bigan" else "none", rule, game, wrapper)
        for game in GAMES
        for rule, wrapper in (
            ("alternating", "pmapped 4"),
            ("alternating", "sharded 4"),
            ("extragradient", "pmapped 2"),
            ("consensus", "sharded 2"),
        )
    ),
]


@cache
def game_of(loss, penalty, network, num_classes, options):
    if network in GAMES:
        return GAMES[network](LOSSES[loss], PENALTIES[penalty])
    pair = NETWORKS[network]
    game = jaxgan.gan(
        pair.generator,
        pair.discriminator,
        loss=LOSSES[loss],
        penalties=PENALTIES[penalty],
        latent_size={"relgan": TOKENS * WORDS, "mocogan": CLIPS.latent_size}.get(network, 5),
        num_classes=num_classes,
        **OPTIONS[options],
    )
    if options == "spectrograms":
        return jaxgan.with_analysis(game, spectrogram)
    return restyled(game) if options == RESTYLING else game


@cache
def build(case):
    game = game_of(case.loss, case.penalty, case.network, case.num_classes, case.options)
    return jaxgan.algorithm(game, (RULES | FURTHER_RULES)[case.rule], ema_decay=0.9)


def batch_for(case):
    condition = np.arange(ROWS, dtype=np.int32) % 3
    if case.options in ("vectors", *OF_SOURCES):
        shape = (3,) if case.options == "vectors" else (8, 8, 2)
        condition = np.asarray(jax.random.normal(jax.random.key(8), (ROWS, *shape)))
    if case.network in ("cycle", "one way"):
        return Batch(tuple(np.asarray(jax.random.normal(jax.random.key(7), (2, ROWS, 3)))))
    if case.network in ("small", "bigan", "distilled", "with analysis"):
        return Batch(np.asarray(jax.random.normal(jax.random.key(7), (ROWS, 3))), condition)
    if case.network == "relgan":
        return Batch(np.eye(WORDS, dtype=np.float32)[np.random.default_rng(0).integers(0, WORDS, (ROWS, TOKENS))])
    if case.network in ("mocogan", "dcgan 3d"):
        clips = (ROWS, 7, 16, 16, 1) if case.network == "mocogan" else (ROWS, 4, 8, 8, 1)
        return Batch(np.tanh(np.asarray(jax.random.normal(jax.random.key(7), clips))), condition)
    if "wavegan" in case.network or case.network == "hifigan":
        channels = 1 if case.network == "hifigan" else 2
        return Batch(np.tanh(np.asarray(jax.random.normal(jax.random.key(7), (ROWS, 256, channels)))), condition)
    side = 16 if case.network == "dcgan 16" else 8
    images = jax.random.normal(jax.random.key(7), (ROWS, side, side, 2))
    return Batch(np.tanh(np.asarray(images)), condition)


def first_state(case, algorithm, batch):
    """Numbers of any kind, for to draw those of `init` takes as long to compile as a step.

    StyleGAN2's mapping and HiFi-GAN's judges need their own, for they would move by less than rounding.
    """
    random, key = np.random.default_rng(0), jax.random.key(0)
    if case.network in ("stylegan2", "hifigan"):
        return jax.device_get(algorithm.init(key, batch))
    state = jax.eval_shape(algorithm.init, key, batch)

    def positive(leaf):
        low, high = (0.05, 0.1) if jnp.issubdtype(leaf.dtype, jnp.floating) else (0, 1)
        return random.uniform(low, high, leaf.shape).astype(leaf.dtype)

    weights = jax.tree.map(lambda leaf: random.normal(0, 0.3, leaf.shape).astype(leaf.dtype), state.params)
    return jax.tree.map(positive, state)._replace(params=weights)


def run(algorithm, wrapper, batch, state, steps=3):
    """State and info after some steps, and how often the step was traced."""
    key, traces = jax.random.key(0), []

    def counted(state, batch, key):
        traces.append(1)
        return algorithm.step(state, batch, key)

    step = wrapper(counted)
    for _ in range(steps):
        state, info = step(state, batch, key)
    return state, info, len(traces)


@cache
def run_under_jit(case):
    """State and info, on the host."""
    batch = batch_for(case)
    state, info, _ = run(build(case), WRAPPERS["jitted"], batch, first_state(case, build(case), batch))
    return jax.device_get((state, info))


@pytest.mark.parametrize(
    "case",
    [*FIRST_TIER, *(pytest.param(case, marks=pytest.mark.slow) for case in TABLE)],
    ids=lambda case: "-".join(map(str, case)),
)
def test_conforms(case):
    algorithm, batch = build(case._replace(wrapper="any")), batch_for(case)
    start = first_state(case, algorithm, batch)
    expected = run_under_jit(case._replace(wrapper="any"))
    state, info, traces = run(algorithm, WRAPPERS[case.wrapper], batch, start)
    assert traces == 1
    assert jax.tree.structure(state) == jax.tree.structure(start)
    assert jax.tree.map(lambda x: (x.shape, x.dtype), state) == jax.tree.map(lambda x: (x.shape, x.dtype), start)
    assert int(state.step) == 3
    found = jax.device_get((state, info))
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(found))
    for (path, after), before in zip(
        jax.tree_util.tree_leaves_with_path(expected[0].params), jax.tree.leaves(start.params), strict=True
    ):
        # a last bias cancels in a loss of differences
        assert "bias" in jax.tree_util.keystr(path[-1:]) or np.any(after != before), path
    assert info.keys() == expected[1].keys()
    tolerance = ROUNDED if "bfloat16" in case.network else TOLERANCE
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, **tolerance), found, expected)
    for leaf in jax.tree.leaves(state):
        replicas = [np.asarray(shard.data) for shard in leaf.addressable_shards]
        assert len(replicas) == int(case.wrapper[-1])
        if leaf.sharding.is_fully_replicated:
            assert all(np.array_equal(replica, replicas[0]) for replica in replicas)


@pytest.mark.parametrize("case", ALONE, ids=lambda case: "-".join(map(str, case)))
def test_a_step_is_finite(case):
    algorithm, batch = build(case), batch_for(case)
    state, info = jaxgan.jitted(algorithm.step)(first_state(case, algorithm, batch), batch, jax.random.key(0))
    assert int(state.step) == 1
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(jax.device_get((state, info))))


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE[1::2])
def test_trains_two_hundred_steps_in_bfloat16(name):
    case = next(case for case in TABLE if case.network == name)
    parts = {"loss": LOSSES[case.loss], "penalties": PENALTIES[case.penalty]}
    narrow = large_networks(jnp.bfloat16) | translators(jnp.bfloat16)
    source = dict(OPTIONS["source images"]) if case.options in OF_SOURCES else {}
    source |= {"condition": OPTIONS[RESTYLING]["condition"]} if case.options == RESTYLING else {}
    game = jaxgan.gan(*narrow[name], latent_size=5, num_classes=case.num_classes, **parts, **source)
    game = restyled(game) if case.options == RESTYLING else game
    algorithm, batch, key = jaxgan.algorithm(game, RULES[case.rule], ema_decay=0.9), batch_for(case), jax.random.key(0)
    state, step = algorithm.init(key, batch), jaxgan.jitted(algorithm.step)
    for _ in range(200):
        state, info = step(state, batch, key)
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(jax.device_get((state, info))))


def functions_of(module):
    """Public functions that begin in a module or package."""
    return {n for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__.startswith(module.__name__)}


PARTS = {
    "JointDiscriminator",
    "LumaKeeper",
    "MLPDenoiser",
    "MLPEncoder",
    "StarGANv2Generator",
    "StarGANv2Mapping",
    "StarGANv2StyleEncoder",
    "StarGANv2Discriminator",
    "UNetDenoiser",
    "VGGDiscriminator",
    "VQGANDecoder",
    "VQGANEncoder",
}
"""Networks within others, for other data, told a part of the condition, or of another game."""


def public_networks():
    return {value for value in vars(networks).values() if inspect.isclass(value) and issubclass(value, nn.Module)}


def test_everything_in_the_library_has_a_name_here():
    assert functions_of(losses) - {"objective", "lecam"} <= set(LOSSES)
    assert functions_of(penalties) - {"squared_gradient_norm", "flip_and_shift"} <= set(PENALTIES)
    assert functions_of(dynamics) <= set(RULES | FURTHER_RULES)
    spoken = {name.replace(" ", "_") for names in OPTIONS for name in names.split(", ")}
    public = {name for name, value in vars(terms).items() if inspect.isfunction(value)}
    assert public - set(PENALTIES) - {"term"} <= spoken
    players = {type(player) for pair in NETWORKS.values() for player in pair}
    assert {network.__name__ for network in public_networks() - players} <= PARTS
    games = {name for name, home in jaxgan.HOMES.items() if home.startswith("jaxgan.games.")}
    assert games - {"gan", "frozen", "pool"} == {name.split(", ")[0].replace(" ", "_") for name in GAMES}
    assert set(jaxgan.bottlenecks.__all__) - {"Bottleneck"} <= {name.split(", ")[-1] for name in GAMES}


def test_each_name_has_a_row_and_each_rule_one_under_each_kind_of_wrapper():
    parts = {"loss": LOSSES, "penalty": PENALTIES, "network": NETWORKS | GAMES, "options": OPTIONS}
    for column, names in parts.items():
        assert {getattr(case, column) for case in TABLE} == set(names), column
    for game in GAMES:
        assert len({case.rule for case in TABLE if case.network == game}) >= 3, game
    for rule in RULES | FURTHER_RULES:
        assert {case.wrapper.split()[0] for case in TABLE if case.rule == rule} >= {"pmapped", "sharded"}, rule
    assert {case.wrapper for case in TABLE} == set(WRAPPERS) - {"jitted"}
