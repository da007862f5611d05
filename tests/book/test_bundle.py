"""The bundle to hand out: complete, checked by its own sums, and enough to run a notebook."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tools import bundle as bundling
from tools.build_book import Built
from tools.chromium import launch
from tools.project import chapters, pages

#: The cheapest chapter with mathematics, code and figures.
CHEAPEST = "datasets"

LARGEST_MB = 60


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in: what is printed has tests of its own."""
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    path.write_bytes(b"%PDF-1.7 stand-in")
    return path


@pytest.fixture(scope="module")
def packed(site: Built, pdf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, with MNIST if a copy is at hand."""
    path = tmp_path_factory.mktemp("packed") / "cdot-book-0.zip"
    return bundling.bundle(site.folder, pdf, path, data=bundling.mnist_folder())


@pytest.fixture(scope="module")
def unpacked(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle in an empty folder."""
    folder = tmp_path_factory.mktemp("stick")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    assert [path.name for path in folder.iterdir()] == [packed.stem], "it must unpack into one folder"
    return folder / packed.stem


def test_it_holds_what_its_readme_names(unpacked: Path) -> None:
    readme = (unpacked / "README.txt").read_text()
    names = ["html/index.html", "cdot-book.pdf", "notebooks", "wheels", "requirements.txt", "SHA256SUMS", "LICENSE"]
    for name in names:
        assert (unpacked / name).exists() and name.split("/")[-1] in readme, name
    wheel = next((unpacked / "wheels").iterdir())
    assert wheel.name in readme
    assert {path.stem for path in (unpacked / "notebooks").iterdir()} == {page.slug for page in chapters()}
    assert {page.slug for page in pages()} <= {path.stem for path in (unpacked / "html" / "book").iterdir()}
    assert ("CDOT_DATA=" in readme) == (unpacked / "data").exists()


def test_every_file_has_its_sum(unpacked: Path) -> None:
    sums = dict(reversed(line.split("  ", 1)) for line in (unpacked / "SHA256SUMS").read_text().splitlines())
    files = {path.relative_to(unpacked).as_posix(): path for path in unpacked.rglob("*") if path.is_file()}
    assert set(sums) == set(files) - {"SHA256SUMS"}
    assert [name for name in sums if hashlib.sha256(files[name].read_bytes()).hexdigest() != sums[name]] == []


def test_it_fits_on_a_stick(packed: Path) -> None:
    assert packed.stat().st_size < LARGEST_MB * 1e6


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, pdf: Path) -> None:
    html = tmp_path / "html"
    html.mkdir()
    (html / "index.html").write_text("a page")
    first = bundling.bundle(html, pdf, tmp_path / "1" / "b.zip", data=None).read_bytes()
    os.utime(html / "index.html", (0, 0))
    assert bundling.bundle(html, pdf, tmp_path / "2" / "b.zip", data=None).read_bytes() == first
    (html / "index.html").write_text("another page")
    assert bundling.bundle(html, pdf, tmp_path / "3" / "b.zip", data=None).read_bytes() != first


def test_without_mnist_the_readme_says_so(tmp_path: Path, pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDOT_DATA", raising=False)
    monkeypatch.setenv("CDOT_CACHE", str(tmp_path / "nothing"))
    assert bundling.mnist_folder() is None
    (tmp_path / "html").mkdir()
    path = bundling.bundle(tmp_path / "html", pdf, tmp_path / "b.zip", data=None)
    with zipfile.ZipFile(path) as archive:
        assert "MNIST is not in this folder" in archive.read("b/README.txt").decode()
        assert not [name for name in archive.namelist() if "/data/" in name]


def test_a_failure_keeps_the_old_bundle(tmp_path: Path, pdf: Path) -> None:
    old = tmp_path / "b.zip"
    old.write_bytes(b"an older bundle")
    (tmp_path / "html").mkdir()
    with pytest.raises(FileNotFoundError):
        bundling.bundle(tmp_path / "html", pdf, old, data=tmp_path / "nowhere")
    assert old.read_bytes() == b"an older bundle"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "html"]


def test_a_notebook_runs_from_it(
    unpacked: Path, elsewhere: Callable[[str], Path], clean_environment: dict[str, str]
) -> None:
    """As its README says, in an environment that has the packages and knows nothing of the repository."""
    python = elsewhere("stick-reader")
    wheel = next((unpacked / "wheels").iterdir())
    command = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, cwd=unpacked, env=clean_environment, check=True)
    notebook = unpacked / "notebooks" / f"{CHEAPEST}.ipynb"
    work = unpacked.parent / "work"
    work.mkdir()
    shutil.copy(notebook, work)
    environment = clean_environment | {"CDOT_PROFILE": "smoke", "OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    if (unpacked / "data").exists():
        environment["CDOT_DATA"] = str(unpacked / "data")
    result = subprocess.run(
        [python, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider", "--rootdir", ".", notebook.name],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0 and " passed" in result.stdout, result.stdout[-4000:]


def test_its_first_page_opens_from_disk(unpacked: Path) -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        tab = browser.new_page()
        wrong: list[str] = []
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("requestfailed", lambda request: wrong.append(request.url))
        tab.goto((unpacked / "html" / "index.html").as_uri())
        tab.wait_for_selector("article h1")
        assert tab.url.startswith("file://") and "Cross-domain" in tab.inner_text("article h1")
        browser.close()
    assert wrong == []
