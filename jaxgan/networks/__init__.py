"""Generators and discriminators, and the adapter through which every network is reached."""

from jaxgan.networks import layers as layers
from jaxgan.networks.adapter import Network as Network
from jaxgan.networks.adapter import linen as linen
from jaxgan.networks.biggan import BigGANDiscriminator as BigGANDiscriminator
from jaxgan.networks.biggan import BigGANGenerator as BigGANGenerator
from jaxgan.networks.biggan_deep import BigGANDeepDiscriminator as BigGANDeepDiscriminator
from jaxgan.networks.biggan_deep import BigGANDeepGenerator as BigGANDeepGenerator
from jaxgan.networks.dcgan import DCGANDiscriminator as DCGANDiscriminator
from jaxgan.networks.dcgan import DCGANGenerator as DCGANGenerator
from jaxgan.networks.equinox_adapter import equinox as equinox
from jaxgan.networks.gradient_normalization import gradient_normalized as gradient_normalized
from jaxgan.networks.mlp import MLPDiscriminator as MLPDiscriminator
from jaxgan.networks.mlp import MLPGenerator as MLPGenerator
from jaxgan.networks.nnx_adapter import nnx as nnx
from jaxgan.networks.parallel import parallel as parallel
from jaxgan.networks.r3gan import R3GANDiscriminator as R3GANDiscriminator
from jaxgan.networks.r3gan import R3GANGenerator as R3GANGenerator
from jaxgan.networks.rematerialization import rematerialized as rematerialized
from jaxgan.networks.sn_resnet import SNResNetDiscriminator as SNResNetDiscriminator
from jaxgan.networks.sn_resnet import SNResNetGenerator as SNResNetGenerator
from jaxgan.networks.standing_statistics import standing_statistics as standing_statistics
from jaxgan.networks.stylegan2 import StyleGAN2Discriminator as StyleGAN2Discriminator
from jaxgan.networks.stylegan2 import StyleGAN2Generator as StyleGAN2Generator
