"""MNIST [lecun1998]_ from a local folder, from the cache, or from torchvision's mirrors.

Whatever the way, a file is used only if its MD5 is the published one. A download goes to a
temporary name in the cache and gets its own name only after that check, so the cache never
holds half a file.

References
----------
.. [lecun1998] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied
   to document recognition", Proc. IEEE 86 (1998).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.errors import DataError, MissingDependency

__all__ = ["MNIST_FILES", "DataUnavailable", "cache_folder", "load_mnist"]


class DataUnavailable(DataError):
    """There is no local copy and no mirror served one; nothing that is there is damaged."""


@dataclass(frozen=True)
class _File:
    name: str
    md5: str
    shape: tuple[int, ...]


#: The four files: published MD5 and the array that each holds.
MNIST_FILES = {
    ("train", "images"): _File(
        "train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873", (60000, 28, 28)
    ),
    ("train", "labels"): _File(
        "train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432", (60000,)
    ),
    ("test", "images"): _File(
        "t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3", (10000, 28, 28)
    ),
    ("test", "labels"): _File(
        "t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c", (10000,)
    ),
}

_SUBFOLDER = Path("MNIST") / "raw"
_CONNECT_SECONDS = 3.0  # a mirror that takes longer to answer at all is skipped
_READ_SECONDS = 20.0  # longest silence in the middle of a download


def cache_folder() -> Path:
    """Return where downloads are kept: ``$CDOT_CACHE``, or ``cdot`` in the user's cache."""
    chosen = os.environ.get("CDOT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(base) / "cdot"


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
    local = os.environ.get("CDOT_DATA")
    folder = (Path(local) if local else cache_folder()) / _SUBFOLDER
    source = "local folder" if local else "cache"
    arrays = {}
    for kind in ("images", "labels"):
        spec = MNIST_FILES[part, kind]
        path = folder / spec.name
        if not path.is_file():
            if local:
                raise DataError(
                    f"{path}: missing; CDOT_DATA must hold MNIST/raw/*.gz, or unset CDOT_DATA "
                    "to download"
                )
            if not download:
                raise DataUnavailable(f"{path}: missing; allow the download, or set CDOT_DATA")
            _download(spec, path)
            source = "download"
        remedy = "restore it from a good copy" if local else "delete it, and it is fetched again"
        arrays[kind] = _read(path, spec, remedy)
    return ImageSet(**arrays, part=part, name="MNIST", source=source)


def _read(path: Path, spec: _File, remedy: str) -> NDArray[np.uint8]:
    """Return the array in an idx file, after checking the file against its published hash."""
    try:
        packed = path.read_bytes()
    except OSError as exc:
        raise DataError(f"{path}: cannot be read ({exc.strerror}); {remedy}") from exc
    found = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    if found != spec.md5:
        raise DataError(
            f"{path}: truncated or altered ({len(packed):,} bytes, MD5 {found}, must be "
            f"{spec.md5}); {remedy}"
        )
    try:
        data = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as exc:
        raise DataError(f"{path}: not a gzip file ({exc}); {remedy}") from exc
    # idx: two zero bytes, 8 = unsigned byte, number of axes, then each length (big endian).
    header = bytes([0, 0, 8, len(spec.shape)]) + b"".join(n.to_bytes(4, "big") for n in spec.shape)
    if not data.startswith(header) or len(data) != len(header) + int(np.prod(spec.shape)):
        raise DataError(f"{path}: not an idx file of shape {spec.shape}; {remedy}")
    return np.frombuffer(data, np.uint8, offset=len(header)).reshape(spec.shape)


def _download(spec: _File, path: Path) -> None:
    """Fetch one file from torchvision's mirrors, verify it, and only then give it its name."""
    try:
        from torchvision.datasets import MNIST
    except ImportError as exc:
        raise MissingDependency(
            "downloading MNIST needs torchvision: pip install 'cdot-lib[torch]', or set CDOT_DATA"
        ) from exc
    failures = []
    for mirror in MNIST.mirrors:
        url = mirror.rstrip("/") + "/" + spec.name
        try:
            packed = _fetch(url)
        except OSError as exc:
            failures.append(f"{url}: {exc}")
            continue
        found = hashlib.md5(packed, usedforsecurity=False).hexdigest()
        if found != spec.md5:
            failures.append(f"{url}: MD5 {found}, must be {spec.md5}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
            try:
                part.write(packed)
                part.flush()
                os.replace(part.name, path)
            except BaseException:
                os.unlink(part.name)
                raise
        return
    raise DataUnavailable(
        f"{spec.name}: no mirror served it ({'; '.join(failures)}); connect to the network, or "
        "set CDOT_DATA to a folder that holds MNIST/raw/*.gz"
    )


def _fetch(url: str) -> bytes:
    """Return the body at `url`; give up when the server does not answer within seconds.

    Looking a name up has no timeout of its own and can block for half a minute without a
    network, hence the thread; it is a daemon, so that it cannot hold up the end of a program.
    """
    opened: list[object] = []

    def connect() -> None:
        try:
            opened.append(urllib.request.urlopen(url, timeout=_READ_SECONDS))
        except OSError as exc:
            opened.append(exc)

    thread = Thread(target=connect, daemon=True)
    thread.start()
    thread.join(_CONNECT_SECONDS)
    if not opened:
        raise TimeoutError(f"no answer within {_CONNECT_SECONDS:g} s")
    if isinstance(opened[0], OSError):
        raise opened[0]
    with opened[0] as answer:
        return answer.read()
