"""Labels of the whole book and the numbers and links that go with them.

The numbers follow Sphinx's rules, so that a theorem has the same number on its page and in its
notebook; a test compares them with those that Sphinx gives.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from dataclasses import dataclass

from pybtex.database import Entry, parse_file
from pybtex.richtext import Text

from tools.project import BOOK, Page, address, pages, read_notebook

__all__ = ["FENCE", "PROOF_KINDS", "Label", "bibliography", "cite_text", "forget", "labels", "split_directive", "title_of"]

#: Directives of sphinx-proof that carry a number, and the word that goes with it.
PROOF_KINDS = {
    kind: kind.capitalize()
    for kind in (
        "theorem", "definition", "lemma", "corollary", "proposition", "remark", "example",
        "assumption", "axiom", "algorithm", "conjecture", "observation", "property", "criterion",
    )
}  # fmt: skip

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|:{3,}|~{3,})\{(?P<name>[\w:+.-]+)\}[ \t]*(?P<argument>.*)$")


@dataclass(frozen=True)
class Label:
    """Something that can be referred to.

    Attributes
    ----------
    name, kind : str
        The label; ``section``, ``equation``, ``figure``, ``exercise``, ``solution`` or a kind of theorem.
    page : Page
    number : str
        For example ``2.1``; empty for sections.
    title : str
        Of the section, theorem or exercise.
    target : str
        For a solution, the label of its exercise.
    """

    name: str
    kind: str
    page: Page
    number: str
    title: str
    target: str = ""

    @property
    def text(self) -> str:
        """How a reference to it reads."""
        if self.kind == "section":
            return self.title
        if self.kind == "equation":
            return f"({self.number})"
        word = {"figure": "Fig.", **PROOF_KINDS}.get(self.kind, self.kind.capitalize())
        return f"{word} {self.number}".strip()

    @property
    def anchor(self) -> str:
        """The id of it on its page."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")
        return f"equation-{plain}" if self.kind == "equation" else plain

    def link(self, *, here: Page) -> str:
        """Return where a reference from the notebook of `here` leads."""
        return f"#{self.anchor}" if self.page.slug == here.slug else f"{address().page(self.page.slug)}#{self.anchor}"


def split_directive(body: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split the lines of a directive into options and content."""
    options: dict[str, str] = {}
    rest = list(body)
    while rest and (match := re.match(r"^\s*:([\w-]+):[ \t]*(.*)$", rest[0])):
        options[match[1]] = match[2].strip()
        rest.pop(0)
    while rest and not rest[0].strip():
        rest.pop(0)
    return options, rest


def title_of(page: Page) -> str:
    """Return a page's title: its first heading."""
    match = re.search(r"^# (.+)$", page.text, re.MULTILINE)
    if match is None:
        raise ValueError(f"{page.path.name} has no title (a line that starts with '# ')")
    return match[1].strip()


class _Counter:
    """Sphinx's numbers: within a numbered chapter they restart, over the others they run on."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int | None], int] = defaultdict(int)

    def next(self, kind: str, page: Page) -> str:
        self._counts[kind, page.number] += 1
        count = self._counts[kind, page.number]
        return str(count) if page.number is None else f"{page.number}.{count}"


def _scan_markdown(lines: list[str], page: Page, counter: _Counter, found: list[Label]) -> None:
    """Collect the labels of one Markdown cell, in the order in which they are numbered."""
    pending: list[str] = []
    open_fences: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if open_fences and re.fullmatch(rf"\s*{re.escape(open_fences[-1])}[`:~]*\s*", line):
            open_fences.pop()
            continue
        if match := re.match(r"^ {0,3}\(([^()\s]+)\)=\s*$", line):
            pending.append(match[1])
            continue
        if match := re.match(r"^#+ (.+)$", line):
            found.extend(Label(name, "section", page, "", match[1].strip()) for name in pending)
            pending = []
            continue
        if match := FENCE.match(line):
            open_fences.append(match["fence"])
            kind = match["name"].removeprefix("prf:")
            options, _ = split_directive(lines[index : index + 12])
            name, title = options.get("label", ""), match["argument"].strip()
            if match["name"].startswith("prf:") and kind in PROOF_KINDS:
                number = "" if "nonumber" in options else counter.next(kind, page)
                found.append(Label(name, kind, page, number, title))
            elif kind in ("exercise", "exercise-start"):
                number = "" if "nonumber" in options else counter.next("exercise", page)
                found.append(Label(name, "exercise", page, number, title))
            elif kind in ("solution", "solution-start"):
                found.append(Label(name, "solution", page, "", "", target=title))
            elif kind == "math" and name:
                found.append(Label(name, "equation", page, counter.next("equation", page), ""))
            elif kind == "figure":
                found.append(Label(options.get("name", ""), "figure", page, counter.next("figure", page), ""))
            continue
        if re.match(r"^\s*(`{3,}|~{3,})", line):  # code that is only shown
            fence = re.match(r"^\s*(`{3,}|~{3,})", line)[1]
            while index < len(lines) and not lines[index].strip().startswith(fence):
                index += 1
            index += 1
            continue
        if match := re.search(r"\$\$\s*\(([^()\s]+)\)\s*$", line):
            found.append(Label(match[1], "equation", page, counter.next("equation", page), ""))
        if line.strip():
            pending = []


@functools.cache
def _scan() -> tuple[Label, ...]:
    found: list[Label] = []
    counter = _Counter()
    for page in pages():
        if not page.is_notebook:
            _scan_markdown(page.text.splitlines(), page, counter, found)
            continue
        for cell in read_notebook(page).cells:
            if cell.cell_type == "markdown":
                _scan_markdown(cell.source.splitlines(), page, counter, found)
            elif "figure" in cell.metadata.get("mystnb", {}):
                figure = cell.metadata["mystnb"]["figure"]
                if "caption" in figure:
                    found.append(Label(figure.get("name", ""), "figure", page, counter.next("figure", page), ""))
    return tuple(found)


@functools.cache
def labels() -> dict[str, Label]:
    """Return every label of the book.

    Raises
    ------
    ValueError
        If a label is used twice.
    """
    result: dict[str, Label] = {}
    for label in _scan():
        if not label.name:
            continue
        if label.name in result:
            raise ValueError(f"label {label.name} stands in {result[label.name].page.slug} and in {label.page.slug}")
        result[label.name] = label
    return result


def forget() -> None:
    """Read the labels afresh the next time: a chapter was written."""
    _scan.cache_clear()
    labels.cache_clear()


@functools.cache
def bibliography() -> dict[str, Entry]:
    """Return the entries of references.bib."""
    return dict(parse_file(str(BOOK / "references.bib")).entries)


def cite_text(key: str, *, textual: bool = False) -> str:
    """Return how a citation reads: ``Nguyen et al., 2026`` or, textual, ``Nguyen et al. (2026)``."""
    entry = bibliography()[key]
    persons = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [str(Text.from_latex(" ".join(p.prelast_names + p.last_names))) for p in persons]
    if len(names) > 2:
        who = f"{names[0]} et al."
    else:
        who = " and ".join(names) or key
    year = entry.fields.get("year", "n.d.")
    return f"{who} ({year})" if textual else f"{who}, {year}"
