"""What the chapters share that is not mathematics: the set-up cell, and tables of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdot_lib.bookkit.environment import Environment, device, setup, unmet_requirements
from cdot_lib.bookkit.glance import Glance, glance

if TYPE_CHECKING:
    from cdot_lib.bookkit.ledger import claims_table

__all__ = ["Environment", "Glance", "claims_table", "device", "glance", "setup", "unmet_requirements"]


def __getattr__(name: str) -> Any:
    # Loaded late: the set-up cell must not pull in NumPy before it has looked what is installed.
    if name == "claims_table":
        from cdot_lib.bookkit.ledger import claims_table

        return claims_table
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
