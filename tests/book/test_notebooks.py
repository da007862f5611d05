"""The notebooks for Colab are plain Markdown, carry no outputs, and lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from tools import notebooks
from tools.build_book import Built
from tools.chromium import launch
from tools.crossref import labels
from tools.notebooks import Unsupported
from tools.project import Page, address, chapters
from tools.web import vendor

ALL = pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)


def _read(page: Page) -> nbformat.NotebookNode:
    return nbformat.read(notebooks.notebook_path(page), as_version=4)


def _markdown(page: Page) -> str:
    return "\n".join(cell.source for cell in _read(page).cells if cell.cell_type == "markdown")


@ALL
def test_notebook_is_up_to_date(page: Page) -> None:
    text = notebooks.notebook_path(page).read_text(encoding="utf8")
    assert text == notebooks.text_of(page), f"book/{page.slug}.ipynb is stale: run `make sync`"


@ALL
def test_notebook_has_no_outputs_and_unique_ids(page: Page) -> None:
    notebook = _read(page)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not [cell for cell in code if cell.outputs or cell.execution_count is not None]
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert "NBVAL_CHECK_OUTPUT" not in str(notebook), "without outputs nbval would compare with nothing"


@ALL
def test_first_cell_has_the_badge(page: Page) -> None:
    first = _read(page).cells[0].source
    assert address().colab(page.slug) in first
    assert address().page(page.slug) in first


@ALL
def test_nothing_of_sphinx_is_left(page: Page) -> None:
    """The page as nbconvert shows it, without code, has no directive, role, label or target."""
    notebook = _read(page)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    html, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    text = re.sub(r"(?s)<(code|pre)\b.*?</\1>", "", html)
    raw = re.findall(r":::|```|~~~|\{[\w:-]+\}`|^\([\w-]+\)=|^:[\w-]+:|\{\{|^\+\+\+", text, re.MULTILINE)
    assert not raw, f"{page.slug}: left in the notebook: {raw}"
    # Between two dollars nothing may have been taken for Markdown's emphasis.
    pieces = re.sub(r"(?s)\$\$.*?\$\$", "", text).replace("\\$", "").split("$")
    assert len(pieces) % 2 == 1, f"{page.slug}: an odd number of dollars"
    torn = [formula for formula in pieces[1::2] if "<" in formula]
    assert not torn, f"{page.slug}: formulas that Markdown took apart: {torn}"


@ALL
def test_links_inside_the_notebook_have_their_anchors(page: Page) -> None:
    markdown = _markdown(page)
    anchors = set(re.findall(r'<a id="([^"]+)"', markdown))
    missing = sorted(set(re.findall(r"\]\(#([^)]+)\)", markdown)) - anchors)
    assert not missing, f"{page.slug}: links that lead nowhere in the notebook: {missing}"


@ALL
def test_links_to_the_published_book_have_their_page_and_anchor(page: Page, site: Built) -> None:
    """What stays behind in the book is linked there, so the page, and the place on it, must exist."""
    for link in re.findall(rf"\]\({re.escape(address().site)}/([^)\s]*)\)", _markdown(page)):
        path, _, anchor = link.partition("#")
        target = site.folder / (path or "index.html")
        assert target.is_file(), f"{page.slug}: the book has no {path}"
        if anchor:
            assert re.search(rf'id="{re.escape(anchor)}"', target.read_text(encoding="utf8")), f"{page.slug}: no {link}"


@ALL
def test_no_link_is_relative(page: Page) -> None:
    """Colab opens a notebook alone: a file beside it is not there."""
    links = re.findall(r"\]\(([^)\s]+)\)|(?:href|src)=\"([^\"]+)\"", _markdown(page))
    relative = [link for pair in links for link in pair if link and not link.startswith(("https://", "#"))]
    assert not relative, f"{page.slug}: links to files that are not there: {relative}"


@ALL
def test_rows_of_a_table_have_as_many_cells_as_its_head(page: Page) -> None:
    """A bar inside a formula would be taken for the border of a cell."""
    for table in re.findall(r"(?m)(?:^\|.*\|[ ]*\n?)+", re.sub(r"(?s)```.*?```", "", _markdown(page))):
        rows = [re.sub(r"\\\|", "", row).count("|") for row in table.strip().splitlines()]
        assert len(set(rows)) == 1, f"{page.slug}: rows of different lengths in\n{table}"


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    """A tab of the browser."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser.new_page()
        browser.close()


