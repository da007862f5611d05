"""The reference names everything that is public, says what it takes and returns, and leads to its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.book.soup import by_id, soup_of
from tools import api_pages
from tools.api_pages import public_modules
from tools.build_book import Built
from tools.dependencies import library_modules
from tools.project import ROOT, address, pages

MODULES = pytest.mark.parametrize("module", sorted(public_modules()))
Documented = ast.FunctionDef | ast.ClassDef

#: Up to so many arguments may be told of in a sentence; more need a section.
MOST_UNLISTED = 4

#: Functions that still owe their section; a name goes from this list when it has been written.
OWING: set[str] = set()


def _public(module: str) -> Iterator[tuple[str, Documented]]:
    """Yield the public functions and classes of a module, and the public methods of these."""
    tree = ast.parse(library_modules()[module].read_text(encoding="utf8"))
    for node in tree.body:
        if isinstance(node, Documented) and node.name in public_modules()[module].own:
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else []:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


def faults(name: str, node: Documented) -> list[str]:
    """Return what the docstring of a public name lacks, or says of arguments that are not there."""
    docstring = ast.get_docstring(node)
    if docstring is None:
        return [f"{name}: no docstring"]
    if isinstance(node, ast.ClassDef):
        return []
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    given = {one.arg for one in every if one is not None} - {"self", "cls"}
    section = re.search(r"^Parameters\n-{10}\n(.*?)(?=\n\n?\w+\n-{3,}\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    listed = re.findall(r"^(\S[^:\n]*?)(?: :.*)?$", section[1], re.MULTILINE) if section else []
    told = {one.lstrip("*") for line in listed for one in line.split(", ")}
    found = [f"{name}: lists {', '.join(sorted(told - given))}, which it does not take"] if told - given else []
    elsewhere = re.search(r"^Parameters\b.* are those of :func:`", docstring, re.MULTILINE)
    if len(given) > MOST_UNLISTED and not (section or elsewhere):
        found.append(f"{name}: takes {len(given)} arguments, and has no section Parameters")
    return found


@MODULES
def test_docstrings_are_there_and_fit_their_functions(module: str) -> None:
    assert public_modules()[module].summary, f"{module} has no docstring"
    found = [fault for name, node in _public(module) if name not in OWING for fault in faults(name, node)]
    assert not found, f"{module}: " + "; ".join(found)


def test_debts_are_still_owed() -> None:
    owed = {name for module in public_modules() for name, node in _public(module) if name in OWING and faults(name, node)}
    assert owed == OWING, f"paid, so take it from OWING: {sorted(OWING - owed)}"


def test_lint_of_docstrings_can_fail() -> None:
    def fault(docstring: str, arguments: str) -> list[str]:
        return faults("f", ast.parse(f"def f({arguments}):\n    {docstring}\n    return 1").body[0])

    assert fault("pass", "") == ["f: no docstring"]
    assert fault('"""Add."""', "a, b, c, d, e") == ["f: takes 5 arguments, and has no section Parameters"]
    assert fault('"""Add.\n\n    Parameters\n    ----------\n    a, c : int\n        Numbers.\n    """', "a, *, b") == [
        "f: lists c, which it does not take"
    ]
    assert fault('"""Add.\n\n    Parameters\n    ----------\n    a, b : int\n    *rest\n    """', "a, b, *rest") == []


def test_pages_are_up_to_date_and_place_every_module(monkeypatch: pytest.MonkeyPatch) -> None:
    written = dict(api_pages.api_pages())
    for path, text in written.items():
        assert path.read_text(encoding="utf8") == text, f"{path.name} is stale: run `make sync`"
    assert {path.stem for path in written} <= {page.slug for page in pages()}
    # A new dictionary: putting an item back would put it last, and the order of the pages is theirs.
    monkeypatch.setattr(api_pages, "GROUPS", {k: v for k, v in api_pages.GROUPS.items() if k != "claims"})
    with pytest.raises(ValueError, match="cdot_lib.claims.ledger"):
        list(api_pages.api_pages())


@MODULES
def test_every_public_name_is_in_the_reference_with_its_source(site: Built, module: str) -> None:
    entries = {}
    for path in sorted((site.folder / "book").glob("api-*.html"), reverse=True):
        entries |= by_id(path)
    where = address()
    for name, node in _public(module):
        entry = entries.get(f"{module}.{name}")
        assert entry is not None, (
            f"{module}.{name} is not in the reference: a constant needs a comment above it that begins with #:"
        )
        links = {link["href"] for link in entry.find_all("a", href=True)}
        shown = f"../_modules/{module.replace('.', '/')}.html"
        offline = [link for link in links if link.startswith(f"{shown}#")]
        assert offline, f"{module}.{name}: no link to its source in the site"
        assert (site.folder / "book" / shown).exists()
        online = f"{where.repository}/blob/{where.branch}/{library_modules()[module].relative_to(ROOT)}#L"
        assert any(link.startswith(online) for link in links), f"{module}.{name}: no link to the repository"
    for name in public_modules()[module].own:
        assert f"{module}.{name}" in entries, (
            f"{module}.{name} is not in the reference: a constant needs a comment above it that begins with #:"
        )


def test_formulas_in_docstrings_are_typeset(site: Built) -> None:
    soup = soup_of(site.folder / "book" / "api-theory.html")
    assert len(soup.select("div.math, span.math")) >= 5
    text = soup.find("article").get_text()
    assert not re.findall(r".{0,40}(?::math:|\\\||:func:|``).{0,40}", text)
