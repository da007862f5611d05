"""What the outputs of a chapter depend on, as one digest.

The cache of outputs must notice an edit of cdot_lib, but an edit of one module should not execute
again the chapters that never load it. So the imports of a chapter's cells are followed through the
library's source, without importing anything.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import platform
import re
import threading
from collections.abc import Iterable
from pathlib import Path

import nbformat

from tools.project import BOOK, ROOT

__all__ = ["chapter_digest", "claims_digest", "library_digest", "library_modules", "modules_of", "packages_of"]

PACKAGE = "cdot_lib"

#: Chapters are executed from threads, and the parser of Python 3.11 loses count of its depth in two at once
#: ("AST constructor recursion depth mismatch").
_PARSER = threading.Lock()


def _parse(source: str) -> ast.Module:
    """Return the syntax tree of a module."""
    with _PARSER:
        return ast.parse(source)


@functools.cache
def library_modules() -> dict[str, Path]:
    """Return every module of the library and its file."""
    modules = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def _named_in(source: str, modules: Iterable[str]) -> set[str]:
    """Return the modules that a piece of source names, in imports or in strings."""
    known = set(modules)
    found: set[str] = set()
    tree = _parse(source)
    # A docstring that mentions a module does not load it.
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in prose:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # importlib.import_module("cdot_lib.theory.bernoulli"), a claim's subject, a mutant
            found.update(re.findall(rf"\b{PACKAGE}(?:\.\w+)+", node.value))
    return found & known


@functools.cache
def _direct(module: str) -> frozenset[str]:
    modules = library_modules()
    source = modules[module].read_text(encoding="utf8")
    if re.search(r"^\s*from \.", source, re.MULTILINE):
        raise ValueError(f"{module} has a relative import; the library imports by full names")
    return frozenset(_named_in(source, modules))


def modules_of(source: str, *, without: Iterable[str] = ()) -> set[str]:
    """Return every library module that running `source` can load, but for some and what only they lead to."""
    todo = list(_named_in(source, library_modules()))
    closed: set[str] = set(without)
    while todo:
        module = todo.pop()
        if module in closed:
            continue
        closed.add(module)
        todo.extend(_direct(module))
        parent = module.rpartition(".")[0]
        if parent:
            todo.append(parent)
    return closed - set(without)


def _code(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def plain_python(cells: Iterable[str]) -> str:
    """Return the cells as one text without IPython's magics, which ast cannot read."""
    return "\n".join(re.sub(r"^(\s*)[%!].*$", r"\1pass", cell, flags=re.MULTILINE) for cell in cells)


def _data_listing(folder: str) -> str:
    """Return names, sizes and times of the files of a data folder: cheap, and enough to notice."""
    lines = []
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            status = path.stat()
            lines.append(f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(lines)


def library_digest(notebook: nbformat.NotebookNode) -> str:
    """Return the digest of the library modules that a chapter can load, and of nothing else."""
    digest = hashlib.sha256()
    for module in sorted(modules_of(plain_python(_code(notebook)))):
        digest.update(f"{module}\0".encode() + hashlib.sha256(library_modules()[module].read_bytes()).digest())
    return digest.hexdigest()


def claims_digest() -> str:
    """Return the digest of all that decides what a claim's report says, the profile excepted."""
    digest = hashlib.sha256(f"{platform.python_version()}\0".encode() + (ROOT / "requirements.txt").read_bytes())
    for module in sorted(modules_of(f"import {PACKAGE}.claims.ledger")):
        digest.update(f"\0{module}\0".encode() + library_modules()[module].read_bytes())
    return digest.hexdigest()


def packages_of(notebook: nbformat.NotebookNode) -> set[str]:
    """Return the top-level names of what a chapter, or a library module that it can load, imports."""
    cells = plain_python(_code(notebook))
    sources = [cells, *(library_modules()[name].read_text(encoding="utf8") for name in modules_of(cells))]
    found: set[str] = set()
    for node in (node for source in sources for node in ast.walk(_parse(source))):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def chapter_digest(notebook: nbformat.NotebookNode, profile: str) -> str:
    """Return the digest of all that decides a chapter's outputs in a profile.

    That is: its code, the library modules it can load, the pinned packages and the Python version,
    the profile, and, for a chapter that loads data or records, those.
    """
    cells = _code(notebook)
    modules = modules_of(plain_python(cells))
    digest = hashlib.sha256()

    def add(name: str, content: bytes | str) -> None:
        raw = content.encode() if isinstance(content, str) else content
        digest.update(f"{name}\0{len(raw)}\0".encode() + raw)

    add("what is stored", "2: with facts of the execution, figures with their data")
    for index, cell in enumerate(cells):
        add(f"cell {index}", cell)
    for module in sorted(modules):
        add(module, library_modules()[module].read_bytes())
    add("requirements", (ROOT / "requirements.txt").read_bytes())
    add("python", platform.python_version())
    add("profile", profile)
    if any(module.startswith((f"{PACKAGE}.data", f"{PACKAGE}.training")) for module in modules):
        folder = os.environ.get("CDOT_DATA", "")
        add("data", f"{folder}\n{_data_listing(folder) if folder else ''}")
    if any("results" in cell for cell in cells) or f"{PACKAGE}.training" in modules:
        for path in sorted((BOOK / "results").glob("*/**/*")):
            if path.is_file():
                add(str(path.relative_to(BOOK)), path.read_bytes())
    return digest.hexdigest()
