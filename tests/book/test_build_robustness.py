"""A build that fails, is killed, or meets another one leaves a whole site behind."""

from __future__ import annotations

import signal
import time

import pytest

from tests.book.small_project import SmallProject


def test_failure_names_chapter_and_line_and_keeps_the_old_site(small_project: SmallProject) -> None:
    first = small_project.build()
    assert first.returncode == 0, first.stderr
    assert "2 executed now" in first.stdout
    before = small_project.contents()

    small_project.chapter("two", "x = 1\nraise RuntimeError('on purpose')")
    second = small_project.build()
    assert second.returncode == 1
    assert "chapter two, code cell 1, book/two.md:15" in second.stderr
    assert "on purpose" in second.stderr
    assert small_project.contents() == before

    small_project.chapter("two", "print('mended')")
    third = small_project.build()
    assert third.returncode == 0, third.stderr
    assert "1 executed now, 1 unchanged" in third.stdout
    assert small_project.contents() != before


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("from cdot_lib.information import h_b\n\nh_b(2.0)", 16),
        (":tags: [hide-input]\n\nx = 1\ny = (", 17),
        ("---\ntags: [hide-input]\n---\nx = 1\n1 / 0", 18),
    ],
    ids=["in the library", "syntax", "after options"],
)
def test_failure_names_the_line_of_the_chapter(small_project: SmallProject, code: str, line: int) -> None:
    small_project.chapter("two", code)
    failed = small_project.build()
    assert failed.returncode == 1
    assert f"chapter two, code cell 1, book/two.md:{line}\n" in failed.stderr


def test_warning_is_an_error_and_keeps_the_old_site(small_project: SmallProject) -> None:
    assert small_project.build().returncode == 0
    before = small_project.contents()
    path = small_project.root / "book" / "two.md"
    path.write_text(path.read_text() + "\n![no such picture](nowhere.png)\n")
    failed = small_project.build()
    assert failed.returncode == 1
    assert "nowhere.png" in failed.stderr
    assert small_project.contents() == before


def test_only_what_depends_on_an_edit_is_executed_again(small_project: SmallProject) -> None:
    assert "2 executed now" in small_project.build().stdout
    assert "0 executed now" in small_project.build().stdout

    information = small_project.root / "cdot_lib" / "information.py"
    information.write_text(information.read_text() + "\n# an edit\n")
    again = small_project.build()
    assert "executed  two" in again.stdout and "executed  one" not in again.stdout

    path = small_project.root / "book" / "one.md"
    path.write_text(path.read_text() + "\nMore prose, the same code.\n")
    again = small_project.build()
    assert "0 executed now" in again.stdout
    assert b"More prose" in small_project.contents()["book/one.html"]

    assert "2 executed now" in small_project.build(CDOT_PROFILE="smoke").stdout
    assert "0 executed now" in small_project.build(CDOT_PROFILE="quick").stdout


@pytest.mark.parametrize(
    ("by", "moment"),
    [(signal.SIGKILL, "executing two"), (signal.SIGINT, "executing two"), (signal.SIGINT, "executed  two")],
    ids=["killed in a chapter", "interrupted in a chapter", "interrupted in Sphinx"],
)
def test_build_that_is_broken_off_can_be_run_again(
    small_project: SmallProject, by: signal.Signals, moment: str
) -> None:
    assert small_project.build().returncode == 0
    before = small_project.contents()
    small_project.chapter("two", "import time\ntime.sleep(3)\nprint('slow')")
    process = small_project.start()
    for line in process.stdout:
        if moment in line:
            break
    time.sleep(1)
    process.send_signal(by)
    _, said = process.communicate(timeout=20)
    assert process.returncode != 0
    if by == signal.SIGINT:
        assert "Interrupted: the book that was there is as it was" in said and "Traceback" not in said
    assert small_project.contents() == before

    again = small_project.build()
    assert again.returncode == 0, again.stderr
    assert f"{int('executing' in moment)} executed now" in again.stdout
    assert b"slow" in small_project.contents()["book/two.html"]


def test_two_builds_at_once(small_project: SmallProject) -> None:
    both = [small_project.start(), small_project.start()]
    results = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], results
    assert "book/two.html" in small_project.contents()
    # The second waited for the first, and found its outputs in store.
    assert sorted(output.count("executed  ") for output, _ in results) == [0, 2]


def test_missing_registry_is_explained(small_project: SmallProject) -> None:
    cache = small_project.root / ".cache" / "web"
    for folder in cache.iterdir():
        folder.rename(folder.with_name("elsewhere"))
    failed = small_project.build(
        npm_config_registry="http://127.0.0.1:9/",
        npm_config_fetch_retries="0",
        npm_config_cache=str(small_project.root / "npm-cache"),
    )
    assert failed.returncode == 1
    assert "npm could not fetch the scripts of the pages" in failed.stderr
    assert not (small_project.root / "_build" / "html").exists()
    assert [path.name for path in cache.iterdir()] == ["elsewhere"]


def test_figure_without_alternative_text_fails_the_build(small_project: SmallProject) -> None:
    draw = "import matplotlib.pyplot as plt\n_ = plt.plot([0, 1])"
    small_project.chapter("two", draw)
    failed = small_project.build()
    assert failed.returncode == 1
    assert "chapter two, code cell 1, book/two.md:14: a figure without alternative text" in failed.stderr
    assert not (small_project.root / "_build" / "html").exists()

    small_project.chapter("two", f"---\nmystnb:\n  image:\n    alt: A line that rises\n---\n{draw}")
    mended = small_project.build()
    assert mended.returncode == 0, mended.stderr
    assert b'alt="A line that rises"' in small_project.contents()["book/two.html"]

    path = small_project.root / "book" / "two.md"
    whole = path.read_text()
    for picture, remedy in (("![](line.png)", "between"), ("```{image} line.png\n:width: 50%\n```", ":alt:")):
        path.write_text(f"{whole}\n{picture}\n")
        failed = small_project.build()
        assert failed.returncode == 1
        assert f"book/two.md:{len(whole.splitlines()) + 2}: a picture without" in failed.stderr
        assert remedy in failed.stderr
