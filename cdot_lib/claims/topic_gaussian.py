"""Enters the claims of the chapter ``gaussian`` into the ledger, once it has its boxes."""

from __future__ import annotations

from cdot_lib.claims.gaussian import CLAIMS
from cdot_lib.claims.gaussian_vector import CLAIMS as VECTOR_CLAIMS
from cdot_lib.claims.ledger import register

__all__: list[str] = []

for _claim in (*CLAIMS, *VECTOR_CLAIMS):
    register(_claim)
