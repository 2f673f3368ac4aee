"""VQGAN or VAE-GAN on bundled digits that were not trained on, beside the same autoencoder without an adversary.

The first 1,500 digits are trained on, the last 297 are reconstructed. A classifier of real digits tells whether a
reconstruction still has the label, and the Fréchet distance is that of its features to those of the same 297 digits.
The floor is the distance between the first 1,500 and these; the real digits are the ceiling of the labels.

    python benchmarks/vqgan.py --seeds 3 --out benchmarks/results/vqgan-digits.json
    python benchmarks/vqgan.py --seeds 1 --options codes=16 --picture vqgan.png
    python benchmarks/vqgan.py --preset vae-gan-digits --out benchmarks/results/vae-gan-digits.json
"""

import jax
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from digit_runs import asked, begun, features_of, trained
from measure import report

from jaxgan.metrics.frechet import frechet_distance

PICTURED = 12
"""Digits in a picture."""


def pictured(path, rows):
    """A row of pictures for each kind."""
    picture = np.concatenate([np.concatenate(list(images[:PICTURED, ..., 0]), axis=1) for images in rows])
    plt.imsave(path, np.kron(picture, np.ones((4, 4))), cmap="gray", vmin=-1, vmax=1)


def main(options):
    config, judge, train_on = begun(options)
    kept = judge.medium.decode(judge.kept)
    real = features_of(judge, kept)
    table = [judge.row("real digits", kept, kept)]
    table[0] |= {"Fréchet distance": frechet_distance(features_of(judge, judge.medium.decode(judge.trained)), real)}
    images = [np.asarray(kept)]
    kinds = {"no adversary": {"adversarial_weight": 0.0, "adversarial_start": 0}, options.preset: {}}
    for kind, changed in kinds.items():
        for seed in range(options.seeds):
            algorithm, state, info, (_, seconds) = trained(config.replace(seed=seed, **changed), train_on)
            again = np.asarray(algorithm.sample(state, jax.random.key(0), len(kept), kept))
            row = judge.row(f"{kind}, seed {seed}", again, kept)
            row |= {"Fréchet distance": frechet_distance(features_of(judge, again), real)}
            row |= {name: float(np.mean(info[name])) for name in ("perplexity", "divergence") if name in info}
            row |= {"seconds": seconds}
            table.append(row)
            print(row, flush=True)
        images.append(again)
    if options.picture is not None:
        pictured(options.picture, images)
    report(
        "vqgan",
        table,
        out=options.out,
        preset=options.preset,
        steps=config.program.steps,
        options=list(options.options),
    )


if __name__ == "__main__":
    main(asked(__doc__, preset="vqgan-digits", classifier_steps=1200))
