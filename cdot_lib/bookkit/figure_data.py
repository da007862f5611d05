"""The numbers behind a figure, as a table: what a reader would otherwise measure with a ruler.

Lines, bars, points and meshes are read back from the figure that was drawn, so no chapter has to
write its data twice. Column names come from the axis labels and series names from the legend.
Pictures made of pixels give no table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter
from numpy.typing import NDArray

__all__ = ["figure_csv", "offer_figure_data", "plain_text"]

Row = dict[str, Any]

#: Points of one line, and cells along one side of a mesh: what is longer is thinned evenly.
MOST_POINTS, MOST_CELLS = 2000, 64

_SIGNS = {"le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "ne": "!=", "neq": "!=", "times": "x"}
_DRESS = {"mathrm", "rm", "mathcal", "mathbf", "text", "left", "right", "operatorname", "bar", "hat"}


def plain_text(label: str) -> str:
    """Return a label without the marks of mathematical typesetting.

    Parameters
    ----------
    label : str
        As matplotlib shows it, with formulas between dollar signs.

    Returns
    -------
    str
        For example ``"H(S|Y) <= C"`` for ``"$H(S|Y) \\leq C$"``.
    """

    def formula(match: re.Match[str]) -> str:
        def command(name: re.Match[str]) -> str:
            return "" if name[1] in _DRESS else _SIGNS.get(name[1], name[1])

        text = re.sub(r"\\[,;:! ]", " ", match[1])
        return re.sub(r"\\([A-Za-z]+)", command, text).replace("{", "").replace("}", "")

    return " ".join(re.sub(r"\$([^$]*)\$", formula, label).split())


def figure_csv(figure: Figure) -> str | None:
    """Return the data of a figure as comma-separated values, one row a point.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    str or None
        The columns are ``panel`` (if there are several), ``series``, and one for each axis
        label. None if the figure shows no lines, bars, points or meshes.
    """
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    rows: list[Row] = []
    for number, axes in enumerate(panels, start=1):
        name = {"panel": plain_text(axes.get_title()) or str(number)} if len(panels) > 1 else {}
        rows.extend(name | row for row in _rows(axes))
    if not rows:
        return None
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _written(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def offer_figure_data() -> None:
    """Let every figure that this kernel shows carry its data along, as ``text/csv``."""
    from IPython import get_ipython
    from IPython.core.formatters import BaseFormatter

    shell = get_ipython()
    if shell is None:  # a script shows no figures
        return
    formatter = BaseFormatter(parent=shell.display_formatter)
    formatter.format_type, formatter.print_method = "text/csv", "_repr_csv_"
    formatter.for_type(Figure, figure_csv)
    shell.display_formatter.formatters["text/csv"] = formatter


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if np.ma.is_masked(value) or not np.isfinite(value) else f"{float(value):.8g}"


def _label(axes: Axes, which: str) -> str:
    """Return the label of an axis, or that of the panel with which it shares it."""
    shared = getattr(axes, f"get_shared_{which}_axes")().get_siblings(axes)
    found = (plain_text(getattr(one, f"get_{which}label")()) for one in [axes, *shared])
    return next(filter(None, found), which)


def _tick_names(axis: Axis) -> dict[float, str]:
    """Return the names of positions on an axis of categories; empty on an axis of numbers."""
    formatter = axis.get_major_formatter()
    if not isinstance(formatter, (StrCategoryFormatter, FixedFormatter)):
        return {}
    places = axis.get_majorticklocs()
    names = [plain_text(name) for name in formatter.format_ticks(places)]
    return {round(float(place), 6): name for place, name in zip(places, names, strict=True) if name}


def _rows(axes: Axes) -> Iterator[Row]:
    """Yield one row for each point that is drawn in a panel."""
    x, y = _label(axes, "x"), _label(axes, "y")
    if x == y:
        x, y = f"{x} (horizontal)", f"{y} (vertical)"
    names = {x: _tick_names(axes.xaxis), y: _tick_names(axes.yaxis)}
    for reader in (_lines, _bars, _points, _meshes):
        for row in reader(axes, x, y):
            for label, known in names.items():
                value = row.get(label)
                if known and value is not None and np.isfinite(value):
                    row[label] = known.get(round(float(value), 6), value)
            yield row


def _namer(kind: str) -> Callable[[object], str]:
    """Return a function that names series: by their legend entry, or else by kind and number."""
    count = 0

    def name(label: object) -> str:
        nonlocal count
        count += 1
        text = plain_text(str(label))
        return text if text and not str(label).startswith("_") else f"{kind} {count}"

    return name


def _lines(axes: Axes, x: str, y: str) -> Iterator[Row]:
    spans: dict[int, tuple[object, list[NDArray[np.float64]]]] = {}
    caps: set[int] = set()
    for container in axes.containers:
        if isinstance(container, ErrorbarContainer) and container.has_yerr:
            line, ends, (bars, *_) = container.lines
            spans[id(line)] = (container.get_label(), bars.get_segments())
            caps.update(map(id, ends))
    name = _namer("line")
    for line in axes.lines:
        # A line that spans the panel, such as a limit, lives in the panel's coordinates.
        if id(line) in caps or line.get_transform() != axes.transData:
            continue
        label, segments = spans.get(id(line), (line.get_label(), []))
        series, points = name(label), np.asarray(line.get_xydata(), dtype=float)
        step = -(-len(points) // MOST_POINTS)
        for index in range(0, len(points), step or 1):
            if not np.isfinite(points[index]).all():
                continue
            row: Row = {"series": series, x: points[index, 0], y: points[index, 1]}
            if segments:
                row |= {"lowest": segments[index][:, 1].min(), "highest": segments[index][:, 1].max()}
            yield row


def _bars(axes: Axes, x: str, y: str) -> Iterator[Row]:
    name = _namer("bars")
    for bars in (one for one in axes.containers if isinstance(one, BarContainer)):
        series = name(bars.get_label())
        for bar in bars.patches:
            (left, bottom), width, height = bar.get_xy(), bar.get_width(), bar.get_height()
            if bars.orientation == "horizontal":
                row, base = {x: left + width, y: bottom + height / 2}, left
            else:
                row, base = {x: left + width / 2, y: bottom + height}, bottom
            yield {"series": series, **row} | ({"bar starts at": base} if base else {})


def _points(axes: Axes, x: str, y: str) -> Iterator[Row]:
    name = _namer("points")
    for cloud in (one for one in axes.collections if isinstance(one, PathCollection)):
        series, points = name(cloud.get_label()), np.ma.filled(cloud.get_offsets(), np.nan)
        for across, up in points[:: -(-len(points) // MOST_POINTS) or 1]:
            yield {"series": series, x: across, y: up}


def _meshes(axes: Axes, x: str, y: str) -> Iterator[Row]:
    name = _namer("mesh")
    for mesh in (one for one in axes.collections if isinstance(one, QuadMesh)):
        corners, values = np.asarray(mesh.get_coordinates()), mesh.get_array()
        values = np.ma.asarray(values).reshape(corners.shape[0] - 1, corners.shape[1] - 1)
        centres = (corners[1:, 1:] + corners[:-1, :-1]) / 2
        step = -(-max(values.shape) // MOST_CELLS)
        series = name(mesh.get_label()) + (f", thinned by {step}" if step > 1 else "")
        bar = mesh.colorbar
        label = plain_text(bar.ax.get_ylabel() or bar.ax.get_xlabel()) if bar else ""
        for i in range(0, values.shape[0], step):
            for j in range(0, values.shape[1], step):
                across, up = centres[i, j]
                yield {"series": series, x: across, y: up, label or "value": values[i, j]}
