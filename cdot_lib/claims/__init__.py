"""The claim ledger: each theorem, erratum and quoted figure of the book, with its checks.

A claim is a statement, a list of checks that are independent of the code they check, and a
list of mutants: deliberate errors in that code, each of which must turn a check red. The
build of the book fails when a check fails, and also when a mutant survives.

>>> from cdot_lib import claims
>>> claims.check("thm-common-randomness")          # doctest: +SKIP
"""

from __future__ import annotations

from cdot_lib.claims.checked import check
from cdot_lib.claims.ledger import (
    KINDS,
    STATUSES,
    Check,
    CheckResult,
    Claim,
    Subject,
    claims,
    get,
    register,
)
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.report import Report, run

__all__ = [
    "KINDS",
    "STATUSES",
    "Check",
    "CheckResult",
    "Claim",
    "Mutant",
    "Report",
    "Subject",
    "check",
    "claims",
    "get",
    "register",
    "run",
]
