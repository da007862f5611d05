"""Build the book: ``python -m tools.build_book``, which is what ``make book`` runs.

The generated files are brought up to date, the chapters executed (those whose outputs are not in
store), the scripts of the pages fetched, and Sphinx runs into a folder aside, which takes the place
of _build/html only when all went well.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tools import sync
from tools.alt_text import silent_pictures
from tools.execute import ChapterFailed, Executed, execute, fill_cache, report
from tools.figure_data import write_figure_data
from tools.notebooks import Unsupported
from tools.project import BUILD, ROOT, alone, chapters, pages
from tools.web import ScriptsMissing, vendor

__all__ = ["BuildFailed", "Built", "build"]

#: Runs in a process of its own, because Sphinx and docutils keep global state.
SPHINX = """
import sys
from jupyter_book.sphinx import build_sphinx
source, output, doctrees, builder, strict, read, static, cache, report, figures = sys.argv[1:]
strict = strict == "strict"
overrides = {
    "external_toc_path": "_toc.yml", "latex_individualpages": False, "nitpicky": strict, "nb_execution_cache_path": cache,
    "html_static_path": ["book/_static", static], "cdot_report": report, "cdot_figures": figures,
}
result = build_sphinx(
    source, output, doctreedir=doctrees, noconfig=True, path_config=source + "/_config.yml",
    confoverrides=overrides, builder=builder, warningiserror=strict, keep_going=True, freshenv=read == "afresh",
)
sys.exit(result if isinstance(result, int) else 1)
"""


class BuildFailed(Exception):
    """The book could not be built; the message says why."""


@dataclass(frozen=True)
class Built:
    """A built book: where it is, its chapters, what Sphinx printed, and the seconds it took."""

    folder: Path
    executed: list[Executed]
    log: str
    seconds: float


def _sphinx(work: Path, executed: list[Executed], *, strict: bool, builder: str) -> tuple[Path, str]:
    """Run Sphinx in `work`, from scratch if it is empty; return its output folder and what it printed."""
    cache, output, figures, facts = work / "jupyter-cache", work / builder, work / "figures", work / "executed.json"
    fill_cache(executed, cache)
    facts.write_text(report(executed))
    write_figure_data(executed, figures)
    mode, doctrees = "strict" if strict else "lenient", work / "doctrees"
    read = "before" if (doctrees / "environment.pickle").exists() else "afresh"
    arguments = [ROOT, output, doctrees, builder, mode, read, vendor(), cache, facts, figures]
    result = subprocess.run(
        [sys.executable, "-c", SPHINX, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "ignore::DeprecationWarning"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    log = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    if result.returncode != 0:
        raise BuildFailed(f"Sphinx failed:\n{_essence(log)}")
    if "Executing notebook" in log:
        raise BuildFailed("Sphinx executed a chapter again: the outputs laid out for it did not match")
    return output, log


def _essence(log: str) -> str:
    """Return the warnings and errors of a log, or its end if it has none."""
    telling = [line for line in log.splitlines() if re.search(r"WARNING|ERROR|Error|Exception|exception", line)]
    return "\n".join(telling or log.splitlines()[-30:])


def _swap(made: Path, target: Path) -> None:
    """Put a finished folder in the place of an older one; a reader never sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _work(kept: Path | None, executed: list[Executed]) -> AbstractContextManager[str]:
    """Return a folder for Sphinx: one of its own, or the one that is kept for just these outputs."""
    if kept is None:
        # On the same disk as the target, so that the swap is a rename.
        return tempfile.TemporaryDirectory(dir=BUILD, prefix="aside-")
    digest = hashlib.sha256("".join(item.digest for item in executed).encode()).hexdigest()
    folder = kept / digest[:20]
    folder.mkdir(parents=True, exist_ok=True)
    return nullcontext(str(folder))


def build(
    target: Path, *, strict: bool, builder: str = "html", training: str | None = None, work: Path | None = None
) -> Built:
    """Build the book into `target`.

    Parameters
    ----------
    target : Path
        Folder to replace.
    strict : bool
        Whether a warning, or a reference that leads nowhere, is an error.
    builder : str
        The Sphinx builder.
    training : str or None
        The profile of the chapters that train networks, if it is not that of the others.
    work : Path or None
        A folder, on the disk of `target`, that keeps what Sphinx has read: the next build in it, with another
        builder, reads only pages that have changed. Nobody else may build in it meanwhile.

    Raises
    ------
    ChapterFailed, ScriptsMissing, BuildFailed
        If it cannot be built; `target` is then as it was.
    """
    started = time.perf_counter()
    with alone("execute"):
        executed = execute(chapters(), training=training)
    silent = silent_pictures(pages(), executed)
    if silent:
        raise BuildFailed("\n".join(["pictures that say nothing to who does not see them:", *silent]))
    BUILD.mkdir(exist_ok=True)
    with _work(work, executed) as folder:
        made, log = _sphinx(Path(folder), executed, strict=strict, builder=builder)
        shutil.copy(Path(folder) / "executed.json", made)
        with alone("swap"):
            _swap(made, target)
    return Built(target, executed, log, time.perf_counter() - started)


def _clear_leftovers() -> None:
    """Remove what builds that were killed left aside."""
    for pattern in ("aside-*", ".*.old"):
        for path in BUILD.glob(pattern):
            if time.time() - path.stat().st_mtime > 3600:
                shutil.rmtree(path, ignore_errors=True)


def main(argv: list[str] | None = None) -> int:
    """Build, and say where, how many chapters, how long."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_book", description=__doc__.splitlines()[0])
    parser.add_argument("--strict", action="store_true", help="warnings are errors (-W --keep-going -n)")
    parser.add_argument("--builder", default="html", choices=["html", "linkcheck"])
    options = parser.parse_args(argv)
    sys.stdout.reconfigure(line_buffering=True)
    try:
        _clear_leftovers()
        for path in sync.write():
            print(f"Brought up to date: {path.relative_to(ROOT)}")
        print(f"Building the book, profile {os.environ.get('CDOT_PROFILE') or 'quick'} ...")
        built = build(BUILD / options.builder, strict=options.strict, builder=options.builder)
    except KeyboardInterrupt:
        print("\nInterrupted: the book that was there is as it was. Run the same command to go on.", file=sys.stderr, flush=True)
        # At once: the interpreter's own end would wait for the threads that execute chapters. Kernels end with their parent.
        os._exit(130)
    except (ChapterFailed, ScriptsMissing, BuildFailed, Unsupported) as error:
        print(f"\nThe book was not built: {error}", file=sys.stderr)
        return 1
    warnings = [line for line in built.log.splitlines() if "WARNING" in line]
    print("\n".join(warnings))
    fresh = sum(item.fresh for item in built.executed)
    print(
        f"Built {built.folder.relative_to(ROOT)}/index.html: {len(pages())} pages, {len(built.executed)} chapters "
        f"({fresh} executed now, {len(built.executed) - fresh} unchanged), {built.seconds:.0f} s."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
