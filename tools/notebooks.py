"""Turn the chapters into notebooks for Colab: book/<slug>.md -> book/<slug>.ipynb, without outputs.

A notebook reader knows plain Markdown and TeX and nothing of Sphinx. So boxes become paragraphs with
a bold head, references become links with the numbers of the published pages, and equations get
their number as a tag. What this file does not know it refuses, with the line: a directive that
reached a notebook as raw text would only be seen by the reader.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import nbformat
from pybtex.richtext import Text

from tools.crossref import FENCE, PROOF_KINDS, Label, bibliography, cite_text, labels, split_directive, title_of
from tools.project import BOOK, Page, address, pages, read_notebook

__all__ = ["Unsupported", "convert", "notebook_path", "text_of"]

ADMONITIONS = {
    name: name.capitalize()
    for name in ("note", "tip", "important", "warning", "caution", "hint", "attention", "danger", "error")
} | {"seealso": "See also"}

#: Directives that only arrange things: their content is all that a notebook needs.
TRANSPARENT = {"grid", "grid-item", "grid-item-card", "tab-set", "div", "container", "table"}

DROPPED = {"tableofcontents", "contents", "index"}


class Unsupported(ValueError):
    """A chapter uses markup that has no counterpart in a notebook."""


class _Converter:
    """Converts the Markdown of one chapter, and remembers what it cited."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cited: list[str] = []
        self._unnamed: Counter[str] = Counter()

    def refuse(self, what: str, line: str) -> Unsupported:
        return Unsupported(
            f"book/{self.page.slug}.md: {what} has no counterpart in a notebook: {line.strip()[:100]}\n"
            "Use other markup, or teach tools/notebooks.py what to make of it."
        )

    # ---------------------------------------------------------------- blocks

    def blocks(self, text: str) -> str:
        """Convert a piece of MyST Markdown."""
        lines = text.splitlines()
        out: list[str] = []
        index = 0
        paragraph: list[str] = []

        def flush() -> None:
            if paragraph:
                out.append(self.inline("\n".join(paragraph)))
                paragraph.clear()

        while index < len(lines):
            line = lines[index]
            if FENCE.match(line):
                flush()
                converted, index = self._directive(lines, index)
                out.append(f"\n{converted}\n")
                continue
            if match := re.match(r"^\s*(`{3,}|~{3,})", line):
                flush()
                end = self._end(lines, index, match[1])
                out.append("\n".join(lines[index : end + 1]))
                index = end + 1
                continue
            if re.match(r"^\s*\$\$", line):
                flush()
                converted, index = self._display(lines, index)
                out.append(converted)
                continue
            index += 1
            if match := re.match(r"^ {0,3}\(([^()\s]+)\)=\s*$", line):
                flush()
                out.append(self._anchor(match[1]) + "\n")
            elif re.match(r"^%", line):
                continue
            elif (match := re.match(r"^:[ ]+(\S.*)$", line)) and paragraph:
                paragraph[-1] = f"**{paragraph[-1]}**: {match[1]}"  # a definition list
            else:
                paragraph.append(line)
        flush()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip("\n")

    @staticmethod
    def _anchor(name: str) -> str:
        label = labels().get(name)
        anchor = label.anchor if label else name
        return f'<a id="{anchor}"></a>'

    def _end(self, lines: list[str], start: int, fence: str) -> int:
        for index in range(start + 1, len(lines)):
            if re.match(rf"^\s*{re.escape(fence[0])}{{{len(fence)},}}\s*$", lines[index]):
                return index
        raise self.refuse("a block that is not closed", lines[start])

    def _display(self, lines: list[str], start: int) -> tuple[str, int]:
        """Convert ``$$ ... $$ (label)``."""
        for end in range(start, len(lines)):
            text = "\n".join(lines[start : end + 1])
            match = re.match(r"^\s*\$\$(.*?)\$\$[ \t]*(?:\(([^()\s]+)\))?(.*)$", text, re.DOTALL)
            if match:
                if match[3].strip():
                    raise self.refuse("text after a display formula on the same line", lines[end])
                indent = re.match(r" *", lines[start])[0]  # an equation inside a list stays inside it
                equation = self._equation(textwrap.dedent(match[1]), match[2] or "")
                return textwrap.indent(equation, indent), end + 1
        raise self.refuse("a display formula that is not closed", lines[start])

    def _equation(self, tex: str, name: str) -> str:
        tex = tex.strip("\n")
        if not name:
            return f"$$\n{tex.strip()}\n$$"
        label = labels()[name]
        return f'<a id="{label.anchor}"></a>\n\n$$\n{tex.strip()} \\tag{{{label.number}}}\n$$'

    def _directive(self, lines: list[str], start: int) -> tuple[str, int]:
        match = FENCE.match(lines[start])
        end = self._end(lines, start, match["fence"])
        body = textwrap.dedent("\n".join(lines[start + 1 : end])).splitlines()
        options, content = split_directive(body)
        name, argument = match["name"], match["argument"].strip()
        handler = self._handler(name)
        if handler is None:
            raise self.refuse(f"the directive {{{name}}}", lines[start])
        converted = handler(name, argument, options, "\n".join(content))
        indent = match["indent"]
        return textwrap.indent(converted, indent) if indent else converted, end + 1

    def _handler(self, name: str) -> Callable[[str, str, dict[str, str], str], str] | None:
        if name == "prf:proof":
            return self._proof
        if name.startswith("prf:") and name.removeprefix("prf:") in PROOF_KINDS:
            return self._box
        if name in ADMONITIONS or name in ("admonition", "topic", "margin", "sidebar"):
            return self._admonition
        if name in TRANSPARENT:
            return self._transparent
        if name in DROPPED:
            return lambda *_: ""
        return {
            "exercise": self._exercise,
            "exercise-start": self._exercise,
            "solution": self._solution,
            "solution-start": self._solution,
            "exercise-end": lambda *_: "",
            "solution-end": lambda *_: "",
            "math": lambda _, argument, options, body: self._equation(
                f"{argument}\n{body}".strip(), options.get("label", "")
            ),
            "figure": self._figure,
            "image": self._figure,
            "glossary": self._glossary,
            "list-table": self._list_table,
            "dropdown": lambda _, argument, __, body: self._fold(argument or "More", body),
            "toggle": lambda _, argument, __, body: self._fold(argument or "More", body),
            "tab-item": lambda _, argument, __, body: f"**{self.inline(argument)}**\n\n{self.blocks(body)}",
            "epigraph": lambda _, __, ___, body: textwrap.indent(self.blocks(body), "> ", lambda _: True),
            "bibliography": lambda *_: f"[Bibliography]({address().page('bibliography')})",
        }.get(name)

    def _named(self, options: dict[str, str], kind: str) -> Label | None:
        name = options.get("label", "")
        if name:
            return labels()[name]
        if "nonumber" in options:
            return None
        raise self.refuse(f"a {kind} without a label", str(options))

    def _head(self, label: Label | None, kind: str, title: str) -> str:
        text = label.text if label else kind.capitalize()
        anchor = f'<a id="{label.anchor}"></a>' if label else ""
        return f"{anchor}**{text}**" + (f" ({self.inline(title)})" if title else "")

    def _box(self, name: str, title: str, options: dict[str, str], body: str) -> str:
        kind = name.removeprefix("prf:")
        return f"---\n\n{self._head(self._named(options, kind), kind, title)}\n\n{self.blocks(body)}\n\n---"

    def _proof(self, name: str, title: str, options: dict[str, str], body: str) -> str:
        head = f"*Proof* ({self.inline(title)})." if title else "*Proof.*"
        content = self.blocks(body)
        between = " " if re.match(r"[A-Za-z($]|\*\w", content) and not content.startswith("$$") else "\n\n"
        end = "\n\n" if content.endswith(("$$", "```", ">")) else " "
        proof = f"{head}{between}{content}{end}$\\square$"
        return self._details("Proof", proof) if "dropdown" in options.get("class", "") else proof

    def _exercise(self, name: str, title: str, options: dict[str, str], body: str) -> str:
        return f"{self._head(self._named(options, 'exercise'), 'exercise', title)}\n\n{self.blocks(body)}"

    def _solution(self, name: str, target: str, options: dict[str, str], body: str) -> str:
        head = f"Solution to {labels()[target].text}"
        if name == "solution-start":  # what follows are cells, which cannot be folded together
            return f"**{head}**\n\n{self.blocks(body)}"
        return self._details(head, self.blocks(body))

    @staticmethod
    def _details(summary: str, converted: str) -> str:
        return f"<details>\n<summary><b>{summary}</b></summary>\n\n{converted}\n\n</details>"

    def _fold(self, summary: str, body: str) -> str:
        return self._details(self.inline(summary), self.blocks(body))

    def _admonition(self, name: str, title: str, options: dict[str, str], body: str) -> str:
        if name in ADMONITIONS:
            # The first line of a named admonition may stand beside its name.
            head, body = ADMONITIONS[name], f"{title}\n{body}".strip()
        else:
            head = self.inline(title)
        content = self.blocks(body)
        if "dropdown" in options.get("class", ""):
            return self._details(head, content)
        if "$$" in content or "```" in content:
            # Inside a quotation the marks at the line starts would end up in the formula.
            return f"---\n\n**{head}**\n\n{content}\n\n---"
        return textwrap.indent(f"**{head}**\n\n{content}", "> ", lambda _: True)

    def _transparent(self, name: str, title: str, options: dict[str, str], body: str) -> str:
        head = f"**{self.inline(title)}**\n\n" if title and name not in ("grid", "div", "container") else ""
        return head + self.blocks(body)

    def _figure(self, name: str, path: str, options: dict[str, str], body: str) -> str:
        where = f"{address().repository}/raw/{address().branch}/book/{path}"
        image = f"![{options.get('alt', '')}]({where})"
        if name == "image":
            return image
        label = labels().get(options.get("name", ""))
        head = f'<a id="{label.anchor}"></a>' if label else ""
        text = f"**{label.text}** " if label else ""
        return f"{head}\n\n{image}\n\n{text}{self.blocks(body)}"

    def _glossary(self, name: str, argument: str, options: dict[str, str], body: str) -> str:
        entries = re.findall(r"^(\S.*)\n((?:[ \t]+\S.*\n?)+)", body, re.MULTILINE)
        return "\n\n".join(f"**{self.inline(term)}**: {self.inline(' '.join(text.split()))}" for term, text in entries)

    def _list_table(self, name: str, title: str, options: dict[str, str], body: str) -> str:
        rows: list[list[str]] = []
        for line in body.splitlines():
            if match := re.match(r"^\* - (.*)$", line):
                rows.append([match[1]])
            elif match := re.match(r"^  - (.*)$", line):
                rows[-1].append(match[1])
            elif line.strip() and rows:
                rows[-1][-1] += " " + line.strip()
        cells = [[self.inline(cell).strip() for cell in row] for row in rows]
        table = [cells[0], ["---"] * len(cells[0]), *cells[1:]]
        head = f"**{self.inline(title)}**\n\n" if title else ""
        return head + "\n".join("| " + " | ".join(row) + " |" for row in table)

    # ---------------------------------------------------------------- inline

    #: Code and formulas stay as they are, and a role is a name in braces before a code span.
    _INLINE = re.compile(
        r"(?P<role>\{(?P<name>[\w:+.-]+)\}(?P<ticks>`+)(?P<content>.+?)(?P=ticks)(?!`))"
        r"|(?P<code>(?P<marks>`+)(?!`).+?(?<!`)(?P=marks)(?!`))"
        r"|(?P<math>(?<![\\$])\$(?!\s)[^$\n]+(?:\n[^$\n]+)*?(?<!\s)\$)"
        r"|(?P<link>(?<!!)\[(?P<shown>[^\]\[]*)\]\((?P<to>(?:#|[\w./-]+\.md)[^)\s]*)\))"
        r"|(?P<substitution>\{\{.+?\}\})",
        re.DOTALL,
    )

    def inline(self, text: str) -> str:
        """Convert roles and links to labels in running text."""

        def replace(match: re.Match[str]) -> str:
            if match["role"]:
                return self._role(match["name"], match["content"], match["role"])
            if match["link"]:
                return self._link(match["shown"], match["to"])
            if match["substitution"]:
                raise self.refuse("a substitution", match[0])
            return match[0]

        return self._INLINE.sub(replace, text)

    @staticmethod
    def _split(content: str) -> tuple[str, str]:
        """Split ``text <target>`` into its two parts; text is empty if there is none."""
        match = re.fullmatch(r"(.+?)\s*<([^<>]+)>", content, re.DOTALL)
        return (match[1], match[2].strip()) if match else ("", content.strip())

    def _role(self, name: str, content: str, whole: str) -> str:
        if name in ("cite", "cite:p", "cite:t", "cite:ps", "cite:ts"):
            return self._cite(content, textual=name in ("cite:t", "cite:ts"))
        if name in ("ref", "prf:ref", "eq", "numref", "doc", "term", "any"):
            return self._reference(name, content, whole)
        if name.startswith("glue"):
            return f"`{content.split(':')[0]}`"
        if name in ("math",):
            return f"${content}$"
        if name in ("code", "file", "py:func", "py:mod", "py:class", "func", "mod", "class"):
            return f"`{content.lstrip('~')}`"
        if name in ("sub", "sup", "kbd"):
            return f"<{name}>{content}</{name}>"
        if name in ("abbr",):
            return content
        if name == "download":
            shown, path = self._split(content)
            return f"[{shown or path}]({address().repository}/raw/{address().branch}/book/{path})"
        raise self.refuse(f"the role {{{name}}}", whole)

    def _cite(self, content: str, *, textual: bool) -> str:
        keys = [key.strip() for key in content.split(",")]
        unknown = [key for key in keys if key not in bibliography()]
        if unknown:
            raise self.refuse(f"a citation of {unknown} (not in references.bib)", content)
        self.cited.extend(keys)
        where = address().page("bibliography")
        texts = [f"[{cite_text(key, textual=textual)}]({where})" for key in keys]
        return " and ".join(texts) if textual else f"({'; '.join(texts)})"

    def _reference(self, role: str, content: str, whole: str) -> str:
        shown, target = self._split(content)
        if role == "term":
            return shown or target
        if role == "doc":
            slug = Path(target.removesuffix(".md")).name
            page = next((page for page in pages() if page.slug == slug), None)
            if page is None:
                raise self.refuse("a link to a page that is not in _toc.yml", whole)
            return f"[{shown or title_of(page)}]({address().page(slug)})"
        if target not in labels():
            raise self.refuse(f"a reference to {target}, which no chapter defines,", whole)
        label = labels()[target]
        text = label.text
        if shown and role == "numref":
            text = shown.replace("%s", label.number).replace("{number}", label.number)
        elif shown:
            text = shown
        return f"[{text}]({label.link(here=self.page)})"

    def _link(self, shown: str, to: str) -> str:
        if to.startswith("#"):
            return self._reference("ref", f"{shown} <{to[1:]}>" if shown else to[1:], to)
        path, _, anchor = to.partition("#")
        linked = self._reference("doc", f"{shown} <{path}>" if shown else path, to)
        return linked[:-1] + (f"#{anchor})" if anchor else ")")

    # ---------------------------------------------------------------- cells

    def caption(self, figure: dict[str, str]) -> str:
        """Return the caption of a figure that a cell draws."""
        label = labels().get(figure.get("name", ""))
        head = f'<a id="{label.anchor}"></a>**{label.text}** ' if label else ""
        return head + self.inline(str(figure["caption"]).strip())

    def references(self) -> str:
        """Return the list of what the chapter cited."""
        entries = []
        for key in sorted(set(self.cited), key=lambda key: cite_text(key).lower()):
            entries.append(f"- {_plain_entry(key)}")
        return "**References**\n\n" + "\n".join(entries)


