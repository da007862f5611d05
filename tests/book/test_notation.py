"""The notation page names things that exist, and names all that a reader of the code meets."""

import dataclasses
import importlib
import inspect
import re
from pathlib import Path

import pytest

from cdot_lib.problems import BernoulliProblem, FiniteProblem

PAGE = Path(__file__).parents[2] / "book" / "notation.md"
ROW = re.compile(r"^\| (?P<symbol>.+?) \| (?P<meaning>.+?) \| (?P<code>.+?) \| (?P<unit>.*?) ?\|$")


def entries():
    rows = [ROW.match(line) for line in PAGE.read_text(encoding="utf8").splitlines()]
    names = [name for row in rows if row for name in re.findall(r"`([^`\"]+)`", row["code"])]
    return [name for name in names if name != "in code"]


def resolve(name):
    """Return the object, dataclass field or parameter that an entry names."""
    path, _, argument = name.rstrip(")").partition("(")
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["cdot_lib", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        break
    for part in parts[cut:]:
        if dataclasses.is_dataclass(found) and part in {f.name for f in dataclasses.fields(found)}:
            found = part
        else:
            found = getattr(found, part)
    return inspect.signature(found).parameters[argument] if argument else found


@pytest.mark.parametrize("name", entries())
def test_name_exists(name):
    assert resolve(name) is not None


def test_page_has_rows_and_every_field_of_a_problem():
    listed = entries()
    assert len(listed) > 25
    for problem, module in ((BernoulliProblem, "problems"), (FiniteProblem, "problems")):
        for field in dataclasses.fields(problem):
            assert f"{module}.{problem.__name__}.{field.name}" in listed


def test_a_wrong_name_would_be_noticed():
    for wrong in ("problems.BernoulliProblem.q_z", "theory.bernoulli.rate(rate_bits)"):
        with pytest.raises((AttributeError, KeyError)):
            resolve(wrong)


def test_names_in_bits_say_so():
    rows = [ROW.match(line) for line in PAGE.read_text(encoding="utf8").splitlines()]
    for row in filter(None, rows):
        for argument in re.findall(r"\((\w+_bits)\)", row["code"]):
            assert row["unit"] == "bits", f"{argument} is listed without its unit"
