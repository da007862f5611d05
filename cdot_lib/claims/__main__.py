"""``python -m cdot_lib.claims [ids]``: run the claims, print their tables, fail if one fails."""

from __future__ import annotations

import argparse
import sys

from cdot_lib.claims.ledger import claims, get
from cdot_lib.claims.report import run_claim


def main(argv: list[str] | None = None) -> int:
    """Run the named claims (all without names); return 0 if all of them stand."""
    parser = argparse.ArgumentParser(prog="python -m cdot_lib.claims", description=__doc__)
    parser.add_argument("ids", nargs="*", help="claims to run; all if none is named")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random instances")
    options = parser.parse_args(argv)
    chosen = [get(name) for name in options.ids] or claims()
    failed = []
    for claim in chosen:
        report = run_claim(claim, seed=options.seed)
        print(report, end="\n\n")
        if not report.passed:
            failed.append(claim.id)
    print(f"{len(chosen) - len(failed)} of {len(chosen)} claims stand")
    if failed:
        print("failed: " + ", ".join(failed), file=sys.stderr)
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
