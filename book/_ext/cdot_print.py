"""The builder of the pages that the PDF is made from: as HTML, but explorers come as pictures.

It has a name of its own, so that nb_mime_priority_overrides in _config.yml can tell print from screen.
Sphinx's singlehtml will not do: on its one page the ids of the chapters collide, and links with them.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder


class PrintBuilder(StandaloneHTMLBuilder):
    """HTML pages without a search, to be put together by tools/print_page.py."""

    name = "print"
    epilog = "The pages for print are in %(outdir)s."
    search = False
    copysource = False


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the builder."""
    app.add_builder(PrintBuilder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
