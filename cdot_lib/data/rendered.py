"""What the rendered sets share: labels become a flagged set chunk by chunk, and smooth fields."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cdot_lib.data.dataset import ImageSet
from cdot_lib.data.degrade import bicubic_matrix
from cdot_lib.data.picture import Picture

__all__ = ["render_set", "smooth_field"]


def render_set(
    part: str,
    labels: NDArray[np.uint8],
    render: Callable[[slice], NDArray[np.uint8]],
    *,
    name: str,
    picture: Picture,
    chunk: int,
    whole: int,
) -> ImageSet:
    """Render an image for each label, and return them as a set that says that it is rendered.

    Parameters
    ----------
    part : str
        "train" or "test".
    labels : ndarray of uint8, shape (n,)
    render : callable
        Returns the images of a slice of the labels. It is called in order, so that random
        numbers are drawn in the same order each time.
    name : str
        Of the set, with what it is not: "digits (not MNIST)".
    picture : Picture
        Shape of an image.
    chunk : int
        Images at a time; bounds the memory of the sampling grids.
    whole : int
        Images in the part unless told otherwise.
    """
    count = len(labels)
    images = np.empty((count, *picture.shape), dtype=np.uint8)
    for start in range(0, count, chunk):
        rows = slice(start, min(start + chunk, count))
        images[rows] = render(rows)
    return ImageSet(
        images=images, labels=labels, part=part, name=name, source="rendered", extent="rendered",
        selection="all" if count == whole else f"first {count:,}",
    )


def smooth_field(coarse: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return numbers on a coarse grid as a smooth field, by bicubic interpolation.

    Parameters
    ----------
    coarse : ndarray, shape (..., m, m)
    side : int
        Of the fine grid.

    Returns
    -------
    ndarray, shape (..., side, side)
    """
    fine = bicubic_matrix(coarse.shape[-1], side)
    return fine @ coarse @ fine.T
