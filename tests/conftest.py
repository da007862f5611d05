"""What tests of several folders share: the built site; and what the browser found, in a few lines."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tools.build_book import Built, build
from tools.project import BUILD, alone

#: A run of the tests is repeatable; ``CDOT_HYPOTHESIS=explore`` draws new examples each time.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("CDOT_HYPOTHESIS") or "repeatable")

#: What takes longest comes first, so that no process is left alone with it at the end.
LONG = (
    "tests/book/test_versions.py",
    "tests/book/test_site.py",
    "tests/browser/",
    "tests/book/test_build_robustness.py",
    "tests/training/",
    "tests/book/test_wheel.py",
    "tests/book/test_bundle.py",
    "tests/book/test_print.py",
    "tests/claims/",
)

#: The profile in which the tests' site trains networks.
TRAINING = "smoke"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first; ``--no-loadscope-reorder`` keeps them there."""

    def place(item: pytest.Item) -> int:
        return next((at for at, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG))

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _settings_end_with_the_test() -> Iterator[None]:
    """Put the project's environment variables back: a command line sets the profile for the processes that it starts."""
    before = {name: value for name, value in os.environ.items() if name.startswith("CDOT_")}
    yield
    for name in [name for name in os.environ if name.startswith("CDOT_") and name not in before]:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def site_for_print(site: Built) -> Path:
    """The pages for print, of the same outputs; what Sphinx has read for the site it does not read again."""
    folder = site.folder.parent
    with alone(f"{folder.name}-print"):
        return build(folder / "print", strict=True, builder="print", training=TRAINING, work=folder / "work").folder


@pytest.fixture(scope="session")
def site(testrun_uid: str) -> Built:
    """The whole book, built with warnings as errors, in the profile of the environment.

    Chapters that train do so in the profile smoke: `make book` has them in its own. It is built once for
    all processes of a run, in a folder that no other run touches; a later ``make book`` clears it away.
    """
    folder = BUILD / f"aside-test-{testrun_uid[:12]}"
    record = folder / "built.pickle"
    with alone(folder.name):
        if not record.exists():
            built = build(folder / "html", strict=True, training=TRAINING, work=folder / "work")
            record.write_bytes(pickle.dumps(built))
    return pickle.loads(record.read_bytes())


def _merged(kind: str) -> dict[str, dict[str, Any]]:
    """Return what the browser tests wrote about the pages: combination -> page -> findings."""
    parts = {
        path.stem.removeprefix(f"{kind}-"): json.loads(path.read_text())
        for path in (BUILD / "browser").glob(f"{kind}-*.json")
    }
    return {how: part for how, part in sorted(parts.items()) if part}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what axe-core found and what the pages weigh, where the tests that ask ran."""
    if hasattr(config, "workerinput") or not any("test_every_page" in name for name in _ran(terminalreporter)):
        return
    terminalreporter.section("pages in the browser")
    axe, weights = _merged("axe"), _merged("weights")
    (BUILD / "axe.json").write_text(json.dumps(axe, indent=1))
    (BUILD / "weights.json").write_text(json.dumps(weights, indent=1))
    rules: dict[tuple[str, str], int] = {}
    for part in axe.values():
        for violation in (item for page in part.values() for item in page):
            key = (violation["impact"], violation["rule"])
            rules[key] = rules.get(key, 0) + len(violation["places"])
    for (impact, rule), places in sorted(rules.items()):
        terminalreporter.line(f"axe: {impact}: {rule}: {places} places (_build/axe.json)")
    for how, part in weights.items():
        heavy = max(part.items(), key=lambda item: item[1]["megabytes"])
        slow = max(part.items(), key=lambda item: item[1]["seconds_to_load"])
        terminalreporter.line(
            f"{how}: {len(part)} pages; heaviest {heavy[0]} {heavy[1]['megabytes']:.2f} MB; slowest {slow[0]} "
            f"{slow[1]['seconds_to_load']:.2f} s, {slow[1]['processor_seconds']:.2f} s of processor (_build/weights.json)"
        )


def _ran(terminalreporter: pytest.TerminalReporter) -> set[str]:
    reports = (report for group in terminalreporter.stats.values() for report in group)
    return {getattr(report, "nodeid", "") for report in reports}
