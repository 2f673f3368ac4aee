"""The numbers and samples of a run in Weights & Biases; without an account, WANDB_MODE=offline.

pip install wandb && python examples/log_to_wandb.py [--steps 500]
"""

import argparse
from dataclasses import asdict

import jaxgan

try:
    import wandb
except ModuleNotFoundError:
    raise SystemExit("this example needs Weights & Biases: pip install wandb") from None

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=500)
config = jaxgan.preset("digits").replace(steps=parser.parse_args().steps)

with wandb.init(project="jaxgan", config=asdict(config)) as run:
    trained = jaxgan.train(config, callbacks=[lambda progress: run.log(progress.info, step=progress.step)])
    run.log({"samples": wandb.Image(str(max(trained.folder.glob("samples/step-*.png"))))})
