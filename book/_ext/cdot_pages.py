"""Finish the HTML pages: lighter, and better for readers who do not see them or have no mouse.

Theme and extensions write markup that no setting of theirs changes. What is mended here is listed
below, each with its reason; a mend that every page needs and that no page matches any more is an
error, because then the theme has changed and the list wants a look.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError


def _parameter(tag: re.Match[str]) -> str:
    return "</div>" if tag[1] else '<div class="cdot-parameter">'


#: Pattern, what replaces it, and whether every site has it.
MENDS: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str], bool]] = [
    # 1.5 MB of script that turns icons into pictures. The theme's style sheet has them as a font too.
    (re.compile(r'<script defer src="[^"]*/fontawesome\.js[^"]*"></script>'), "", True),
    # The index of all words, on every page, for a search while typing that the theme leaves off; the
    # search page brings its own.
    (
        re.compile(
            r'<script src="(?!searchtools)[^"]*(?:_static/searchtools|_static/language_data|searchindex)\.js"></script>'
        ),
        "",
        True,
    ),
    # The title of the book stands outside all landmarks.
    (
        re.compile(r'<div id="pst-primary-sidebar" class='),
        r'<div id="pst-primary-sidebar" role="complementary" aria-label="Contents of the book" class=',
        True,
    ),
    # Names that hide the text that is there, so that "click Search Ctrl K" by voice finds nothing.
    (re.compile(r'(<button class="btn search-button-field[^>]*) aria-label="Search"'), r"\1", True),
    (re.compile(r'<summary aria-label="Toggle hidden content">'), "<summary>", False),
    # A font of trade marks, 0.1 MB, for this one.
    (re.compile(r'class="fab fa-github"'), 'class="fas fa-code-branch"', True),
    # A button of the contents without a name.
    (re.compile(r'<summary>(?=<span class="toctree-toggle")'), '<summary aria-label="Show or hide the parts">', False),
    # A signature over several lines: a list of definitions of nothing.
    (
        re.compile(r'<dl>\s*((?:<dd><em class="sig-param".*?</dd>\s*)+)</dl>', re.DOTALL),
        lambda match: f"<div>{re.sub('<(/?)dd>', _parameter, match[1])}</div>",
        False,
    ),
    # American.
    (
        re.compile(r'aria-label="Color mode" data-bs-title="Color mode"'),
        'aria-label="Colour mode" data-bs-title="Colour mode"',
        True,
    ),
    # A role that is out of use, in a list that may only have list items.
    (re.compile(r'(<div class="citation" id="[^"]*") role="doc-biblioentry"'), r'\1 role="listitem"', False),
    (re.compile(r' role="doc-backlink"'), "", False),
    # One id on many boxes, which nothing refers to.
    (re.compile(r'(<section) id="(?:exercise|solution|proof)-content"'), r"\1", False),
    (re.compile(r'(<div class="proof admonition") id="proof"'), r"\1", False),
    # The corner of a table is no heading.
    (re.compile(r'<th class="head">\s*(?:<p>\s*</p>)?\s*</th>'), '<td class="head"></td>', False),
]

#: The search page loads these for itself.
SEARCH = "search.html"

#: A palette of 256 colours is taken where all but one in 1,000 pixels (edges of letters and lines) change by
#: no more than this, of 255, in any channel, and all of them by a step or so on average. Photographs do not pass.
UNSEEN, ON_AVERAGE = 16, 1.5


def mended(text: str, name: str, found: set[int]) -> str:
    """Return a page with all mends made, and add the numbers of those that matched to `found`."""
    for number, (pattern, replacement, _) in enumerate(MENDS):
        if number == 1 and name == SEARCH:
            continue
        text, count = pattern.subn(replacement, text)
        if count:
            found.add(number)
    return text


def with_palette(picture: Image.Image) -> Image.Image:
    """Return an RGB picture in at most 256 colours.

    They are found from each colour as often as it occurs, divided by 16: Pillow looks at every pixel again and again,
    and a figure has a million of them in a few thousand colours.
    """
    channels = np.asarray(picture, dtype=np.uint32)
    pixels = channels[..., 0] << 16 | channels[..., 1] << 8 | channels[..., 2]
    colours, counts = np.unique(pixels, return_counts=True)
    times = -(-counts // 16)
    sample = np.repeat(colours, times)
    sample = np.concatenate([sample, np.full(-sample.size % 1024, sample[-1])]).reshape(-1, 1024)
    shown = np.stack([sample >> 16, sample >> 8 & 255, sample & 255], axis=-1).astype(np.uint8)
    few = Image.fromarray(shown).quantize(256, kmeans=2, dither=Image.Dither.NONE)
    numbers = np.zeros(2**24, dtype=np.uint8)
    numbers[colours] = np.asarray(few).reshape(-1)[np.cumsum(times) - times]
    made = Image.fromarray(numbers[pixels])
    made.putpalette(few.getpalette())  # and with that it is a picture of mode P
    return made


def lighter(data: bytes) -> bytes:
    """Return a PNG with the same pixels, as far as an eye can tell, in fewer bytes.

    matplotlib writes 32 bits a pixel. Nearly every figure has few colours and their blends at edges.
    """
    picture = Image.open(BytesIO(data)).convert("RGBA")
    if picture.getextrema()[3] == (255, 255):
        picture = picture.convert("RGB")
        palette = with_palette(picture)
        change = np.abs(np.asarray(palette.convert("RGB"), dtype=np.int16) - np.asarray(picture, dtype=np.int16))
        most = change.max(axis=2).astype(np.float64)
        if np.mean(most > UNSEEN) <= 1e-3 and np.sqrt(np.mean(most**2)) <= ON_AVERAGE:
            picture = palette
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    return min(data, written.getvalue(), key=len)


def _contents_once(
    made: dict[Any, str], app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Make the contents at the side once for all pages of a folder that the contents do not name.

    Such are the listings of the library, well over a hundred, and the contents took most of their time.
    """
    if pagename in app.env.all_docs:
        return
    make = context["toctree"]

    def contents(**options: Any) -> str:
        key = (posixpath.dirname(pagename), *sorted(options.items()))
        if key not in made:
            made[key] = make(**options)
        return made[key]

    context["toctree"] = contents


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    found: set[int] = set()
    for path in sorted(folder.rglob("*.html")):
        if "_static" not in path.relative_to(folder).parts:
            text = path.read_text(encoding="utf8")
            if "bd-article" in text:  # and not a page that only sends its reader on
                path.write_text(mended(text, path.name, found), encoding="utf8")
            elif path == folder / "index.html":
                # It only sends its reader on, but a browser asks for an icon first. An empty one is not
                # fetched: a fetch would be cut off by the redirect.
                path.write_text(text.rstrip() + '\n<link rel="icon" href="data:,">\n', encoding="utf8")
    missing = [pattern.pattern for number, (pattern, _, always) in enumerate(MENDS) if always and number not in found]
    if missing:
        raise ExtensionError(f"cdot_pages: the theme's markup has changed, nothing matches {missing}; see MENDS")
    for path in sorted((folder / "_images").glob("*.png")):
        path.write_bytes(lighter(path.read_bytes()))


def setup(app: Sphinx) -> dict[str, bool]:
    """Work on the pages as Sphinx writes them, and when it has."""
    app.connect("html-page-context", functools.partial(_contents_once, {}), priority=100)  # before the theme asks
    app.connect("build-finished", _finish, priority=900)  # the page that sends to the first is there by then
    return {"parallel_read_safe": True, "parallel_write_safe": True}
