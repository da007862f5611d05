"""What every chapter owes its reader, as far as a machine can see it."""

from __future__ import annotations

import re
import statistics

import pytest

from tests.book.prose import assertions, cells, own_cells, prose
from tools.crossref import FENCE, labels
from tools.project import Page, chapters, pages
from tools.setup_cell import TAGS, setup_cell

ALL = pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
NUMBERED = pytest.mark.parametrize("page", [p for p in pages() if p.is_numbered], ids=lambda page: page.slug)
MEDIAN_LINES, MOST_LINES, LEAST_EXERCISES = 8, 40, 4


def _directives(page: Page) -> list[tuple[str, str]]:
    """Return name and argument of every directive."""
    found = (FENCE.match(line) for line in page.text.splitlines())
    return [(match["name"], match["argument"].strip()) for match in found if match]


@ALL
def test_setup_cell_comes_first_and_is_the_one_of_all_chapters(page: Page) -> None:
    first = cells(page, "code")[0]
    assert first.metadata.get("tags") == TAGS, f"{page.slug}: the first code cell must be the set-up cell"
    assert first.source == setup_cell(), f"{page.slug}: the set-up cell is stale; run `make sync`"
    assert sum("cdot-setup" in c.metadata.get("tags", []) for c in cells(page, "code")) == 1


@ALL
def test_cells_are_short(page: Page) -> None:
    lines = [len([line for line in cell.source.splitlines() if line.strip()]) for cell in own_cells(page)]
    long = {index + 1: n for index, n in enumerate(lines) if n > MOST_LINES}
    assert not long, f"{page.slug}: cells (number: lines) above {MOST_LINES} lines: {long}; move code to cdot_lib"
    median = statistics.median(lines) if lines else 0
    assert median <= MEDIAN_LINES, f"{page.slug}: the median cell has {median} lines, must be at most {MEDIAN_LINES}"


@ALL
def test_typed_numbers_are_asserted(page: Page) -> None:
    known = assertions(page)
    text = re.sub(r"(?:Python|Theorem|Lemma|Section) \d+\.\d+", "", prose(page))  # a name, not a quantity
    typed = sorted(set(re.findall(r"(?<![\w.])\d+\.\d{2,}(?![\w.]*\w)", text)))
    loose = [number for number in typed if not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", known)]
    assert not loose, (
        f"{page.slug}: numbers typed in the prose that no assertion of the chapter holds: {loose}. "
        "Print them from a cell, or assert them in one with the same digits."
    )


@ALL
def test_prose_does_not_shout(page: Page) -> None:
    shouted = re.findall(r"[^\n]{0,40}\w!(?!\[)[^\n]{0,10}", prose(page))
    assert not shouted, f"{page.slug}: exclamation marks: {shouted}"


@NUMBERED
def test_exercises_have_folded_solutions(page: Page) -> None:
    exercises = [label for label in labels().values() if label.page.slug == page.slug and label.kind == "exercise"]
    solved = [argument for name, argument in _directives(page) if name in ("solution", "solution-start")]
    assert len(exercises) >= LEAST_EXERCISES, f"{page.slug}: {len(exercises)} exercises, at least {LEAST_EXERCISES}"
    unsolved = sorted({label.name for label in exercises} - set(solved))
    assert not unsolved, f"{page.slug}: exercises without a solution: {unsolved}"
    started = len(re.findall(r"\{solution(?:-start)?\}", page.text))
    blocks = re.findall(r"\{solution(?:-start)?\}[^\n]*\n((?::[\w-]+:[^\n]*\n)*)", page.text)
    folded = [block for block in blocks if "dropdown" in block]
    assert len(folded) == started, f"{page.slug}: {started - len(folded)} solutions lack `:class: dropdown`"


@NUMBERED
@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("objectives", r"objectives|you will be able to"),
        ("prerequisites", r"\bbefore\b|prerequisite"),
        ("exercises", r"(?m)^## .*exercises"),
        ("summary", r"(?m)^## .*(summary|what was checked)"),
        ("further reading", r"(?m)^#+ .*further reading|\*\*further reading"),
    ],
)
def test_parts_of_a_chapter(page: Page, what: str, pattern: str) -> None:
    assert re.search(pattern, page.text, re.IGNORECASE), f"{page.slug}: no {what} (looked for {pattern!r})"


@NUMBERED
def test_theorems_are_checked_in_a_cell(page: Page) -> None:
    """Each claim whose box stands in the chapter is run there."""
    from cdot_lib import claims

    called = set(re.findall(r"claims\.(?:check|run)\(\s*[\"']([\w-]+)[\"']", "\n".join(c.source for c in own_cells(page))))
    boxes = {c.id for c in claims.claims() if c.chapter == page.slug and f":label: {c.id}" in page.text}
    assert boxes <= called, f"{page.slug}: boxes whose claim is not checked in a cell: {sorted(boxes - called)}"
