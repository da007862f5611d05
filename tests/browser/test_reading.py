"""What a reader does: opens folds, copies code, turns pages, searches, changes the mode."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from tests.book.soup import soup_of
from tests.browser.visits import Combination, Visitor
from tools.build_book import Built
from tools.project import Page, chapters, pages

CHAPTERS = pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
OPENED = pytest.mark.parametrize("scheme", ["http", "file"])


def _soup(site: Built, slug: str) -> BeautifulSoup:
    return soup_of(site.folder / "book" / f"{slug}.html")


@CHAPTERS
def test_folds_open_and_close_by_key_and_by_click(visitor: Visitor, page: Page) -> None:
    with visitor.open(f"book/{page.slug}.html", formulas=False) as visit:
        folds = visit.page.locator("main details:not(.toggle-hidden *)")
        assert folds.count() >= 1, "a chapter has folded cells"
        for index in {0, folds.count() - 1}:
            fold = folds.nth(index)
            inside = fold.locator("> :not(summary)").first
            summary = fold.locator("> summary")
            expect(inside).to_be_hidden()
            summary.focus()
            visit.page.keyboard.press("Enter")
            expect(inside).to_be_visible()
            summary.click()
            expect(inside).to_be_hidden()

        solutions = visit.page.locator("main .toggle.admonition")
        for index in {0, solutions.count() - 1} if solutions.count() else ():
            solution = solutions.nth(index)
            inside, button = (
                solution.locator("> :not(.admonition-title)").first,
                solution.locator(".toggle-button").first,
            )
            expect(inside).to_be_hidden()
            expect(button).to_have_attribute("aria-expanded", "false")
            button.focus()
            visit.page.keyboard.press("Enter")
            expect(inside).to_be_visible()
            expect(button).to_have_attribute("aria-expanded", "true")
            solution.locator(".admonition-title").first.click(position={"x": 40, "y": 10})
            expect(inside).to_be_hidden()
        assert not visit.complaints


def test_solutions_are_folded(site: Built) -> None:
    folded = [len(_soup(site, page.slug).select(".solution.dropdown")) for page in chapters()]
    assert sum(folded) >= 10, folded


@CHAPTERS
def test_every_piece_of_code_can_be_copied(visitor: Visitor, page: Page) -> None:
    with visitor.open(f"book/{page.slug}.html", formulas=False) as visit:
        cells = visit.page.locator("main .cell_input div.highlight")
        assert cells.count() == cells.locator("button.copybtn").count() > 0
        visit.page.evaluate("() => document.querySelectorAll('main details').forEach(fold => { fold.open = true; })")
        cell = visit.page.locator("main .cell:not(.toggle-hidden *) .cell_input div.highlight").first
        cell.locator("button.copybtn").click()
        copied = visit.page.evaluate("() => navigator.clipboard.readText()")
        assert copied.strip() == cell.locator("pre").inner_text().strip()


def test_next_and_previous_lead_through_the_book_and_back(site: Built) -> None:
    slugs = [page.slug for page in pages()]
    forth, back = [slugs[0]], [slugs[-1]]
    for way, links in (("right-next", forth), ("left-prev", back)):
        while link := _soup(site, links[-1]).select_one(f"a.{way}"):
            links.append(Path(link["href"]).stem)
            assert len(links) <= len(slugs), f"{way} leads in circles: {links}"
    assert forth == slugs
    assert back == slugs[::-1]


@OPENED
def test_search_finds_a_theorem_by_its_name(site: Built, visitor: Visitor, scheme: str) -> None:
    """From the box on a page, by keyboard, to the page that the theorem is on."""
    page, title = next(
        (page, title)
        for page in chapters()
        for title in [
            _soup(site, page.slug).select_one("div.theorem .caption-number + *, div.theorem p.admonition-title")
        ]
        if title is not None
    )
    name = title.get_text().partition("(")[2].rpartition(")")[0]
    assert name, f"{page.slug}: the theorem has no name: {title.get_text()!r}"
    with visitor.open("book/index.html", Combination(scheme)) as visit:
        visit.page.keyboard.press("Control+k")
        field = visit.page.locator("#pst-search-dialog input[type=search]")
        expect(field).to_be_focused()
        field.fill(name)
        field.press("Enter")
        visit.page.wait_for_url("**/search.html?q=*")
        found = visit.page.locator(f"#search-results a[href*='{page.slug}.html']").first
        expect(found).to_be_visible(timeout=20_000)
        found.click()
        visit.page.wait_for_url(f"**/{page.slug}.html**")
        assert not visit.complaints


@OPENED
def test_search_for_nothing_that_is_there_says_so(visitor: Visitor, scheme: str) -> None:
    with visitor.open(f"search.html?q={quote('zyxwvut')}", Combination(scheme)) as visit:
        expect(visit.page.locator("#search-results")).to_contain_text("did not match any documents", timeout=20_000)
        assert not visit.complaints


@OPENED
def test_the_mode_can_be_changed_and_stays(visitor: Visitor, scheme: str) -> None:
    ground = "() => getComputedStyle(document.body).backgroundColor"
    with visitor.open("book/index.html", Combination(scheme)) as visit:
        root, button = visit.page.locator("html"), visit.page.locator("button.theme-switch-button:visible").first
        light = visit.page.evaluate(ground)
        for _ in range(3):
            button.click()
            if root.get_attribute("data-theme") == "dark":
                break
        expect(root).to_have_attribute("data-theme", "dark")
        assert visit.page.evaluate(ground) != light
        visit.page.reload()
        expect(root).to_have_attribute("data-theme", "dark")
