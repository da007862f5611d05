"""The builder of the pages that the PDF is made from: as HTML, but explorers come as pictures.

It has a name of its own, so that nb_mime_priority_overrides in _config.yml can tell print from screen.
Sphinx's singlehtml will not do: on its one page the ids of the chapters collide, and links with them.
"""

from __future__ import annotations

from myst_nb.core.render import base_render_priority
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config


class PrintBuilder(StandaloneHTMLBuilder):
    """HTML pages without a search, to be put together by tools/print_page.py."""

    name = "print"
    epilog = "The pages for print are in %(outdir)s."
    search = False
    copysource = False


def _show_as_html_does(app: Sphinx, config: Config) -> None:
    # Of several forms of an output MyST-NB takes the one its builder likes best, and knows no liking of ours.
    as_html = [[PrintBuilder.name, mime, rank] for mime, rank in base_render_priority()["html"].items()]
    config.nb_mime_priority_overrides = [*as_html, *config.nb_mime_priority_overrides]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the builder."""
    app.add_builder(PrintBuilder)
    app.connect("config-inited", _show_as_html_does, priority=100)  # before MyST-NB reads it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
