"""The notebooks run where only the wheel is, and the set-up cell does in Colab what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import notebook_path
from tools.project import Page, chapters
from tools.setup_cell import in_chapter, setup_cell, with_setup_cell

#: Names a module google.colab, so that a notebook believes it is in Colab.
FAKE_COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n"


def _packages(python: Path, environment: dict[str, str]) -> dict[str, str]:
    listing = subprocess.run(
        [python, "-m", "pip", "list", "--format=json"], env=environment, capture_output=True, text=True, check=True
    )
    return {item["name"].lower(): item["version"] for item in json.loads(listing.stdout)}


@pytest.fixture(scope="module")
def reader(elsewhere: Callable[[str], Path], wheel: Path) -> Path:
    """An environment of a reader who installed the wheel, and who has no repository."""
    python = elsewhere("reader")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, env=environment, check=True, cwd=python.parent)
    return python


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks leave each other the reports of claims: each runs once, in the first that asks."""
    return tmp_path_factory.mktemp("reports")


#: One of each kind; tests/book/test_versions.py runs all of them from a wheel and an empty folder, with other packages.
SOME = ("bits", "common-randomness", "gaussian", "neural-codec")


@pytest.mark.parametrize("page", [page for page in chapters() if page.slug in SOME], ids=lambda page: page.slug)
def test_notebook_runs_from_an_empty_folder(
    page: Page, reader: Path, reports: Path, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    (tmp_path / notebook_path(page).name).write_bytes(notebook_path(page).read_bytes())
    result = subprocess.run(
        [
            *(reader, "-m", "pytest", "-p", "nbval.plugin", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300"),
            *("-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), notebook_path(page).name),
        ],
        cwd=tmp_path,
        env=clean_environment
        | {"CDOT_PROFILE": "smoke", "OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        | {"CDOT_CLAIM_REPORTS": str(reports), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-6000:]
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(notebook_path(page), as_version=4).cells)
    assert f"{cells} passed" in result.stdout, result.stdout[-2000:]


def test_the_reader_has_only_the_wheel(reader: Path, tmp_path: Path, clean_environment: dict[str, str]) -> None:
    where = subprocess.run(
        [reader, "-c", "import cdot_lib; print(cdot_lib.__file__)"],
        cwd=tmp_path, env=clean_environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(reader.parent.parent) in where.stdout


def _run_setup(python: Path, folder: Path, environment: dict[str, str], *, times: int = 1) -> str:
    """Run the set-up cell in a fresh interpreter that believes it is in Colab."""
    lines = setup_cell().splitlines()
    shown = "\n".join([*lines[:-1], f"print({lines[-1]})"])
    script = FAKE_COLAB + f"{shown}\n" * times + "import sys; print('torch' in sys.modules)"
    result = subprocess.run([python, "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_setup_cell_in_colab(
    elsewhere: Callable[[str], Path], wheel: Path, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    python = elsewhere("colab")
    environment = clean_environment | {"CDOT_PIP_SPEC": str(wheel), "PIP_NO_INDEX": "1", "CDOT_PROFILE": "smoke"}
    missing = subprocess.run([python, "-c", "import cdot_lib"], cwd=tmp_path, env=environment, capture_output=True)
    assert missing.returncode != 0, "cdot_lib must not be there before"
    before = _packages(python, environment)

    said = _run_setup(python, tmp_path, environment, times=2).splitlines()
    after = _packages(python, environment)
    assert set(after) - set(before) == {"cdot-lib"}
    assert {name: after[name] for name in before} == before, "a package was replaced"
    assert "installed cdot_lib; profile smoke; device:" in said[0]
    assert "nothing to install; profile smoke; device:" in said[1]
    assert said[2] == "False", "the set-up cell loaded torch"
    # A second session finds it installed.
    assert "nothing to install" in _run_setup(python, tmp_path, environment).splitlines()[0]


@pytest.mark.parametrize("body", ["", "\n", "\nold = 1\n\nolder = 2\n"])
def test_setup_cell_of_a_new_chapter_is_filled_in(body: str) -> None:
    """An author leaves it empty; what follows it stays."""
    rest = "\n\n```{code-cell} ipython3\nx = 1\n```\n"
    draft = f"# Title\n\n```{{code-cell}} ipython3\n:tags: [hide-input, cdot-setup]\n{body}```{rest}"
    assert with_setup_cell(draft) == f"# Title\n\n{in_chapter()}{rest}"


def test_setup_cell_elsewhere_installs_nothing(tmp_path: Path, clean_environment: dict[str, str]) -> None:
    environment = clean_environment | {"CDOT_PIP_SPEC": "/nowhere/at-all.whl"}
    lines = setup_cell().splitlines()
    script = "\n".join([*lines[:-1], f"print({lines[-1]})"])
    result = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n") == 1 and "nothing to install" in result.stdout


def test_too_old_and_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    from cdot_lib import bookkit
    from cdot_lib.bookkit import environment
    from cdot_lib.errors import MissingDependency

    assert bookkit.unmet_requirements() == ([], [])
    real = metadata.version

    def version(name: str) -> str:
        if name == "joblib":
            raise metadata.PackageNotFoundError(name)
        return "1.0" if name == "scipy" else real(name)

    monkeypatch.setattr(environment.metadata, "version", version)
    assert bookkit.unmet_requirements() == (["joblib>=1.4"], ["scipy>=1.15.3"])
    with pytest.raises(MissingDependency, match=r'joblib>=1.4, scipy>=1.15.3.*pip install "joblib>=1.4" "scipy>=1.15.3"'):
        bookkit.setup()
