"""The ledger at a glance: one row a claim."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

from cdot_lib.claims.report import Report

__all__ = ["ClaimsTable", "claims_table"]

_HEADER = ("claim", "status", "mutants killed", "checks", "instances", "worst error / tolerance")


@dataclass(frozen=True)
class ClaimsTable:
    """A table of reports; a notebook shows it as HTML, each claim linked to its section."""

    reports: tuple[Report, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """Return one row of text a claim, in the order of the header."""
        return [
            (
                report.claim.id,
                report.claim.status,
                f"{report.killed} of {len(report.mutants)}",
                f"{len(report.checks)}",
                f"{sum(row.result.instances for row in report.checks):,}",
                self._tightest(report),
            )
            for report in self.reports
        ]

    @staticmethod
    def _tightest(report: Report) -> str:
        """Return the error that came nearest to its tolerance, with that tolerance."""
        results = [row.result for row in report.checks]
        if not results:
            return "not checked"
        nearest = max(
            results, key=lambda r: (r.worst_error / r.tolerance if r.tolerance else float(r.worst_error > 0))
        )
        return f"{nearest.worst_error:.1e} / {nearest.tolerance:.0e}"

    def __str__(self) -> str:
        return "\n".join("  ".join(row) for row in [_HEADER, *self.rows()])

    def _repr_html_(self) -> str:
        def cells(tag: str, values: Iterable[str]) -> str:
            return "".join(f"<{tag}>{html.escape(value)}</{tag}>" for value in values)

        body = "".join(
            f'<tr><td><a href="#claim-{html.escape(name)}"><code>{html.escape(name)}</code></a></td>'
            f"{cells('td', rest)}</tr>"
            for name, *rest in self.rows()
        )
        head = cells("th", _HEADER)
        return (
            '<div class="cdot-claim cdot-claims-table"><table class="table">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def claims_table(reports: Iterable[Report]) -> ClaimsTable:
    """Return the table of all reports, in their order."""
    return ClaimsTable(tuple(reports))
