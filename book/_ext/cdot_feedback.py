"""Ways to say that something is wrong, at the foot of every page, filled in with what page it is."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import urlencode

from sphinx.application import Sphinx

from tools.project import address, pages

#: The forms in .github/ISSUE_TEMPLATE, and how their links read.
FORMS = {"mathematics": "in the mathematics", "text": "in the text", "software": "in the software"}

#: Pages that are written by a tool, and where what they say really comes from.
WRITTEN_FROM = {"claims": "cdot_lib/claims", "api": "cdot_lib"}


def report_address(form: str, slug: str, title: str) -> str:
    """Return the address of a form, with the fields ``page`` and ``title`` filled in."""
    asked = {"template": f"{form}.yml", "title": f"{title}: ", "page": address().page(slug)}
    return f"{address().repository}/issues/new?{urlencode(asked)}"


def edit_address(slug: str) -> str:
    """Return where the text of a page can be changed."""
    where = address()
    source = WRITTEN_FROM.get(slug) or (WRITTEN_FROM["api"] if slug.startswith("api-") else None)
    if source:
        return f"{where.repository}/tree/{where.branch}/{source}"
    return f"{where.repository}/edit/{where.branch}/book/{slug}.md"


def _add_links(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    page = next((page for page in pages() if page.docname == pagename), None)
    if page is None or app.builder.name != "html":
        return
    title = app.env.titles[pagename].astext()
    links = [
        f'<a href="{html.escape(report_address(form, page.slug, title))}">{words}</a>' for form, words in FORMS.items()
    ]
    context["body"] += (
        '<aside class="cdot-feedback" aria-label="Feedback"><p>'
        f"Report an error: {', '.join(links[:-1])} or {links[-1]}."
        f' <a href="{html.escape(edit_address(page.slug))}">Suggest an edit</a> of this page.</p></aside>\n'
    )
    for group in context["header_buttons"]:
        for button in group.get("buttons", []):
            if button.get("label") == "source-issues-button":
                button["url"] = report_address("text", page.slug, title)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the links."""
    app.connect("html-page-context", _add_links, priority=600)  # after the theme's own buttons
    return {"parallel_read_safe": True, "parallel_write_safe": True}
