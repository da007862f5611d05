"""Rendered house numbers: pictures that resemble SVHN's, as many as one wants.

A digit from matplotlib's fonts, with the neighbours that its number would have, on a plate in
front of a wall: turned, sheared and seen from the side, in two colours with the contrast of
SVHN's, unevenly lit, out of focus, and noisy. The ranges are set so that brightness, contrast and
spectrum come out near those of SVHN's training part. The pictures serve to train on where
there are few real ones. Nothing is ever reported on them as if they were SVHN: the set is
flagged, and every caption and record repeats the flag.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.glyphs import (
    GLYPH_HEIGHT,
    WEIGHTS,
    master_glyphs,
    sample_glyphs,
)
from cdot_lib.data.picture import COLOUR
from cdot_lib.data.rendered import render_set, smooth_field

__all__ = ["HOUSE_FONTS", "HOUSE_SIZES", "synthetic_house_numbers"]

#: Fonts that every matplotlib since 3.8 brings along; plates are mostly lettered in bold.
HOUSE_FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-BoldOblique", "DejaVuSerif", "DejaVuSerif-Bold",
    "DejaVuSansMono-Bold", "STIXGeneral", "STIXGeneralBol", "STIXGeneralBolIta", "cmb10", "cmss10",
)

#: Images in each part unless told otherwise.
HOUSE_SIZES = {"train": 20000, "test": 2000}

#: How often each digit occurs in SVHN's training part.
_FREQUENCY = np.array([4948, 13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659]) / 73257

#: Share of the digits that stand in numbers of one to four digits.
_LENGTHS = (0.07, 0.45, 0.33, 0.15)


@lru_cache(maxsize=2)
def synthetic_house_numbers(part: str, count: int | None = None, *, seed: int = 0) -> ImageSet:
    """Render `count` house numbers (20,000 train or 2,000 test ones by default).

    Parameters
    ----------
    part : str
        "train" or "test"; the two share no random number.
    count : int, optional
        Number of images, 32 x 32 in colour, the labelled digit in the middle.
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
    count = validate.positive_int("count", HOUSE_SIZES[part] if count is None else count)
    rng = np.random.default_rng([validate.seed("seed", seed), 2 + PARTS.index(part)])
    labels = rng.choice(10, count, p=_FREQUENCY).astype(np.uint8)
    return render_set(
        part,
        labels,
        lambda rows: _photograph(labels[rows], rng),
        name="house numbers (not SVHN)", picture=COLOUR, chunk=500, whole=HOUSE_SIZES[part],
    )


