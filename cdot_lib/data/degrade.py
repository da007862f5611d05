"""The x4 bicubic degradation, 28 -> 7 -> 28 pixels, as two fixed matrices.

Bicubic resizing is linear and separable: a low-resolution image is A x A', and the degraded
image, back on the fine grid, is B (A x A') B'. The matrices are read off Pillow's own
``Image.resize(..., BICUBIC)`` in floating point. Pillow's kernel has a = -1/2 and, when it
shrinks, is stretched by the factor 4, which suppresses aliasing; this is what
``torchvision.transforms.Resize`` does to a PIL image. Nothing is rounded or clipped in
between, so values slightly below 0 and above 1 occur, and the 49 numbers of the small image
can be had back exactly from the 784 of the degraded one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cdot_lib import validate
from cdot_lib.data.picture import Picture

__all__ = ["COARSE", "FINE", "bicubic_matrix", "degrade", "low_resolution", "recover", "upsample"]

#: Side of an image, and of its low-resolution version.
FINE, COARSE = 28, 7


@lru_cache(maxsize=8)
def bicubic_matrix(size_in: int, size_out: int) -> NDArray[np.float32]:
    """Return the matrix M, shape (size_out, size_in), of Pillow's bicubic resize along one axis.

    Raises
    ------
    InvalidArgument
        If a size is not a positive whole number.
    """
    size_in = validate.positive_int("size_in", size_in)
    size_out = validate.positive_int("size_out", size_out)
    # The columns of the identity are the unit impulses; resizing them gives the matrix.
    impulses = Image.fromarray(np.eye(size_in, dtype=np.float32))
    matrix = np.array(impulses.resize((size_in, size_out), Image.Resampling.BICUBIC))
    matrix.setflags(write=False)
    return matrix


def low_resolution(images: Any) -> NDArray[np.float32]:
    """Return the 7x7 bicubic reductions of 28x28 images, shape (n, 7, 7), about [0, 1].

    Parameters
    ----------
    images : array_like, shape (n, 28, 28)
        uint8 in 0..255, or real numbers in [0, 1].

    Raises
    ------
    InvalidArgument
        If the shape or the numbers do not fit.
    """
    down = bicubic_matrix(FINE, COARSE)
    return down @ Picture(FINE).planes(images)[:, 0] @ down.T


def upsample(low: Any) -> NDArray[np.float32]:
    """Return 7x7 images on the 28x28 grid, shape (n, 28, 28), by bicubic interpolation.

    Raises
    ------
    InvalidArgument
        If `low` does not have shape (n, 7, 7).
    """
    up = bicubic_matrix(COARSE, FINE)
    return up @ Picture(COARSE).planes(low, name="low")[:, 0] @ up.T


def degrade(images: Any) -> NDArray[np.float32]:
    """Return the degraded domain's X: ``upsample(low_resolution(images))``."""
    return upsample(low_resolution(images))


def recover(degraded: Any) -> NDArray[np.float32]:
    """Return the 7x7 image behind a degraded 28x28 one, the inverse of :func:`upsample`.

    An encoder that reads these 49 numbers sees exactly what one that reads the 784 does.

    Raises
    ------
    InvalidArgument
        If `degraded` does not have shape (n, 28, 28).
    """
    back = np.linalg.pinv(bicubic_matrix(COARSE, FINE).astype(np.float64)).astype(np.float32)
    return back @ Picture(FINE).planes(degraded, name="degraded")[:, 0] @ back.T