def _plain_entry(key: str) -> str:
    """Return one line for a bibliography entry."""
    entry = bibliography()[key]

    def clean(text: str) -> str:
        return str(Text.from_latex(text)).replace("--", "–")

    people = [clean(" ".join(p.first_names + p.middle_names + p.prelast_names + p.last_names))
              for p in entry.persons.get("author") or entry.persons.get("editor") or []]  # fmt: skip
    fields = entry.fields
    venue = next((fields[k] for k in ("journal", "booktitle", "publisher", "howpublished") if k in fields), "")
    parts = [", ".join(people), f"*{clean(fields['title'])}*", clean(venue), fields.get("year", "")]
    line = ". ".join(part for part in parts if part) + "."
    if "doi" in fields:
        line += f" [doi:{fields['doi']}](https://doi.org/{fields['doi']})"
    elif "url" in fields:
        line += f" [{fields['url']}]({fields['url']})"
    return line


def _badge(page: Page) -> str:
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    return (
        f"[![Open in Colab]({badge})]({address().colab(page.slug)})\n\n"
        f"This notebook is generated from the chapter [{title_of(page)}]({address().page(page.slug)}) "
        f"of an open textbook on [cross-domain lossy compression]({address().site}/); "
        "there the formulas are numbered alike, and every cell has its output."
    )


