"""What tests of several folders share: the built site."""

from __future__ import annotations

import pickle

import pytest

from tools.build_book import Built, build
from tools.project import BUILD, alone


@pytest.fixture(scope="session")
def site(testrun_uid: str) -> Built:
    """The whole book, built with warnings as errors, in the profile of the environment.

    It is built once for all processes of a run, in a folder that no other run touches; a later
    ``make book`` clears it away.
    """
    folder = BUILD / f"aside-test-{testrun_uid[:12]}"
    record = folder / "built.pickle"
    with alone(folder.name):
        if not record.exists():
            built = build(folder / "html", strict=True)
            record.write_bytes(pickle.dumps(built))
    return pickle.loads(record.read_bytes())
