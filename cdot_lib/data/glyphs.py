"""Digits in the fonts that matplotlib ships, as master images, and how to sample them anywhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from cdot_lib.errors import DataError

__all__ = ["GLYPH_HEIGHT", "MASTER", "SHARPNESS", "WEIGHTS", "master_glyphs", "sample_glyphs"]

#: A master has so many of its own pixels for one pixel of a digit that fills 20 rows.
SHARPNESS = 2

#: Side of a master, and the height of the digit in its middle; the border is black.
MASTER, GLYPH_HEIGHT = 28 * SHARPNESS, 20 * SHARPNESS

#: Stroke weights: the side of the square that thickens a stroke, in master pixels.
WEIGHTS = (1, 3, 5)


@lru_cache(maxsize=2)
def master_glyphs(fonts: tuple[str, ...]) -> NDArray[np.float32]:
    """Return every digit in every font and weight, shape (3, fonts, 10, 56, 56), 0 to 1.

    Raises
    ------
    DataError
        If matplotlib does not have one of the fonts.
    """
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    glyphs = np.zeros((len(WEIGHTS), len(fonts), 10, MASTER, MASTER), dtype=np.float32)
    for row, name in enumerate(fonts):
        path = folder / f"{name}.ttf"
        if not path.is_file():
            raise DataError(f"{path}: missing; reinstall matplotlib, which brings it along")
        font = ImageFont.truetype(str(path), size=60)
        for digit in range(10):
            left, top, right, bottom = font.getbbox(str(digit))
            tight = Image.new("L", (right - left, bottom - top))
            ImageDraw.Draw(tight).text((-left, -top), str(digit), fill=255, font=font)
            width = min(max(1, round(tight.width * GLYPH_HEIGHT / tight.height)), MASTER - 6)
            tight = tight.resize((width, GLYPH_HEIGHT), Image.Resampling.BILINEAR)
            canvas = Image.new("L", (MASTER, MASTER))
            canvas.paste(tight, ((MASTER - width) // 2, (MASTER - GLYPH_HEIGHT) // 2))
            for weight, size in enumerate(WEIGHTS):
                heavier = canvas.filter(ImageFilter.MaxFilter(size))
                # A blur of half a final pixel is the anti-aliasing of the reduction.
                smooth = heavier.filter(ImageFilter.GaussianBlur(SHARPNESS / 2))
                glyphs[weight, row, digit] = np.asarray(smooth, dtype=np.float32) / 255
    return glyphs


def sample_glyphs(
    glyphs: NDArray[np.float32], where: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return the values of masters at points, by bilinear interpolation.

    Parameters
    ----------
    glyphs : ndarray, shape (n, 56, 56)
        One master for each image.
    where : ndarray, shape (2, n, p)
        Row and column of p points in each master, in its own pixels from its middle.

    Returns
    -------
    ndarray, shape (n, p)
        Points outside take the value of the border, which is black.
    """
    n = len(glyphs)
    where = np.clip(where + (MASTER - 1) / 2, 0, MASTER - 1.001)
    corner = where.astype(np.int64)
    row, col = where - corner
    flat = glyphs.reshape(n, -1)
    first = corner[0] * MASTER + corner[1]
    a, b, c, d = (
        np.take_along_axis(flat, first + offset, axis=1) for offset in (0, 1, MASTER, MASTER + 1)
    )
    return (1 - row) * ((1 - col) * a + col * b) + row * ((1 - col) * c + col * d)
