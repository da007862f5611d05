"""The library and the notebooks work at both ends of the ranges that pyproject.toml promises.

``make test`` runs the unit tests and every notebook with the oldest packages, torch excepted. ``make versions``
runs the slower tests of the library too, also with the newest packages, and with the oldest torch, which is
a large download the first time.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tools import versions
from tools.notebooks import notebook_path
from tools.project import ROOT, Page, chapters

#: Whether `make versions` asks, which may take its time.
ALL = bool(os.environ.get("CDOT_ALL_VERSIONS"))

KINDS = versions.KINDS if ALL else ("oldest",)

#: Tests of the library alone; those of the book need what builds the book.
LIBRARY = ("unit", "coding", "property", "training") if ALL else ("unit", "coding")


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which end of the ranges."""
    return request.param


@pytest.fixture(scope="module")
def python(kind: str, wheel: Path) -> Path:
    """The Python of such an environment, with the library as it is now, and without the repository."""
    python = versions.environment(kind)
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*command, "--force-reinstall", str(wheel)], check=True)
    return python


@pytest.fixture(scope="module")
def reports(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks leave each other the reports of claims: each runs once, in the first that asks."""
    return tmp_path_factory.mktemp(f"reports-{kind}")


def _pytest(python: Path, folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run pytest there, in a folder of its own, in the profile of tests."""
    return subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")}
        | {"CDOT_PROFILE": "smoke", "OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        | settings,
        capture_output=True,
        text=True,
    )


def test_the_environment_is_what_its_name_says(kind: str, python: Path, tmp_path: Path) -> None:
    script = (
        "import importlib.metadata as m, json, cdot_lib, numpy\n"
        "print(json.dumps([cdot_lib.__file__, {d.metadata['Name'].lower(): d.version for d in m.distributions()}]))"
    )
    answer = subprocess.run([python, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    place, installed = json.loads(answer.stdout)
    assert str(python.parent.parent) in place, "the library is not the wheel's"
    for line in versions.requirements(kind):
        requirement = Requirement(line)
        assert requirement.specifier.contains(installed[requirement.name.lower()], prereleases=True), line
    if kind == "newest":
        for name in ("numpy", "scipy", "matplotlib"):
            assert Version(installed[name]) >= Version(versions.oldest(_declared(name)).split("==")[1])


def _declared(name: str) -> Requirement:
    return next(item for item in versions.declared(torch=True) if item.name == name)


def test_library(kind: str, python: Path, tmp_path: Path) -> None:
    for name in LIBRARY:
        shutil.copytree(ROOT / "tests" / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    result = _pytest(python, tmp_path, "--import-mode=importlib", "-p", "no:nbval", "--hypothesis-seed=0", *LIBRARY)
    assert result.returncode == 0, f"{kind}:\n{result.stdout[-6000:]}{result.stderr[-2000:]}"


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.slug)
def test_notebook(kind: str, page: Page, python: Path, reports: Path, tmp_path: Path) -> None:
    shutil.copy(notebook_path(page), tmp_path)
    # With this plugin alone pytest is up in half of the time.
    options = ("-p", "nbval.plugin", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=600")
    settings = {"CDOT_CLAIM_REPORTS": str(reports), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = _pytest(python, tmp_path, *options, notebook_path(page).name, **settings)
    assert result.returncode == 0, f"{kind}:\n{result.stdout[-6000:]}{result.stderr[-2000:]}"


def test_a_requirement_without_lower_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="scipy.*has no lower bound"):
        versions.oldest(Requirement("scipy<2"))
    assert versions.oldest(Requirement("scipy>=1.15,<3")) == "scipy==1.15"


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of oldest, newest, oldest-torch"):
        versions.environment("middle")
