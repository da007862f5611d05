"""Enters the Gaussian errata into the ledger, once the chapter ``errata`` has their boxes."""

from __future__ import annotations

from cdot_lib.claims.gaussian_errata import CLAIMS
from cdot_lib.claims.ledger import register
from cdot_lib.claims.perception_errata import CLAIMS as PERCEPTION_CLAIMS

__all__: list[str] = []

for _claim in (*CLAIMS, *PERCEPTION_CLAIMS):
    register(_claim)
