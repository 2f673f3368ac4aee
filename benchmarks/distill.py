"""A student of one step beside its teacher, a diffusion model of many steps, on the bundled digits.

The first 1,500 digits are trained on. A classifier of them sees 1,500 samples, and the Fréchet distance is that of its
features to those of the other 297 digits. The floor is the distance of the first 1,500 themselves. The ceiling is the
teacher in one step, as which the student begins.

    python benchmarks/distill.py --seeds 3 --out benchmarks/results/distill-digits.json --picture distill-digits.png
    python benchmarks/distill.py --seeds 1 --options adversarial_weight=0
"""

from functools import partial

import jax
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from digit_runs import asked, begun, features_of, trained
from measure import report

from jaxgan.metrics.frechet import frechet_distance

CHUNK, PICTURED = 250, (3, 16)
TEACHER_STEPS = 18
"""Steps of the teacher, as in its paper: 35 calls of the network."""


def samples_of(algorithm, state, teacher, count, shape):
    """Samples from the same noise: the teacher's in many steps and in one, and the student's."""
    z = np.asarray(jax.random.normal(jax.random.key(0), (count, int(np.prod(shape)))))
    flow = jax.jit(teacher, static_argnames="steps")
    kinds = {
        f"teacher, {TEACHER_STEPS} steps": partial(flow, state, steps=TEACHER_STEPS),
        "teacher, 1 step": partial(flow, state, steps=1),
        "student, 1 step": lambda part: algorithm.sample(state, jax.random.key(0), len(part), None, part),
    }
    chunks = np.split(z, range(CHUNK, count, CHUNK))
    return {kind: np.concatenate([np.clip(of(part), -1, 1) for part in chunks]) for kind, of in kinds.items()}


def pictured(path, kinds):
    """Lines of digits of each kind, with a white line between kinds."""
    lines, columns = PICTURED
    rows = []
    for images in kinds:
        shown = np.pad(images[: lines * columns, ..., 0], ((0, 0), (1, 1), (1, 1)), constant_values=-1)
        rows += [np.concatenate(list(line), axis=1) for line in np.split(shown, lines)]
        rows.append(np.ones((1, rows[-1].shape[1])))
    plt.imsave(path, np.kron(np.concatenate(rows[:-1]), np.ones((2, 2))), cmap="gray", vmin=-1, vmax=1)


def main(options):
    config, judge, train_on = begun(options)
    real, kept = (judge.medium.decode(x) for x in (judge.trained, judge.kept))
    reference, table = features_of(judge, kept), []

    def row(what, seed, images, seconds):
        found = frechet_distance(features_of(judge, images), reference)
        table.append({"what": what, "seed": seed, "Fréchet distance": found, "seconds": seconds})
        print(table[-1], flush=True)

    row("real digits", "", real, "")
    for seed in range(options.seeds):
        algorithm, state, _, seconds = trained(config.replace(seed=seed), train_on)
        kinds = samples_of(algorithm, state, config.recipe.parts(train_on).teacher, len(real), train_on.shape)
        for kind, samples in kinds.items():
            row(kind, seed, samples, sum(seconds))
    if options.picture is not None:
        many, _, student = kinds.values()
        pictured(options.picture, (np.asarray(kept), many, student))
    report("distill", table, out=options.out, steps=config.program.steps, options=list(options.options))


if __name__ == "__main__":
    main(asked(__doc__, preset="distill-digits"))
