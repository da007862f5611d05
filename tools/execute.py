"""Execute the chapters whose outputs are not in store, and lay all outputs out for Sphinx.

Outputs are kept in _build/executed/<slug>/<digest>.ipynb, where the digest covers everything that
decides them (tools/dependencies.py). Jupyter Book reads outputs from a jupyter-cache, which keys on
the chapter's text alone; so a cache that holds exactly the right outputs is made for every build.
"""

from __future__ import annotations

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

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets.config import Config

from tools.dependencies import chapter_digest, modules_of
from tools.project import BOOK, BUILD, ROOT, Page, config, read_notebook

__all__ = ["ChapterFailed", "Executed", "execute", "fill_cache"]

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
    """

    page: Page
    notebook: nbformat.NotebookNode
    digest: str
    seconds: float
    fresh: bool


def _stored(page: Page, digest: str) -> Path:
    return STORE / page.slug / f"{digest}.ipynb"


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


def _failure(page: Page, notebook: nbformat.NotebookNode, error: Exception) -> ChapterFailed:
    """Say which cell failed, and on which line of the chapter's source it starts."""
    where = ""
    starts = notebook.metadata["source_map"]
    for index, cell in enumerate(notebook.cells):
        failed = any(output.output_type == "error" for output in cell.get("outputs", []))
        if failed or (isinstance(error, CellTimeoutError) and cell.get("execution_count") is None and cell.cell_type == "code"):
            code_cells = [c for c in notebook.cells[: index + 1] if c.cell_type == "code"]
            where = f", code cell {len(code_cells)}, {page.path.relative_to(ROOT)}:{starts[index] + 1}"
            break
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    return ChapterFailed(f"chapter {page.slug}{where}\n{plain}")


def _run(page: Page, notebook: nbformat.NotebookNode, digest: str, threads: int) -> float:
    """Execute in a kernel of its own, in book/, and store the outputs; return the seconds."""
    started = time.perf_counter()
    environment = os.environ | {
        "CDOT_STATIC": "1",
        "CDOT_CHECKPOINTS": str(ROOT / ".cache" / "checkpoints"),
        "CDOT_PROFILE": os.environ.get("CDOT_PROFILE") or "quick",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "PYTHONHASHSEED": "0",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    with tempfile.TemporaryDirectory(prefix="cdot-ipython-") as profile:
        environment["IPYTHONDIR"] = profile
        client = NotebookClient(
            notebook,
            timeout=config()["execute"]["timeout"],
            kernel_name="python3",
            # Sockets in a private folder: no port to collide on, and nobody else can listen in.
            config=Config(KernelManager={"transport": "ipc", "ip": f"{profile}/kernel"}),
            resources={"metadata": {"path": str(BOOK)}},
        )
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise _failure(page, notebook, error) from error
    seconds = time.perf_counter() - started
    notebook.metadata["cdot_seconds"] = seconds
    target = _stored(page, digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed: an interrupted build leaves no half-written outputs behind.
    partial = target.with_suffix(f".{os.getpid()}.partial")
    nbformat.write(notebook, partial)
    partial.replace(target)
    for old in sorted(target.parent.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)[:-KEEP]:
        old.unlink()
    return seconds


def _is_heavy(notebook: nbformat.NotebookNode) -> bool:
    """Whether a chapter trains networks: it then gets all cores to itself."""
    code = "\n".join(re.sub(r"^(\s*)[%!].*$", r"\1pass", c.source, flags=re.M) for c in notebook.cells if c.cell_type == "code")
    return "cdot_lib.training" in modules_of(code)


def execute(pages: list[Page], *, say: Callable[[str], None] = print) -> list[Executed]:
    """Return the pages with outputs, executing those whose outputs are not in store.

    Raises
    ------
    ChapterFailed
        If a cell fails. The chapters that succeeded stay in store.
    """
    notebooks = {page.slug: read_notebook(page) for page in pages}
    digests = {page.slug: chapter_digest(notebooks[page.slug]) for page in pages}
    missing = [page for page in pages if not _stored(page, digests[page.slug]).exists()]
    cores = os.cpu_count() or 1

    def run(page: Page, threads: int) -> ChapterFailed | None:
        say(f"  executing {page.slug} ...")
        try:
            seconds = _run(page, notebooks[page.slug], digests[page.slug], threads)
        except ChapterFailed as error:
            return error
        say(f"  executed  {page.slug} in {seconds:.0f} s")
        return None

    heavy = [page for page in missing if _is_heavy(notebooks[page.slug])]
    light = [page for page in missing if page not in heavy]
    with ThreadPoolExecutor(cores) as pool:
        failures = list(pool.map(lambda page: run(page, 1), light))
    failures += [run(page, cores) for page in heavy]
    failed = [failure for failure in failures if failure is not None]
    if failed:
        raise ChapterFailed("\n\n".join(str(failure) for failure in failed))

    done = []
    for page in pages:
        path = _stored(page, digests[page.slug])
        os.utime(path)  # the ones in use are the last to go
        stored = nbformat.read(path, as_version=4)
        notebook = _with_outputs(read_notebook(page), stored)
        done.append(Executed(page, notebook, digests[page.slug], stored.metadata["cdot_seconds"], page in missing))
    return done


def fill_cache(executed: list[Executed], folder: Path) -> None:
    """Make a jupyter-cache that holds exactly these outputs."""
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(str(folder))
    for item in executed:
        cache.cache_notebook_bundle(
            CacheBundleIn(item.notebook, str(item.page.path), data={"execution_seconds": item.seconds}),
            check_validity=False,
            overwrite=True,
        )


def report(executed: list[Executed]) -> str:
    """Return what was executed, as JSON: when, how long, from what."""
    rows = {
        item.page.slug: {"digest": item.digest, "seconds": round(item.seconds, 1), "executed_now": item.fresh}
        for item in executed
    }
    return json.dumps({"profile": os.environ.get("CDOT_PROFILE") or "quick", "chapters": rows}, indent=1) + "\n"
