"""Execute the chapters whose outputs are not in store, and lay all outputs out for Sphinx.

Outputs are kept in _build/executed/<slug>/<digest>.ipynb, where the digest covers everything that
decides them (tools/dependencies.py). Reports of claims are kept beside them, so that each claim runs once a build. Jupyter Book reads outputs from a jupyter-cache, which keys on
the chapter's text alone; so a cache that holds exactly the right outputs is made for every build.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets.config import Config

from tools import claims_page
from tools.dependencies import chapter_digest, claims_digest, modules_of, plain_python
from tools.project import BOOK, BUILD, ROOT, Page, config, read_notebook
from tools.status import claims_summary, commit, facts_of_execution, now

__all__ = ["ChapterFailed", "Executed", "execute", "fill_cache", "reports"]

STORE = BUILD / "executed"
KEEP = 6  # outputs kept per chapter: a few edits, and the profiles, can be undone for free


class ChapterFailed(Exception):
    """A cell of a chapter failed; the message names chapter, line and error."""


@dataclass(frozen=True)
class Executed:
    """A chapter with outputs.

    Attributes
    ----------
    page : Page
    notebook : NotebookNode
        The chapter as it stands, with outputs.
    digest : str
        Digest of all that decides the outputs.
    seconds : float
        Time it took to execute, whenever that was.
    fresh : bool
        Whether it was executed now, and not taken from the store.
    facts : dict
        When, on what and with what it was executed; see :mod:`tools.status`.
    """

    page: Page
    notebook: nbformat.NotebookNode
    digest: str
    seconds: float
    fresh: bool
    facts: dict[str, Any]


def _stored(page: Page, digest: str) -> Path:
    return STORE / page.slug / f"{digest}.ipynb"


def reports() -> Path:
    """Return the folder in which the pages leave each other the reports of claims: one for one state of the library."""
    return STORE / "reports" / claims_digest()[:20]


def _with_outputs(notebook: nbformat.NotebookNode, stored: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Put stored outputs into the chapter as it stands: its prose may have changed since."""
    outputs = iter([cell for cell in stored.cells if cell.cell_type == "code"])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source = next(outputs)
            cell.outputs, cell.execution_count = source.outputs, source.execution_count
    for key in ("language_info", "widgets"):  # the kernel's own account, which the pages need
        if key in stored.metadata:
            notebook.metadata[key] = stored.metadata[key]
    return notebook


def _first_line(page: Page, start: int, source: str) -> int:
    """Return the line of the chapter on which a cell's code begins, after the cell's options."""
    lines, code = page.text.splitlines(), source.splitlines()
    return next((at + 1 for at in range(start, len(lines)) if lines[at : at + len(code)] == code), start + 1)


def _failure(page: Page, notebook: nbformat.NotebookNode, error: Exception) -> ChapterFailed:
    """Say which cell failed, and on which line of the chapter's source."""
    where = ""
    starts = notebook.metadata["source_map"]
    for index, cell in enumerate(notebook.cells):
        failed = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if failed or (isinstance(error, CellTimeoutError) and cell.get("execution_count") is None and cell.cell_type == "code"):
            code_cells = [c for c in notebook.cells[: index + 1] if c.cell_type == "code"]
            traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(failed[0].traceback)) if failed else ""
            # The first frame is the cell's own; the ones after it are in what the cell called.
            inside = re.search(r"Cell In\[\d+\], line (\d+)", traceback)
            line = _first_line(page, starts[index], cell.source) + (int(inside[1]) - 1 if inside else 0)
            where = f", code cell {len(code_cells)}, {page.path.relative_to(ROOT)}:{line}"
            break
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    return ChapterFailed(f"chapter {page.slug}{where}\n{plain}")


