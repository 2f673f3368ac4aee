"""jaxgan's alternating step in PyTorch: the same passes, statistics, penalties, optimizers and average."""

import contextlib

import torch
import torch.nn.functional as F
from pytorch_networks import copy, copy_variables

LOSSES = {
    "non_saturating": (
        lambda real, fake: F.softplus(-real) + F.softplus(fake),
        lambda real, fake: F.softplus(-fake),
    ),
    "hinge": (lambda real, fake: F.relu(1 - real) + F.relu(1 + fake), lambda real, fake: -fake),
    "wasserstein": (lambda real, fake: fake - real, lambda real, fake: -fake),
    "relativistic_pairing": (
        lambda real, fake: F.softplus(fake - real),
        lambda real, fake: F.softplus(real() - fake),
    ),
}
"""(discriminator's, generator's) of logits; the generator's takes the real ones as a function, for most need none."""


class Training:
    """Two players and their step.

    Compiled are the networks with their backward passes, but for passes of the discriminator under a penalty, which
    needs a second derivative that `torch.compile` does not have, and the discriminator's other pass beside R1 or R2. R1
    and R2 share the pass of the loss. Adam is PyTorch's fused one, of that `epsilon`.
    """

    def __init__(
        self,
        config,
        generator,
        discriminator,
        *,
        device="cpu",
        channels_last=False,
        compiled=False,
        cast=None,
        epsilon=1e-8,
    ):
        self.config, self.device, self.steps = config, device, 0
        self.layout = torch.channels_last if channels_last else torch.contiguous_format
        self.generator, self.discriminator = (
            network.to(device=device, memory_format=self.layout) for network in (generator, discriminator)
        )
        prepare = torch.compile if compiled else lambda network: network
        self.generate, self.judge = prepare(self.generator), prepare(self.discriminator)
        self.adam_g, self.adam_d = (
            torch.optim.Adam(network.parameters(), rate, (config.b1, config.b2), epsilon, fused=True)
            for network, rate in ((generator, config.generator_rate), (discriminator, config.discriminator_rate))
        )
        self.average = {name: tensor.clone() for name, tensor in self._averaged().items()}
        self.loss_d, self.loss_g = LOSSES[config.loss]
        self.cast = torch.autocast(device, dtype=cast) if cast else contextlib.nullcontext()

    def load(self, params, variables):
        """Start from `params` and `variables` of the Flax networks; return the number of parameters."""
        networks = (self.generator, self.discriminator)
        counts = [copy(*pair) for pair in zip(params, networks, strict=True)]
        for own, network in zip(variables, networks, strict=True):
            copy_variables(own.network, network)
        torch._foreach_copy_([*self.average.values()], [*self._averaged().values()])
        return sum(counts)

    def place(self, array):
        """NumPy's [B, H, W, C] or [B, N] to a tensor as the networks take it."""
        tensor = torch.tensor(array, device=self.device)
        return tensor.permute(0, 3, 1, 2).contiguous(memory_format=self.layout) if tensor.ndim == 4 else tensor

    def step(self, real, condition=None, latents=None, mixes=None):
        """One step on all of `real`: (generator's loss, discriminator's), the latter of its last step.

        Latents [B, Z], and for each discriminator step the places [B / n, 1, ...] between samples and data of the
        gradient penalty, are drawn unless given.
        """
        config, n = self.config, self.config.discriminator_steps
        if latents is None:
            latents = torch.randn(len(real), config.latent_size, device=self.device)
        for i in range(n):
            x, z = real[i::n], latents[i::n]
            c = None if condition is None else condition[i::n]
            with torch.set_grad_enabled(i == n - 1), self.cast:
                fake = self.generate(z, c)
            loss_d = self._discriminator_loss(x, fake.detach(), c, None if mixes is None else mixes[i])
            self._move(self.adam_d, loss_d, self.discriminator)
        with self.cast:
            logits = self.judge(fake, c, move=False).float()
            loss_g = self.loss_g(lambda: self.judge(x, c, move=False).float(), logits).mean()
        self._move(self.adam_g, loss_g, self.generator)
        decay = min(config.ema_decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_([*self.average.values()], [*self._averaged().values()], 1 - decay)
        self.steps += 1
        return loss_g.detach(), loss_d.detach()

    def _discriminator_loss(self, real, fake, condition, mix):
        config = self.config
        with self.cast:
            real_logits, r1 = self._judged(real, condition, config.r1)
            fake_logits, r2 = self._judged(fake, condition, config.r2)
            loss = self.loss_d(real_logits, fake_logits).mean() + r1 + r2
            if config.gradient_penalty:
                if mix is None:
                    mix = torch.rand(len(real), *[1] * (real.ndim - 1), device=self.device)
                between = (mix * real + (1 - mix) * fake).requires_grad_()
                logits = self.discriminator(between, condition, move=False).float()
                slope = squared_slope(logits, between).sqrt()
                loss = loss + config.gradient_penalty * ((slope - 1) ** 2).mean()
        return loss

    def _judged(self, x, condition, gamma):
        """(logits, γ/2 · E[‖∇D(x)‖²] of the same pass)."""
        if not gamma:
            own_statistics = self.config.r1 or self.config.r2  # of which a compiled pass would void the other's
            return (self.discriminator if own_statistics else self.judge)(x, condition).float(), 0.0
        x = x.detach().requires_grad_()
        logits = self.discriminator(x, condition).float()
        return logits, gamma / 2 * squared_slope(logits, x).mean()

    def _move(self, optimizer, loss, network):
        optimizer.zero_grad()
        loss.backward(inputs=list(network.parameters()))  # which lays the gradients out as fused Adam needs them
        optimizer.step()

    def _averaged(self):
        """Parameters and running statistics."""
        return {k: v for k, v in self.generator.state_dict().items() if v.is_floating_point()}


def squared_slope(logits, x):
    """‖∇ₓ Σ logits‖² of each row, to be differentiated once more."""
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.float().square().flatten(1).sum(1)
