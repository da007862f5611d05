"""Run the checks and the mutants of a claim, and show the outcome as a table."""

from __future__ import annotations

import html
import time
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, get
from cdot_lib.claims.mutation import Mutant, compile_mutant
from cdot_lib.profiles import profile
from cdot_lib.validate import seed as valid_seed

__all__ = ["CheckRow", "MutantRow", "Report", "run", "run_claim"]

HEADER = ("kind", "what", "instances", "worst error", "tolerance", "verdict", "seconds")


@dataclass(frozen=True)
class CheckRow:
    """One check, its result and the seconds that it took."""

    check: Check
    result: CheckResult
    seconds: float


@dataclass(frozen=True)
class MutantRow:
    """One mutant, and the name of the check that caught it (None: it survived)."""

    mutant: Mutant
    killed_by: str | None


@dataclass(frozen=True)
class Report:
    """The outcome of one claim; a notebook shows it as a table.

    Attributes
    ----------
    claim : Claim
    checks : tuple of CheckRow
    mutants : tuple of MutantRow
    seconds : float
        Wall time of everything, mutants included.
    profile : str
        The profile that set the number of instances.
    """

    claim: Claim
    checks: tuple[CheckRow, ...]
    mutants: tuple[MutantRow, ...]
    seconds: float
    profile: str

    @property
    def killed(self) -> int:
        """How many mutants some check caught."""
        return sum(row.killed_by is not None for row in self.mutants)

    @property
    def passed(self) -> bool:
        """Whether every check passed and every mutant was killed."""
        return all(r.result.passed for r in self.checks) and self.killed == len(self.mutants)

    @property
    def worst_error(self) -> float:
        """The largest error among the checks; NaN without checks (a quoted claim)."""
        return max((r.result.worst_error for r in self.checks), default=float("nan"))

    def rows(self) -> list[tuple[str, ...]]:
        """Return one row of text a check, in the order of the header."""
        return [
            (
                row.check.kind,
                row.check.name,
                f"{row.result.instances:,}",
                f"{row.result.worst_error:.1e}",
                f"{row.result.tolerance:.0e}",
                "passed" if row.result.passed else "FAILED",
                f"{row.seconds:.2f}",
            )
            for row in self.checks
        ]

    def summary(self) -> str:
        """Return one line: the mutants killed, survivors by name, time and profile."""
        survivors = [row.mutant.name for row in self.mutants if row.killed_by is None]
        line = f"mutants killed {self.killed}/{len(self.mutants)}"
        if survivors:
            line += f" (SURVIVED: {'; '.join(survivors)})"
        return f"{line}; {self.seconds:.1f} s; profile {self.profile}; {self.claim.status}"

    def __str__(self) -> str:
        title = f"{self.claim.id}: {self.claim.title}"
        details = [
            f"  {row.check.name}: {row.result.detail}"
            for row in self.checks
            if row.result.detail and not row.result.passed
        ]
        return "\n".join([title, _text_table(self.rows()), *details, self.summary()])

    def _repr_markdown_(self) -> str:
        cells = [tuple(c.replace("|", r"\|") for c in row) for row in self.rows()]
        lines = [HEADER, tuple("---" for _ in HEADER), *cells]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return f"**Claim** `{self.claim.id}`\n\n{table}\n\n{self.summary()}\n"

    def _repr_html_(self) -> str:
        def line(tag: str, cells: Sequence[str]) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

        # The seconds would not fit on a page; the text and the last line have them.
        body = "".join(line("td", row[:-1]) for row in self.rows())
        return (
            f'<div class="cdot-claim"><p><strong>Claim</strong> '
            f"<code>{html.escape(self.claim.id)}</code></p>"
            f'<table class="table"><thead>{line("th", HEADER[:-1])}</thead><tbody>{body}</tbody></table>'
            f"<p>{html.escape(self.summary())}</p></div>"
        )


def _text_table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[i]) for line in [HEADER, *rows]) for i in range(len(HEADER))]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in [HEADER, *rows]
    )


def _rng(claim: Claim, index: int, seed: int) -> np.random.Generator:
    """Return a generator of its own for each check, the same on every machine."""
    return np.random.default_rng([seed, zlib.crc32(claim.id.encode()), index])


def _killer(claim: Claim, mutant: Mutant, seed: int) -> str | None:
    subject: Subject = claim.modules({mutant.module: compile_mutant(mutant)})
    for index, item in enumerate(claim.checks):
        try:
            # Wrong formulas take logarithms of negative numbers; that is their business.
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                result = item.run(subject, claim.mutant_instances, _rng(claim, index, seed))
        except Exception as exc:
            return f"{item.name} ({type(exc).__name__})"
        if not result.passed:
            return item.name
    return None


def run_claim(claim: Claim, *, seed: int = 0) -> Report:
    """Run every check of `claim` on the real code, then on each mutant.

    Parameters
    ----------
    claim : Claim
    seed : int
        Seed of the random instances.

    Returns
    -------
    Report
        With failures in it, if there are any: this function does not judge.

    Raises
    ------
    ClaimError
        If a mutant is stale or does not import. An exception that a check raises on the
        real code is passed on as it is.
    """
    seed = valid_seed("seed", seed)
    start = time.perf_counter()
    subject = claim.modules()
    rows = []
    for index, item in enumerate(claim.checks):
        began = time.perf_counter()
        result = item.run(subject, item.instances, _rng(claim, index, seed))
        rows.append(CheckRow(item, result, time.perf_counter() - began))
    mutants = tuple(MutantRow(m, _killer(claim, m, seed)) for m in claim.mutants)
    return Report(claim, tuple(rows), mutants, time.perf_counter() - start, profile())


def run(claim_id: str, *, seed: int = 0) -> Report:
    """Run the claim called `claim_id`; see :func:`run_claim`."""
    return run_claim(get(claim_id), seed=seed)