def _photograph(labels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Render one house number around each label."""
    n, side = len(labels), COLOUR.side
    where = _viewpoint(n, rng)
    ink = _ink(labels, where, rng)
    plate = _plate(where, rng)
    wall, ground, letter = _colours(n, rng)
    scene = ground[:, :, None] + ink[:, None] * (letter - ground)[:, :, None]
    scene += (1 - plate)[:, None] * (wall[:, :, None] - scene)
    scene = scene.reshape(n, 3, side, side)
    scene += _light(n, rng)
    return _develop(scene, rng)


def _viewpoint(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return where each pixel looks: row and column in heights of a digit, shape (2, n, 1024)."""
    axis = (np.arange(COLOUR.side) - (COLOUR.side - 1) / 2) / COLOUR.side
    row, col = np.stack(np.meshgrid(axis, axis, indexing="ij")).reshape(2, 1, -1)
    angle, shear = rng.normal(0.0, 0.06, (n, 1)), rng.normal(0.0, 0.10, (n, 1))
    scale, squeeze = rng.uniform(1.0, 1.5, (n, 1)), rng.uniform(1.15, 2.1, (n, 1))
    shift = rng.normal(0.0, 0.04, (2, n, 1))
    tilt = rng.normal(0.0, 0.12, (2, n, 1))
    depth = scale / (1 + tilt[0] * row + tilt[1] * col)  # the plane of the plate, seen at a slant
    row, col = depth * (row + angle * col), depth * squeeze * (col - (angle + shear) * row)
    # Letters are not all alike: a smooth warp, as of the rendered digits.
    warp = smooth_field(rng.normal(0.0, 0.03, (2, n, 4, 4)), COLOUR.side)
    return np.stack([row, col]) + shift + warp.reshape(2, n, -1)


def _ink(
    labels: NDArray[np.uint8], where: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return how much ink each pixel sees: the labelled digit and the neighbours in its number."""
    n = len(labels)
    masters = master_glyphs(HOUSE_FONTS)
    style = rng.integers(0, len(WEIGHTS), n), rng.integers(0, len(HOUSE_FONTS), n)
    half = (masters.max(axis=-2) > 0.5).sum(axis=-1) / (2 * GLYPH_HEIGHT)  # half widths
    length = 1 + rng.choice(len(_LENGTHS), n, p=_LENGTHS)
    place = (rng.random(n) * length).astype(int)
    gap = rng.uniform(0.06, 0.22, n)
    ink = sample_glyphs(masters[*style, labels], GLYPH_HEIGHT * where)
    for side, there in ((-1, place > 0), (1, place < length - 1)):
        digit = rng.choice(10, n, p=_FREQUENCY)
        offset = side * (half[*style, labels] + half[*style, digit] + gap)
        moved = np.stack([where[0], where[1] - offset[:, None]])
        beside = sample_glyphs(masters[*style, digit], GLYPH_HEIGHT * moved)
        ink = np.maximum(ink, beside * there[:, None])
    return ink


def _plate(where: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how much of each pixel lies on the plate rather than on the wall behind it."""
    n = where.shape[1]
    # Distances of the four edges from the digit; a plate without edges in sight is the rule.
    edges = rng.uniform(0.56, 0.80, (2, 2, n, 1)) + 9 * (rng.random((2, 2, n, 1)) < 0.7)
    inside = np.minimum(edges[0] - where, edges[1] + where).min(axis=0)
    return np.clip(0.5 + COLOUR.side * inside, 0, 1)


def _colours(n: int, rng: np.random.Generator) -> tuple[NDArray[np.float64], ...]:
    """Return the colours of wall, plate and digit, each of shape (n, 3)."""
    light = np.clip(rng.normal(0.46, 0.155, n), 0.1, 0.95)
    contrast = np.clip(rng.lognormal(np.log(0.32), 0.40, n), 0.10, 0.85)
    # Dark on light or light on dark, whichever has room.
    sign = np.where(rng.random(n) < 0.5, 1.0, -1.0)
    sign = np.where(np.abs(light + sign * contrast / 2 - 0.5) > 0.6, -sign, sign)
    ground, letter = light - sign * contrast * 0.4, light + sign * contrast * 0.6
    wall = light + rng.normal(0.0, 0.15, n)
    tint = rng.normal([-0.010, -0.004, 0.020], 0.012, (n, 3))  # the light itself: shade is blue
    painted = rng.lognormal(np.log(0.038), 0.8, (3, n, 1)) * _hues(n, rng)
    levels = np.stack([wall, ground, letter])
    return tuple(levels[..., None] + tint + painted)


def _hues(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return unit directions of colour without brightness, shape (3, n, 3).

    Most lie near the line from brick and brass to blue, which is how plates are painted.
    """
    hue = rng.normal(0.25, 1.0, (3, n, 1)) * [-0.6, -0.2, 0.8]
    hue += rng.normal(0.0, [0.25, 0.15, 0.25], (3, n, 3))
    hue -= hue.mean(axis=-1, keepdims=True)
    return hue / np.linalg.norm(hue, axis=-1, keepdims=True)


def _light(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return uneven light and the texture of the wall, shape (n, 1, 32, 32)."""
    coarse = rng.normal(0.0, 1.0, (2, n, 4, 4)) * rng.lognormal(np.log(0.022), 0.6, (2, n, 1, 1))
    coarse[1, :, :, :] = coarse[1].mean(axis=1, keepdims=True)  # as if columns of shade
    return smooth_field(coarse.sum(axis=0), COLOUR.side)[:, None]


def _develop(scene: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Put scenes out of focus, add the noise of the camera, and round."""
    n = len(scene)
    blur = rng.lognormal(np.log(0.9), 0.55, n)
    grain = rng.normal(0.0, 1.0, scene.shape) * rng.lognormal(np.log(0.014), 0.6, (n, 1, 1, 1))
    across, down = _blurs(blur * rng.uniform(0.8, 1.2, n)), _blurs(blur)
    scene = down[:, None] @ scene @ across[:, None].transpose(0, 1, 3, 2)
    soft = _blurs(np.full(1, 0.6))
    scene = scene + soft @ grain @ soft.transpose(0, 2, 1)
    images = np.clip(np.rint(255 * scene), 0, 255).astype(np.uint8)
    return images.transpose(0, 2, 3, 1)


def _blurs(sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return matrices of Gaussian blurs along one axis, rows sum to one, shape (n, 32, 32)."""
    axis = np.arange(COLOUR.side)
    weights = np.exp(-0.5 * ((axis[:, None] - axis) / sigma[:, None, None]) ** 2)
    return weights / weights.sum(axis=-1, keepdims=True)
