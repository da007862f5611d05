"""The Gaussian claims stand, though they enter the ledger only with their chapters.

When a topic module is listed in ``ledger.TOPICS``, ``test_claims_stand`` tests its claims, and
this file leaves them to it.
"""

from __future__ import annotations

import importlib
import sys

import pytest

from cdot_lib.claims import (
    gaussian,
    gaussian_errata,
    gaussian_vector,
    ledger,
    perception,
    perception_errata,
    report,
)
from cdot_lib.claims.mutation import Mutant, compile_mutant

TOPICS = {
    "cdot_lib.claims.topic_gaussian": (*gaussian.CLAIMS, *gaussian_vector.CLAIMS),
    "cdot_lib.claims.topic_gaussian_errata": (*gaussian_errata.CLAIMS, *perception_errata.CLAIMS),
    "cdot_lib.claims.topic_perception": perception.CLAIMS,
}
WAITING = [claim for name, items in TOPICS.items() if name not in ledger.TOPICS for claim in items]


@pytest.fixture(autouse=True)
def smoke(monkeypatch):
    monkeypatch.setenv("CDOT_PROFILE", "smoke")


@pytest.mark.parametrize("claim", WAITING, ids=lambda claim: claim.id)
def test_stands(claim):
    outcome = report.run_claim(claim)
    assert outcome.passed, str(outcome)


@pytest.mark.parametrize("claim", WAITING, ids=lambda claim: claim.id)
def test_an_unchanged_copy_passes(claim):
    header = "from __future__ import annotations"
    for module in set(claim.subject.values()):
        copy = compile_mutant(Mutant("control", module, header, header + "  # unchanged"))
        subject = claim.modules({module: copy})
        for index, check in enumerate(claim.checks):
            outcome = check.run(subject, claim.mutant_instances, report._rng(claim, index, seed=0))
            assert outcome.passed, f"{module}: {check.name}: {outcome}"


@pytest.mark.parametrize("claim", WAITING, ids=lambda claim: claim.id)
def test_another_seed_makes_no_difference(claim):
    subject = claim.modules()
    for index, check in enumerate(claim.checks):
        outcome = check.run(subject, check.instances, report._rng(claim, index, seed=20_260_101))
        assert outcome.passed, f"{check.name}: {outcome}"


@pytest.mark.parametrize("topic", TOPICS)
def test_one_line_turns_a_topic_on(topic, monkeypatch):
    """The module registers its claims: ids are new slugs, names differ, mutants name subjects."""
    book = {claim.id for claim in ledger.claims()}
    monkeypatch.setattr(ledger, "_CLAIMS", {})
    monkeypatch.delitem(sys.modules, topic, raising=False)
    importlib.import_module(topic)
    assert [claim.id for claim in ledger._CLAIMS.values()] == [claim.id for claim in TOPICS[topic]]
    assert topic in ledger.TOPICS or not book & set(ledger._CLAIMS)
    assert all(claim.statement().strip() for claim in ledger._CLAIMS.values())