@ALL
def test_formulas_are_typeset_as_in_jupyter(page: Page, tab: Tab, tmp_path: Path) -> None:
    """The rendered Markdown in a browser, with MathJax set up as Jupyter has it: none fails, none is left."""
    notebook = _read(page)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    script = (vendor() / "vendor" / "mathjax" / "startup.js").as_uri()
    settings = "{loader: {load: ['input/tex', 'output/chtml']}, tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']], processEscapes: true}}"
    (tmp_path / "page.html").write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><script>MathJax = {settings}</script><script src="{script}"></script>'
        f"<body>{body.replace('https://colab.research.google.com/assets/colab-badge.svg', 'data:,')}"
    )
    tab.goto((tmp_path / "page.html").as_uri())
    errors, texts, count = tab.evaluate(
        """async () => {
          await MathJax.startup.promise;
          const errors = [...document.querySelectorAll('mjx-merror')].map(node => node.textContent);
          const count = document.querySelectorAll('mjx-container').length;
          document.querySelectorAll('mjx-container, code, pre, script, style').forEach(node => node.remove());
          return [errors, document.body.textContent, count];
        }"""
    )
    assert errors == []
    assert "$" not in texts, f"{page.slug}: a formula is left as text: {texts[texts.index('$') :][:100]}"
    assert count > 0 or "$" not in _markdown(page)


@ALL
def test_every_box_keeps_its_number(page: Page) -> None:
    markdown = _markdown(page)
    for label in labels().values():
        if label.page.slug == page.slug and label.kind not in ("section", "equation", "solution"):
            assert f"**{label.text}**" in markdown, f"{page.slug}: {label.text} is not in the notebook"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (":::{prf:theorem} No label\nBody\n:::", "without a label"),
        ("```{mermaid}\ngraph\n```", "directive {mermaid}"),
        ("See {pep}`8`.", "role {pep}"),
        ("See {prf:ref}`thm-nowhere`.", "thm-nowhere"),
        ("See {cite}`nobody1900`.", "nobody1900"),
        ("A {{ substitution }}.", "substitution"),
        (":::{note}\nnot closed", "not closed"),
        ("$$\nx", "not closed"),
    ],
)
def test_what_has_no_counterpart_is_refused(text: str, what: str) -> None:
    converter = notebooks._Converter(chapters()[0])
    with pytest.raises(Unsupported, match=re.escape(what)):
        converter.blocks(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":::{note}\nBe careful.\n:::", "> **Note**\n> \n> Be careful."),
        ("::::{admonition} Box\n:::{tip}\nInner.\n:::\n::::", "> **Box**\n> \n> > **Tip**\n> > \n> > Inner."),
        (":::{prf:proof}\nBy hand.\n:::", "*Proof.* By hand. $\\square$"),
        (":::{prf:proof}\n$$\nx\n$$\n:::", "*Proof.*\n\n$$\nx\n$$\n\n$\\square$"),
        ("```{math}\nx = 1\n```", "$$\nx = 1\n$$"),
        ("`{ref}` stays, $a_{b}$ too", "`{ref}` stays, $a_{b}$ too"),
        ("```python\n{ref}`x`\n```", "```python\n{ref}`x`\n```"),
        ("Term\n: Meaning.", "**Term**: Meaning."),
        ("% a comment\nText.", "Text."),
        ("{kbd}`Tab` and {abbr}`LP (linear program)`", "<kbd>Tab</kbd> and LP (linear program)"),
        (
            ":::{list-table}\n* - a\n  - b\n* - $1$\n  - 2\n:::",
            "| a | b |\n| --- | --- |\n| $1$ | 2 |",
        ),
        ("```{glossary}\ntilt\n  The difference\n  $a-d$.\n\nrate\n  Bits.\n```", "**tilt**: The difference $a-d$.\n\n**rate**: Bits."),
        (":::{dropdown} More\nText.\n:::", "<details>\n<summary><b>More</b></summary>\n\nText.\n\n</details>"),
    ],
)
def test_conversion(text: str, expected: str) -> None:
    assert notebooks._Converter(chapters()[0]).blocks(text) == expected
