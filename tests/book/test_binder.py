"""Binder gets what the library needs, at the versions that the book is built with."""

from __future__ import annotations

import os
import re
import tomllib

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools.project import ROOT, config

FOLDER = ROOT / ".binder"
LINES = [line for line in (FOLDER / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _pins() -> set[str]:
    return {match[1].lower() for match in re.finditer(r"(?m)^([\w.-]+)==", (ROOT / "requirements.txt").read_text())}


def test_versions_are_those_of_the_book() -> None:
    """The pins are read from requirements.txt and not repeated, so they cannot disagree."""
    constraint, *names = LINES
    assert constraint == "-c ../requirements.txt" and (FOLDER / "../requirements.txt").resolve() == ROOT / "requirements.txt"
    assert all(re.fullmatch(r"[\w-]+", name) for name in names), "a version here could disagree with the pin"
    assert {name.lower() for name in names} <= _pins(), "not pinned in requirements.txt"


def test_all_that_the_library_needs_is_there_but_torch() -> None:
    names = {name.lower() for name in LINES[1:]}
    needed = {Requirement(line).name.lower() for line in PROJECT["dependencies"]}
    assert needed <= names and not names & {"torch", "torchvision"}
    assert "ipykernel" in names, "a notebook needs a kernel"


def test_python_is_one_that_the_library_allows() -> None:
    version = (FOLDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


def test_the_library_is_installed_without_replacing_anything() -> None:
    script = FOLDER / "postBuild"
    assert os.access(script, os.X_OK) and script.read_text().startswith("#!")
    assert "--no-deps" in script.read_text()


def test_pages_lead_to_it() -> None:
    assert config()["launch_buttons"]["binderhub_url"] == "https://mybinder.org"
