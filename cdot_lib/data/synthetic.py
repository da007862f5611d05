"""Rendered digits, for when there is neither a copy of MNIST nor a network.

Digits from the fonts that matplotlib ships, each with its own random rotation, shear, scale,
shift, stroke weight and smooth warp, centred like MNIST's. They are easier than handwriting,
and nothing measured on them says anything about MNIST: the set is flagged, and every caption
and record repeats the flag.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.glyphs import SHARPNESS, master_glyphs, sample_glyphs
from cdot_lib.data.picture import DIGIT
from cdot_lib.data.rendered import render_set, smooth_field

__all__ = ["FONTS", "SIZES", "synthetic_digits"]

#: Fonts that every matplotlib since 3.8 brings along.
FONTS = (
    "DejaVuSans", "DejaVuSans-Oblique", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Italic",
    "DejaVuSansMono", "DejaVuSansMono-Oblique", "STIXGeneral", "STIXGeneralItalic",
    "cmr10", "cmss10", "cmtt10",
)

#: Images in each part unless told otherwise.
SIZES = {"train": 12000, "test": 2000}


@lru_cache(maxsize=4)
def synthetic_digits(part: str, count: int | None = None, *, seed: int = 0) -> ImageSet:
    """Render `count` warped digits (12,000 train or 2,000 test ones by default).

    Parameters
    ----------
    part : str
        "train" or "test"; the two share no random number.
    count : int, optional
        Number of images.
    seed : int
        The same seed gives the same images wherever the same fonts and Pillow are installed.

    Raises
    ------
    InvalidArgument
        If an argument is out of range.
    DataError
        If matplotlib's fonts are missing.
    """
    validate.choice("part", part, PARTS)
    count = validate.positive_int("count", SIZES[part] if count is None else count)
    rng = np.random.default_rng([validate.seed("seed", seed), PARTS.index(part)])
    labels = rng.integers(0, 10, count).astype(np.uint8)
    masters = master_glyphs(FONTS)
    weight, font = rng.integers(0, len(masters), count), rng.integers(0, len(FONTS), count)
    return render_set(
        part,
        labels,
        lambda rows: _warp(masters[weight[rows], font[rows], labels[rows]], rng),
        name="digits (not MNIST)", picture=DIGIT, chunk=1000, whole=SIZES[part],
    )


def _warp(glyphs: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Sample each master on its own distorted 28x28 grid."""
    n = len(glyphs)
    angle, shear = rng.normal(0.0, 0.15, (2, n))
    scale_r, scale_c = rng.uniform(0.9, 1.25, (2, n))
    shift = rng.normal(0.0, 0.6, (2, n, 1))
    cos, sin = np.cos(angle), np.sin(angle)
    # Rows of the inverse map from final to master coordinates: rotation, shear, scale.
    matrix = np.array(
        [[cos * scale_r, -sin * scale_r], [(sin + shear) * scale_c, (cos + shear) * scale_c]]
    ).transpose(2, 0, 1)
    axis = np.arange(28) - 13.5
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij")).reshape(2, -1)
    smooth = smooth_field(rng.normal(0.0, 0.9, (2, n, 4, 4)), 28).reshape(2, n, -1)
    where = (matrix @ grid).transpose(1, 0, 2) + shift + smooth
    values = sample_glyphs(glyphs, SHARPNESS * where)
    return np.clip(np.rint(255 * values), 0, 255).astype(np.uint8).reshape(n, 28, 28)
