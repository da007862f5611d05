"""MNIST [lecun1998]_ from a local folder, from the cache, or from torchvision's mirrors.

References
----------
.. [lecun1998] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
   to document recognition", Proc. IEEE 86 (1998).
"""

from __future__ import annotations

import gzip
import zlib

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.files import KnownFile, Verified, obtain
from cdot_lib.errors import DataError, MissingDependency

__all__ = ["MNIST_FILES", "load_mnist"]

#: The four files: published MD5 and the array that each holds.
MNIST_FILES = {
    ("train", "images"): KnownFile(
        "train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", (60000, 28, 28)
    ),
    ("train", "labels"): KnownFile(
        "train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", (60000,)
    ),
    ("test", "images"): KnownFile(
        "t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", (10000, 28, 28)
    ),
    ("test", "labels"): KnownFile(
        "t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", (10000,)
    ),
}


def load_mnist(part: str, *, download: bool = True) -> ImageSet:
    """Return the "train" (60,000) or "test" (10,000) part of MNIST, verified by hash.

    If the environment variable ``CDOT_DATA`` names a folder, the files are read from its
    ``MNIST/raw`` and from nowhere else, and nothing is written there. Otherwise from the
    cache, after a download if `download` is true and the cache does not have them.

    Raises
    ------
    DataError
        If a file is missing from ``CDOT_DATA``, or is truncated or altered.
    DataUnavailable
        If there is no local copy and no mirror served one (a kind of DataError).
    MissingDependency
        If a download is needed and torchvision is not installed.
    """
    validate.choice("part", part, PARTS)
    arrays = {}
    for kind in ("images", "labels"):
        file = MNIST_FILES[part, kind]
        found = obtain(file, "MNIST/raw", lambda f=file: _mirrors(f), download=download)
        arrays[kind] = _unpack(found, file.shape)
    return ImageSet(**arrays, part=part, name="MNIST", source=found.source)


def _mirrors(file: KnownFile) -> list[str]:
    try:
        from torchvision.datasets import MNIST
    except ImportError as exc:
        raise MissingDependency(
            "downloading MNIST needs torchvision: pip install 'cdot-lib[torch]', or set CDOT_DATA"
        ) from exc
    return [f"{mirror.rstrip('/')}/{file.name}" for mirror in MNIST.mirrors]


def _unpack(found: Verified, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return the array in an idx file."""
    try:
        data = gzip.decompress(found.content)
    except (OSError, EOFError, zlib.error) as exc:
        raise DataError(f"{found.path}: not a gzip file ({exc}); {found.remedy}") from exc
    # idx: two zero bytes, 8 = unsigned byte, number of axes, then each length (big endian).
    header = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
    if not data.startswith(header) or len(data) != len(header) + int(np.prod(shape)):
        raise DataError(f"{found.path}: not an idx file of shape {shape}; {found.remedy}")
    return np.frombuffer(data, np.uint8, offset=len(header)).reshape(shape)
