"""The browser that prints the book and tests its pages: the system's Chromium, installed if missing.

Playwright would download a browser of its own; the one of the distribution is enough, is kept up to
date by it, and comes from a source that the machine trusts already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from tools.project import alone

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

__all__ = ["BrowserMissing", "chromium", "launch"]

#: Tried in this order; chromium-browser comes last, because Ubuntu's is a stub that asks for snap.
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")

#: Chromium and fonts that have the letters of the book: Latin, Greek, mathematical signs.
PACKAGES = ("chromium", "fonts-liberation", "fonts-dejavu-core")

#: No sandbox, because containers and root have none, and the pages are our own. No services that call
#: home, and no name of another machine resolves: a page that asks for something outside fails to get it.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class BrowserMissing(Exception):
    """There is no Chromium and none could be installed; the message says what to do."""


def chromium() -> str:
    """Return the path of a Chromium, installing the distribution's if there is none.

    The environment variable CDOT_CHROMIUM names one that lies elsewhere.

    Raises
    ------
    BrowserMissing
        If there is none, and this is not a Debian where this user may install packages.
    """
    found = _find()
    if found is None:
        # Two processes may find it missing at the same time; the second finds what the first brought.
        with alone("chromium"):
            found = _find() or _install()
    return found


def launch(playwright: Playwright) -> Browser:
    """Start the browser, headless."""
    return playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))


def _find() -> str | None:
    named = os.environ.get("CDOT_CHROMIUM")
    if named:
        path = shutil.which(named)
        if path is None:
            raise BrowserMissing(f"CDOT_CHROMIUM = {named!r}: must be an executable browser; correct it or unset it")
        return path
    return next(filter(None, map(shutil.which, NAMES)), None)


def _install() -> str:
    """Install the packages with apt-get, as root or by a sudo that asks for no password."""
    advice = (
        f"Install it (Debian: apt-get install {' '.join(PACKAGES)}; elsewhere Chromium or Google Chrome), "
        "or name it in the environment variable CDOT_CHROMIUM"
    )
    if shutil.which("apt-get") is None:
        raise BrowserMissing(f"There is no Chromium, and no apt-get to install it with. {advice}.")
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and shutil.which("sudo") is None:
        raise BrowserMissing(f"There is no Chromium, and only root may install it. {advice}.")
    print(f"Installing {', '.join(PACKAGES)} with apt-get, once for this machine ...", flush=True)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *PACKAGES]):
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode != 0:
            end = "\n".join(result.stdout.splitlines()[-15:])
            raise BrowserMissing(
                f"There is no Chromium, and apt-get could not install it. {advice}. apt-get said:\n{end}"
            )
    found = _find()
    if found is None:
        raise BrowserMissing(
            f"apt-get installed {', '.join(PACKAGES)}, and none of {', '.join(NAMES)} is on the PATH. {advice}."
        )
    return found
