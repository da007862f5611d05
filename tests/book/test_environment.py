"""The environment: clear messages, nothing half-made that looks finished, and old Pythons understand it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.project import ROOT

SOURCE = (ROOT / "tools" / "environment.py").read_text()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that needs no package but itself."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "environment.py", tmp_path / "tools")
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "tiny"\nversion = "1"\n')
    return tmp_path


def _run(project: Path, before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script, after some lines that change what Python finds."""
    script = f"{before}\nimport runpy, sys\nsys.argv = ['tools/environment.py']\nrunpy.run_path('tools/environment.py', run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=project, env=os.environ | environment, capture_output=True, text=True
    )


def test_old_pythons_can_read_it() -> None:
    """A syntax error would be all that they see."""
    ast.parse(SOURCE, feature_version=(3, 6))
    imports = {alias.name for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Import) for alias in node.names}
    assert imports <= set(sys.stdlib_module_names)
    assert not [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.JoinedStr)]


def test_too_old_a_python_is_told(project: Path) -> None:
    """No newer Python on the path, so there is nothing to go on with."""
    failed = _run(project, "import sys; sys.version_info = (3, 10, 0, 'final', 0)", PATH=str(project))
    assert failed.returncode == 1
    assert "this is Python 3.10, and the book needs 3.11 or newer" in failed.stderr
    assert "make book PYTHON=" in failed.stderr
    assert not (project / ".venv").exists()


def test_missing_venv_module_is_told(project: Path) -> None:
    failed = _run(project, "import sys; sys.modules['ensurepip'] = None")
    assert failed.returncode == 1
    assert "no venv module" in failed.stderr and "-venv" in failed.stderr
    assert not (project / ".venv" / ".cdot-stamp").exists()


def test_failed_installation_is_told_and_starts_afresh(project: Path) -> None:
    (project / "requirements.txt").write_text("a-package-that-nobody-has==1.0\n")
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(project)}
    failed = _run(project, **offline)
    assert failed.returncode == 1
    assert "a-package-that-nobody-has" in failed.stderr
    assert "Is a package index within reach?" in failed.stderr
    assert (project / ".venv" / ".cdot-unfinished").exists()
    assert not (project / ".venv" / ".cdot-stamp").exists()

    (project / ".venv" / "left-over").write_text("from the broken run")
    again = _run(project, **offline)
    assert "starting afresh" in again.stdout
    assert not (project / ".venv" / "left-over").exists()


def test_a_finished_environment_is_left_alone(project: Path) -> None:
    before = "import sys; sys.path.insert(0, 'tools'); import environment; environment.pip = lambda *a: print('pip', *a)"
    script = f"{before}\nprint(environment.make(), environment.make())"

    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True
        ).stdout

    first = run()
    assert "pip install --quiet -r requirements.txt" in first
    assert first.rstrip().endswith("True False")
    assert not (project / ".venv" / ".cdot-unfinished").exists()
    assert run() == "False False\n"
    # Another set of pins is another environment.
    (project / "requirements.txt").write_text("# changed\n")
    assert run().rstrip().endswith("True False")


def test_make_knows_its_two_commands() -> None:
    for target in ("book", "test", "sync"):
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
