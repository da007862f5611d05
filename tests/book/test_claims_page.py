"""The ledger and the chapters name the same things."""

from __future__ import annotations

import re

import pytest

from cdot_lib import claims
from cdot_lib.errors import InvalidArgument
from tests.book.prose import own_cells
from tools import claims_record
from tools.claims_page import PATH, _full_row, page_text
from tools.dependencies import modules_of
from tools.project import chapters, pages

IN_CELLS = re.compile(r"claims\.(?:check|run|get)\(\s*[\"']([\w-]+)[\"']")


def test_page_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf8") == page_text(), "book/claims.md is stale: run `make sync`"


def test_every_claim_has_a_section_and_a_chapter() -> None:
    text, slugs = PATH.read_text(encoding="utf8"), {page.slug for page in pages()}
    assert claims.claims(), "the ledger is empty"
    for claim in claims.claims():
        assert f"(claim-{claim.id})=" in text
        assert claim.chapter in slugs, f"claim {claim.id} names the chapter {claim.chapter}, which is not in _toc.yml"


def test_every_claim_is_called_in_its_chapter() -> None:
    code = {page.slug: "\n".join(cell.source for cell in own_cells(page)) for page in chapters()}
    silent = [
        claim.id for claim in claims.claims() if claim.id not in IN_CELLS.findall(code.get(claim.chapter, ""))
    ]
    assert not silent, f"claims that no cell of their chapter runs: {silent}"


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
def test_cells_name_claims_that_exist(page) -> None:
    for cell in own_cells(page):
        for name in IN_CELLS.findall(cell.source):
            assert claims.get(name).id == name


def test_an_unknown_claim_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="claim_id"):
        claims.get("thm-that-nobody-proved")


def test_the_full_run_is_of_claims_of_the_ledger_and_passed() -> None:
    known = claims_record.read()
    assert known, "no claim has been run in full: `python -m tools.claims_record`"
    assert set(known) <= {claim.id for claim in claims.claims()}
    for name, found in known.items():
        assert [check["name"] for check in found["checks"] if check["worst_error"] > check["tolerance"]] == [], name
        assert all(check["instances"] > 0 for check in found["checks"]), name


def test_a_run_of_older_code_says_so() -> None:
    name, found = next(iter(claims_record.read().items()))
    assert "has changed" not in _full_row(name, found, found["digest"])
    assert "has changed" in _full_row(name, found, "0" * 16)


def test_what_a_claim_depends_on() -> None:
    """An edit of one topic makes its own claims stale, and not those of others."""
    without = ("cdot_lib.claims", "cdot_lib.claims.ledger")
    bits = modules_of("import cdot_lib.claims.bits", without=without)
    assert {"cdot_lib.claims.bits", "cdot_lib.theory.bits", "cdot_lib.information"} <= bits
    assert "cdot_lib.theory.bernoulli" not in bits
    digests = claims_record.digests()
    assert set(digests) == {claim.id for claim in claims.claims()}
    assert digests["thm-fano"] != digests["erratum-e1"]


def test_a_claim_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        claims_record.main(["thm-that-nobody-proved"])
    assert "thm-that-nobody-proved" in capsys.readouterr().err