def _run(page: Page, notebook: nbformat.NotebookNode, digest: str, profile: str, threads: int) -> float:
    """Execute in a kernel of its own, in book/, and store the outputs; return the seconds."""
    facts = facts_of_execution(notebook) | {"profile": profile}
    started = time.perf_counter()
    environment = os.environ | {
        "CDOT_STATIC": "1",
        "CDOT_CLAIM_REPORTS": str(reports()),
        "CDOT_CHECKPOINTS": str(ROOT / ".cache" / "checkpoints"),
        "CDOT_PROFILE": profile,
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        # POT would load torch, two seconds of it, for a backend that the book does not use.
        "POT_BACKEND_DISABLE_PYTORCH": "1",
        "PYTHONHASHSEED": "0",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    with tempfile.TemporaryDirectory(prefix="cdot-ipython-") as private:
        environment["IPYTHONDIR"] = private
        client = NotebookClient(
            notebook,
            timeout=config()["execute"]["timeout"],
            kernel_name="python3",
            # Sockets in a private folder: no port to collide on, and nobody else can listen in.
            config=Config(KernelManager={"transport": "ipc", "ip": f"{private}/kernel"}),
            resources={"metadata": {"path": str(BOOK)}},
        )
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise _failure(page, notebook, error) from error
    seconds = time.perf_counter() - started
    notebook.metadata["cdot"] = facts | {"seconds": seconds}
    target = _stored(page, digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed: an interrupted build leaves no half-written outputs behind.
    partial = target.with_suffix(f".{os.getpid()}.partial")
    nbformat.write(notebook, partial)
    partial.replace(target)
    for old in sorted(target.parent.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)[:-KEEP]:
        old.unlink()
    return seconds


def _code(notebook: nbformat.NotebookNode) -> str:
    return plain_python([cell.source for cell in notebook.cells if cell.cell_type == "code"])


def _is_heavy(notebook: nbformat.NotebookNode) -> bool:
    """Whether a chapter trains networks."""
    return "cdot_lib.training" in modules_of(_code(notebook))


def _has_workers(notebook: nbformat.NotebookNode) -> bool:
    """Whether a chapter trains many codecs side by side: it then gets all cores to itself."""
    return _is_heavy(notebook) and re.search(r"\bsweep\(", _code(notebook)) is not None


def _read(page: Page) -> nbformat.NotebookNode:
    """Return a page as a notebook whose cells are at least Python: what it loads is read from them."""
    notebook = read_notebook(page)
    code = [(cell, start) for cell, start in zip(notebook.cells, notebook.metadata["source_map"], strict=True) if cell.cell_type == "code"]
    for index, (cell, start) in enumerate(code):
        try:
            ast.parse(plain_python([cell.source]))
        except SyntaxError as error:
            line = _first_line(page, start, cell.source) + (error.lineno or 1) - 1
            raise ChapterFailed(
                f"chapter {page.slug}, code cell {index + 1}, {page.path.relative_to(ROOT)}:{line}\nSyntaxError: {error.msg}"
            ) from error
    return notebook


def execute(pages: list[Page], *, training: str | None = None, say: Callable[[str], None] = print) -> list[Executed]:
    """Return the pages with outputs, executing those whose outputs are not in store.

    Parameters
    ----------
    pages : list of Page
    training : str or None
        The profile of the chapters that train networks, if it is not that of the others.
    say : callable
        Is told what goes on.

    Raises
    ------
    ChapterFailed
        If a cell fails. The chapters that succeeded stay in store.
    """
    notebooks = {page.slug: _read(page) for page in pages}
    usual = os.environ.get("CDOT_PROFILE") or "quick"
    heavy = {page.slug for page in pages if _is_heavy(notebooks[page.slug])}
    profiles = {page.slug: training or usual if page.slug in heavy else usual for page in pages}
    digests = {page.slug: chapter_digest(notebooks[page.slug], profiles[page.slug]) for page in pages}
    missing = [page for page in pages if not _stored(page, digests[page.slug]).exists()]
    cores = os.cpu_count() or 1

    def run(page: Page, threads: int) -> ChapterFailed | None:
        say(f"  executing {page.slug} ...")
        try:
            seconds = _run(page, notebooks[page.slug], digests[page.slug], profiles[page.slug], threads)
        except ChapterFailed as error:
            return error
        say(f"  executed  {page.slug} in {seconds:.0f} s")
        return None

    alone = [page for page in missing if _has_workers(notebooks[page.slug])]
    # The page of all claims comes last: by then their chapters have run them, and it shows their reports.
    last = [page for page in missing if page.path == claims_page.PATH]
    # What trains takes longest, so it begins.
    light = sorted((page for page in missing if page not in alone + last), key=lambda page: page.slug not in heavy)
    pool = ThreadPoolExecutor(cores)
    try:
        failures = list(pool.map(lambda page: run(page, 1), light))
    finally:
        # After Ctrl-C nobody waits for the chapters that are under way: what they store is whole or not there.
        pool.shutdown(wait=False, cancel_futures=True)
    failures += [run(page, cores) for page in alone + last]
    for old in sorted((STORE / "reports").glob("*"), key=lambda path: path.stat().st_mtime)[:-KEEP]:
        shutil.rmtree(old, ignore_errors=True)
    failed = [failure for failure in failures if failure is not None]
    if failed:
        raise ChapterFailed("\n\n".join(str(failure) for failure in failed))

    done = []
    for page in pages:
        path = _stored(page, digests[page.slug])
        os.utime(path)  # the ones in use are the last to go
        stored = nbformat.read(path, as_version=4)
        notebook = _with_outputs(read_notebook(page), stored)
        facts = dict(stored.metadata["cdot"])
        done.append(Executed(page, notebook, digests[page.slug], facts["seconds"], page in missing, facts))
    return done


def _for_pages(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy without the data of figures, which a page offers as files."""
    copied = copy.deepcopy(notebook)
    for output in (output for cell in copied.cells for output in cell.get("outputs", [])):
        output.get("data", {}).pop("text/csv", None)
    return copied


def fill_cache(executed: list[Executed], folder: Path) -> None:
    """Make a jupyter-cache that holds exactly these outputs."""
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(str(folder))
    for item in executed:
        cache.cache_notebook_bundle(
            CacheBundleIn(_for_pages(item.notebook), str(item.page.path), data={"execution_seconds": item.seconds}),
            check_validity=False,
            overwrite=True,
        )


def report(executed: list[Executed]) -> str:
    """Return what was executed, as JSON: when, how long, on what, from what; and what built the book."""
    rows = {
        item.page.slug: item.facts
        | {"digest": item.digest, "seconds": round(item.seconds, 1), "executed_now": item.fresh}
        for item in executed
    }
    profile = os.environ.get("CDOT_PROFILE") or "quick"
    known = {"built": now(), "commit": commit(), "profile": profile, "claims": claims_summary(), "chapters": rows}
    return json.dumps(known, indent=1) + "\n"
