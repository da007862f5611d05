"""What the lints look at: a chapter's prose without its formulas and code, and the code of its cells."""

from __future__ import annotations

import ast
import re

import nbformat

from tools.project import Page, read_notebook

__all__ = ["assertions", "cells", "own_cells", "prose"]


def cells(page: Page, kind: str) -> list[nbformat.NotebookNode]:
    """Return the cells of one kind."""
    return [cell for cell in read_notebook(page).cells if cell.cell_type == kind]


def own_cells(page: Page) -> list[nbformat.NotebookNode]:
    """Return the code cells but the set-up cell, which all chapters share."""
    return [cell for cell in cells(page, "code") if "cdot-setup" not in cell.metadata.get("tags", [])]


def prose(page: Page) -> str:
    """Return what a reader reads as text: no formulas, code, addresses, options or comments."""
    if page.is_notebook:
        parts = [cell.source for cell in cells(page, "markdown")]
        figures = [cell.metadata.get("mystnb", {}).get("figure", {}) for cell in cells(page, "code")]
        parts += [str(figure.get("caption", "")) for figure in figures]
    else:
        parts = [page.text]
    text = "\n\n".join(parts)
    for pattern in (
        r"(?ms)^\s*(`{3,}|~{3,})(?!\{).*?^\s*\1\s*$",  # code that is only shown
        r"(?s)<!--.*?-->",
        r"(?m)^%.*$",
        r"(?s)\$\$.*?\$\$",
        r"(?s)(?<![\\$])\$[^$]+\$",
        r"(?m)^\s*:[\w-]+:.*$",
        r"(?s)`+[^`]+`+",
        r"\]\([^)]*\)",
        r"https?://\S+",
    ):
        text = re.sub(pattern, " ", text)
    return text


def assertions(page: Page) -> str:
    """Return the source of all assertions in the chapter's cells."""
    found = []
    for cell in cells(page, "code"):
        source = re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", cell.source)
        for node in ast.walk(ast.parse(source)):
            called = node.func if isinstance(node, ast.Call) else None
            name = getattr(called, "attr", getattr(called, "id", ""))
            if isinstance(node, ast.Assert) or name.startswith("assert_"):
                found.append(ast.get_source_segment(source, node) or "")
    return "\n".join(found)
