"""Rendered digits, for when there is neither a copy of MNIST nor a network.

Digits from the fonts that matplotlib ships, each with its own random rotation, shear, scale,
shift, stroke weight and smooth warp, centred like MNIST's. They are easier than handwriting,
and nothing measured on them says anything about MNIST: the set is flagged, and every caption
and record repeats the flag.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.degrade import bicubic_matrix
from cdot_lib.errors import DataError

__all__ = ["FONTS", "SIZES", "synthetic_digits"]

#: Fonts that every matplotlib since 3.8 brings along.
FONTS = (
    "DejaVuSans", "DejaVuSans-Oblique", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Italic",
    "DejaVuSansMono", "DejaVuSansMono-Oblique", "STIXGeneral", "STIXGeneralItalic",
    "cmr10", "cmss10", "cmtt10",
)

#: Images in each part unless told otherwise.
SIZES = {"train": 12000, "test": 2000}

_FACTOR = 2  # a master glyph is this many times the final grid
_MASTER = 28 * _FACTOR
_HEIGHT = 20 * _FACTOR  # digits fill 20 of the 28 rows, as in MNIST


@lru_cache(maxsize=1)
def _masters() -> NDArray[np.float32]:
    """Return every digit in every font in three weights, shape (3, fonts, 10, 56, 56)."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    glyphs = np.zeros((3, len(FONTS), 10, _MASTER, _MASTER), dtype=np.float32)
    for row, name in enumerate(FONTS):
        path = folder / f"{name}.ttf"
        if not path.is_file():
            raise DataError(f"{path}: missing; reinstall matplotlib, which brings it along")
        font = ImageFont.truetype(str(path), size=60)
        for digit in range(10):
            left, top, right, bottom = font.getbbox(str(digit))
            tight = Image.new("L", (right - left, bottom - top))
            ImageDraw.Draw(tight).text((-left, -top), str(digit), fill=255, font=font)
            width = min(max(1, round(tight.width * _HEIGHT / tight.height)), _MASTER - 6)
            tight = tight.resize((width, _HEIGHT), Image.Resampling.BILINEAR)
            canvas = Image.new("L", (_MASTER, _MASTER))
            canvas.paste(tight, ((_MASTER - width) // 2, (_MASTER - _HEIGHT) // 2))
            for weight, size in enumerate((1, 3, 5)):
                heavier = canvas.filter(ImageFilter.MaxFilter(size))
                # A blur of half a final pixel is the anti-aliasing of the reduction.
                smooth = heavier.filter(ImageFilter.GaussianBlur(_FACTOR / 2))
                glyphs[weight, row, digit] = np.asarray(smooth, dtype=np.float32) / 255
    return glyphs


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
    masters = _masters()
    weight, font = rng.integers(0, len(masters), count), rng.integers(0, len(FONTS), count)
    images = np.empty((count, 28, 28), dtype=np.uint8)
    for start in range(0, count, 1000):  # bounds the memory of the sampling grids
        chunk = slice(start, min(start + 1000, count))
        glyphs = masters[weight[chunk], font[chunk], labels[chunk]]
        images[chunk] = _warp(glyphs, rng)
    return ImageSet(
        images=images, labels=labels, part=part, name="digits (not MNIST)", source="rendered",
        extent="rendered", selection="all" if count == SIZES[part] else f"first {count:,}",
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
    # A smooth warp: random vectors on a 4x4 grid, interpolated bicubically.
    fine = bicubic_matrix(4, 28)
    smooth = (fine @ rng.normal(0.0, 0.9, (2, n, 4, 4)) @ fine.T).reshape(2, n, -1)
    where = (matrix @ grid).transpose(1, 0, 2) + shift + smooth
    where = np.clip(_FACTOR * where + (_MASTER - 1) / 2, 0, _MASTER - 1.001)
    # Bilinear interpolation; the border of a master is black, so clipping there adds nothing.
    corner = where.astype(np.int64)
    row, col = where - corner
    flat = glyphs.reshape(n, -1)
    first = corner[0] * _MASTER + corner[1]
    a, b, c, d = (
        np.take_along_axis(flat, first + offset, axis=1) for offset in (0, 1, _MASTER, _MASTER + 1)
    )
    values = (1 - row) * ((1 - col) * a + col * b) + row * ((1 - col) * c + col * d)
    return np.clip(np.rint(255 * values), 0, 255).astype(np.uint8).reshape(n, 28, 28)
