"""The notebooks for Colab are plain Markdown, carry no outputs, and lead somewhere."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbconvert import HTMLExporter

from tools import notebooks
from tools.crossref import labels
from tools.notebooks import Unsupported
from tools.project import Page, address, chapters

ALL = pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)


def _read(page: Page) -> nbformat.NotebookNode:
    return nbformat.read(notebooks.notebook_path(page), as_version=4)


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
    markdown = "\n".join(cell.source for cell in _read(page).cells if cell.cell_type == "markdown")
    anchors = set(re.findall(r'<a id="([^"]+)"', markdown))
    missing = sorted(set(re.findall(r"\]\(#([^)]+)\)", markdown)) - anchors)
    assert not missing, f"{page.slug}: links that lead nowhere in the notebook: {missing}"


@ALL
def test_every_box_keeps_its_number(page: Page) -> None:
    markdown = "\n".join(cell.source for cell in _read(page).cells if cell.cell_type == "markdown")
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
        (":::{dropdown} More\nText.\n:::", "<details>\n<summary><b>More</b></summary>\n\nText.\n\n</details>"),
    ],
)
def test_conversion(text: str, expected: str) -> None:
    assert notebooks._Converter(chapters()[0]).blocks(text) == expected
