"""The library installs by itself, without torch, and its floors stay where they belong."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.dependencies import library_modules, modules_of
from tools.project import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

#: The house from the ground up: a module may import from its own floor and from those below.
FLOORS = [
    {"errors", "units"},
    {"validate"},
    {"profiles", "progress"},
    {"information"},
    {"problems", "results"},
    {"theory", "solvers", "symbolic"},
    {"claims"},
    {"coding", "data"},
    {"models", "training"},
    {"plotting", "interactive", "bookkit"},
]
LEARNING = ("cdot_lib.models", "cdot_lib.training")


def _without_torch() -> list[str]:
    return [module for module in library_modules() if not module.startswith(LEARNING) and not module.endswith("__main__")]


def _floor(module: str) -> int:
    name = (module.split(".") + [""])[1]
    return next((index for index, floor in enumerate(FLOORS) if name in floor), -1)


def _imports(module: str) -> set[str]:
    """Return the names of all modules that a module imports, at whatever depth in its code."""
    found = set()
    for node in ast.walk(ast.parse(library_modules()[module].read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


def test_nothing_below_the_learning_floor_loads_torch() -> None:
    """Every such module is imported in one process in which torch cannot be imported at all."""
    modules = _without_torch()
    assert len(modules) > 20
    script = (
        "import importlib, sys\n"
        "class NoTorch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('torch', 'torchvision', 'safetensors'):\n"
        "            raise ImportError(f'{name} is not there')\n"
        "sys.meta_path.insert(0, NoTorch())\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("module", sorted(library_modules()))
def test_imports_run_downwards(module: str) -> None:
    assert _floor(module) >= 0 or module == "cdot_lib", f"{module} is on no floor: add it to FLOORS and to CONTRIBUTING.md"
    for name in _imports(module):
        if name.startswith("cdot_lib."):
            assert _floor(name) <= _floor(module) or module == "cdot_lib", f"{module} imports {name} from a floor above"


def test_theory_and_solvers_do_not_know_each_other() -> None:
    for module in library_modules():
        reached = modules_of(f"import {module}")
        if module.startswith("cdot_lib.theory"):
            assert not [name for name in reached if name.startswith("cdot_lib.solvers")], module
        if module.startswith("cdot_lib.solvers"):
            assert not [name for name in reached if name.startswith("cdot_lib.theory")], module


def test_wheel_holds_the_library_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if name.endswith(".py")}
    assert packed == {str(path.relative_to(ROOT)) for path in (ROOT / "cdot_lib").rglob("*.py")}
    assert {name.split("/")[0] for name in names} == {"cdot_lib", f"cdot_lib-{PROJECT['version']}.dist-info"}
    assert any(name.endswith("LICENSE") for name in names)


def test_every_imported_package_is_declared() -> None:
    """Ranges in pyproject.toml, base or extra, for whatever the library imports."""
    owners = importlib.metadata.packages_distributions()
    base = {Requirement(line).name.lower() for line in PROJECT["dependencies"]}
    extras = (PROJECT["optional-dependencies"][name] for name in ("torch", "cluster"))
    learning = {Requirement(line).name.lower() for extra in extras for line in extra}
    ours = {"cdot_lib", "matplotlib_inline", "cycler", "mpmath"}  # the last three: parts of IPython, matplotlib, SymPy
    for module in library_modules():
        allowed = base | learning if module.startswith((*LEARNING, "cdot_lib.data")) else base
        for name in {name.split(".")[0] for name in _imports(module)} - set(sys.stdlib_module_names) - ours:
            declared = {owner.lower() for owner in owners.get(name, [])} & allowed
            assert declared, f"{module} imports {name}, which pyproject.toml does not declare"


def test_declared_ranges_are_ranges_and_hold_here() -> None:
    assert PROJECT["requires-python"] == ">=3.11"
    assert not any("torch" in line for line in PROJECT["dependencies"])
    for line in PROJECT["dependencies"]:
        requirement = Requirement(line)
        assert requirement.specifier and "==" not in str(requirement.specifier), f"{line}: a range, please"
        assert requirement.specifier.contains(importlib.metadata.version(requirement.name))
    import cdot_lib

    assert cdot_lib.__version__ == PROJECT["version"]
