import hashlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from inception_for_tests import Reference, save_legacy

from jaxgan.data.media.images import decode
from jaxgan.metrics.inception import inception
from jaxgan.metrics.inception.network import InceptionV3


@pytest.mark.slow
def test_the_network_has_the_published_number_of_parameters():
    image = jax.ShapeDtypeStruct((1, 299, 299, 3), jnp.float32)
    parameters = jax.eval_shape(InceptionV3().init, jax.random.key(0), image)["params"]
    convolutions, classifier = 21_785_568, 2048 * 1008  # Szegedy's network without its classifier, as others have it
    assert sum(leaf.size for leaf in jax.tree.leaves(parameters)) == convolutions + classifier


@pytest.mark.slow
def test_features_and_probabilities_agree_with_numpy_given_the_same_file(tmp_path):
    stored = np.random.default_rng(0).integers(0, 256, (1, 299, 299, 3), np.uint8)
    reference = Reference(seed=1)
    features, logits = reference(stored.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1)
    save_legacy(tmp_path / "weights.pth", reference.tensors)
    function = inception(tmp_path / "weights.pth", resize="pytorch")
    seen = function.of(decode(stored))
    assert np.linalg.norm(seen.features - features) <= 1e-5 * np.linalg.norm(features)
    np.testing.assert_allclose(seen.features, features, rtol=1e-3, atol=1e-5 * features.max())
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(seen.probabilities, expected, rtol=1e-3)
    digest = hashlib.sha256((tmp_path / "weights.pth").read_bytes()).hexdigest()
    assert function.name == f"inception-{digest[:8]}-pytorch"


def test_an_unknown_resizer_is_refused_before_the_file_is_looked_for(tmp_path):
    with pytest.raises(ValueError, match="resize must be one of tensorflow, pytorch, clean; got 'bicubic'"):
        inception(tmp_path / "none.pth", resize="bicubic")
