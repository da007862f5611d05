"""Known files: read from a local folder, or kept in a cache after a download, and always verified.

Whatever the way, a file is used only if its MD5 is the published one. A download is verified in
memory, goes to a temporary name in the cache, and only then gets its own: whoever is killed on
the way leaves no half file under a name that anybody reads.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from threading import Thread

from cdot_lib.errors import DataError
from cdot_lib.progress import progress

__all__ = ["DataUnavailable", "KnownFile", "Verified", "cache_folder", "obtain", "obtain_local"]

_CONNECT_SECONDS = 3.0  # a mirror that takes longer to answer at all is skipped
_READ_SECONDS = 20.0  # longest silence in the middle of a download
_CHUNK = 1 << 18
_LEFTOVER_SECONDS = 3600.0  # a write takes seconds: what is older belongs to a killed process


class DataUnavailable(DataError):
    """There is no local copy and no mirror served one; nothing that is there is damaged."""


@dataclass(frozen=True)
class KnownFile:
    """A file with its published MD5 and the shape of the array that it holds.

    Attributes
    ----------
    name : str
    md5 : str
    shape : tuple of int
    """

    name: str
    md5: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Verified:
    """The content of a known file, and where it came from.

    Attributes
    ----------
    path : Path
    content : bytes
    source : str
        "local folder", "cache" or "download".
    remedy : str
        What to do if the content turns out to be bad.
    """

    path: Path
    content: bytes
    source: str
    remedy: str


def cache_folder() -> Path:
    """Return where downloads are kept: ``$CDOT_CACHE``, or ``cdot`` in the user's cache."""
    chosen = os.environ.get("CDOT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen) if chosen else Path(base) / "cdot"


def obtain(
    file: KnownFile, subfolder: str, addresses: Callable[[], Sequence[str]], *,
    download: bool = True,
) -> Verified:
    """Return a known file, verified.

    If the environment variable ``CDOT_DATA`` names a folder, the file is read there and nowhere
    else, and nothing is written. Otherwise from the cache, after a download if need be.

    Parameters
    ----------
    file : KnownFile
        What to look for.
    subfolder : str
        Where it lies in ``CDOT_DATA`` and in the cache, e.g. "MNIST/raw".
    addresses : callable
        Returns where it can be had; called only if a download is needed.
    download : bool
        Whether the network may be asked.

    Raises
    ------
    DataError
        If the file is missing from ``CDOT_DATA``, or is truncated or altered.
    DataUnavailable
        If there is no local copy and no address served one.
    MissingDependency
        If `addresses` needs a package that is not there.
    """
    local = os.environ.get("CDOT_DATA")
    path = (Path(local) if local else cache_folder()) / subfolder / file.name
    source = "local folder" if local else "cache"
    if not path.is_file():
        if local:
            raise DataError(
                f"{path}: missing; CDOT_DATA must hold {subfolder}/{file.name}, or unset "
                "CDOT_DATA to download"
            )
        if not download:
            raise DataUnavailable(f"{path}: missing; allow the download, or set CDOT_DATA")
        _download(file, path, addresses())
        source = "download"
    return _read(path, file, source)


def obtain_local(file: KnownFile, subfolder: str) -> Verified:
    """Return a known file that is not for download from ``CDOT_DATA``, verified.

    Raises
    ------
    DataUnavailable
        If ``CDOT_DATA`` is not set.
    DataError
        If the file is missing there, or is truncated or altered.
    """
    if not os.environ.get("CDOT_DATA"):
        raise DataUnavailable(
            f"{file.name}: set CDOT_DATA to a folder that holds {subfolder}/{file.name}"
        )
    return obtain(file, subfolder, list)


def _read(path: Path, file: KnownFile, source: str) -> Verified:
    """Return the content of the file at `path`, after a check of its MD5."""
    remedy = "delete it, and it is fetched again"
    if source == "local folder":
        remedy = "restore it from a good copy"
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise DataError(f"{path}: cannot be read ({exc.strerror}); {remedy}") from exc
    found = _md5(content)
    if found != file.md5:
        raise DataError(
            f"{path}: truncated or altered ({len(content):,} bytes, MD5 {found}, must be "
            f"{file.md5}); {remedy}"
        )
    return Verified(path, content, source, remedy)


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _download(file: KnownFile, path: Path, addresses: Sequence[str]) -> None:
    """Fetch one file, verify it, and only then give it its name."""
    failures = []
    for address in addresses:
        try:
            content = _fetch(address)
        except (OSError, HTTPException) as exc:
            failures.append(f"{address}: {exc}")
            continue
        found = _md5(content)
        if found != file.md5:
            failures.append(f"{address}: MD5 {found}, must be {file.md5}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
            try:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
                os.replace(part.name, path)
            except BaseException:
                os.unlink(part.name)
                raise
        return
    raise DataUnavailable(
        f"{file.name}: no mirror served it ({'; '.join(failures)}); connect to the network, or "
        f"set CDOT_DATA to a folder that holds {path.parent.name}/{file.name}"
    )


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed in the middle of a write have left behind."""
    for left in folder.glob(".part-*"):
        if time.time() - left.stat().st_mtime > _LEFTOVER_SECONDS:
            left.unlink(missing_ok=True)


def _fetch(address: str) -> bytes:
    """Return the body at `address`; give up when the server does not answer within seconds.

    Looking a name up has no timeout of its own and can block for half a minute without a
    network, hence the thread; it is a daemon, so that it cannot hold up the end of a program.
    """
    opened: list[object] = []

    def connect() -> None:
        try:
            opened.append(urllib.request.urlopen(address, timeout=_READ_SECONDS))
        except (OSError, HTTPException) as exc:
            opened.append(exc)

    thread = Thread(target=connect, daemon=True)
    thread.start()
    thread.join(_CONNECT_SECONDS)
    if not opened:
        raise TimeoutError(f"no answer within {_CONNECT_SECONDS:g} s")
    if isinstance(opened[0], Exception):
        raise opened[0]
    body = bytearray()
    with opened[0] as answer:
        name = address.rsplit("/", 1)[-1]
        size = {"total": answer.length, "unit": "B", "unit_scale": True}
        with progress(**size, desc=name, leave=False) as bar:
            while chunk := answer.read(_CHUNK):
                body += chunk
                bar.update(len(chunk))
    return bytes(body)
