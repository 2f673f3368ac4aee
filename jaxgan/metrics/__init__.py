"""How good the samples are; `jaxgan.evaluate` computes several metrics at once."""

from jaxgan.metrics import classifier as classifier
from jaxgan.metrics import density_coverage as density_coverage
from jaxgan.metrics import evaluate as evaluate
from jaxgan.metrics import features as features
from jaxgan.metrics import frechet as frechet
from jaxgan.metrics import inception_score as inception_score
from jaxgan.metrics import kernel as kernel
from jaxgan.metrics import modes as modes
from jaxgan.metrics import ms_ssim as ms_ssim
from jaxgan.metrics import path_length as path_length
from jaxgan.metrics import points as points
from jaxgan.metrics import precision_recall as precision_recall
from jaxgan.metrics import random_features as random_features
from jaxgan.metrics import sliced_wasserstein as sliced_wasserstein
from jaxgan.metrics import summary as summary
from jaxgan.metrics import two_sample as two_sample
