"""The status page, and the line at the end of a chapter that says when and on what it was executed."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools.status import records

STATUS = "book/status"


def _report(app: Sphinx) -> dict[str, Any]:
    """Return what the build knows of its chapters; empty if Sphinx was started by hand."""
    if not app.config.cdot_report:
        return {"chapters": {}}
    return json.loads(Path(app.config.cdot_report).read_text(encoding="utf8"))


def _when(moment: str) -> str:
    return datetime.datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M UTC")


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f}\u00a0s" if seconds >= 9.5 else f"{seconds:.1f}\u00a0s"


def _page(docname: str, *, here: str, text: str = "") -> nodes.Node:
    """Return a reference from the page `here` to another, with its title unless a text is given."""
    reference = addnodes.pending_xref(
        "", refdomain="std", reftype="doc", reftarget=f"/{docname}", refdoc=here, refexplicit=bool(text), refwarn=True
    )
    reference += nodes.inline("", text, classes=["xref", "std", "std-doc"])
    return reference


def _cell(content: str | nodes.Node) -> nodes.entry:
    paragraph = nodes.paragraph()
    paragraph += nodes.Text(content) if isinstance(content, str) else content
    return nodes.entry("", paragraph)


def _table(head: Sequence[str], rows: Iterable[Sequence[str | nodes.Node]]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += nodes.thead("", nodes.row("", *map(_cell, head)))
    group += nodes.tbody("", *(nodes.row("", *map(_cell, row)) for row in rows))
    return nodes.table("", group, classes=["cdot-status"])


def _code(text: str) -> nodes.Node:
    return nodes.literal("", text)


class Status(SphinxDirective):
    """``{cdot-status} build | chapters | software | records | claims``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        parts = {
            "build": self._build,
            "chapters": self._chapters,
            "software": self._software,
            "records": self._records,
            "claims": self._claims,
        }
        if self.arguments[0] not in parts:
            raise self.error(f"cdot-status {self.arguments[0]!r}: must be one of {', '.join(parts)}")
        return parts[self.arguments[0]](_report(self.env.app))

    def _build(self, report: dict[str, Any]) -> list[nodes.Node]:
        if "built" not in report:
            return [nodes.paragraph("", "Not built by tools/build_book.py, so nothing is known of the execution.")]
        commit = report["commit"]
        source = f"commit {commit}" if commit else "files that no git repository holds"
        return [nodes.paragraph("", f"Built {_when(report['built'])}, profile {report['profile']}, from {source}.")]

    def _chapters(self, report: dict[str, Any]) -> list[nodes.Node]:
        head = ["Page", "Executed", "Took", "Profile", "Device", "Library", "Everything"]
        rows = [
            [
                _page(f"book/{slug}", here=self.env.docname),
                _when(row["at"]),
                _seconds(row["seconds"]),
                row["profile"],
                row["device"],
                _code(row["library"][:10]),
                _code(row["digest"][:10]),
            ]
            for slug, row in report["chapters"].items()
        ]
        return [_table(head, rows)] if rows else []

    def _software(self, report: dict[str, Any]) -> list[nodes.Node]:
        users: dict[tuple[str, str], int] = {}
        for row in report["chapters"].values():
            for package in [("Python", row["python"]), *row["packages"].items()]:
                users[package] = users.get(package, 0) + 1
        rows = [[name, version, str(count)] for (name, version), count in users.items()]
        return [_table(["Package", "Version", "Pages executed with it"], rows)] if rows else []

    def _records(self, report: dict[str, Any]) -> list[nodes.Node]:
        return [_record(found) for found in records()]

    def _claims(self, report: dict[str, Any]) -> list[nodes.Node]:
        if "claims" not in report:
            return []
        n = report["claims"]
        text = f"{n['claims']} claims with {n['checks']} checks and {n['mutants']} mutants, run by the page "
        paragraph = nodes.paragraph("", text)
        paragraph += [_page("book/claims", here=self.env.docname), nodes.Text(".")]
        return [paragraph]


def _record(found: dict[str, Any]) -> nodes.table:
    state = "stale: the code has changed since" if found["stale"] else "fresh: made by the code of today"
    data, rates = found["data"], ", ".join(map(str, found["rates"]))
    codecs = f"{found['runs']}, at {rates} bits an image; the plain ones took {found['steps']:,} steps; "
    codecs += f"seeds {', '.join(map(str, found['seeds']))}; {found['seconds'] / 3600:.1f} hours of training in all"
    kept = ", ".join(found["kept"]) or "none"
    rows = [
        ["State", state],
        ["Made on", f"{found['made_on']}, {found['device']}, torch {found['torch']}"],
        ["Code", _code(found["code"])],
        ["Code of today", _code(found["code_now"])],
        ["Degradation", found["degradation"]],
        ["Trained on", f"{data['train']}, digest {data['train_digest']}"],
        ["Measured on", f"{data['test']}, digest {data['test_digest']}"],
        ["Codecs", codecs],
        ["Weights kept", f"{kept}; {found['megabytes']:.1f} MB with the classifiers"],
    ]
    if "pretrain" in data:
        rows.insert(6, ["Rendered for the first steps", f"{data['pretrain']}, digest {data['pretrain_digest']}"])
    return _table(["Record", found["name"]], rows)


def _say_when_executed(app: Sphinx, doctree: nodes.document) -> None:
    """Add the line to a chapter's end, for every builder."""
    docname = app.env.docname
    row = _report(app)["chapters"].get(docname.removeprefix("book/"))
    if row is None or STATUS not in app.env.found_docs:
        return
    paragraph = nodes.paragraph()
    paragraph += _page(STATUS, here=docname, text=f"Executed {_when(row['at'])}")
    paragraph += nodes.Text(
        f" in {_seconds(row['seconds'])} · profile {row['profile']} · {row['device']} · library {row['library'][:8]}"
    )
    next(doctree.findall(nodes.section)).append(nodes.container("", paragraph, classes=["cdot-executed"]))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and the line."""
    app.add_config_value("cdot_report", "", "", [str])
    app.add_directive("cdot-status", Status)
    app.connect("doctree-read", _say_when_executed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
