"""Print the book: ``python -m tools.print_book``, which is what ``make pdf`` runs.

The pages are built for print, put together into one, typeset by MathJax and printed by Chromium, twice
from the same tab: the first PDF says on which page everything is, and the second has these numbers in its
table of contents. The PDF takes the place of an older one only when all went well.
"""

from __future__ import annotations

import datetime
import html
import logging
import os
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pypdf
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import sync_playwright
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

from tools import sync
from tools.build_book import BuildFailed, build
from tools.chromium import BrowserMissing, launch
from tools.execute import ChapterFailed
from tools.notebooks import Unsupported
from tools.print_page import LEFT_OUT, PrintFailed, one_page
from tools.project import BUILD, ROOT, address, config, pages
from tools.web import ScriptsMissing

__all__ = ["PDF", "Printed", "print_book"]

PDF = BUILD / "pdf" / "cdot-book.pdf"

#: A4 less the margins that print.css sets, in CSS pixels: formulas and tables are fitted to this width.
TEXT_WIDTH = round(170 / 25.4 * 96)

#: Milliseconds until the whole book, on one page, must have been loaded, also by a busy machine.
SLOWEST = 300_000

#: Prepares the page for print and returns what is wrong with it.
PREPARE = """
async () => {
  if (!window.MathJax?.startup?.promise) return ['MathJax did not load'];
  await MathJax.startup.promise;
  await document.fonts.ready;
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
    const room = formula.parentElement.clientWidth, wanted = formula.scrollWidth;
    const own = parseFloat(formula.style.fontSize) || 100;  // MathJax matches the text's size
    if (wanted > room + 1) formula.style.fontSize = `${Math.floor(own * room / wanted)}%`;
  }
  for (const table of document.querySelectorAll('table')) {
    const room = table.parentElement.clientWidth;
    if (table.offsetWidth > room + 1) table.style.zoom = room / table.offsetWidth;
  }
  // What fits on a third of a page is not torn apart; longer code may be.
  for (const block of document.querySelectorAll('pre, .admonition, .cdot-claim, table')) {
    if (block.offsetHeight < 300) block.classList.add('short');
  }
  const wrong = [];
  for (const node of document.querySelectorAll('mjx-merror, [data-mjx-error]')) {
    wrong.push(`a formula has an error: ${node.textContent.slice(0, 80)}`);
  }
  const untouched = [...document.querySelectorAll('.math')].filter(m => !m.querySelector('mjx-container'));
  for (const node of untouched) wrong.push(`a formula is not typeset: ${node.textContent.slice(0, 80)}`);
  for (const image of document.images) {
    if (!image.naturalWidth) wrong.push(`a picture is missing: ${image.getAttribute('src')}`);
  }
  return wrong;
}
"""


@dataclass(frozen=True)
class Printed:
    """A printed book: the file, its number of pages, and the seconds it took."""

    path: Path
    pages: int
    seconds: float


def _front() -> str:
    """Return the title page."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]["version"]
    title, author, site = (html.escape(text) for text in (config()["title"], config()["author"], address().site))
    left_out = ""
    if any(page.slug.startswith(LEFT_OUT) for page in pages()):
        left_out = " The status page and the reference of the library are on the screen only."
    return f"""<div class="front">
<p class="title">{title}</p>
<p class="subtitle">An open textbook with runnable code</p>
<p class="author">{author}</p>
<div class="colophon">
<p>Version {version}, printed on {_today():%d %B %Y} in the profile {html.escape(os.environ.get("CDOT_PROFILE") or "quick")}.
The book on the screen, with sliders where this one has pictures: <a href="{site}/">{site}</a>.
Every number and figure comes from code that ran when the book was printed; what the pages fold away is open here.
The set-up cell, which is the same in every chapter, stands in the first one only.{left_out}</p>
<p>Code under the MIT licence, text and figures under CC BY 4.0.</p>
</div>
</div>"""


def _today() -> datetime.date:
    """Return the day of printing, or the one that SOURCE_DATE_EPOCH names."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = float(epoch) if epoch else time.time()
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).date()


#: Writes page numbers, by target, into the table of contents.
NUMBER = """
numbers => {
  for (const link of document.querySelectorAll('.contents a')) {
    link.querySelector('.number').textContent = numbers[link.getAttribute('href').slice(1)] ?? '';
  }
}
"""


