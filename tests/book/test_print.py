"""The printed book: complete, typeset, linked within itself, and never half-made."""

from __future__ import annotations

import re
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from bs4 import BeautifulSoup
from pypdf.generic import ArrayObject, IndirectObject

from tools import print_book as printing
from tools.print_page import LEFT_OUT, Entry, PrintFailed, in_print, one_page
from tools.project import Page, config, pages


@pytest.fixture(scope="module")
def printed(site_for_print: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The printed book."""
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    printing.typeset(site_for_print, path)
    return path


@pytest.fixture(scope="module")
def pdf(printed: Path) -> pypdf.PdfReader:
    """What it is made of."""
    return pypdf.PdfReader(printed)


@pytest.fixture(scope="module")
def texts(printed: Path) -> list[str]:
    """The text of each page, by the library that draws pages: in a tenth of pypdf's time."""
    with pypdfium2.PdfDocument(printed) as document:
        return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


@pytest.fixture(scope="module")
def one(site_for_print: Path) -> tuple[str, list[Entry]]:
    """The one page that is printed, and the entries of its contents."""
    return one_page(site_for_print, front="")


@pytest.fixture(scope="module")
def page_of_html(one: tuple[str, list[Entry]]) -> BeautifulSoup:
    """That page as a tree."""
    return BeautifulSoup(one[0], "html.parser")


def _outline(pdf: pypdf.PdfReader) -> list[str]:
    def flat(items: list) -> list[str]:
        return [title for item in items for title in (flat(item) if isinstance(item, list) else [item.title])]

    return [" ".join(title.split()) for title in flat(pdf.outline)]


def _links(pdf: pypdf.PdfReader) -> tuple[list[str], list[str]]:
    """Return the targets of all links: named places in this document, and addresses elsewhere."""
    inside, outside = [], []
    for page in pdf.pages:
        for annotation in (item.get_object() for item in page.get("/Annots", [])):
            if annotation.get("/Subtype") != "/Link":
                continue
            action = annotation.get("/A", {})
            if "/URI" in action:
                outside.append(str(action["/URI"]))
            else:
                inside.append(annotation.get("/Dest") or action.get("/D"))
    return inside, outside


def test_every_printed_page_of_the_book_is_a_chapter_in_the_outline(pdf: pypdf.PdfReader, page_of_html: BeautifulSoup) -> None:
    titles = [" ".join(title.get_text().split()) for title in page_of_html.select("main h1")]
    assert len(titles) == len(in_print())
    outline = _outline(pdf)
    assert [title for title in titles if title not in outline] == []
    assert {page.slug for page in pages()} - {page.slug for page in in_print()} == {
        page.slug for page in pages() if page.slug.startswith(LEFT_OUT)
    }


def test_contents_have_the_right_page_numbers(texts: list[str], one: tuple[str, list[Entry]]) -> None:
    """The number beside a chapter is that of the page which begins with its title."""
    chapters = [entry for entry in one[1] if entry.level == 1]
    listing = " ".join(" ".join(texts[1:6]).split())
    for entry in chapters:
        title = " ".join(entry.title.split())
        number = int(re.search(rf"{re.escape(title)}\s*(\d+)", listing)[1])
        assert title in " ".join(texts[number - 1].split()), f"{title} is not on page {number}"


def test_no_page_is_empty(texts: list[str]) -> None:
    """A page with less text than a caption has would be a mistake of the layout."""
    assert len(texts) > 8 * len(in_print())
    assert [number for number, text in enumerate(texts, 1) if len(text.split()) < 25 and number > 1] == []


def test_pages_are_numbered_and_have_their_chapter_at_the_head(texts: list[str]) -> None:
    # After the title page and the contents, which take some pages.
    start = next(number for number, text in enumerate(texts, 1) if number > 2 and config()["title"] in text)
    assert start <= 10
    for number, text in enumerate(texts[start - 1 :], start):
        assert re.search(rf"(?m)^\s*{number}\s*$", text), f"page {number} does not say its number"
        assert config()["title"] in text, f"page {number} has no running head"


def test_formulas_are_typeset(texts: list[str], page_of_html: BeautifulSoup) -> None:
    """That MathJax came and had no error is seen by typeset(), which refuses otherwise."""
    assert len(page_of_html.select("main .math")) > 100
    assert not [number for number, text in enumerate(texts, 1) if "Math input error" in text]


def test_links_within_the_book_stay_within_the_pdf(pdf: pypdf.PdfReader) -> None:
    inside, outside = _links(pdf)
    assert len(inside) > 100
    known = set(pdf.named_destinations) | {name.lstrip("/") for name in pdf.named_destinations}
    lost = [name for name in inside if isinstance(name, str) and name not in known]
    assert not lost, f"links to nowhere: {lost[:10]}"
    assert not [name for name in inside if not isinstance(name, (str, ArrayObject))]
    assert not [link for link in outside if not link.startswith("https://")], outside
    printed = {f"{page.slug}.html" for page in in_print()}
    gone = [link for link in outside if "/book/" in link and link.split("/book/")[1].split("#")[0] in printed]
    assert not gone, f"links that leave the document for a chapter that is in it: {gone}"


def test_fonts_are_embedded(pdf: pypdf.PdfReader) -> None:
    fonts = {}
    for page in pdf.pages:
        for name, font in (page["/Resources"].get("/Font") or {}).items():
            fonts[font.get_object().get("/BaseFont", name)] = font.get_object()
    # Those of type 3 are drawn by the document itself.
    outside = {name: font for name, font in fonts.items() if font["/Subtype"] != "/Type3"}
    assert len(outside) > 3
    for name, font in outside.items():
        holder = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = holder["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), f"{name} is not embedded"


def _pictures(pdf: pypdf.PdfReader) -> int:
    """Return how many pictures are drawn on the pages."""
    count = 0
    for page in pdf.pages:
        objects = (page["/Resources"].get("/XObject") or {}).values()
        count += sum(item.get_object().get("/Subtype") == "/Image" for item in objects)
    return count


def test_every_figure_is_there_and_described(pdf: pypdf.PdfReader, page_of_html: BeautifulSoup) -> None:
    images = page_of_html.select("main img")
    assert len(images) >= 20
    assert _pictures(pdf) >= len(images)
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"], "the PDF has no structure for screen readers"
    described = set(_alternative_texts(pdf.trailer["/Root"]["/StructTreeRoot"]))
    missing = [image["alt"][:60] for image in images if image.get("alt", "") not in described]
    assert not missing, f"pictures whose alternative text is not in the PDF: {missing}"


def _alternative_texts(root: IndirectObject) -> list[str]:
    found, todo, seen = [], [root], set()
    while todo:
        node = todo.pop()
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                continue
            seen.add(node.idnum)
            node = node.get_object()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            if "/K" in node:
                todo.append(node.raw_get("/K"))
    return found


def test_what_is_folded_on_the_screen_is_open(page_of_html: BeautifulSoup) -> None:
    assert not page_of_html.select("details, summary, button, main script")
    solutions = page_of_html.select("div.solution")
    assert len(solutions) >= 20 and all(len(item.get_text().split()) > 10 for item in solutions)
    assert len(page_of_html.select(".tag_cdot-setup")) == 1, "the set-up cell is the same in every chapter"
    assert len(page_of_html.select(".cell_input")) > 100


def test_ids_are_unique(page_of_html: BeautifulSoup) -> None:
    ids = [tag["id"] for tag in page_of_html.find_all(id=True)]
    assert len(ids) == len(set(ids))


def _small_site(folder: Path, monkeypatch: pytest.MonkeyPatch, **bodies: str) -> Path:
    """Pages of a few lines in the place of the book's."""
    (folder / "book").mkdir(parents=True)
    (folder / "_static").mkdir()
    (folder / "_static" / "pygments.css").write_text("")
    for slug, body in bodies.items():
        (folder / "book" / f"{slug}.html").write_text(
            "<script>window.MathJax = {}</script>"
            f'<article class="bd-article"><section id="top"><h1>{slug}</h1>{body}</section></article>'
        )
    small = [Page(slug, folder / f"{slug}.md", None) for slug in bodies]
    monkeypatch.setattr("tools.print_page.pages", lambda: small)
    return folder


def test_links_find_the_right_one_of_two_equal_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = _small_site(
        tmp_path,
        monkeypatch,
        one='<p id="id1">first</p><a href="#id1">here</a> <a href="two.html#id1">there</a> <a href="two.html">all</a>',
        two='<p id="id1">second</p><a href="../genindex.html">index</a>',
    )
    text, entries = one_page(site, front="")
    soup = BeautifulSoup(text, "html.parser")
    assert [link["href"] for link in soup.select("main a")][:3] == ["#one--id1", "#two--id1", "#two"]
    assert soup.select("main a")[3]["href"].startswith("https://")
    assert soup.find(id="two--id1").get_text() == "second"
    assert [entry.target for entry in entries if entry.level == 1] == ["one", "two"]


def test_a_link_to_nowhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = _small_site(tmp_path, monkeypatch, one='<a href="two.html#gone">x</a>', two="")
    with pytest.raises(PrintFailed, match="two--gone"):
        one_page(site, front="")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<img src="../_images/nowhere.png" alt="A picture.">', "nowhere.png"),
        (r'<span class="math">\(\frac{1}{2}\)</span>', "MathJax did not load"),
    ],
)
def test_a_failure_keeps_the_old_pdf(
    body: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = _small_site(tmp_path / "site", monkeypatch, one=body)
    monkeypatch.setattr(printing, "build", lambda target, **_: site.rename(target))
    old = tmp_path / "old.pdf"
    old.write_bytes(b"an older book")
    with pytest.raises(PrintFailed, match=message):
        printing.print_book(old)
    assert old.read_bytes() == b"an older book"
