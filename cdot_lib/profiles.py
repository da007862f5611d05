"""The one switch for how much work a run does: ``CDOT_PROFILE``."""

from __future__ import annotations

import os
from typing import TypeVar

from cdot_lib.validate import choice

__all__ = ["PROFILES", "pick", "profile", "static_build"]

#: smoke: tests, seconds. quick: the book on two cores, minutes. full: a GPU.
PROFILES = ("smoke", "quick", "full")

T = TypeVar("T")


def profile() -> str:
    """Return the current profile: ``smoke``, ``quick`` (the default) or ``full``.

    Raises
    ------
    InvalidArgument
        If the environment variable ``CDOT_PROFILE`` holds anything else.
    """
    return choice("CDOT_PROFILE", os.environ.get("CDOT_PROFILE") or "quick", PROFILES)


def pick(*, smoke: T, quick: T, full: T) -> T:
    """Return the value that belongs to the current profile."""
    return {"smoke": smoke, "quick": quick, "full": full}[profile()]


def static_build() -> bool:
    """Whether a static page is being made (``CDOT_STATIC=1``): no live widget can work there."""
    return os.environ.get("CDOT_STATIC") == "1"
