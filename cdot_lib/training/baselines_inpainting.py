"""What fills a hole without any training, and without any limit on the rate.

All of these see every visible pixel exactly. :func:`lossless_bits` says what it would cost to send
them, so that nobody takes a fill for a codec.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cdot_lib.data.degradation import Degraded
from cdot_lib.errors import InvalidArgument, MissingDependency
from cdot_lib.progress import progress

__all__ = ["fill_biharmonic", "fill_mean", "lossless_bits"]


def _mask(degraded: Degraded) -> NDArray[np.bool_]:
    visible = degraded.visible
    if visible is None or not visible.any(axis=(1, 2)).all():
        raise InvalidArgument.of(
            "degraded",
            "no mask" if visible is None else "an image without a visible pixel",
            "must hide some pixels and show some",
            "use a degradation with a mask",
        )
    return visible


def fill_mean(degraded: Degraded) -> NDArray[np.float32]:
    """Fill each hole with the mean colour of that image's visible pixels.

    Parameters
    ----------
    degraded : Degraded
        Colour images with a mask.

    Returns
    -------
    ndarray of float32, shape (n, side, side, 3), 0 to 1

    Raises
    ------
    InvalidArgument
        If nothing is hidden, or everything of an image.
    """
    visible = _mask(degraded)[..., None]
    mean = degraded.images.mean(axis=(1, 2), where=visible, keepdims=True)
    return np.where(visible, degraded.images, mean).astype(np.float32)


def fill_biharmonic(degraded: Degraded) -> NDArray[np.float32]:
    """Fill each hole with the smoothest surface through its rim (scikit-image).

    A thin plate is bent to meet the visible pixels: its squared Laplacian vanishes inside the
    hole. About 5 ms an image.

    Parameters and result are those of :func:`fill_mean`.

    Raises
    ------
    InvalidArgument
        If nothing is hidden, or everything of an image.
    MissingDependency
        If scikit-image is not installed.
    """
    try:
        from skimage.restoration import inpaint_biharmonic
    except ImportError as exc:
        raise MissingDependency(
            "biharmonic inpainting needs scikit-image: pip install scikit-image"
        ) from exc
    hidden = ~_mask(degraded)
    output = degraded.images.copy()
    for index in progress(range(len(output)), desc="biharmonic"):
        output[index] = inpaint_biharmonic(output[index], hidden[index], channel_axis=-1)
    return output.clip(0.0, 1.0)


def lossless_bits(degraded: Degraded) -> float:
    """Return the mean bits of a PNG file of the degraded image: all that its fill was made from.

    Header included, which is what a file costs. The grey of a hole compresses to almost nothing.

    Parameters
    ----------
    degraded : Degraded
        Images on the scale from 0 to 1, a whole number of 255ths where visible.
    """
    total = 0
    for image in degraded.images:
        buffer = io.BytesIO()
        Image.fromarray(np.rint(255 * image).astype(np.uint8)).save(buffer, "PNG", optimize=True)
        total += buffer.tell()
    return 8.0 * total / len(degraded.images)
