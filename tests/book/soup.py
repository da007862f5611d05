"""The pages of a built site, each parsed once for all tests of a process; to be looked at, and not changed."""

from __future__ import annotations

import functools
from pathlib import Path

from bs4 import BeautifulSoup, Tag

__all__ = ["by_id", "soup_of"]


@functools.cache
def soup_of(path: Path) -> BeautifulSoup:
    """Return a page as a tree."""
    return BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")


@functools.cache
def by_id(path: Path) -> dict[str, Tag]:
    """Return what has an id on a page, by it; the first one if several have the same."""
    found: dict[str, Tag] = {}
    for tag in soup_of(path).find_all(id=True):
        found.setdefault(tag["id"], tag)
    return found
