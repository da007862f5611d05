"""What is known of a build: when and on what its chapters ran, what stands behind its records and claims.

The facts of an execution are kept with its outputs, because a chapter may have been executed long before
the build that shows it. The status page and the line at the end of each chapter are made from them.
"""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from importlib import metadata
from typing import Any

import nbformat

from cdot_lib import bookkit
from tools.dependencies import library_digest, packages_of
from tools.project import BOOK, ROOT

__all__ = ["claims_summary", "commit", "facts_of_execution", "now", "records"]

#: Packages whose version can change a number or a picture: what is imported, and who provides it.
THAT_MATTER = {
    "numpy": "numpy", "scipy": "scipy", "sympy": "sympy", "matplotlib": "matplotlib", "torch": "torch",
    "torchvision": "torchvision", "ot": "POT", "constriction": "constriction", "PIL": "pillow",
}  # fmt: skip


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0).isoformat()


def facts_of_execution(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Return when, on what and with what a chapter is executed: to be called as it is executed."""
    imported = packages_of(notebook)
    return {
        "at": now(),
        "profile": os.environ.get("CDOT_PROFILE") or "quick",
        "device": bookkit.device(),
        "library": library_digest(notebook),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for module, name in THAT_MATTER.items() if module in imported},
    }


def commit() -> str | None:
    """Return the commit that is checked out, and whether files differ from it; None without git."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=10", "--exclude=*", "--dirty= with changes"]
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return result.stdout.strip() or None


def records() -> list[dict[str, Any]]:
    """Return each training record under book/results, and whether its code is still that of today.

    This loads torch, so only the page that shows it should ask.
    """
    from cdot_lib.training.digest import code_digest
    from cdot_lib.training.runs import load_record

    found = []
    for path in sorted((BOOK / "results").glob("[!.]*/record.json")):  # not of a record in the making
        record = load_record(path.parent.name, results=BOOK / "results")
        content, configs = record.content, [run["config"] for run in record.runs]
        weights = [path.stat().st_size for path in record.folder.glob("*.safetensors")]
        found.append(
            {
                "name": path.parent.name,
                "stale": record.stale,
                "made_on": content["made_on"],
                "device": content["device"],
                "torch": content["torch"],
                "data": content["data"],
                "runs": len(configs),
                "seeds": sorted({config["seed"] for config in configs}),
                "steps": record.runs[0]["steps"],
                "rates": record.rates_bits,
                "seconds": sum(run["seconds"] for run in record.runs),
                "degradation": content["degradation"],
                "kept": record.kept,
                "megabytes": sum(weights) / 1e6,
                "code": content["code_digest"],
                "code_now": code_digest(),
            }
        )
    return found


def claims_summary() -> dict[str, int]:
    """Return how many claims, checks and mutants the ledger holds, without running any.

    Not to be asked where the reference is made: that imports every module, and with it claims that
    wait for their chapter and are not yet in the ledger.
    """
    from cdot_lib import claims

    ledger = claims.claims()
    return {
        "claims": len(ledger),
        "checks": sum(len(claim.checks) for claim in ledger),
        "mutants": sum(len(claim.mutants) for claim in ledger),
    }
