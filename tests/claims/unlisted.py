"""Claims of topics that the ledger does not list yet: their chapters are still to come."""

from __future__ import annotations

import importlib
import sys
from unittest import mock

from cdot_lib.claims import ledger
from cdot_lib.claims.ledger import Claim

__all__ = ["claims_of"]


def claims_of(topic: str) -> tuple[Claim, ...]:
    """Return the claims that a module registers, and leave ledger and imports as they were.

    A topic that has found its chapter is in the ledger anyhow, and is tested there.
    """
    if topic in ledger.TOPICS:
        return ()
    loaded = sys.modules.pop(topic, None)
    with mock.patch.object(ledger, "_CLAIMS", {}):
        importlib.import_module(topic)
        found = tuple(ledger._CLAIMS.values())
    # Whoever imports it later must register its claims in the real ledger.
    del sys.modules[topic]
    if loaded is not None:
        sys.modules[topic] = loaded
    return found
