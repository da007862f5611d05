"""Small repairs, so that Jupyter Book 1.x makes pages that need neither a network nor a kernel."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def _strip_thebe(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    # Jupyter Book always loads sphinx_thebe, whose inline script arrives twice (an error in the
    # console of every page) and names a CDN.
    context["script_files"] = [
        script
        for script in context.get("script_files", [])
        if "THEBE_JS_URL" not in (getattr(script, "attributes", {}).get("body") or "")
        and "sphinx-thebe" not in str(getattr(script, "filename", script))
    ]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the repairs."""
    app.connect("html-page-context", _strip_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
