"""Photographs from a local folder: a part of CIFAR-10 [krizhevsky2009]_, and Kodak's 24 pictures.

Neither is needed by a chapter; they are there to try a codec on something that is not a digit.
Both are read from ``CDOT_DATA`` alone, and a file is used only if its MD5 is the known one.

References
----------
.. [krizhevsky2009] A. Krizhevsky, "Learning multiple layers of features from tiny images",
   technical report, University of Toronto (2009).
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.files import KnownFile, Verified, obtain_local
from cdot_lib.data.picture import COLOUR
from cdot_lib.errors import DataError

__all__ = ["load_cifar10", "load_kodak"]

_ROWS, _COLUMNS = 25, 40  # of pictures in one sheet, row by row

_LABELS = KnownFile("labels.npz", "bad97fe4895a3e0b0db977ee9276c1bf", (10000,))

_TRAIN = (
    "be0ca43c4089b0e4ecf422f100a3a3fd",
    "0d79e4313853019be2ec55df2bcff21f",
    "4a965dd14be2169cbac9d0a47ffde612",
    "72a0b90ec9ce678b566c394c8e476597",
    "e69f6cdb736791b6aafc2bdf110379e3",
    "7b6c26d60e38ab138b962ca9560e3194",
    "5e49d4cfc34a14ef04bb6a7a2ac2b416",
    "e1de2652c98b4f7c20beed5a09c71670",
    "6da6cff67a3e7767cbb11316cfa3d743",
    "0d1568749e2269fc5a88446ea556d702",
)
_TEST = ("172bff1bb56f0da737f5de989586b6bd",)

_KODAK = (
    "797a5ed9e768bac2143197febe74e9f0", "40bfc5a525f4659c132e72b7a733e45e",
    "5e9f48bd613eacfb6252c77ae7306a73", "f05d34fa98bd7fed4ecbe3597b71918e",
    "b79782844dae1e15aa9419c502a84f0a", "4be8c416ad84226df5ba3d289625770a",
    "4d97e7987524aff3bc495776179842be", "98454f0a6c3a35e70e69c20642c3bd1b",
    "07d3dba47087b5758a53010434cce622", "929943052e22f71b29bff2fbe197daff",
    "c04773608d99a39546de3d028a75bd35", "c6c8dea947e5431173a7347bdb2c2262",
    "9ddecfeef6f7915f5e5ce0d09f0c6c61", "a5b6b880ba060ad02805bbab60c399d0",
    "a858d33c424eaac1322cf3cab6d3d568", "a2308ff210e30c1969f7445135607f20",
    "52dac72df0b33bacc643ad6d42759964", "d1c85cf7358cd0bf4dd26c884f2e80b8",
    "d60e46f8c6fd8f8ae33a39e6eef22af3", "7d814638029aa1606caf78c7085414f4",
    "e7608675ced1dbc0b8d3a1878d8be675", "ceb46494f96589f8926a84bb5b66056e",
    "e1328ba2c55d5a72eb77e283c9630b90", "45a4912aaa0458940d5554ade1db5141",
)

_SHORTENED = {"train": "first 10,000 of 50,000", "test": "first 1,000 of 10,000"}


def load_cifar10(part: str) -> ImageSet:
    """Return the first 10,000 training or 1,000 test pictures of CIFAR-10; labels are its classes.

    Raises
    ------
    InvalidArgument
        If `part` is neither "train" nor "test".
    DataUnavailable
        If ``CDOT_DATA`` is not set.
    DataError
        If a file is missing from its ``cifar10``, or is truncated or altered.
    """
    sums = {"train": _TRAIN, "test": _TEST}[validate.choice("part", part, PARTS)]
    sheet = (_ROWS * COLOUR.side, _COLUMNS * COLOUR.side, 3)
    files = [KnownFile(f"{part}_{n:02d}.webp", md5, sheet) for n, md5 in enumerate(sums)]
    sheets = np.stack([_pixels(obtain_local(file, "cifar10"), file.shape) for file in files])
    tiles = sheets.reshape(len(files), _ROWS, COLOUR.side, _COLUMNS, COLOUR.side, 3)
    images = tiles.transpose(0, 1, 3, 2, 4, 5).reshape(-1, *COLOUR.shape)
    labels = np.load(BytesIO(obtain_local(_LABELS, "cifar10").content), allow_pickle=False)[part]
    return ImageSet(
        images=images, labels=labels, part=part, name="CIFAR-10", source="local folder",
        extent="part", shortened=_SHORTENED[part],
    )


def load_kodak() -> tuple[NDArray[np.uint8], ...]:
    """Return Kodak's 24 pictures, each of shape (512, 768, 3) or (768, 512, 3).

    Raises
    ------
    DataUnavailable
        If ``CDOT_DATA`` is not set.
    DataError
        If a file is missing from its ``kodak``, or is truncated or altered.
    """
    files = [KnownFile(f"kodim{n:02d}.png", md5, (512, 768, 3)) for n, md5 in enumerate(_KODAK, 1)]
    return tuple(_pixels(obtain_local(file, "kodak"), file.shape) for file in files)


def _pixels(found: Verified, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return the pixels of a picture file that has this shape, lying or standing."""
    try:
        pixels = np.asarray(Image.open(BytesIO(found.content)).convert("RGB"))
    except (UnidentifiedImageError, OSError) as exc:
        raise DataError(f"{found.path}: cannot be decoded ({exc}); does Pillow know it?") from exc
    if sorted(pixels.shape) != sorted(shape):
        raise DataError(f"{found.path}: picture of shape {pixels.shape}; {found.remedy}")
    return pixels
