"""Claims on blocks, single letters, rate-distortion functions and lattices, before their chapters."""

from __future__ import annotations

import pytest

from cdot_lib.claims import ledger, report
from cdot_lib.claims.mutation import Mutant, compile_mutant
from tests.claims.unlisted import claims_of

TOPICS = (
    "cdot_lib.claims.bits",
    "cdot_lib.claims.bits_continuous",
    "cdot_lib.claims.class_loss",
    "cdot_lib.claims.opposing",
    "cdot_lib.claims.blocks",
    "cdot_lib.claims.single_letter",
    "cdot_lib.claims.output_constrained",
    "cdot_lib.claims.limited_randomness",
    "cdot_lib.claims.time_sharing",
    "cdot_lib.claims.errata_randomness",
    "cdot_lib.claims.rate_distortion",
    "cdot_lib.claims.rate_perception",
    "cdot_lib.claims.rate_class",
    "cdot_lib.claims.rate_all",
    "cdot_lib.claims.universal",
    "cdot_lib.claims.lattices",
    "cdot_lib.claims.transport",
    "cdot_lib.claims.transport_line",
    "cdot_lib.claims.transport_gaussian",
    "cdot_lib.claims.transport_entropic",
    "cdot_lib.claims.transport_sinkhorn",
)
CLAIMS = [claim for topic in TOPICS for claim in claims_of(topic)]


@pytest.fixture(autouse=True)
def smoke(monkeypatch):
    monkeypatch.setenv("CDOT_PROFILE", "smoke")


def test_no_claim_is_lost():
    assert CLAIMS or set(TOPICS) <= set(ledger.TOPICS)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_stands(claim):
    outcome = report.run_claim(claim)
    assert outcome.passed, str(outcome)
    assert claim.statement().strip()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_an_unchanged_copy_passes(claim):
    header = "from __future__ import annotations"
    for module in set(claim.subject.values()):
        copy = compile_mutant(Mutant("control", module, header, header + "  # unchanged"))
        subject = claim.modules({module: copy})
        for index, check in enumerate(claim.checks):
            outcome = check.run(subject, claim.mutant_instances, report._rng(claim, index, seed=0))
            assert outcome.passed, f"{module}: {check.name}: {outcome}"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_another_seed_makes_no_difference(claim):
    outcome = report.run_claim(claim, seed=20_260_101)
    assert outcome.passed, str(outcome)
