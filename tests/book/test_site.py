"""The built site: whole, offline, linked, numbered as the notebooks are."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from urllib.parse import unquote, urlparse

import nbformat
import pytest
from bs4 import BeautifulSoup

from tests.book.soup import soup_of
from tools.build_book import Built
from tools.crossref import labels
from tools.notebooks import notebook_path
from tools.project import ROOT, address, chapters, pages

PAGES = pytest.mark.parametrize("page", pages(), ids=lambda page: page.slug)


@functools.cache
def _ids(path: Path) -> frozenset[str]:
    soup = soup_of(path)
    return frozenset(tag["id"] for tag in soup.find_all(id=True)) | {tag["name"] for tag in soup.find_all("a", attrs={"name": True})}


def _html(site: Built, slug: str) -> Path:
    return site.folder / "book" / f"{slug}.html"


def test_it_builds_with_warnings_as_errors(site: Built) -> None:
    assert [line for line in site.log.splitlines() if "WARNING" in line] == []
    assert {item.page.slug for item in site.executed} == {page.slug for page in chapters()}
    assert (site.folder / "index.html").exists() and (site.folder / "search.html").exists()


@PAGES
def test_page_asks_for_nothing_from_outside(site: Built, page) -> None:
    soup = soup_of(_html(site, page.slug))
    wanted = [tag.get("src") or tag.get("href") for tag in soup.find_all(["script", "img", "iframe", "source"])]
    wanted += [tag.get("href") for tag in soup.find_all("link") if "canonical" not in (tag.get("rel") or [])]
    outside = [where for where in wanted if where and urlparse(where).netloc]
    assert not outside, f"{page.slug} loads from outside: {outside}"
    for where in filter(None, wanted):
        target = (_html(site, page.slug).parent / unquote(urlparse(where).path)).resolve()
        assert where.startswith("data:") or target.exists(), f"{page.slug} loads {where}, which is not in the site"


@PAGES
def test_every_picture_has_an_alternative_text(site: Built, page) -> None:
    silent = [img.get("src", "")[-60:] for img in soup_of(_html(site, page.slug)).select("article img") if not img.get("alt")]
    assert not silent, f"{page.slug}: pictures without alt text: {silent}"


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
def test_every_figure_of_a_cell_has_caption_name_and_alt(site: Built, page) -> None:
    executed = next(item for item in site.executed if item.page.slug == page.slug)
    for index, cell in enumerate(c for c in executed.notebook.cells if c.cell_type == "code"):
        pictures = [o for o in cell.outputs if "image/png" in o.get("data", {}) or "image/svg+xml" in o.get("data", {})]
        if not pictures:
            continue
        where = f"{page.slug}, code cell {index + 1} ({cell.source.splitlines()[0][:60]})"
        book = cell.metadata.get("mystnb", {})
        assert len(pictures) == 1, f"{where}: {len(pictures)} pictures under one caption"
        for key in ("caption", "name"):
            assert book.get("figure", {}).get(key), f"{where}: its figure has no {key} (mystnb: figure: ...)"
        assert book.get("image", {}).get("alt"), f"{where}: its figure has no alt text (mystnb: image: alt: ...)"


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
def test_cells_leave_no_warnings_or_progress_bars_on_the_page(site: Built, page) -> None:
    executed = next(item for item in site.executed if item.page.slug == page.slug)
    for cell in executed.notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", f"{page.slug}: a cell writes to stderr: {output['text'][:300]}"
            widget = "application/vnd.jupyter.widget-view+json" in output.get("data", {})
            assert not widget, f"{page.slug}: a live widget, dead on a page: {cell.source[:80]}"


@PAGES
def test_no_markup_is_left_on_the_page(site: Built, page) -> None:
    """Tables whose cells hold a bare |, formulas outside MathJax, roles that nobody read."""
    article = BeautifulSoup(str(soup_of(_html(site, page.slug)).find("article")), "html.parser")
    for tag in article.select("code, pre, script, .math, dt.sig"):
        tag.decompose()
    text = article.get_text()
    raw = re.findall(r".{0,60}(?:\|\s*[-—]{2,}|\$|\*\*|\{[\w:-]+\}`|:::).{0,60}", text)
    assert not raw, f"{page.slug}: markup left on the page: {raw}"


def _broken_links(path: Path) -> list[str]:
    broken = []
    for tag in soup_of(path).find_all("a", href=True):
        parts = urlparse(tag["href"])
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        anchor = unquote(parts.fragment)
        if not target.exists() or (anchor and target.suffix == ".html" and anchor not in _ids(target)):
            broken.append(tag["href"])
    return broken


@PAGES
def test_internal_links_resolve(site: Built, page) -> None:
    broken = _broken_links(_html(site, page.slug))
    assert not broken, f"{page.slug}: links that lead nowhere: {broken}"


def test_internal_links_of_the_generated_pages_resolve(site: Built) -> None:
    """Index, search, listings of the library: whatever was not written by hand."""
    written = {_html(site, page.slug) for page in pages()}
    others = [path for path in site.folder.rglob("*.html") if path not in written and "_static" not in path.parts]
    assert len(others) >= 3
    broken = {path.name: found for path in others if (found := _broken_links(path))}
    assert not broken, broken


def test_style_sheets_ask_for_nothing_from_outside(site: Built) -> None:
    sheets = list((site.folder / "_static").rglob("*.css"))
    assert sheets
    for path in sheets:
        text = path.read_text(encoding="utf8")
        for where in re.findall(r"""(?:url\(|@import\s+)\s*["']?([^"')\s]+)""", text):
            local = where.startswith(("data:", "#", "url(")) or not urlparse(where).netloc
            assert local, f"{path.name} loads {where[:80]}"


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
def test_links_from_notebooks_to_pages_resolve(site: Built, page) -> None:
    text = "\n".join(c.source for c in nbformat.read(notebook_path(page), as_version=4).cells if c.cell_type == "markdown")
    where = re.findall(re.escape(address().site) + r"/([^)\s\"]*)", text)
    assert where, "a notebook links to its page"
    for link in where:
        path, _, anchor = link.partition("#")
        target = site.folder / (path or "index.html")
        assert target.exists(), f"{page.slug}.ipynb links to {link}, which is not in the site"
        assert not anchor or anchor in _ids(target), f"{page.slug}.ipynb links to {link}: no such anchor"


def test_numbers_are_those_of_sphinx(site: Built) -> None:
    """tools/crossref.py counts by itself; Sphinx is the judge."""
    compared = 0
    for label in labels().values():
        if label.kind in ("section", "solution") or not label.number:
            continue
        tag = soup_of(_html(site, label.page.slug)).find(id=label.anchor)
        assert tag is not None, f"{label.page.slug}: no anchor {label.anchor}"
        shown = tag.select_one(".eqno, .caption-number")
        assert shown is not None, f"{label.page.slug}: {label.name} shows no number"
        assert label.text in shown.get_text(), f"{label.name}: the notebook says {label.text}, the page {shown.get_text()!r}"
        compared += 1
    assert compared >= 10, f"only {compared} numbered things to compare"


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
def test_launch_button_opens_the_notebook_of_the_chapter(site: Built, page) -> None:
    links = [tag["href"] for tag in soup_of(_html(site, page.slug)).find_all("a", href=re.compile("colab"))]
    assert address().colab(page.slug) in links, f"{page.slug}: {links}"
    assert notebook_path(page).exists()


def test_scripts_are_not_in_the_repository() -> None:
    """MathJax comes at build time; only the book's own files lie in book/_static."""
    own = [path for path in (ROOT / "book" / "_static").rglob("*") if path.is_file()]
    assert all(path.stat().st_size < 100_000 for path in own)
    assert not (ROOT / "_static").exists(), "Jupyter Book would load every script of a top-level _static on every page"
