"""Measures of image sets: two distances between laws, two likenesses to the original, intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from cdot_lib.errors import MissingDependency

__all__ = [
    "LIKENESS_IMAGES", "SLICED_DIRECTIONS", "SLICED_IMAGES", "Z95", "frechet_distance",
    "half_width_of_mean", "half_width_of_share", "likeness", "sliced_w2",
]

#: Images from each set, and random directions, in the sliced W2 distance.
SLICED_IMAGES, SLICED_DIRECTIONS = 2000, 100

#: Images whose PSNR and SSIM are averaged; SSIM takes half a millisecond an image.
LIKENESS_IMAGES = 2000

#: The normal quantile of a two-sided 95% interval.
Z95 = 1.959964


def sliced_w2(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return the sliced W2 distance of two image sets (POT, 100 fixed directions).

    The first 2,000 images of each are compared, as vectors of all their numbers.

    Raises
    ------
    MissingDependency
        If POT is not installed.
    """
    try:
        import ot
    except ImportError as exc:
        raise MissingDependency("the sliced W2 distance needs POT: pip install POT") from exc
    rows = [np.asarray(a[:SLICED_IMAGES], dtype=np.float64) for a in (first, second)]
    rows = [a.reshape(len(a), -1) for a in rows]
    return float(ot.sliced_wasserstein_distance(*rows, n_projections=SLICED_DIRECTIONS, seed=0))


def frechet_distance(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2) of two feature sets (n, d)."""
    mean1, mean2 = first.mean(axis=0), second.mean(axis=0)
    cov1, cov2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    values, vectors = linalg.eigh(cov1)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    cross = np.sqrt(np.clip(linalg.eigvalsh(root @ cov2 @ root), 0.0, None)).sum()
    squared = ((mean1 - mean2) ** 2).sum() + np.trace(cov1) + np.trace(cov2) - 2.0 * cross
    return max(0.0, float(squared))  # equal sets come out at minus a rounding error


def likeness(output: NDArray[Any], clean: NDArray[Any]) -> tuple[float, float]:
    """Return mean PSNR in decibels and mean SSIM to the clean images (scikit-image).

    Both are computed for each image, on the scale from 0 to 1, and averaged over the first
    2,000. The PSNR of an image with itself is infinite.

    Parameters
    ----------
    output, clean : ndarray, shape (n, side, side) or (n, side, side, 3)

    Raises
    ------
    MissingDependency
        If scikit-image is not installed.
    """
    try:
        from skimage.metrics import structural_similarity
    except ImportError as exc:
        raise MissingDependency("SSIM needs scikit-image: pip install scikit-image") from exc
    pairs = list(zip(output[:LIKENESS_IMAGES], clean[:LIKENESS_IMAGES], strict=True))
    squares = np.array([np.square(a - b, dtype=np.float64).mean() for a, b in pairs])
    with np.errstate(divide="ignore"):
        decibels = -10.0 * np.log10(squares)
    channel = -1 if clean.ndim == 4 else None
    similar = [structural_similarity(a, b, data_range=1.0, channel_axis=channel) for a, b in pairs]
    return float(decibels.mean()), float(np.mean(similar))


def half_width_of_mean(values: NDArray[Any]) -> float:
    """Return half of a 95% interval for a mean over images, by the normal approximation.

    The images count as independent draws. Crops from one photograph are not quite that.
    """
    return float(Z95 * np.std(values, ddof=1) / np.sqrt(len(values)))


def half_width_of_share(share: float, count: int) -> float:
    """Return half of Wilson's 95% score interval for a share of `count` images.

    Unlike the normal approximation it does not vanish where the share is 0 or 1.
    """
    spread = share * (1.0 - share) / count + Z95**2 / (4.0 * count**2)
    return float(Z95 * np.sqrt(spread) / (1.0 + Z95**2 / count))
