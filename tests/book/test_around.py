"""Around the chapters: the status page, downloads, ways to report an error, pop-ups of terms."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup

from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import bernoulli
from tests.book.soup import soup_of
from tools.build_book import Built
from tools.crossref import title_of
from tools.notebooks import notebook_path
from tools.project import ROOT, Page, address, chapters, pages
from tools.status import claims_summary, records

CHAPTERS = pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
PAGES = pytest.mark.parametrize("page", pages(), ids=lambda page: page.slug)
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


def _soup(site: Built, slug: str) -> BeautifulSoup:
    return soup_of(site.folder / "book" / f"{slug}.html")


def _facts(site: Built) -> dict[str, dict]:
    return json.loads((site.folder / "executed.json").read_text())["chapters"]


def test_status_page_shows_every_execution(site: Built) -> None:
    rows = _soup(site, "status").select_one("#executed-pages table").select("tbody tr")
    shown = {row.find("a")["href"].removesuffix(".html"): [cell.get_text() for cell in row.find_all("td")] for row in rows}
    facts = _facts(site)
    assert set(shown) >= {page.slug for page in chapters()} and set(facts) == {page.slug for page in chapters()}
    for slug, fact in facts.items():
        _, at, _, profile, device, library, everything = shown[slug]
        assert at == f"{fact['at'][:10]} {fact['at'][11:16]} UTC"
        assert (profile, device) == (fact["profile"], fact["device"])
        assert fact["library"].startswith(library) and fact["digest"].startswith(everything)
        assert {"numpy", "matplotlib"} <= set(fact["packages"])


def test_status_page_shows_records_and_claims(site: Built) -> None:
    soup = _soup(site, "status")
    text = " ".join(soup.get_text().split())
    for record in records():
        assert record["name"] in text and record["code"] in text and record["data"]["test_digest"] in text
        assert ("stale: the code has changed since" if record["stale"] else "fresh: made by the code of today") in text
    n = claims_summary()
    assert f"{n['claims']} claims with {n['checks']} checks and {n['mutants']} mutants" in text


def test_a_stale_record_is_called_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    from cdot_lib.training import runs

    assert records()
    monkeypatch.setattr(runs, "code_digest", lambda: "another")
    assert all(record["stale"] for record in records())


@CHAPTERS
def test_chapter_says_when_it_was_executed(site: Built, page: Page) -> None:
    line = _soup(site, page.slug).select_one(".cdot-executed")
    fact = _facts(site)[page.slug]
    assert line.find("a")["href"].split("#")[0] == "status.html"
    assert fact["at"][:10] in line.get_text() and f"library {fact['library'][:8]}" in line.get_text()


@CHAPTERS
def test_download_button_offers_notebook_source_and_print(site: Built, page: Page) -> None:
    soup = _soup(site, page.slug)
    menu = soup.select_one(".dropdown-download-buttons")
    link = menu.find("a", href=re.compile(r"\.ipynb$"))
    target = (site.folder / "book" / link["href"]).resolve()
    assert target == (site.folder / "notebooks" / f"{page.slug}.ipynb").resolve()
    assert target.read_bytes() == notebook_path(page).read_bytes()
    assert menu.find("a", href=re.compile(rf"_sources/.*{page.slug}\.md$")) and "window.print()" in str(menu)


def _tables(site: Built) -> dict[str, Path]:
    return {path.stem: path for path in (site.folder / "figures").glob("*.csv")}


@CHAPTERS
def test_figures_offer_their_data(site: Built, page: Page) -> None:
    """A figure whose output carries a table has a link to it, and no other has one."""
    executed = next(item for item in site.executed if item.page.slug == page.slug)
    wanted = {
        cell.metadata["mystnb"]["figure"]["name"]
        for cell in executed.notebook.cells
        for output in cell.get("outputs", [])
        if "text/csv" in output.get("data", {}) and cell.metadata.get("mystnb", {}).get("figure")
    }
    offered = {}
    for link in _soup(site, page.slug).select("figcaption .cdot-data a"):
        path = (site.folder / "book" / link["href"]).resolve()
        offered[path.stem] = link.get_text()
        assert len(list(csv.reader(path.open(encoding="utf8")))) > 1, f"{path.name} is empty"
        assert path.stat().st_size < 700_000, f"{path.name} has {path.stat().st_size:,} bytes: thin it"
    assert set(offered) == wanted
    assert all(re.fullmatch(r"data \(CSV\) of Fig\. [\d.]+", text) for text in offered.values()), offered


def test_data_of_the_published_figure_agree_with_theory(site: Built) -> None:
    rows = list(csv.DictReader(_tables(site)["fig-published"].open(encoding="utf8")))
    for reading, series in (("yu", "true, H(S|Y,U)"), ("y", "true, H(S|Y)")):
        curve = np.array([[row["rate R (bits)"], row["distortion D"]] for row in rows if row["series"] == series], float)
        coin = BernoulliProblem(q_x=0.3, q_y=0.25, q_s1=0.2)
        known = bernoulli.distortion(coin, rate_bits=curve[:, 0], class_bits=0.8, given=reading)
        assert len(curve) > 100 and np.abs(known.value - curve[:, 1]).max() < 1e-7


@PAGES
def test_page_has_links_to_report_and_to_edit(site: Built, page: Page) -> None:
    links = [link["href"] for link in _soup(site, page.slug).select(".cdot-feedback a")]
    reports = [urlparse(link) for link in links if "/issues/new" in link]
    forms = [parse_qs(link.query)["template"][0] for link in reports]
    assert forms == ["mathematics.yml", "text.yml", "software.yml"]
    for link in reports:
        asked = parse_qs(link.query)
        assert f"https://{link.netloc}{link.path}" == f"{address().repository}/issues/new"
        assert asked["page"] == [address().page(page.slug)]
        assert re.sub(r"\W", "", title_of(page)) == re.sub(r"\W|^[\d.]+", "", asked["title"][0]) or "$" in title_of(page)
    (edit,) = set(links) - {link.geturl() for link in reports}
    where = edit.removeprefix(f"{address().repository}/")
    kind, branch, path = where.split("/", 2)
    assert kind in ("edit", "tree") and branch == address().branch and (ROOT / path).exists()


def test_forms_have_the_fields_that_links_fill_in() -> None:
    forms = {path.name: yaml.safe_load(path.read_text(encoding="utf8")) for path in FORMS.glob("*.yml")}
    forms.pop("config.yml")
    assert set(forms) == {"mathematics.yml", "text.yml", "software.yml"}
    for name, form in forms.items():
        assert {"name", "description", "body"} <= set(form)
        assert "page" in {part.get("id") for part in form["body"]}, name


def test_page_for_lost_readers_leads_home(site: Built) -> None:
    soup = soup_of(site.folder / "404.html")
    assert soup.find("a")["href"] == f"{address().site}/" and soup.html["lang"] == "en"
