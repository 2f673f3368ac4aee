"""Data sets by a short description of where they are."""

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset

SPECS = "digits, ring, grid, tfds:NAME, npz:PATH"


def load(spec: str, *, image_size: int | None = None, data_dir: str | None = None, split: str = "train") -> Dataset:
    """Load a data set.

    | spec | what | image_size |
    |---|---|---|
    | `digits` | 1,797 bundled handwritten digits, 10 classes | 8, 16, 28 or 32 (default 32) |
    | `ring`, `grid` | 8 and 25 Gaussians in the plane | – |
    | `tfds:NAME` | a prepared TFDS image set, read without TensorFlow | crop and resize; default as stored |
    | `npz:PATH` | arrays `images` and `labels` of a NumPy archive | – |

    Args:
        spec: one of the above.
        image_size: pixels a side, where the table says so.
        data_dir: where TFDS sets lie, for `tfds:` alone.
        split: of a TFDS set.

    Raises:
        ValueError: for an unknown spec, an option that the spec does not take, or data that is not as it must be.
        FileNotFoundError: if the path does not exist.
    """
    kind, _, rest = spec.partition(":")
    known = spec in ("digits", "ring", "grid") or (kind in ("tfds", "npz") and rest != "")
    require(known, f"data must be one of {SPECS}; got {spec!r}")
    for name, value, default in (("data_dir", data_dir, None), ("split", split, "train")):
        require(kind == "tfds" or value == default, f"{name} is for tfds:NAME alone, got {name}={value!r} for {spec}")
    require(
        kind in ("digits", "tfds") or image_size is None,
        f"image_size is for digits and tfds:NAME alone, got image_size={image_size} for {spec}",
    )
    if kind == "digits":
        from jaxgan.data.digits import digits

        return digits(32 if image_size is None else image_size)
    if kind == "tfds":
        from jaxgan.data.tfds import tfds

        return tfds(rest, data_dir=data_dir, split=split, image_size=image_size)
    if kind == "npz":
        from jaxgan.data.npz import npz

        return npz(rest)
    from jaxgan.data.mixtures import mixture

    return mixture(spec)
