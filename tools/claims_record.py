"""Run the claims with as many instances as a full run takes, and keep what was found: ``python -m tools.claims_record``.

The page of claims runs them in the profile of the build, and shows this record beside it. A claim is run
again only if code that it can load has changed since; so the command can be broken off, and goes on.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from cdot_lib.claims.ledger import get
from cdot_lib.claims.report import run_claim
from tools.dependencies import library_modules, modules_of
from tools.project import BOOK, ROOT
from tools.status import now

__all__ = ["PATH", "digests", "read", "record", "stale"]

PATH = BOOK / "results" / "claims.json"

#: Asks a fresh interpreter which topic brings which claims into the ledger.
_TOPICS = """
import importlib, json
from cdot_lib.claims import ledger
found, seen = {}, set()
for topic in ledger.TOPICS:
    importlib.import_module(topic)
    found |= {name: topic for name in ledger._CLAIMS if name not in found}
print(json.dumps(found))
"""


@functools.cache
def digests() -> dict[str, str]:
    """Return for each claim the digest of the library modules that its topic can load."""
    answer = subprocess.run([sys.executable, "-c", _TOPICS], cwd=ROOT, capture_output=True, text=True, check=True)
    topics: dict[str, str] = json.loads(answer.stdout)

    @functools.cache
    def of(topic: str) -> str:
        digest = hashlib.sha256()
        # The ledger names all topics, and what it leads to decides nothing about this one.
        for module in sorted(modules_of(f"import {topic}", without=("cdot_lib.claims", "cdot_lib.claims.ledger"))):
            digest.update(f"{module}\0".encode() + library_modules()[module].read_bytes())
        return digest.hexdigest()[:16]

    return {name: of(topic) for name, topic in topics.items()}


def read() -> dict[str, dict[str, Any]]:
    """Return what was found for each claim; empty before the first run."""
    return json.loads(PATH.read_text(encoding="utf8")) if PATH.exists() else {}


def stale() -> list[str]:
    """Return the claims without a run of their present code."""
    known = read()
    return [name for name, digest in digests().items() if known.get(name, {}).get("digest") != digest]


def _run(name: str) -> dict[str, Any]:
    """Run one claim in the full profile, in a process of its own."""
    os.environ["CDOT_PROFILE"] = "full"
    report = run_claim(get(name))
    if not report.passed:
        raise AssertionError(str(report))
    return {
        "checks": [
            {
                "name": row.check.name,
                "instances": row.result.instances,
                "worst_error": row.result.worst_error,
                "tolerance": row.result.tolerance,
            }
            for row in report.checks
        ],
        "killed": report.killed,
        "seconds": round(report.seconds, 1),
    }


def record(names: list[str]) -> dict[str, str]:
    """Run these claims, write each as it is done, and return what failed: name -> why."""
    failed = {}
    with ProcessPoolExecutor(max_workers=os.cpu_count(), max_tasks_per_child=1) as pool:
        jobs = {pool.submit(_run, name): name for name in names}
        for count, job in enumerate(as_completed(jobs), start=1):
            name, error = jobs[job], job.exception()
            if error is not None:
                failed[name] = f"{type(error).__name__}: {error}"
            else:
                known = read() | {name: job.result() | {"digest": digests()[name], "made_on": now()[:10]}}
                _write({each: known[each] for each in digests() if each in known})
            outcome = "FAILED" if error else f"{job.result()['seconds']:.0f} s"
            print(f"{count} of {len(names)}: {name}: {outcome}", flush=True)
    return failed


def _write(known: dict[str, dict[str, Any]]) -> None:
    """Write the record aside and put it in place: a run that is broken off leaves the last one whole."""
    PATH.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(f"{PATH}.partial")
    partial.write_text(json.dumps(known, indent=1) + "\n", encoding="utf8")
    partial.replace(PATH)


def main(argv: list[str] | None = None) -> int:
    """Run what is stale, or what is named; return 0 if all of it stands."""
    parser = argparse.ArgumentParser(prog="python -m tools.claims_record", description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", help="claims to run; without names, those whose code has changed")
    options = parser.parse_args(argv)
    unknown = sorted(set(options.ids) - set(digests()))
    if unknown:
        parser.error(f"no claim is called {', '.join(unknown)}; `python -m cdot_lib.claims --help` tells more")
    started, names = time.perf_counter(), options.ids or stale()
    failed = record(names)
    for name, why in failed.items():
        print(f"\n{name}\n{why}", file=sys.stderr)
    print(f"{len(names) - len(failed)} of {len(names)} claims stand, {time.perf_counter() - started:.0f} s: {PATH.relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
