"""The reference of the library: docstrings as Sphinx needs them, and links to their source.

The docstrings are written to be read in an editor, in numpydoc's sections; here they are turned into
what Sphinx's own extensions expect.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from pathlib import Path
from typing import Any, TypeVar

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from tools.api_pages import origin
from tools.project import ROOT, address

#: How the extensions below show things.
SETTINGS: dict[str, Any] = {
    "autodoc_member_order": "bysource",
    "autodoc_typehints_format": "short",
    "autodoc_preserve_defaults": True,
    "python_use_unqualified_type_names": True,
    "python_maximum_signature_line_length": 88,
    "toc_object_entries_show_parents": "hide",
    "add_module_names": False,
    "default_role": "literal",  # a name in single quotes is a name, in code
    "viewcode_follow_imported_members": False,  # which would lose the properties
    # What a docstring says of a type is prose, such as "array of float"; the signature has the links.
    "napoleon_use_param": False,
    "napoleon_use_rtype": False,
    "napoleon_custom_sections": [("Attributes", "params_style")],
    # Other libraries' names lead nowhere here: that would need the network.
    "nitpick_ignore_regex": [(r"py:.*", r"(?!cdot_lib\b).*")],
}

#: What NumPy's types become when they are evaluated, and how they were written.
_WRITTEN_AS = [
    (r"~?numpy\.ndarray\[tuple\[~?typing\.Any, \.\.\.\], ~?numpy\.dtype\[(~?numpy\.\w+)\]\]", r"~numpy.typing.NDArray[\1]"),
    (r"~?numpy\._typing\.\S*ArrayLike\S*", "~numpy.typing.ArrayLike"),
]


def _settings(app: Sphinx, config: Config) -> None:
    for name, value in SETTINGS.items():
        config[name] = value


#: In a docstring: formulas and code, which stay as they are, and what else reST would take for markup.
_MARKUP = re.compile(
    r"(?P<keep>\.\. math::[^\n]*(?:\n(?:[ \t]+[^\n]*)?)*|``.+?``|`[^`]+`)|\[(?P<cited>\w+)\]_|^\.\. \[(?P<entry>\w+)\] |(?P<bar>\|)",
    re.DOTALL | re.MULTILINE,
)


def _docstring(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape bars, as in H(S|Y), and make references plain text: a key may stand in many modules."""

    def plain(match: re.Match[str]) -> str:
        if match["cited"]:
            return f"[{match['cited']}]"
        if match["entry"]:
            return f"*  [{match['entry']}] "
        return "\\|" if match["bar"] else match["keep"]

    lines[:] = _MARKUP.sub(plain, "\n".join(lines)).split("\n")


def _signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """Write types as the source does, where evaluation has made them longer than a line."""

    def variable(match: re.Match[str]) -> str:
        found = getattr(sys.modules.get(match[1]), match[2], None)
        return match[2] if isinstance(found, TypeVar) else match[0]

    def short(text: str | None) -> str | None:
        for long, written in _WRITTEN_AS:
            text = re.sub(long, written, text) if text else text
        return re.sub(r"~?(cdot_lib[\w.]*)\.(\w+)", variable, text) if text else text

    return short(signature), short(returned)


def _passed_on(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Node) -> nodes.Node | None:
    """Resolve a name that a package passes on, such as cdot_lib.data.recover, to where it is defined."""
    target = node.get("reftarget", "")
    known = origin(target)
    if node.get("refdomain") != "py" or known == target:
        return None
    domain = env.get_domain("py")
    return domain.resolve_xref(env, node["refdoc"], app.builder, node["reftype"], known, node, content)


@functools.cache
def _lines(module: str, name: str) -> tuple[Path, int, int] | None:
    """Return the file and the lines that define a name."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    try:
        found = inspect.unwrap(found.fget if isinstance(found, property) else found)
        source, first = inspect.getsourcelines(found)
        path = Path(inspect.getsourcefile(found)).resolve()
    except (TypeError, OSError, AttributeError):  # a constant, a field of a dataclass
        return None
    return (path, first, first + len(source) - 1) if path.is_relative_to(ROOT) else None


def _link_repository(app: Sphinx, doctree: nodes.document) -> None:
    """Add to each name a link to its lines in the repository."""
    for signature in doctree.findall(addnodes.desc_signature):
        where = _lines(signature.get("module", ""), signature.get("fullname", ""))
        if where is None:
            continue
        path, first, last = where
        file = f"{address().repository}/blob/{address().branch}/{path.relative_to(ROOT)}"
        link = nodes.reference("", "", internal=False, refuri=f"{file}#L{first}-L{last}", classes=["cdot-repository"])
        link += nodes.inline("", "[repository]")
        only = addnodes.only(expr="html")
        only += link
        signature += only


def setup(app: Sphinx) -> dict[str, bool]:
    """Load the extensions that read docstrings, and connect what prepares them."""
    for extension in ("autodoc", "napoleon", "viewcode"):
        app.setup_extension(f"sphinx.ext.{extension}")
    app.connect("config-inited", _settings, priority=100)
    app.connect("autodoc-process-docstring", _docstring, priority=100)  # before napoleon
    app.connect("autodoc-process-signature", _signature)
    app.connect("missing-reference", _passed_on)
    app.connect("doctree-read", _link_repository)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
