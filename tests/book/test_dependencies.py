"""The digest of a chapter covers what its cells can load, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools.dependencies import library_modules, modules_of
from tools.project import ROOT


def test_imports_are_followed() -> None:
    found = modules_of("from cdot_lib.theory import bernoulli")
    assert {"cdot_lib", "cdot_lib.theory", "cdot_lib.theory.bernoulli", "cdot_lib.errors"} <= found
    assert not any(module.startswith(("cdot_lib.solvers", "cdot_lib.training")) for module in found)


def test_names_in_strings_are_followed() -> None:
    assert "cdot_lib.units" in modules_of('import importlib\nimportlib.import_module("cdot_lib.units")')


@pytest.mark.parametrize(
    "source",
    [
        "import cdot_lib.theory.bernoulli",
        "from cdot_lib import claims\nclaims.claims()",
        "from cdot_lib import bookkit\nbookkit.setup()\nbookkit.claims_table([])",
        "from cdot_lib.solvers import one_shot",
    ],
)
def test_nothing_is_loaded_that_the_digest_leaves_out(source: str) -> None:
    """What Python really loads is the independent check of what the source says."""
    script = source + "\nimport sys\nprint(*[m for m in sys.modules if m.split('.')[0] == 'cdot_lib'])"
    output = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(output.stdout.split())
    assert "cdot_lib" in loaded
    assert loaded <= modules_of(source)


def test_every_module_can_be_read() -> None:
    modules = library_modules()
    assert "cdot_lib.bookkit.environment" in modules
    for module in modules:
        assert module in modules_of(f"import {module}")
