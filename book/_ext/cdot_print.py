"""The builder of the pages that the PDF is made from: as HTML, but explorers come as pictures.

It has a name of its own, so that nb_mime_priority_overrides in _config.yml can tell print from screen.
Sphinx's singlehtml will not do: on its one page the ids of the chapters collide, and links with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from myst_nb.core.render import base_render_priority
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config

from tools.print_page import in_print


class PrintBuilder(StandaloneHTMLBuilder):
    """HTML pages to be put together by tools/print_page.py: those that are printed, without what surrounds them."""

    name = "print"
    epilog = "The pages for print are in %(outdir)s."
    search = False
    copysource = False

    def write(
        self, build_docnames: Iterable[str] | None, updated_docnames: Sequence[str], method: str = "update"
    ) -> None:
        """Write the pages that are printed, whichever of them have changed."""
        super().write([page.docname for page in in_print()], [], "specific")

    def add_sidebars(self, pagename: str, ctx: dict[str, Any]) -> None:
        """Leave out the contents of the book: they would be made for each page and thrown away."""
        ctx["sidebars"] = []

    def gen_indices(self) -> None:
        """Leave out the index: what is printed has none."""

    def gen_pages_from_extensions(self) -> None:
        """Leave out the listings of the library."""


def _show_as_html_does(app: Sphinx, config: Config) -> None:
    # Of several forms of an output MyST-NB takes the one its builder likes best, and knows no liking of ours.
    as_html = [[PrintBuilder.name, mime, rank] for mime, rank in base_render_priority()["html"].items()]
    config.nb_mime_priority_overrides = [*as_html, *config.nb_mime_priority_overrides]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the builder."""
    app.add_builder(PrintBuilder)
    app.connect("config-inited", _show_as_html_does, priority=100)  # before MyST-NB reads it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
