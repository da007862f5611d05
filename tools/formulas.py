"""Displays of the chapters that are printed from SymPy objects: ``% formula: name``.

A chapter writes the comment line ``% formula: name`` and below it a display between two lines
``$$``. What stands between them is generated from :mod:`cdot_lib.symbolic.formulas`, whose
objects the claims test, so that the formula in print is the formula under test.
"""

from __future__ import annotations

import re

__all__ = ["with_formulas"]

# The display ends at the first line that starts with $$, so that an empty one ends too.
_DISPLAY = re.compile(
    r"(?P<indent>[ \t]*)% formula: (?P<name>[a-z0-9-]+)\n(?:[ \t]*\n)?"
    r"[ \t]*\$\$\n(?:(?![ \t]*\$\$)[^\n]*\n)*[ \t]*\$\$(?P<label>[^\n]*)",
)


def with_formulas(text: str) -> str:
    """Return a chapter's source with its marked displays brought up to date.

    Raises
    ------
    cdot_lib.errors.InvalidArgument
        If a marked name is not among the formulas.
    """
    if "% formula:" not in text:
        return text
    from cdot_lib.symbolic.formulas import latex

    def printed(match: re.Match[str]) -> str:
        indent, name = match["indent"], match["name"]
        return (
            f"{indent}% formula: {name}\n{indent}$$\n{indent}{latex(name)}\n{indent}$${match['label']}"
        )

    return _DISPLAY.sub(printed, text)
