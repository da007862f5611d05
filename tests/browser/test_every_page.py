"""Every page of the site, as readers open it: what loads, what shows, who can use it, how heavy it is.

A page is loaded once for each of four combinations of address, width and mode, and looked at in all
ways at once. What is kept for a person: _build/axe.json, _build/weights.json, and with CDOT_SCREENSHOTS=1
in the environment _build/screenshots, which take longer than all that is checked.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.book.soup import soup_of
from tests.browser.visits import COMBINATIONS, Combination, Visit, Visitor, html_pages
from tools.build_book import Built
from tools.project import BUILD
from tools.web import for_tests

INSPECT = (Path(__file__).parent / "inspect.js").read_text(encoding="utf8")
SCREENSHOTS = BUILD / "screenshots"
REPORTS = BUILD / "browser"

#: The budget of a page.
MEGABYTES = 3.0
SECONDS = 2.0

#: A screenshot is cut here: Chromium paints no more at once.
TALLEST = 12_000


def _open_folds(visit: Visit) -> None:
    """Open all that is folded: it is part of the page."""
    visit.page.evaluate("""() => {
        for (const fold of document.querySelectorAll("main details")) fold.open = true;
        for (const button of document.querySelectorAll("main .toggle-button-hidden")) button.click();
    }""")


def _with_few_listings(pages: list[str], few: int) -> list[str]:
    """Leave out all but a few listings of the library's modules: there are over a hundred, made from one template."""
    listings = [path for path in pages if path.startswith("_modules/")]
    kept = listings[:: max(1, len(listings) // few)][:few]
    return [path for path in pages if path in kept or path not in listings]


def _formulas(path: Path) -> int:
    return len(soup_of(path).select(".math"))


#: Puts a box of its size in the place of each formula: half of a page's elements are glyphs of formulas.
EMPTY_FORMULAS = """() => {
    const formulas = [...document.querySelectorAll("mjx-container")];
    const boxes = formulas.map(formula => formula.getBoundingClientRect());
    for (const [i, formula] of formulas.entries()) {
        formula.replaceChildren("x");
        Object.assign(formula.style, {display: "inline-block", width: `${boxes[i].width}px`, height: `${boxes[i].height}px`});
    }
}"""


def _axe(visit: Visit, rules: list[str] | None) -> list[dict[str, Any]]:
    """Return the violations that axe-core finds, with the places of each.

    With some rules only, which ask about colours and sizes, formulas are looked at as one letter each.
    """
    if rules:
        visit.page.evaluate(EMPTY_FORMULAS)
    visit.page.evaluate(for_tests("axe.min.js").read_text(encoding="utf8") + ";0")
    options = {"preload": False, "resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    violations = visit.page.evaluate("options => axe.run(options).then(result => result.violations)", options)
    return [
        {
            "rule": violation["id"],
            "impact": violation["impact"],
            "help": violation["help"],
            "places": [f"{' '.join(map(str, node['target']))} ({node['html'][:120]})" for node in violation["nodes"]],
            "why": violation["nodes"][0]["failureSummary"],
        }
        for violation in violations
    ]


def _screenshots(visit: Visit, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for old in SCREENSHOTS.glob(f"{name}*.png"):
        old.unlink()
    width, height = visit.page.evaluate("() => [innerWidth, document.documentElement.scrollHeight]")
    for part, top in enumerate(range(0, height, TALLEST), start=1):
        clip = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)}
        suffix = f"-{part}" if height > TALLEST else ""
        visit.page.screenshot(full_page=True, clip=clip, path=SCREENSHOTS / f"{name}{suffix}.png")


class EveryPage:
    """The checks; the classes below say how pages are opened."""

    how: ClassVar[Combination]
    axe: ClassVar[list[str] | None] = None  # the rules; None is all, [] is none
    pictures: ClassVar[bool] = False
    weigh: ClassVar[bool] = False
    unfold: ClassVar[bool] = False
    listings: ClassVar[int] = 2  # how many listings of modules

    def test_every_page(self, site: Built, visitor: Visitor, subtests: pytest.Subtests) -> None:
        """One page after the other; each that fails is named with all that is wrong on it."""
        violations: dict[str, list[dict[str, Any]]] = {}
        weights: dict[str, dict[str, Any]] = {}
        pages = _with_few_listings(html_pages(site.folder), self.listings)
        assert len(pages) > 10, pages
        closely = _with_few_listings(pages, 2)
        for path in pages:
            with subtests.test(page=path, how=self.how.name), visitor.open(path, self.how) as visit:
                if self.unfold:
                    _open_folds(visit)
                wrong = visit.page.evaluate(INSPECT)
                count = visit.page.locator("mjx-container").count()
                there = _formulas(site.folder / visit.path)
                if count != there:
                    wrong.append(f"{there} formulas in the source, {count} typeset")
                looked_at = path in closely
                if looked_at and (self.axe is None or self.axe):
                    violations[path] = _axe(visit, self.axe)
                    wrong += [
                        f"axe: {item['impact']}: {item['rule']} ({item['help']}): {len(item['places'])} places: "
                        f"{item['places'][:3]}: {item['why']}"
                        for item in violations[path]
                        if item["impact"] in ("serious", "critical")
                    ]
                if looked_at and self.pictures and os.environ.get("CDOT_SCREENSHOTS"):
                    _screenshots(visit, f"{path.removesuffix('.html').replace('/', '-')}-{self.how.name}")
                if self.weigh:
                    weights[path] = self._weight(visitor, visit, path, wrong)
                wrong += visit.complaints
                assert not wrong, "\n".join([f"{path}, {self.how.name}:", *wrong])
        REPORTS.mkdir(parents=True, exist_ok=True)
        for kind, found in (("axe", violations), ("weights", weights)):
            (REPORTS / f"{kind}-{self.how.name}.json").write_text(json.dumps(found, indent=1))

    def _weight(self, visitor: Visitor, visit: Visit, path: str, wrong: list[str]) -> dict[str, Any]:
        """Hold a page to its budget, and return what it needs.

        The time runs from the request to the load event, from local disk with nothing cached. On a
        busy machine a page waits for its turn, so the processor time that it used until then counts
        where that is less; and the best of three loads counts.
        """
        files = visitor.weight(visit)
        megabytes = sum(files.values()) / 1e6
        times = [visit.times]
        while min(time.counted for time in times) > SECONDS and len(times) < 3:
            with visitor.open(path, self.how) as again:
                times.append(again.times)
        best = min(times, key=lambda time: time.counted)
        if megabytes > MEGABYTES:
            heavy = sorted(files.items(), key=lambda item: -item[1])[:5]
            wrong.append(f"weighs {megabytes:.2f} MB, budget {MEGABYTES}: {heavy}")
        if best.counted > SECONDS:
            wrong.append(f"loads in {best.counted:.2f} s, budget {SECONDS}: {times}")
        return {
            "megabytes": round(megabytes, 3),
            "files": len(files),
            "seconds_to_load": round(best.load, 2),
            "seconds_to_typeset": round(best.typeset, 2),
            "processor_seconds": round(best.processor, 2),
        }


class TestWideLightOverHttp(EveryPage):
    """As most read it."""

    how = COMBINATIONS[0]
    pictures = True
    listings = 12


class TestPhoneDarkOverHttp(EveryPage):
    """On a phone at night, with all folds open."""

    how = COMBINATIONS[1]
    axe = ["color-contrast", "target-size", "scrollable-region-focusable"]  # what width and mode decide; unfolded
    pictures = True
    unfold = True


class TestWideDarkFromDisk(EveryPage):
    """Handed out on a stick."""

    how = COMBINATIONS[2]
    axe = []
    weigh = True


class TestPhoneLightFromDisk(EveryPage):
    """The same on a phone."""

    how = COMBINATIONS[3]
    axe = []
