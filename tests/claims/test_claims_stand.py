"""Every claim of the book stands, and its mutants die of their errors, not of being copies."""

from __future__ import annotations

import pytest

from cdot_lib.claims import checked, ledger, report
from cdot_lib.claims.mutation import Mutant, compile_mutant
from tools import execute

CLAIMS = ledger.claims()
CHECKED = [claim for claim in CLAIMS if claim.checks]


@pytest.fixture(autouse=True)
def smoke(monkeypatch):
    monkeypatch.setenv("CDOT_PROFILE", "smoke")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_stands(claim, monkeypatch):
    """A build of the same code has run it already, with more instances than here; else it runs now."""
    if (execute.reports() / f"{claim.id}.quick.json").exists():
        monkeypatch.setenv("CDOT_PROFILE", "quick")
        monkeypatch.setenv(checked.FOLDER, str(execute.reports()))
    outcome = checked.check(claim.id)
    assert outcome.killed == len(claim.mutants)


@pytest.mark.parametrize("claim", CHECKED, ids=lambda claim: claim.id)
def test_an_unchanged_copy_passes(claim):
    """A copy of a module is as good as the module: only the mutation can kill a mutant."""
    header = "from __future__ import annotations"
    for module in set(claim.subject.values()):
        copy = compile_mutant(Mutant("control", module, header, header + "  # unchanged"))
        subject = claim.modules({module: copy})
        for index, check in enumerate(claim.checks):
            outcome = check.run(
                subject, claim.mutant_instances, report._rng(claim, index, seed=0)
            )
            assert outcome.passed, f"{module}: {check.name}: {outcome}"


@pytest.mark.parametrize("claim", CHECKED, ids=lambda claim: claim.id)
def test_another_seed_makes_no_difference(claim):
    """Not to the checks; that they notice the mutants is tested above, which takes longest."""
    subject = claim.modules()
    for index, check in enumerate(claim.checks):
        outcome = check.run(subject, check.instances, report._rng(claim, index, seed=20_260_101))
        assert outcome.passed, f"{check.name}: {outcome}"


def test_statements_are_mathematics():
    for claim in CLAIMS:
        assert claim.statement().strip(), claim.id
