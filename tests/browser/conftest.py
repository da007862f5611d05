"""The browser, a server of the built site, and someone who opens its pages.

The browser lives as long as the tests of this folder run in a process, and no longer: while it is
there, its event loop is, and tests of other folders could not run theirs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visits import Visitor
from tools.build_book import Built
from tools.chromium import launch


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="package")
def server(site: Built) -> Iterator[str]:
    """The built site over http: its address, without a slash at the end."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site.folder))) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()


@pytest.fixture(scope="package")
def visitor(browser: Browser, site: Built, server: str) -> Visitor:
    """Opens pages: ``with visitor.open("book/bernoulli.html", Combination("file")) as visit: ...``."""
    return Visitor(browser, site.folder, server)
