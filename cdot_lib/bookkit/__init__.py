"""What the chapters share that is not mathematics: the set-up cell, the table of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cdot_lib.bookkit.environment import Environment, device, setup, unmet_requirements

if TYPE_CHECKING:
    from cdot_lib.bookkit.ledger import ClaimsTable, claims_table

__all__ = ["ClaimsTable", "Environment", "claims_table", "device", "setup", "unmet_requirements"]


def __getattr__(name: str) -> Any:
    # Loaded late: the set-up cell must not pull in NumPy before it has looked what is installed.
    if name in ("ClaimsTable", "claims_table"):
        from cdot_lib.bookkit import ledger

        return getattr(ledger, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
