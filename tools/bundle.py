"""Pack the book for a USB stick: ``python -m tools.bundle``, which is what ``make bundle`` runs.

One zip with the pages, the PDF, the notebooks, the library and, where there is a copy, MNIST. The same
files in give the same bytes out: names are sorted, and no time of packing is kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

from cdot_lib.data.files import cache_folder
from cdot_lib.data.mnist import MNIST_FILES
from tools import sync
from tools.build_book import BuildFailed, build
from tools.chromium import BrowserMissing
from tools.execute import ChapterFailed
from tools.notebooks import Unsupported, notebook_path
from tools.print_book import PDF, print_book
from tools.print_page import PrintFailed
from tools.project import BUILD, ROOT, address, chapters, config
from tools.web import ScriptsMissing

__all__ = ["bundle", "build_wheel", "mnist_folder", "target"]

#: Compressed already.
STORED = {".png", ".gz", ".woff", ".woff2", ".pdf", ".whl", ".zip", ".jpg"}

README = """\
{title}
{line}

Version {version}. An open textbook with runnable code. This folder holds all of it, for a computer
without a network. The latest version: {site}

READ      Open html/index.html in a browser, or cdot-book.pdf in a PDF reader. Nothing to install.

RUN       The chapters are Jupyter notebooks, in notebooks/. They need Python 3.11 or newer and the
          packages below. The packages are not in this folder (torch alone is larger than all of it),
          so install them where there is a network, or from your institution's mirror:

              python -m venv cdot
              cdot/bin/pip install "wheels/{wheel}[torch]" jupyterlab
              cdot/bin/jupyter lab notebooks

          (Windows: cdot\\Scripts\\pip and cdot\\Scripts\\jupyter.) The library brings what it needs:
          {needs}.
          The chapters without networks do without torch: leave out "[torch]".
          requirements.txt has the versions that the book was built with.

EFFORT    The environment variable CDOT_PROFILE says how much work a chapter does: smoke (seconds),
          quick (the default, minutes on two cores) or full (a GPU).

DATA      {data}

CHECK     sha256sum --check SHA256SUMS

LICENCE   Code under the MIT licence, text and figures under CC BY 4.0: see LICENSE.
"""

WITH_MNIST = """\
The four files of MNIST are in data/. Let the library find them before you start Jupyter:

              export CDOT_DATA="$PWD/data"        (Windows: set CDOT_DATA=%CD%\\data)

          MNIST is by Y. LeCun, C. Cortes and C. Burges, made from NIST's Special Databases 1 and 3, and is
          commonly given as under CC BY-SA 3.0. It is not covered by the licence of this book.
          The files are unchanged; the library checks them against the published hashes."""

WITHOUT_MNIST = """\
MNIST is not in this folder. Without a network the chapters that learn use digits that the library
          renders from fonts, and every figure says so. To use MNIST, put its four .gz files into a
          folder MNIST/raw and let CDOT_DATA name the folder above."""


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))["project"]


def target() -> Path:
    """Return where the bundle is put; its name holds the version."""
    return BUILD / "bundle" / f"cdot-book-{_project()['version']}.zip"


def mnist_folder() -> Path | None:
    """Return the folder that holds MNIST/raw with all four files, or None if there is none."""
    for folder in filter(None, [os.environ.get("CDOT_DATA"), cache_folder()]):
        if all((Path(folder) / "MNIST" / "raw" / spec.name).is_file() for spec in MNIST_FILES.values()):
            return Path(folder)
    return None


def build_wheel(folder: Path) -> Path:
    """Build the wheel of the library from a clean copy of its source; return its path in `folder`."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "source"
        shutil.copytree(ROOT / "cdot_lib", source / "cdot_lib", ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / file, source)
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", name, str(source)]
        # The earliest time that a zip can hold: a wheel is the same whenever it is built.
        subprocess.run(command, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": "315532800"})
        built = next(Path(name).glob("*.whl"))
        return Path(shutil.copy(built, folder / built.name))


def _files(html: Path, pdf: Path, wheel: Path, data: Path | None) -> dict[str, Path]:
    """Return what goes in: name in the bundle -> file."""
    files = {f"html/{path.relative_to(html).as_posix()}": path for path in html.rglob("*") if path.is_file()}
    files |= {"cdot-book.pdf": pdf, f"wheels/{wheel.name}": wheel}
    files |= {f"notebooks/{notebook_path(page).name}": notebook_path(page) for page in chapters()}
    files |= {name: ROOT / name for name in ("LICENSE", "CITATION.cff", "requirements.txt")}
    if data is not None:
        names = [f"MNIST/raw/{spec.name}" for spec in MNIST_FILES.values()]
        files |= {f"data/{name}": data / name for name in names}
    return files


def _readme(wheel: Path, data: Path | None) -> str:
    needs = ", ".join(line.split(">")[0] for line in _project()["dependencies"])
    return README.format(
        title=config()["title"],
        line="=" * len(config()["title"]),
        version=_project()["version"],
        site=address().site,
        wheel=wheel.name,
        needs=needs,
        data=WITHOUT_MNIST if data is None else WITH_MNIST,
    )


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name)  # dated 1980, the same each time
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_STORED if Path(name).suffix in STORED else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def bundle(html: Path, pdf: Path, path: Path, *, data: Path | None) -> Path:
    """Pack pages, PDF, notebooks, library and data into one zip, with one folder at its top.

    Parameters
    ----------
    html, pdf : Path
        The built site, and the printed book.
    path : Path
        The zip to write or replace; it is written aside first.
    data : Path or None
        A folder with MNIST/raw in it.
    """
    top = path.stem
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".packing-") as folder:
        wheel = build_wheel(Path(folder))
        contents = {name: file.read_bytes() for name, file in _files(html, pdf, wheel, data).items()}
        contents["README.txt"] = _readme(wheel, data).encode()
        sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items())]
        contents["SHA256SUMS"] = "".join(sums).encode()
        made = Path(folder) / path.name
        with zipfile.ZipFile(made, "w", compresslevel=9) as archive:
            for name in sorted(contents):
                _add(archive, f"{top}/{name}", contents[name])
        made.replace(path)
    return path


def main() -> int:
    """Build what goes in, pack it, and say how large it is."""
    sys.stdout.reconfigure(line_buffering=True)
    started = time.perf_counter()
    try:
        sync.write()
        BUILD.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILD, prefix="aside-bundle-") as folder:
            html = build(BUILD / "html", strict=True, work=Path(folder)).folder
            print_book(PDF, work=Path(folder))
    except (ChapterFailed, ScriptsMissing, BuildFailed, Unsupported, BrowserMissing, PrintFailed) as error:
        print(f"\nThe bundle was not made: {error}", file=sys.stderr)
        return 1
    data = mnist_folder()
    path = bundle(html, PDF, target(), data=data)
    print(
        f"Packed {path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB, "
        f"{'with MNIST' if data else 'without MNIST (no copy at hand)'}, {time.perf_counter() - started:.0f} s."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
