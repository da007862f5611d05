"""SVHN [netzer2011]_, photographed house numbers: the official sets, or the part at hand.

``CDOT_DATA`` may hold the two official files (extent "full"), or the arrays of a part of them:
the first 1,083 training crops, with exact pixels, and 486 test crops, which were cut out again
from the photographs with the authors' boxes, so that their pixels are close to the official ones
but not the same. Without ``CDOT_DATA`` the official files are fetched, 246 MB. The authors allow
non-commercial use only.

References
----------
.. [netzer2011] Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng, "Reading digits in
   natural images with unsupervised feature learning", NIPS workshop (2011).
"""

from __future__ import annotations

import os
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.files import DataUnavailable, KnownFile, Verified, obtain, obtain_local
from cdot_lib.errors import DataError, MissingDependency

__all__ = ["SVHN_FILES", "SVHN_UNLABELLED", "find_svhn", "load_svhn", "load_svhn_unlabelled"]

#: The official files and those of the part, by extent and part; the shape is that of the images.
SVHN_FILES = {
    ("full", "train"): KnownFile(
        "train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373", (73257, 32, 32, 3)
    ),
    ("full", "test"): KnownFile(
        "test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3", (26032, 32, 32, 3)
    ),
    ("part", "train"): KnownFile(
        "svhn_train_first1083.npz", "c40b852d3d2a93f0c95277765b49af63", (1083, 32, 32, 3)
    ),
    ("part", "test"): KnownFile(
        "svhn_test_recropped_486.npz", "c8795113695dac6d29c8d1c47d5f1597", (486, 32, 32, 3)
    ),
}

#: The first images of the official "extra" set, without labels.
SVHN_UNLABELLED = KnownFile(
    "svhn_extra_first181_unlabelled.npz", "be510efaf19c4efb9cc6422784953347", (181, 32, 32, 3)
)

_SHORTENED = {"train": "first 1,083 of 73,257", "test": "486 of 26,032, cut out again"}


def load_svhn(part: str, *, download: bool = True) -> ImageSet:
    """Return the "train" or "test" part of SVHN, or of the part of it at hand, verified by hash.

    If ``CDOT_DATA`` names a folder, the files are read from its ``svhn`` and from nowhere else:
    the official ones if one of them is there, otherwise those of the part. Without ``CDOT_DATA``,
    from the cache, after a download if `download` is true. The set's ``extent`` and
    ``description`` say which it is.

    Raises
    ------
    DataError
        If a file is missing from ``CDOT_DATA``, or is truncated or altered.
    DataUnavailable
        If there is no local copy and no server sent one (a kind of DataError).
    MissingDependency
        If a download is needed and torchvision is not installed.
    """
    found, extent = find_svhn(part, download=download)
    images, labels = _matlab(found) if extent == "full" else _arrays(found, "images", "labels")
    if images.shape != SVHN_FILES[extent, part].shape:
        raise DataError(f"{found.path}: images of shape {images.shape}; {found.remedy}")
    return ImageSet(
        images=images, labels=labels, part=part, name="SVHN", source=found.source, extent=extent,
        shortened=_SHORTENED[part] if extent == "part" else "",
    )


def find_svhn(part: str, *, download: bool = True) -> tuple[Verified, str]:
    """Return the verified file of a part of SVHN, not yet decoded, and its extent.

    Raises
    ------
    DataError
        For the same reasons as in :func:`load_svhn`; so with the next two.
    DataUnavailable
        As there.
    MissingDependency
        As there.
    """
    validate.choice("part", part, PARTS)
    local = os.environ.get("CDOT_DATA")
    extent = "full"
    if local:
        folder = Path(local) / "svhn"
        if not folder.is_dir():
            raise DataUnavailable(f"{folder}: missing; put SVHN there, or unset CDOT_DATA")
        if not any((folder / SVHN_FILES["full", each].name).is_file() for each in PARTS):
            extent = "part"
    file = SVHN_FILES[extent, part]
    return obtain(file, "svhn", lambda: [_address(part)], download=download), extent


def load_svhn_unlabelled() -> NDArray[np.uint8]:
    """Return the first 181 images of the "extra" set from ``CDOT_DATA``, shape (181, 32, 32, 3).

    They have no labels, so they can serve as clean pictures and for nothing else.

    Raises
    ------
    DataUnavailable
        If ``CDOT_DATA`` is not set: this part is not for download.
    DataError
        If the file is missing, truncated or altered.
    """
    (images,) = _arrays(obtain_local(SVHN_UNLABELLED, "svhn"), "images")
    return images


def _address(part: str) -> str:
    try:
        from torchvision.datasets import SVHN
    except ImportError as exc:
        raise MissingDependency(
            "downloading SVHN needs torchvision: pip install 'cdot-lib[torch]', or set CDOT_DATA"
        ) from exc
    return SVHN.split_list[part][0]


def _arrays(found: Verified, *names: str) -> list[NDArray[np.uint8]]:
    try:
        with np.load(BytesIO(found.content), allow_pickle=False) as archive:
            return [archive[name] for name in names]
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as exc:
        raise DataError(f"{found.path}: no archive of {names} ({exc}); {found.remedy}") from exc


def _matlab(found: Verified) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images and labels of an official file, where the digit 0 is labelled 10."""
    try:
        content = loadmat(BytesIO(found.content), variable_names=["X", "y"])
        images, labels = content["X"], content["y"]
    except (MatReadError, LookupError, ValueError, TypeError, OSError, zlib.error) as exc:
        raise DataError(f"{found.path}: no MATLAB file of X and y ({exc}); {found.remedy}") from exc
    labels = (labels.ravel() % 10).astype(np.uint8)
    return np.ascontiguousarray(images.transpose(3, 0, 1, 2)), labels
