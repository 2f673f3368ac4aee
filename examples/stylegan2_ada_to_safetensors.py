"""The weights of a StyleGAN2-ADA .pkl in a .safetensors file, with which `jaxgan train --start` begins.

A .pkl can run any program when it is read: convert only files that you trust. This script needs no jaxgan, but the
authors' program (github.com/NVlabs/stylegan2-ada-pytorch) with its packages, and `pip install safetensors`:

    PYTHONPATH=stylegan2-ada-pytorch python stylegan2_ada_to_safetensors.py network.pkl network.safetensors
"""

import argparse
import pickle

import numpy as np
from safetensors.numpy import save_file

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("pickle", help="file to read, with the networks G_ema and D")
parser.add_argument("out", help="file to write, .safetensors")
options = parser.parse_args()

with open(options.pickle, "rb") as file:
    networks = pickle.load(file)
arrays = {
    f"{network}.{name}": np.array(tensor.detach().cpu().float().numpy(), order="C")
    for network in ("G_ema", "D")
    for name, tensor in networks[network].state_dict().items()
}
save_file(arrays, options.out)
print(f"{len(arrays)} arrays in {options.out}")
