"""What the tests of the book share: a small project to damage, the wheel alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.book.small_project import SmallProject
from tools.project import ROOT


@pytest.fixture
def small_project(tmp_path: Path) -> SmallProject:
    """A project of two tiny chapters."""
    from tools.web import vendor

    vendor()
    return SmallProject(tmp_path / "project")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the library, built from a clean copy of its source."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    shutil.copytree(ROOT / "cdot_lib", source / "cdot_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run(command, cwd=source, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make environments with every package of this one but cdot_lib; the argument is a name."""

    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        packages = folder / "packages"
        packages.mkdir()
        here = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
        for entry in here.iterdir():
            # Without .pth files, and so without the development install of this very project.
            if entry.suffix != ".pth" and not entry.name.startswith(("cdot_lib", "__editable__")):
                (packages / entry.name).symlink_to(entry)
        venv.EnvBuilder(with_pip=False, symlinks=True).create(folder / "venv")
        own = next((folder / "venv" / "lib").glob("python3*")) / "site-packages"
        (own / "packages.pth").write_text(f"{packages}\n")
        return folder / "venv" / "bin" / "python"

    return make


@pytest.fixture
def clean_environment() -> dict[str, str]:
    """The environment variables without those that would let this project be found."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")}
