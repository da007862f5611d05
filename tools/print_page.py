"""Put all pages of the book together into one HTML page for print.

Every id gets its chapter's name in front, so that links stay within the document and lead to the
right one of two sections of the same title. What is folded on the screen is open here, and what
only works on a screen is left out.
"""

from __future__ import annotations

import html
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from tools.project import ROOT, Page, address, config, pages

__all__ = ["Entry", "Leaf", "PrintFailed", "contents", "in_print", "one_page", "parts"]

#: Pages that stay on the screen: lists for looking up, which would be half of the book.
LEFT_OUT = ("api", "status")

#: What works on a screen only.
ON_SCREEN = "script, style, button, a.headerlink, div.toctree-wrapper, .cdot-screen"


class PrintFailed(Exception):
    """The book could not be printed; the message says why."""


@dataclass(frozen=True)
class Leaf:
    """A chapter as it goes into the one page: its page, its title, and its content."""

    page: Page
    title: str
    body: Tag


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents."""

    level: int
    title: str
    target: str


def in_print() -> list[Page]:
    """Return the pages of the book that are printed, in reading order."""
    return [page for page in pages() if not page.slug.startswith(LEFT_OUT)]


def parts() -> dict[str, str]:
    """Return, for the first page of each part, the part's caption."""
    printed = {page.docname for page in in_print()}
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf8"))
    firsts = {}
    for part in toc["parts"]:
        files = [chapter["file"] for chapter in part["chapters"] if chapter["file"] in printed]
        if files:
            firsts[posixpath.basename(files[0])] = part["caption"]
    return firsts


def _identify(slug: str, name: str) -> str:
    return f"{slug}--{name}"


def _own_ids(body: Tag, slug: str) -> None:
    """Give every id its chapter's name; of an id that comes twice, the first one keeps it."""
    seen: set[str] = set()
    for tag in body.find_all(id=True):
        name = tag["id"]
        if name in seen:
            del tag["id"]
            continue
        seen.add(name)
        tag["id"] = _identify(slug, name)
    for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        for tag in body.find_all(attrs={attribute: True}):
            del tag[attribute]


def _own_links(body: Tag, slug: str) -> None:
    """Let links to printed pages stay within the document, and others lead to the published book."""
    printed = {page.slug for page in in_print()}
    for link in body.find_all("a", href=True):
        target = urlsplit(link["href"])
        if target.scheme or target.netloc:
            continue
        path = posixpath.normpath(posixpath.join("book", target.path)) if target.path else f"book/{slug}.html"
        other = posixpath.basename(path).removesuffix(".html")
        if path.startswith("_images/"):
            link.unwrap()  # a picture that on the screen can be opened by itself
        elif path == f"book/{other}.html" and other in printed:
            fragment = unquote(target.fragment)
            link["href"] = f"#{_identify(other, fragment)}" if fragment else f"#{other}"
        else:
            link["href"] = f"{address().site}/{path}" + (f"#{target.fragment}" if target.fragment else "")


def _unfold(body: Tag) -> None:
    """Put the content of what can be folded in its place."""
    for details in body.find_all("details"):
        summary = details.find("summary", recursive=False)
        if summary is not None and "hide" in details.get("class", []):
            summary.decompose()  # "Show code cell source"
        elif summary is not None:
            summary.name = "p"
            summary["class"] = ["admonition-title"]
        details.name = "div"
        for attribute in ("open", "class"):
            del details[attribute]


def _leaf(site: Path, page: Page) -> Leaf:
    soup = BeautifulSoup((site / "book" / f"{page.slug}.html").read_text(encoding="utf8"), "html.parser")
    body = soup.select_one("article.bd-article > section") or soup.select_one("article section")
    if body is None or body.h1 is None:
        raise PrintFailed(f"the page of {page.slug} has no section with a title")
    for tag in body.select(ON_SCREEN):
        tag.decompose()
    _unfold(body)
    _own_links(body, page.slug)
    _own_ids(body, page.slug)
    for picture in body.find_all("img"):
        picture["src"] = posixpath.normpath(posixpath.join("book", picture["src"]))
        del picture["loading"]
    body["id"] = page.slug
    return Leaf(page, " ".join(body.h1.get_text().split()), body)


