"""Two calls that always return images, and say which ones."""

from __future__ import annotations

import os
from functools import lru_cache

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.files import DataUnavailable, cache_folder
from cdot_lib.data.house_numbers import synthetic_house_numbers
from cdot_lib.data.mnist import load_mnist
from cdot_lib.data.svhn import find_svhn, load_svhn
from cdot_lib.data.synthetic import synthetic_digits
from cdot_lib.errors import MissingDependency

__all__ = ["HOUSE_SOURCES", "SOURCES", "load_digits", "load_house_numbers"]

#: "auto" falls back on rendered digits, "mnist" fails instead, "synthetic" does not look.
SOURCES = ("auto", "mnist", "synthetic")

#: The same for house numbers.
HOUSE_SOURCES = ("auto", "svhn", "synthetic")


def load_digits(part: str, *, source: str = "auto") -> ImageSet:
    """Return the "train" or "test" part of MNIST or, failing that, of the synthetic set.

    With `source` "auto", a folder named by ``CDOT_DATA`` must be sound: a missing or damaged
    file there is an error, as is a damaged file in the cache. Rendered digits stand in only
    if there is no local copy and no mirror answers; one line on standard output says so, and
    the set's ``description`` says it in every caption. Both parts always come from one source.

    Raises
    ------
    InvalidArgument
        If `part` or `source` is unknown.
    DataError
        If a file is damaged, or missing from ``CDOT_DATA``, or `source` is "mnist" and there
        is none.
    """
    validate.choice("part", part, PARTS)
    if validate.choice("source", source, SOURCES) == "mnist":
        return load_mnist(part)
    if source == "synthetic" or not (os.environ.get("CDOT_DATA") or _at_hand("MNIST", _place())):
        return synthetic_digits(part)
    return load_mnist(part)


def load_house_numbers(part: str, *, source: str = "auto") -> ImageSet:
    """Return the "train" or "test" part of SVHN or, failing that, of the synthetic set.

    As :func:`load_digits`, but a ``CDOT_DATA`` without any folder ``svhn`` is no error: rendered
    house numbers stand in there too. If the folder holds a part of SVHN, that part is
    returned, and its ``extent`` and ``description`` say so.

    Raises
    ------
    InvalidArgument
        If `part` or `source` is unknown.
    DataError
        If a file is damaged, or missing from a folder ``svhn`` of ``CDOT_DATA``, or `source` is
        "svhn" and there is none.
    """
    validate.choice("part", part, PARTS)
    if validate.choice("source", source, HOUSE_SOURCES) == "svhn":
        return load_svhn(part)
    if source == "synthetic" or not _at_hand("SVHN", _place()):
        return synthetic_house_numbers(part)
    return load_svhn(part)


def _place() -> str:
    return os.environ.get("CDOT_DATA") or str(cache_folder())


@lru_cache(maxsize=4)
def _at_hand(name: str, place: str) -> bool:
    """Whether both parts can be had at a place; asked once, because a dead network is slow."""
    find = {"MNIST": load_mnist, "SVHN": find_svhn}[name]
    try:
        for part in PARTS:
            find(part)
    except (DataUnavailable, MissingDependency) as exc:
        what = {"MNIST": "digits", "SVHN": "house numbers"}[name]
        print(f"{name} is not at hand; rendered {what} stand in. {exc}")
        return False
    return True
