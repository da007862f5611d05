"""Terms of the glossary as pop-ups: a button with the definition, by mouse, touch or keyboard.

The browser's own popover does the work, so there is no script, and Escape closes it. Elsewhere than on
the site, a term is a link to the glossary, as Sphinx makes it.
"""

from __future__ import annotations

import html
from itertools import count

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = "book/notation"


def _definitions(app: Sphinx) -> dict[str, list[nodes.Node]]:
    """Return the words of each definition by the anchor of its term."""
    if GLOSSARY not in app.env.found_docs:
        return {}
    found = {}
    for item in app.env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        paragraph = next(iter(item.findall(nodes.paragraph)), None)
        for term in item.findall(nodes.term):
            if paragraph is not None and term["ids"]:
                found[term["ids"][0]] = paragraph.children
    return found


def _raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def _make_pop_ups(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.name != "html" or docname == GLOSSARY:
        return
    links = [link for link in doctree.findall(nodes.reference) if "#term-" in link.get("refuri", "")]
    known, number = _definitions(app) if links else {}, count(1)
    for link in links:
        where = link["refuri"]
        definition = known.get(where.split("#")[1])
        if definition is None:
            continue
        name, shown = f"cdot-term-{next(number)}", html.escape(link.astext())
        pieces = [
            _raw(f'<button type="button" class="cdot-term" popovertarget="{name}">{shown}</button>'),
            _raw(f'<span class="cdot-definition" id="{name}" popover>'),
            *(child.deepcopy() for child in definition),
            _raw(f' <a href="{html.escape(where)}">Glossary</a></span>'),
        ]
        link.replace_self(pieces)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the pop-ups."""
    app.connect("doctree-resolved", _make_pop_ups)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
