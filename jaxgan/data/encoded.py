"""Decode images from any source to one array of pixels."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jaxgan.data import store
from jaxgan.data.images import ImageSize
from jaxgan.data.paths import shown
from jaxgan.data.reading import Half, Opened, Unusable, all_deep, common_channels, read
from jaxgan.errors import InputError


def decoded(
    name: str,
    key: dict[str, Any],
    count: int,
    opened: Callable[[int], Opened],
    *,
    where: Callable[[int], str],
    half: Half | None = None,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> store.Stored:
    """The images at these places, or one half of each, in order.

    Args:
        name: name of the data set.
        key: everything that decides the images, see `store.cache_path`.
        count: how many places there are.
        opened: the i-th, opened for reading bytes; it may raise `Unusable`. Several threads call it.
        where: the i-th, in words.
        half: see `reading.read`.
        image_size: pixels a side or (height, width): crop the centre of that shape and resize it; None keeps images of
            one common shape as they are.
        channels: 1, 3 or 4; None takes 1 if every readable image is grayscale, else 3. Where each is of 16-bit gray and
            one channel is taken, the images are uint16.
        cache_dir: see `store.cache_path`.
        memory_limit: see `store.make`.

    Raises:
        ValueError: if they differ in shape and no `image_size` is given.
        OSError: from the system.
    """

    def read_one(i: int, kept: int, deep: bool) -> store.Item | Unusable:
        try:
            with opened(i) as file:
                image, size = read(file, channels=kept, image_size=image_size, deep=deep, half=half)
                return store.Item(image, size=size)
        except Unusable as why:
            return why
        except InputError as error:
            raise InputError(f"{shown(where(i))}: {error}") from None

    def heads() -> Iterator[Opened]:
        for i in range(count):
            try:
                yield opened(i)
            except Unusable:
                yield io.BytesIO()

    plain, deep = (store.cache_path(name, key | bits, cache_dir) for bits in ({}, {"bits": 16}))
    stored = store.find(deep, memory_limit=memory_limit)
    if stored is not None:
        return stored
    is_deep = channels in (None, 1) and all_deep(heads())
    stored = None if is_deep else store.find(plain, memory_limit=memory_limit)
    if stored is not None:
        return stored
    kept = 1 if is_deep else common_channels(heads()) if channels is None else channels
    return store.make(
        name,
        count,
        lambda rows: [read_one(i, kept, is_deep) for i in rows],
        path=deep if is_deep else plain,
        memory_limit=memory_limit,
    )
