"""Enters the claims of the chapter ``perception`` into the ledger, once it has its boxes."""

from __future__ import annotations

from cdot_lib.claims.ledger import register
from cdot_lib.claims.perception import CLAIMS

__all__: list[str] = []

for _claim in CLAIMS:
    register(_claim)
