"""The ledger and the chapters name the same things."""

from __future__ import annotations

import re

import pytest

from cdot_lib import claims
from cdot_lib.errors import InvalidArgument
from tests.book.prose import own_cells
from tools.claims_page import PATH, page_text
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