def _metadata(cell: nbformat.NotebookNode) -> dict:
    """Return what a notebook needs of a cell's metadata: its tags, and whether it is folded."""
    tags = list(cell.metadata.get("tags", []))
    metadata: dict = {"tags": tags} if tags else {}
    if {"hide-input", "hide-cell", "remove-input"} & set(tags):
        metadata |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return metadata


def convert(page: Page) -> nbformat.NotebookNode:
    """Return the notebook of a chapter.

    Raises
    ------
    Unsupported
        If the chapter uses markup that has no counterpart.
    """
    converter = _Converter(page)
    cells = [nbformat.v4.new_markdown_cell(_badge(page))]
    for cell in read_notebook(page).cells:
        if cell.cell_type == "markdown":
            text = converter.blocks(cell.source)
            if text.strip():
                cells.append(nbformat.v4.new_markdown_cell(text))
        elif cell.cell_type == "code":
            cells.append(nbformat.v4.new_code_cell(cell.source, metadata=_metadata(cell)))
            figure = cell.metadata.get("mystnb", {}).get("figure", {})
            if "caption" in figure:
                cells.append(nbformat.v4.new_markdown_cell(converter.caption(figure)))
        else:
            raise converter.refuse("a raw cell", cell.source)
    if converter.cited:
        cells.append(nbformat.v4.new_markdown_cell(converter.references()))
    seen: Counter[str] = Counter()
    for cell in cells:
        # Ids from the content, so that inserting a cell does not rename the others.
        key = hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:12]
        seen[key] += 1
        cell.id = key if seen[key] == 1 else f"{key}-{seen[key]}"
    notebook = nbformat.v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "colab": {"provenance": []},
        },
    )
    nbformat.validate(notebook)
    return notebook


def notebook_path(page: Page) -> Path:
    """Return where the notebook of a chapter lies."""
    return BOOK / f"{page.slug}.ipynb"


def text_of(page: Page) -> str:
    """Return the text of the notebook file of a chapter."""
    return nbformat.writes(convert(page), nbformat.NO_CONVERT) + "\n"
