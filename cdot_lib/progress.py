"""Progress bars: live where somebody waits, silent where a static page is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tqdm.auto import tqdm

from cdot_lib.profiles import static_build

__all__ = ["progress"]


def progress(iterable: Iterable[Any] | None = None, **kwargs: Any) -> tqdm:
    """Return a tqdm bar over `iterable`; `kwargs` go to tqdm."""
    return tqdm(iterable, disable=static_build(), **kwargs)
