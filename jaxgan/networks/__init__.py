"""Generators and discriminators, and the adapter that games use for every network.

Examples:
    >>> def shape(network, x, condition=None):
    ...     '''Shape of what a network makes of x; nothing is computed.'''
    ...     def run(key):
    ...         functions = jaxgan.networks.linen(network) if not hasattr(network, "apply_with_features") else network
    ...         params, variables = functions.init(key, x, condition)
    ...         return functions.apply(params, variables, x, condition, train=True, key=key)[0]
    ...     return jax.tree.map(lambda output: output.shape, jax.eval_shape(run, jax.random.key(0)))
    >>> latents, images, labels = jnp.zeros([2, 8]), jnp.zeros([2, 32, 32, 3]), jnp.zeros([2, 10])
"""

from jaxgan.networks import layers
from jaxgan.networks.adapter import Network, linen
from jaxgan.networks.biggan import BigGANDiscriminator, BigGANGenerator
from jaxgan.networks.biggan_deep import BigGANDeepDiscriminator, BigGANDeepGenerator
from jaxgan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from jaxgan.networks.dcgan_3d import DCGAN3DDiscriminator, DCGAN3DGenerator
from jaxgan.networks.denoiser import MLPDenoiser, UNetDenoiser
from jaxgan.networks.equinox_adapter import equinox
from jaxgan.networks.gradient_normalization import gradient_normalized
from jaxgan.networks.hifigan import HiFiGANDiscriminator, HiFiGANGenerator
from jaxgan.networks.luma_keeper import LumaKeeper
from jaxgan.networks.mlp import JointDiscriminator, MLPDiscriminator, MLPEncoder, MLPGenerator
from jaxgan.networks.mocogan import MoCoGANDiscriminator, MoCoGANGenerator
from jaxgan.networks.nnx_adapter import nnx
from jaxgan.networks.parallel import parallel
from jaxgan.networks.patch_discriminator import MultiScalePatchDiscriminator, PatchDiscriminator
from jaxgan.networks.r3gan import R3GANDiscriminator, R3GANGenerator
from jaxgan.networks.relgan import LSTMGenerator, RelGANDiscriminator
from jaxgan.networks.rematerialization import rematerialized
from jaxgan.networks.resnet_translator import ResNetTranslator
from jaxgan.networks.rrdb import RRDBGenerator
from jaxgan.networks.sn_resnet import SNResNetDiscriminator, SNResNetGenerator
from jaxgan.networks.spade import SPADEGenerator
from jaxgan.networks.standing_statistics import standing_statistics
from jaxgan.networks.stargan_v2 import (
    StarGANv2,
    StarGANv2Discriminator,
    StarGANv2Generator,
    StarGANv2Mapping,
    StarGANv2StyleEncoder,
)
from jaxgan.networks.stylegan2 import StyleGAN2Discriminator, StyleGAN2Generator
from jaxgan.networks.told import told, unconditional
from jaxgan.networks.unet import UNetGenerator
from jaxgan.networks.vgg_discriminator import VGGDiscriminator
from jaxgan.networks.vqgan import VQGANDecoder, VQGANEncoder
from jaxgan.networks.wavegan import WaveGANDiscriminator, WaveGANGenerator

__all__ = [
    "BigGANDeepDiscriminator",
    "BigGANDeepGenerator",
    "BigGANDiscriminator",
    "BigGANGenerator",
    "DCGAN3DDiscriminator",
    "DCGAN3DGenerator",
    "DCGANDiscriminator",
    "DCGANGenerator",
    "HiFiGANDiscriminator",
    "HiFiGANGenerator",
    "JointDiscriminator",
    "LSTMGenerator",
    "LumaKeeper",
    "MLPDenoiser",
    "MLPDiscriminator",
    "MLPEncoder",
    "MLPGenerator",
    "MoCoGANDiscriminator",
    "MoCoGANGenerator",
    "MultiScalePatchDiscriminator",
    "Network",
    "PatchDiscriminator",
    "R3GANDiscriminator",
    "R3GANGenerator",
    "RRDBGenerator",
    "RelGANDiscriminator",
    "ResNetTranslator",
    "SNResNetDiscriminator",
    "SNResNetGenerator",
    "SPADEGenerator",
    "StarGANv2",
    "StarGANv2Discriminator",
    "StarGANv2Generator",
    "StarGANv2Mapping",
    "StarGANv2StyleEncoder",
    "StyleGAN2Discriminator",
    "StyleGAN2Generator",
    "UNetDenoiser",
    "UNetGenerator",
    "VGGDiscriminator",
    "VQGANDecoder",
    "VQGANEncoder",
    "WaveGANDiscriminator",
    "WaveGANGenerator",
    "equinox",
    "gradient_normalized",
    "layers",
    "linen",
    "nnx",
    "parallel",
    "rematerialized",
    "standing_statistics",
    "told",
    "unconditional",
]
