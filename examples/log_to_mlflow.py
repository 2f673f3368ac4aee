"""The numbers and samples of a run in MLflow, which keeps them in ./mlruns unless MLFLOW_TRACKING_URI names a server.

pip install mlflow && python examples/log_to_mlflow.py [--steps 500]
"""

import argparse
from dataclasses import asdict

import jaxgan

try:
    import mlflow
except ModuleNotFoundError:
    raise SystemExit("this example needs MLflow: pip install mlflow") from None

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=500)
config = jaxgan.preset("digits").replace(steps=parser.parse_args().steps)

with mlflow.start_run():
    mlflow.log_dict(asdict(config), "config.json")
    trained = jaxgan.train(config, callbacks=[lambda progress: mlflow.log_metrics(progress.info, step=progress.step)])
    mlflow.log_artifact(str(max(trained.folder.glob("samples/step-*.png"))))
