"""Common randomness: the same uniform dither at the encoder and the decoder, on any machine.

Nothing random is sent. Both ends run the counter-based generator Philox [salmon2011]_ on
the same key, which is the shared seed, and start its counter at a place that belongs to
the image. The dither of image 7 can therefore be made without making those of images 0 to
6, and any image can be decoded alone.

References
----------
.. [salmon2011] J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.errors import InvalidArgument

__all__ = ["DITHER_BITS", "image_numbers", "shared_dither"]

#: Bits of one dither value. 2^24 equally likely values, so that a value is exact in float32
#: too; the law differs from the continuous uniform law by at most 2^-25 of its width.
DITHER_BITS = 24

#: Second word of the Philox key. It separates this use of a seed from any other use.
_STREAM = 0x646974686572  # "dither" in ASCII


def image_numbers(images: Any, *, name: str = "images") -> NDArray[np.uint64]:
    """Return `images` as a vector of image numbers (whole, in [0, 2^63)).

    `name` is the argument as the caller wrote it, for the message.

    Raises
    ------
    InvalidArgument
        If it is not a vector of such numbers.
    """
    array = np.asarray(images)
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array.size and int(array.min()) < 0):
        raise InvalidArgument.of(
            name, images, "must be a vector of image numbers, whole and not negative",
            "use numpy.arange(n) for the first n images",
        )
    return array.astype(np.uint64)


def shared_dither(seed: int, images: Any, *, dims: int, step: float) -> NDArray[np.float64]:
    """Return the dither U of each image, uniform on (-step/2, step/2).

    Parameters
    ----------
    seed : int
        The shared seed, in [0, 2^63): the Philox key.
    images : array_like of int, shape (n,)
        The number of each image: where its Philox counter starts.
    dims : int
        Dither values an image.
    step : float
        Width of the interval, the quantiser's step.

    Returns
    -------
    ndarray of float64, shape (n, dims)
        ``step * ((k + 1/2) / 2^24 - 1/2)``, k the top 24 bits of a raw 64-bit output: no
        rounding but that of one multiplication, hence the same on every IEEE machine.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    """
    key = np.array([validate.seed("seed", seed), _STREAM], dtype=np.uint64)
    numbers = image_numbers(images)
    dims = validate.positive_int("dims", dims)
    step = float(validate.in_range("step", step, 0.0, 2.0, open_lo=True))
    raw = np.empty((numbers.size, dims), dtype=np.uint64)
    for row, number in zip(raw, numbers, strict=True):
        # Word 0 counts the blocks of this image, word 1 is the image.
        counter = np.array([0, number, 0, 0], dtype=np.uint64)
        row[:] = np.random.Philox(key=key, counter=counter).random_raw(dims)
    k = (raw >> np.uint64(64 - DITHER_BITS)).astype(np.float64)
    return step * ((k + 0.5) / 2.0**DITHER_BITS - 0.5)
