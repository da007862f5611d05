"""A copy of the project with two tiny chapters, which a test may damage."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tools.project import ROOT
from tools.web import vendor

#: The files of a project without its chapters.
HOUSE = ["tools", "cdot_lib", "_config.yml", "requirements.txt", "pyproject.toml", "README.md", "CITATION.cff", "LICENSE"]

TOC = """\
format: jb-book
root: book/one
parts:
  - caption: Part
    chapters:
      - file: book/two
"""

CHAPTER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

# Chapter {name}

```{{code-cell}} ipython3
{code}
```
"""


def _take_interrupts() -> None:
    # Whoever runs the tests in the background has Ctrl-C ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class SmallProject:
    """A copy of the project with two tiny chapters, which a test may damage."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in HOUSE:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, root / name)
        (root / "book").mkdir()
        for name in ("_ext", "_static"):
            shutil.copytree(ROOT / "book" / name, root / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "book" / "references.bib", root / "book")
        # One topic in the ledger stands for the others, whose formulas every build would print and read.
        ledger = root / "cdot_lib" / "claims" / "ledger.py"
        topics = re.compile(r'(?<=^TOPICS: tuple\[str, \.\.\.\] = \(\n)    "cdot_lib\.claims\.bits",\n.*?(?=^\)$)', re.MULTILINE | re.DOTALL)
        few, count = topics.subn('    "cdot_lib.claims.bits",\n', ledger.read_text(encoding="utf8"))
        assert count == 1, "the ledger begins in another way"
        ledger.write_text(few, encoding="utf8")
        # The scripts of the pages are fetched once for the real project, not again for each copy.
        scripts = vendor().parent
        shutil.copytree(scripts, root / scripts.relative_to(ROOT))
        (root / "_toc.yml").write_text(TOC)
        self.chapter("one", "from cdot_lib import units\nprint(units.LN2)")
        self.chapter("two", "from cdot_lib.information import h_b\nprint(h_b(0.5))")

    def chapter(self, name: str, code: str) -> None:
        """Write a chapter with one cell."""
        (self.root / "book" / f"{name}.md").write_text(CHAPTER.format(name=name, code=code))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a build."""
        return subprocess.Popen(
            [sys.executable, "-m", "tools.build_book", "--strict", *arguments],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_take_interrupts,
        )

    def build(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Build, and wait for the end."""
        process = self.start(*arguments, **environment)
        output, errors = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def contents(self) -> dict[str, bytes]:
        """Return every file of the built site."""
        html = self.root / "_build" / "html"
        return {str(path.relative_to(html)): path.read_bytes() for path in html.rglob("*") if path.is_file()}
