"""Write the data of the figures beside the pages: one CSV a figure, named as the figure is."""

from __future__ import annotations

from pathlib import Path

from tools.execute import Executed

__all__ = ["write_figure_data"]


def write_figure_data(executed: list[Executed], folder: Path) -> list[Path]:
    """Write `folder`/<figure>.csv for each named figure whose output carries its data; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for cell in (cell for item in executed for cell in item.notebook.cells):
        name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
        tables = [table for output in cell.get("outputs", []) if (table := output.get("data", {}).get("text/csv"))]
        if name and tables:
            path = folder / f"{name}.csv"
            path.write_text(tables[0], encoding="utf8")
            written.append(path)
    return written
