"""The first code cell of every chapter: one text, generated here, the same everywhere."""

from __future__ import annotations

import re

from tools.project import address

__all__ = ["TAGS", "in_chapter", "setup_cell", "with_setup_cell"]

TAGS = ["hide-input", "cdot-setup"]

_CODE = '''\
# Set-up. In Colab this installs the book's library, cdot_lib, and leaves torch, numpy and matplotlib
# as they are. Anywhere else it installs nothing: the library must be there (see the book's README).
import importlib.util, os, subprocess, sys

install = "google.colab" in sys.modules and importlib.util.find_spec("cdot_lib") is None
if install:
    spec = os.environ.get("CDOT_PIP_SPEC", "{pip}")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", spec], check=True)
    importlib.invalidate_caches()

from cdot_lib import bookkit

bookkit.setup(installed=install)'''

_CELL = re.compile(r"```\{code-cell\}[^\n]*\n:tags: \[[^\]\n]*cdot-setup[^\]\n]*\]\n(?:(?!```)[^\n]*\n)*```")


def setup_cell() -> str:
    """Return the code of the set-up cell, with the book's address in it."""
    return _CODE.format(pip=address().pip)


def in_chapter() -> str:
    """Return the set-up cell as it stands in a chapter's source."""
    return f"```{{code-cell}} ipython3\n:tags: [{', '.join(TAGS)}]\n\n{setup_cell()}\n```"


def with_setup_cell(text: str) -> str:
    """Return a chapter's source with its set-up cell brought up to date (a test sees that it has one)."""
    return _CELL.sub(lambda match: in_chapter(), text)
