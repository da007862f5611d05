"""One call that always returns digits, and says which ones."""

from __future__ import annotations

import os
from functools import lru_cache

from cdot_lib import validate
from cdot_lib.data.dataset import PARTS, ImageSet
from cdot_lib.data.mnist import DataUnavailable, load_mnist
from cdot_lib.data.synthetic import synthetic_digits
from cdot_lib.errors import MissingDependency

__all__ = ["SOURCES", "load_digits"]

#: "auto" falls back on rendered digits, "mnist" fails instead, "synthetic" does not look.
SOURCES = ("auto", "mnist", "synthetic")


def load_digits(part: str, *, source: str = "auto") -> ImageSet:
    """Return the "train" or "test" part of MNIST or, failing that, of the synthetic set.

    With `source` "auto", a folder named by ``CDOT_DATA`` must be sound: a missing or damaged
    file there is an error, as is a damaged file in the cache. Rendered digits stand in only
    if there is no local copy and no mirror answers; one line on standard error says so, and
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
    if source == "synthetic" or not (os.environ.get("CDOT_DATA") or _mnist_at_hand()):
        return synthetic_digits(part)
    return load_mnist(part)


@lru_cache(maxsize=1)
def _mnist_at_hand() -> bool:
    """Whether both parts can be had; asked once a process, because a dead network is slow."""
    try:
        for part in PARTS:
            load_mnist(part)
    except (DataUnavailable, MissingDependency) as exc:
        print(f"MNIST is not at hand; rendered digits stand in. {exc}")
        return False
    return True
