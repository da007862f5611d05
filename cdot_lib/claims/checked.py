"""Insist on a claim; and, while the book is built, run it once for all the pages that show it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cdot_lib.claims.ledger import CheckResult, Claim, get
from cdot_lib.claims.report import CheckRow, MutantRow, Report, run_claim
from cdot_lib.errors import ClaimError
from cdot_lib.profiles import profile

__all__ = ["FOLDER", "check"]

#: Name of the environment variable with the folder where a build keeps reports: one folder for one
#: state of the library and its packages. Without it nothing is kept, and every call runs the claim.
FOLDER = "CDOT_CLAIM_REPORTS"


def _path(claim: Claim) -> Path | None:
    """Return where the report of a claim is kept in the present profile; None outside of a build."""
    folder = os.environ.get(FOLDER)
    return Path(folder) / f"{claim.id}.{profile()}.json" if folder else None


def _plain(report: Report) -> dict[str, Any]:
    """Return what the run of a claim added to the claim itself."""
    return {
        "checks": [[row.check.name, asdict(row.result), row.seconds] for row in report.checks],
        "mutants": [[row.mutant.name, row.killed_by] for row in report.mutants],
        "seconds": report.seconds,
        "profile": report.profile,
    }


def _restored(claim: Claim, plain: dict[str, Any]) -> Report | None:
    """Return the report that was kept, or None if it tells of other checks or mutants than these."""
    checks, mutants = plain["checks"], plain["mutants"]
    if [name for name, *_ in checks] != [item.name for item in claim.checks]:
        return None
    if [name for name, _ in mutants] != [item.name for item in claim.mutants]:
        return None
    rows = tuple(
        CheckRow(item, CheckResult(**result), seconds)
        for item, (_, result, seconds) in zip(claim.checks, checks, strict=True)
    )
    killed = tuple(
        MutantRow(item, killed_by)
        for item, (_, killed_by) in zip(claim.mutants, mutants, strict=True)
    )
    return Report(claim, rows, killed, plain["seconds"], plain["profile"])


def check(claim_id: str, *, seed: int = 0) -> Report:
    """Run the claim called `claim_id` and insist on it.

    While the book is built, the page that asks first runs the claim, and the others show its report.

    Parameters
    ----------
    claim_id : str
    seed : int
        Seed of the random instances; only reports of seed 0 are kept.

    Returns
    -------
    Report
        All green, all mutants killed.

    Raises
    ------
    ClaimError
        If a check fails or a mutant survives; the message holds the whole table.
    """
    claim = get(claim_id)
    path = _path(claim) if seed == 0 else None
    if path is not None and path.exists():
        known = _restored(claim, json.loads(path.read_text(encoding="utf8")))
        if known is not None and known.passed:
            return known
    report = run_claim(claim, seed=seed)
    if not report.passed:
        raise ClaimError(f"claim {claim_id} does not stand\n{report}")
    if path is not None:
        # Written aside and renamed: pages are executed side by side, and builds are interrupted.
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps(_plain(report)), encoding="utf8")
        partial.replace(path)
    return report
