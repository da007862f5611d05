"""No picture without words: what every figure of the book must have before the book is built."""

from __future__ import annotations

import re

from tools.execute import Executed
from tools.project import ROOT, Page

__all__ = ["silent_pictures"]

_MARKDOWN = re.compile(r"!\[\s*\]\(")
_DIRECTIVE = re.compile(r"^(?P<fence>:{3,}|`{3,})\{(?:image|figure)\}")
_CODE = re.compile(r"^\s*(`{3,}|~{3,})")


def silent_pictures(pages: list[Page], executed: list[Executed]) -> list[str]:
    """Return where a picture has no alternative text, each place with the remedy.

    Parameters
    ----------
    pages : list of Page
        All pages, for the pictures that they show themselves.
    executed : list of Executed
        The chapters with outputs, for the pictures that their cells draw.
    """
    return [place for page in pages for place in _shown(page)] + [place for item in executed for place in _drawn(item)]


def _shown(page: Page) -> list[str]:
    """Look through the Markdown of a page, and pass over what stands in blocks of code."""
    found, lines, fence = [], page.text.splitlines(), ""
    for number, line in enumerate(lines, start=1):
        where = f"{page.path.relative_to(ROOT)}:{number}"
        if directive := _DIRECTIVE.match(line):
            body = lines[number : number + 12]
            options = body[: next((i for i, text in enumerate(body) if text.startswith(directive["fence"])), len(body))]
            if not any(re.match(r":alt:\s*\S", text) for text in options):
                found.append(f"{where}: a picture without alternative text; add the option :alt: with what it shows")
        elif opening := _CODE.match(line):
            mark = opening[1]
            fence = "" if fence and mark.startswith(fence) else fence or mark
        elif not fence and _MARKDOWN.search(line):
            found.append(f"{where}: a picture without alternative text; write what it shows between ![ and ]")
    return found


def _drawn(item: Executed) -> list[str]:
    """Look through the outputs of a chapter."""
    found = []
    code = 0
    for cell, start in zip(item.notebook.cells, item.notebook.metadata["source_map"], strict=True):
        if cell.cell_type != "code":
            continue
        code += 1
        draws = any(kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {}))
        if draws and not cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
            found.append(
                f"chapter {item.page.slug}, code cell {code}, {item.page.path.relative_to(ROOT)}:{start + 1}: a figure "
                "without alternative text; say what it shows under mystnb: image: alt: in the head of its cell"
            )
    return found
