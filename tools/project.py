"""Where things are: folders, the one public address, and the chapters in the order of _toc.yml."""

from __future__ import annotations

import fcntl
import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

__all__ = ["BOOK", "BUILD", "ROOT", "Page", "address", "alone", "chapters", "config", "pages", "read_notebook"]

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
BUILD = ROOT / "_build"


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process holds the lock `name`; a killed process holds none."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def config() -> dict[str, Any]:
    """Return _config.yml."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf8"))


@dataclass(frozen=True)
class Address:
    """The public addresses of the book, all of which follow from ``repository.url``."""

    repository: str
    branch: str

    @property
    def owner_and_name(self) -> str:
        """``owner/name``."""
        return "/".join(self.repository.rstrip("/").split("/")[-2:])

    @property
    def site(self) -> str:
        """Where GitHub Pages serves the book, without a slash at the end."""
        owner, name = self.owner_and_name.split("/")
        return f"https://{owner.lower()}.github.io/{name}"

    @property
    def pip(self) -> str:
        """What pip installs the library from."""
        return f"cdot-lib @ git+{self.repository}@{self.branch}"

    def page(self, slug: str) -> str:
        """The published page of a chapter."""
        return f"{self.site}/book/{slug}.html"

    def colab(self, slug: str) -> str:
        """The notebook of a chapter, opened in Colab."""
        return f"https://colab.research.google.com/github/{self.owner_and_name}/blob/{self.branch}/book/{slug}.ipynb"


def address() -> Address:
    """Return the public addresses; ``repository.url`` in _config.yml is their only source."""
    repository = config()["repository"]
    url = repository["url"].rstrip("/")
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", url):
        raise ValueError(f"repository.url in _config.yml is {url!r}, must be https://github.com/OWNER/NAME")
    return Address(url, repository["branch"])


@dataclass(frozen=True)
class Page:
    """One page of the book: its slug, its file, and its chapter number (None: unnumbered)."""

    slug: str
    path: Path
    number: int | None

    @property
    def text(self) -> str:
        """The source."""
        return self.path.read_text(encoding="utf8")

    @property
    def is_notebook(self) -> bool:
        """Whether it has code cells to execute."""
        return is_myst_markdown_notebook(self.text)

    @property
    def is_numbered(self) -> bool:
        """Whether it is a chapter proper, as against front and back matter."""
        return self.number is not None

    @property
    def docname(self) -> str:
        """The name that Sphinx knows it by."""
        return f"book/{self.slug}"


def _entries() -> Iterator[tuple[str, bool]]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf8"))
    yield toc["root"], False
    for part in toc["parts"]:
        for chapter in part["chapters"]:
            yield chapter["file"], bool(part.get("numbered"))
            for section in chapter.get("sections", []):
                yield section["file"], False


def pages() -> list[Page]:
    """Return every page in reading order; numbers run through the parts without a break."""
    result: list[Page] = []
    number = 0
    for name, numbered in _entries():
        number += numbered
        path = ROOT / f"{name}.md"
        if not path.exists():
            raise FileNotFoundError(f"_toc.yml names {name}, and there is no {path.relative_to(ROOT)}")
        result.append(Page(Path(name).name, path, number if numbered else None))
    return result


def chapters() -> list[Page]:
    """Return the pages that have code cells."""
    return [page for page in pages() if page.is_notebook]


def read_notebook(page: Page) -> nbformat.NotebookNode:
    """Return a page as a notebook, cut into cells exactly as the build of the pages cuts it."""
    extensions = set(config()["parse"]["myst_enable_extensions"])
    return read_myst_markdown_notebook(
        page.text, config=MdParserConfig(enable_extensions=extensions), add_source_map=True, path=page.path
    )
