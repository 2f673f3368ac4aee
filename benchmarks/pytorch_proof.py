"""That jaxgan and PyTorch do the same work: from the same weights, on the same data, latents and random places.

Five steps in float32 must give the same losses, and leave the same averaged generator, running means and spectral
vectors. (The running variances differ by n / (n − 1): PyTorch's are the unbiased ones. No training step sees them.)

Adam has ε = 1 here. At the usual 1e-8 its first steps are the sign of each gradient, rounding included, and even
PyTorch's own two layouts part by more than the tolerance within three steps.
"""

import time
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from pytorch_networks import copy, copy_variables
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

import jaxgan
from jaxgan import Batch, GANState, Players
from jaxgan.core import Turn

STEPS, TOLERANCE, EPSILON = 5, 1e-4, 1.0


class Reference(NamedTuple):
    """What jaxgan did, in float32."""

    params: Players
    """Before the first step."""
    variables: Players
    """Likewise."""
    batches: list[Batch]
    mixes: list[list[np.ndarray]]
    """For each discriminator step, the places [B / n, 1, ...] between samples and data that a gradient penalty drew."""
    losses: list[Players]
    """Losses of every step."""
    end: GANState
    """State after the last step."""


class Proof(NamedTuple):
    """That PyTorch did the same."""

    parameters: int
    """Number of parameters of both networks together."""
    difference: float
    """Largest difference between losses, relative above 1."""
    state_difference: float
    """Largest difference between averaged generators, running means and spectral vectors."""
    first_seconds: float
    """Seconds of the first step, compilation included."""


def batches_of(case, count):
    """Random batches with labels and latents, as NumPy."""
    random, rows = np.random.default_rng(0), case.options.batch_size
    for _ in range(count):
        real = random.uniform(-1, 1, (rows, *case.of.shape)).astype(np.float32)
        labels = random.integers(case.of.num_classes or 2, size=rows, dtype=np.int32)
        yield Batch(real, labels, random.normal(size=(rows, case.options.latent_size)).astype(np.float32))


@jax.default_matmul_precision("highest")
def reference(case):
    """Five steps of jaxgan."""
    algorithm, key, batches = case.algorithm(epsilon=EPSILON), jax.random.key(0), list(batches_of(case, STEPS))
    state = algorithm.init(key, batches[0])
    start, every_mix, losses = jax.device_get((state.params, state.variables)), [], []
    step = jaxgan.jitted(algorithm.step)
    for i, batch in enumerate(batches):
        every_mix.append(_mixes(case, Turn(batch, jax.random.fold_in(key, i), jnp.asarray(i))))
        state, info = step(state, batch, key)
        losses.append(Players(float(info["loss_generator"]), float(info["loss_discriminator"])))
    return Reference(*start, batches, every_mix, losses, jax.device_get(state))


def _mixes(case, turn):
    n, shape = case.options.discriminator_steps, (1,) * len(case.of.shape)
    parts = [turn.part(i, n).within("penalty 0") for i in range(n)]  # the stream of a game's first penalty
    return [np.asarray(part.draw("penalty", lambda key: jax.random.uniform(key, shape))) for part in parts]


def prove(training, case, known):
    """Take the steps of `known` with PyTorch: parameters, losses and the state at the end must be the same."""
    parameters, differences, times = training.load(known.params, known.variables), [], []
    for batch, mixes, ours in zip(known.batches, known.mixes, known.losses, strict=True):
        real, condition = placed(training, case, batch)
        latents = training.place(batch.latent)
        begun = time.perf_counter()
        theirs = training.step(real, condition, latents, [training.place(mix) for mix in mixes])
        theirs = Players(*map(float, theirs))
        times.append(time.perf_counter() - begun)
        differences.append(max(abs(a - b) / max(1.0, abs(a)) for a, b in zip(ours, theirs, strict=True)))
        assert differences[-1] <= TOLERANCE, f"losses of step {len(times)}: jaxgan {ours}, PyTorch {theirs}"
    apart = _state_difference(training, case, known.end)
    assert apart <= TOLERANCE, f"averages, running means or spectral vectors differ by {apart}"
    return Proof(parameters, max(differences), apart, times[0])


def _state_difference(training, case, end):
    average, discriminator = case.pytorch()
    copy(end.average.params, average)
    copy_variables(end.average.variables.network, average)
    copy(end.params.discriminator, discriminator)
    copy_variables(end.variables.discriminator.network, discriminator)
    pairs = (average.state_dict(), training.average), (discriminator.state_dict(), training.discriminator.state_dict())
    return max(
        float((tensor - theirs[name].cpu()).abs().max())
        for ours, theirs in pairs
        for name, tensor in ours.items()
        if tensor.is_floating_point() and not name.endswith("running_var")
    )


def placed(training, case, batch):
    """(real, condition) as the networks in PyTorch take them."""
    conditional = case.options.condition == "labels"
    labels = np.eye(case.of.num_classes, dtype=np.float32)[batch.condition] if conditional else None
    return training.place(batch.real), None if labels is None else training.place(labels)


class Operations(TorchDispatchMode):
    """Counts, while it is entered, what PyTorch knows a number for: matrix products and convolutions.

    `FlopCounterMode` would be this, but follows modules by hooks that the gradient inside a penalty breaks.
    """

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function._overloadpacket in flop_registry:
            self.count += flop_registry[function._overloadpacket](*args, **(kwargs or {}), out_val=result)
        return result


def operations(training, case):
    """Floating-point operations of a step, counted as it runs."""
    given = placed(training, case, next(batches_of(case, 1)))
    with Operations() as counted:
        training.step(*given)
    return counted.count
