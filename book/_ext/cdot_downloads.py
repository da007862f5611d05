"""What a reader can take away: the notebook of a page, and the numbers behind its figures.

Both lie in the site, in notebooks/ and figures/, and the links are relative, so that they also work in
a folder on a disk. Only the site has them: a printed page has no use for a download.
"""

from __future__ import annotations

import functools
import html
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from tools.notebooks import notebook_path
from tools.project import address, chapters


@functools.cache
def _with_notebook() -> frozenset[str]:
    """Return the names of the pages that have a notebook; they do not change while Sphinx runs."""
    return frozenset(page.docname for page in chapters())


def _offer_notebook(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the notebook first in the theme's list of downloads."""
    if pagename not in _with_notebook():
        return
    slug = pagename.split("/")[-1]
    button = {
        "type": "link",
        "url": context["pathto"](f"notebooks/{slug}.ipynb", 1),
        "text": ".ipynb",
        "icon": "fas fa-code",
        "tooltip": "Download this page as a notebook",
        "label": "download-notebook-button",
    }
    for group in context["header_buttons"]:
        if group.get("label") == "download-buttons":
            # The theme offers what Jupyter Book made of the source as well, which no reader can tell apart.
            others = [other for other in group["buttons"] if not str(other.get("url", "")).endswith(".ipynb")]
            group["buttons"] = [button, *others]


def _figures(app: Sphinx) -> dict[str, Path]:
    """Return the data of figures that the build laid out, by the name of the figure."""
    folder = app.config.cdot_figures
    return {path.stem: path for path in Path(folder).glob("*.csv")} if folder else {}


def _offer_data(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Add a link to the data to the caption of each figure that has some."""
    if app.builder.name != "html":
        return
    known = _figures(app)
    numbers = app.env.toc_fignumbers.get(docname, {}).get("figure", {})
    for figure in doctree.findall(nodes.figure):
        name = next((name for name in figure["names"] if name in known), None)
        caption = next(iter(figure.findall(nodes.caption)), None)
        if name is None or caption is None:
            continue
        number = next((".".join(map(str, numbers[one])) for one in figure["ids"] if one in numbers), name)
        where = "../" * docname.count("/") + f"figures/{name}.csv"
        link = f'<a href="{html.escape(where)}" download>data (CSV)<span class="visually-hidden"> of Fig. {number}</span></a>'
        caption += nodes.raw("", f' <span class="cdot-data">{link}</span>', format="html")


def _lay_out(app: Sphinx, error: Exception | None) -> None:
    """Copy notebooks and data into the site, and the page for addresses that do not exist."""
    if error is not None or app.builder.name != "html":
        return
    site = Path(app.outdir)
    for folder, files in {
        "notebooks": [notebook_path(page) for page in chapters()],
        "figures": _figures(app).values(),
    }.items():
        (site / folder).mkdir(exist_ok=True)
        for path in files:
            shutil.copy(path, site / folder)
    (site / "404.html").write_text(_NOT_FOUND.format(site=address().site), encoding="utf8")


#: A server shows it under whatever address was asked for, so its link must be a full one.
_NOT_FOUND = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Page not found</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ background: Canvas; color: CanvasText; font-family: sans-serif; line-height: 1.5; max-width: 36rem; margin: 15vh auto; padding: 0 1rem; }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>Pages of this book keep their addresses, so the one that you followed may hold a slip.
<a href="{site}/">Go to the first page of the book</a>, which lists all others.</p>
</main>
</body>
</html>
"""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what is offered."""
    app.add_config_value("cdot_figures", "", "", [str])
    app.connect("html-page-context", _offer_notebook, priority=600)  # after the theme's own buttons
    app.connect("doctree-resolved", _offer_data)
    app.connect("build-finished", _lay_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
