"""Open a page of the built site and write down all that happens while it loads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlparse

from playwright.sync_api import Browser, Page

__all__ = ["COMBINATIONS", "Combination", "Visit", "Visitor", "html_pages"]

#: Notes when the last formula stands. Runs in every page before its own scripts.
WATCH = """addEventListener("load", () => Promise.resolve(window.MathJax?.startup?.promise)
  .then(() => { window.cdotTypeset = performance.now(); }))"""

SIZES = {"wide": (1280, 900), "phone": (390, 844)}


@dataclass(frozen=True)
class Combination:
    """How a page is opened: ``http`` or ``file``, ``wide`` or ``phone``, ``light`` or ``dark``."""

    scheme: str = "http"
    size: str = "wide"
    mode: str = "light"

    @property
    def name(self) -> str:
        """For file names and messages."""
        return f"{self.scheme}-{self.size}-{self.mode}"


#: Four of the eight, so that every two settings of different kinds meet once: a fault that needs two
#: of them together (dark on a phone, wide from a file) shows, at half of the time.
COMBINATIONS = (
    Combination("http", "wide", "light"),
    Combination("http", "phone", "dark"),
    Combination("file", "wide", "dark"),
    Combination("file", "phone", "light"),
)


@dataclass(frozen=True)
class Times:
    """Seconds from the request to the load event and to the last formula; processor time of the page."""

    load: float
    typeset: float
    processor: float

    @property
    def counted(self) -> float:
        """The time to load, or the processor time, whichever is less."""
        return min(self.load, self.processor)


@dataclass
class Visit:
    """An open page, and what went wrong with it so far.

    Attributes
    ----------
    page : Page
        Playwright's.
    url, path : str
        Its address; where it lies below the site, after any redirection.
    complaints : list of str
        Messages on the console, errors of scripts, requests that failed or went outside.
    requests : list of str
        Everything it asked for.
    times : Times
        How long it took to load.
    """

    page: Page
    url: str
    path: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    times: Times | None = None

    def typeset(self) -> None:
        """Wait until MathJax has set the page, where the page has it."""
        # By polling, because a page that sends its reader on takes a script that waits with it.
        self.page.wait_for_function("() => window.cdotTypeset && !document.querySelector('meta[http-equiv=refresh]')")


def html_pages(folder: Path) -> list[str]:
    """Return every HTML page of a built site, as paths below it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html") if "_static" not in path.parts)


class Visitor:
    """Opens pages of one site, over http from `server` or from `folder`."""

    def __init__(self, browser: Browser, folder: Path, server: str) -> None:
        self._browser = browser
        self._folder = folder
        self._server = server
        self._session = browser.new_browser_cdp_session()

    def url(self, path: str, scheme: str) -> str:
        """Return the address of a page, for example ``book/index.html`` or ``search.html?q=dice``."""
        return f"{self._server if scheme == 'http' else self._folder.as_uri()}/{path}"

    @contextmanager
    def open(self, path: str, how: Combination = COMBINATIONS[0], *, formulas: bool = True) -> Iterator[Visit]:
        """Open a page in a profile of its own, wait until it is loaded and typeset, close it at the end.

        Without `formulas` MathJax comes as an empty file: what a test does not look at need not be typeset.
        """
        width, height = SIZES[how.size]
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=how.mode,
            has_touch=how.size == "phone",
            # Nothing moves: a picture is the same each time, and nothing is waited for.
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"] if how.scheme == "http" else [],
        )
        context.add_init_script(WATCH)
        if not formulas:
            context.route("**/vendor/mathjax/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
        try:
            visit = Visit(context.new_page(), self.url(path, how.scheme), path)
            self._listen(visit)
            before = self._processor_seconds()
            visit.page.goto(visit.url, wait_until="load")
            spent = self._processor_seconds() - before
            visit.typeset()
            load, typeset = visit.page.evaluate(
                "() => [performance.getEntriesByType('navigation')[0].loadEventEnd, window.cdotTypeset]"
            )
            visit.times = Times(load / 1000, typeset / 1000, spent)
            visit.path = self._below(visit.page.url)
            yield visit
        finally:
            context.close()

    def _processor_seconds(self) -> float:
        """Return what the processes that render pages have used so far."""
        processes = self._session.send("SystemInfo.getProcessInfo")["processInfo"]
        return sum(item["cpuTime"] for item in processes if item["type"] == "renderer")

    def _below(self, url: str) -> str:
        """Return the path of an address below the site."""
        return unquote(urlparse(url).path).removeprefix(str(self._folder)).lstrip("/")

    def _listen(self, visit: Visit) -> None:
        own = urlparse(self._server).netloc

        def asked(url: str) -> None:
            visit.requests.append(url)
            parts = urlparse(url)
            if not (parts.scheme in ("data", "blob", "file") or parts.netloc == own):
                visit.complaints.append(f"asks for something outside: {url}")

        page, say = visit.page, visit.complaints.append
        page.on("console", lambda message: message.type in ("error", "warning") and say(f"console: {message.text}"))
        page.on("pageerror", lambda error: say(f"script error: {error}"))
        page.on("request", lambda request: asked(request.url))
        page.on("requestfailed", lambda request: say(f"request failed: {request.url} ({request.failure})"))
        page.on(
            "response", lambda response: response.status >= 400 and say(f"status {response.status}: {response.url}")
        )

    def weight(self, visit: Visit) -> dict[str, int]:
        """Return the bytes of every file that a page has loaded."""
        below = {self._below(url) for url in visit.requests if urlparse(url).scheme in ("http", "file")}
        return {path: (self._folder / path).stat().st_size for path in sorted(below)}
