"""Bring the scripts of the explorers to the pages that have one, and to no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

#: In the order in which they must run: libraries, what explorers share, the explorers themselves.
COMMON = ("vendor/plot.min.js", "explorers.js")


def _add_scripts(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    pattern = r'class="cdot-explorer" data-explorer="[\w-]+" data-script="([\w-]+)"'
    names = sorted(set(re.findall(pattern, context.get("body") or "")))
    if not names:
        return
    own = [f"explorer-{name}.js" for name in names]
    for script in own:
        if not any((Path(app.srcdir) / folder / script).exists() for folder in app.config.html_static_path):
            LOGGER.warning(
                "the page has an explorer, and its script book/_static/%s is missing", script, location=pagename
            )
    # Deferred scripts run in order, when the page is there, and also where fetch() and modules do not: on file://.
    for script in (*COMMON, *own):
        app.add_js_file(script, loading_method="defer")
    app.add_css_file("explorers.css")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect before the repairs, which replace the list of scripts."""
    app.connect("html-page-context", _add_scripts, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
