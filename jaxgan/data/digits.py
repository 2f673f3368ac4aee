"""The 1,797 handwritten digits that scikit-learn bundles: real data without a download."""

import numpy as np
from PIL import Image

from jaxgan.checks import require_choice
from jaxgan.data.dataset import Dataset
from jaxgan.data.images import ImageSize, fitted, to_array

SIZES = (8, 16, 28, 32)


def digits(image_size: ImageSize = 32) -> Dataset:
    """8×8 grayscale digits with labels 0 to 9, scaled up to `image_size` pixels (bicubic).

    Args:
        image_size: 8, 16, 28 or 32.

    Raises:
        ValueError: for another size.

    Reference:
        Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
    """
    from sklearn.datasets import load_digits

    require_choice("image_size", image_size, SIZES)
    small, labels = load_digits(return_X_y=True)
    gray = np.round(small.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    images = np.stack([to_array(fitted(Image.fromarray(g), image_size)) for g in gray])
    return Dataset("digits", images, labels.astype(np.int32), num_classes=10)