def _print(source: Path, target: Path) -> dict[str, int]:
    """Print a page on this disk with Chromium, if all is well with it; return the page of every place in it."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        tab = browser.new_page(viewport={"width": TEXT_WIDTH, "height": 900})
        missing: list[str] = []
        tab.on("requestfailed", lambda request: missing.append(f"the page asks for what is not there: {request.url}"))
        tab.goto(source.resolve().as_uri(), wait_until="load", timeout=SLOWEST)
        tab.emulate_media(media="print")
        wrong = tab.evaluate(PREPARE) + sorted(set(missing))
        if wrong:
            raise PrintFailed("\n".join(wrong))
        numbers: dict[str, int] = {}
        for _ in range(2):
            tab.evaluate(NUMBER, numbers)
            tab.pdf(path=target, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
            numbers = _page_numbers(target)
        browser.close()
    return numbers


def _page_numbers(path: Path) -> dict[str, int]:
    """Return the page, counted from 1, of every place in a PDF that a link leads to."""
    reader = pypdf.PdfReader(path)
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def _mend_outline(node: DictionaryObject, titles: dict[str, str]) -> None:
    """Put back the spaces that Chromium loses where a title goes on in a second line."""
    child = node.get("/First")
    while child is not None:
        item = child.get_object()
        title = titles.get("".join(item["/Title"].split()))
        if title is not None:
            item[NameObject("/Title")] = TextStringObject(title)
        _mend_outline(item, titles)
        child = item.get("/Next")


def _finish(source: Path, target: Path, titles: list[str]) -> int:
    """Write the PDF with title and author, opened with its outline; return the number of pages."""
    writer = pypdf.PdfWriter(clone_from=source)
    _mend_outline(writer.root_object["/Outlines"].get_object(), {"".join(title.split()): title for title in titles})
    writer.add_metadata(
        {
            "/Title": config()["title"],
            "/Author": config()["author"],
            "/Subject": "An open textbook with runnable code",
            "/CreationDate": f"D:{_today():%Y%m%d}000000Z",
            "/ModDate": f"D:{_today():%Y%m%d}000000Z",
        }
    )
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    writer.write(target)
    return len(writer.pages)


def typeset(site: Path, target: Path) -> int:
    """Print the pages that the builder "print" made into `target`; return the number of pages."""
    source, draft = site / "print.html", target.with_suffix(".draft")
    text, entries = one_page(site, front=_front())
    source.write_text(text, encoding="utf8")
    numbers = _print(source, draft)
    lost = [entry.title for entry in entries if entry.target not in numbers]
    if lost:
        raise PrintFailed(f"no page has: {', '.join(lost)}")
    count = _finish(draft, target, [entry.title for entry in entries])
    draft.unlink()
    return count


def print_book(target: Path = PDF, *, work: Path | None = None) -> Printed:
    """Build the book for print, and print it into `target`; `work` is what :func:`~tools.build_book.build` takes.

    Raises
    ------
    ChapterFailed, ScriptsMissing, BuildFailed, BrowserMissing, PrintFailed
        If it cannot be printed; `target` is then as it was.
    """
    started = time.perf_counter()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="aside-print-") as folder:
        site = Path(folder) / "site"
        build(site, strict=True, builder="print", work=work)
        made = Path(folder) / "book.pdf"
        try:
            count = typeset(site, made)
        except BrowserError as error:
            raise PrintFailed(f"Chromium could not print: {error}") from error
        made.replace(target)
    return Printed(target, count, time.perf_counter() - started)


def main() -> int:
    """Print, and say where, how many pages, how long."""
    sys.stdout.reconfigure(line_buffering=True)
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # Chromium miscounts its objects, and pypdf copes
    try:
        sync.write()
        printed = print_book()
    except (ChapterFailed, ScriptsMissing, BuildFailed, Unsupported, BrowserMissing, PrintFailed) as error:
        print(f"\nThe book was not printed: {error}", file=sys.stderr)
        return 1
    size = printed.path.stat().st_size / 1e6
    print(f"Printed {printed.path.relative_to(ROOT)}: {printed.pages} pages, {size:.1f} MB, {printed.seconds:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