def _only_the_first_set_up(leaves: list[Leaf]) -> None:
    """Keep one set-up cell: it is the same in every chapter."""
    cells = [cell for leaf in leaves for cell in leaf.body.select(".tag_cdot-setup")]
    for cell in cells[1:]:
        cell.decompose()


def _dangling(leaves: list[Leaf]) -> list[str]:
    ids = {tag["id"] for leaf in leaves for tag in [leaf.body, *leaf.body.find_all(id=True)]}
    links = [link["href"] for leaf in leaves for link in leaf.body.select('a[href^="#"]')]
    return sorted({link for link in links if link[1:] not in ids})


def contents(leaves: list[Leaf]) -> list[Entry]:
    """Return the table of contents: parts (level 0), chapters (1) and their sections (2)."""
    captions = parts()
    entries = []
    for leaf in leaves:
        if leaf.page.slug in captions:
            entries.append(Entry(0, captions[leaf.page.slug], leaf.page.slug))
        entries.append(Entry(1, leaf.title, leaf.page.slug))
        for section in leaf.body.find_all("section", recursive=False):
            if section.h2 is not None and section.get("id"):
                entries.append(Entry(2, " ".join(section.h2.get_text().split()), section["id"]))
    return entries


def _contents_html(entries: list[Entry]) -> str:
    lines = []
    for entry in entries:
        title = html.escape(entry.title)
        if entry.level == 0:
            lines.append(f'<p class="part">{title}</p>')
            continue
        lines.append(
            f'<p class="level-{entry.level}"><a href="#{html.escape(entry.target)}"><span>{title}</span>'
            f'<span class="dots"></span><span class="number"></span></a></p>'
        )
    return f'<nav class="contents"><h1 id="contents">Contents</h1>{"".join(lines)}</nav>'


def _css_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _running_heads(leaves: list[Leaf]) -> str:
    """Return the rules that write each chapter's title at the head of its pages."""
    rules = [
        f"#{leaf.page.slug} {{ page: {leaf.page.slug}; }}\n"
        f"@page {leaf.page.slug} {{ @top-right {{ content: {_css_text(leaf.title)}; }} "
        f"@top-left {{ content: {_css_text(config()['title'])}; }} }}"
        for leaf in leaves
    ]
    return "\n".join(rules)


def _mathjax(site: Path) -> str:
    """Return the settings of MathJax that the pages have, so that formulas look the same."""
    for page in in_print():
        text = (site / "book" / f"{page.slug}.html").read_text(encoding="utf8")
        if found := re.search(r"window\.MathJax = (\{.*?\})</script>", text, re.DOTALL):
            return found[1]
    raise PrintFailed("no page has settings of MathJax")


def one_page(site: Path, *, front: str) -> tuple[str, list[Entry]]:
    """Return the whole book as one HTML page for the folder `site`, and its table of contents, without page numbers.

    Parameters
    ----------
    site : Path
        What the builder "print" made.
    front : str
        HTML of the title page.

    Raises
    ------
    PrintFailed
        If a link within the book leads nowhere.
    """
    leaves = [_leaf(site, page) for page in in_print()]
    _only_the_first_set_up(leaves)
    dangling = _dangling(leaves)
    if dangling:
        raise PrintFailed(f"links that lead nowhere in the book: {', '.join(dangling)}")
    entries = contents(leaves)
    captions = parts()
    chapters = []
    for leaf in leaves:
        caption = captions.get(leaf.page.slug)
        if caption:
            leaf.body.insert(0, BeautifulSoup(f'<p class="part-of">{html.escape(caption)}</p>', "html.parser"))
        chapters.append(str(leaf.body))
    style = (ROOT / "book" / "_static" / "print.css").read_text(encoding="utf8")
    page = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{html.escape(config()["title"])}</title>
<link rel="stylesheet" href="_static/pygments.css">
<style>
{style}
{_running_heads(leaves)}
</style>
<script>window.MathJax = {_mathjax(site)}</script>
<script defer src="_static/{config()["sphinx"]["config"]["mathjax_path"]}"></script>
</head>
<body>
{front}
{_contents_html(entries)}
<main>
{"".join(chapters)}
</main>
</body>
</html>
"""
    return page, entries
