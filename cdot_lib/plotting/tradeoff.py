"""Figures of trade-offs between trained codecs: heat maps, grids, races, distortion and realism."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.plotting.style import COLORS, LINE_STYLES, MARKERS

__all__ = ["draw_absent", "draw_families", "draw_grid", "draw_heat_maps", "draw_plane"]

Array = NDArray[np.float64]


def draw_absent(what: str) -> Figure:
    """Draw an empty picture that names the record that it would show, if it is not at hand.

    Figures keep their numbers then, whatever records a reader has.
    """
    figure, axes = plt.subplots(figsize=(5.0, 0.8))
    axes.set_axis_off()
    axes.text(0.5, 0.5, f"not at hand: {what}", ha="center", va="center", style="italic")
    return figure


def draw_heat_maps(
    tables: Mapping[str, tuple[Array, str]],
    rows: Sequence[Any],
    columns: Sequence[Any],
    *,
    ylabel: str,
    xlabel: str,
    stamp: str,
) -> Figure:
    """Draw tables as heat maps with the number in each cell, one panel a table.

    Parameters
    ----------
    tables : mapping
        Title -> (values of shape (rows, columns), format of a number). NaN is a cell that was
        not measured: it stays grey.
    rows, columns : sequence
        What stands at the cells' edges.
    ylabel, xlabel : str
        What the rows and the columns are.
    stamp : str
        What made it.
    """
    size = (0.8 + 2.5 * len(tables), 0.9 + 0.42 * len(rows))
    figure, axes = plt.subplots(1, len(tables), figsize=size, sharey=True, squeeze=False)
    for axis, (title, (values, form)) in zip(axes[0], tables.items(), strict=True):
        least, greatest = np.nanmin(values), np.nanmax(values)
        axis.set_facecolor("0.9")
        axis.imshow(values, aspect="auto", origin="lower", vmin=least, vmax=greatest)
        for (i, j), value in np.ndenumerate(values):
            if np.isnan(value):
                continue
            dark = value < 0.5 * (least + greatest)
            color = "white" if dark else COLORS["black"]
            axis.text(j, i, format(value, form), ha="center", va="center", color=color, size=9)
        axis.set(xticks=range(len(columns)), yticks=range(len(rows)), xlabel=xlabel)
        axis.set_xticklabels([str(c) for c in columns])
        axis.set_yticklabels([str(r) for r in rows])
        axis.set_title(title, fontsize="small")
        axis.grid(False)
    axes[0, 0].set_ylabel(ylabel)
    figure.suptitle(stamp, fontsize="x-small", wrap=True)
    return figure


def draw_grid(
    images: Mapping[tuple[str, str], NDArray[Any]], *, stamp: str, each: int = 5
) -> Figure:
    """Draw the first images of each set in a grid of sets.

    Parameters
    ----------
    images : mapping
        (label of the row, label of the column) -> images in [0, 1], of shape (n, side, side) or
        (n, side, side, 3). A set that is missing leaves its place empty.
    stamp : str
        What made it.
    each : int
        Images of each set.

    Raises
    ------
    InvalidArgument
        If the images are on another scale: numbers from 0 to 255 would all be white.
    """
    brightest = max(float(np.max(found)) for found in images.values())
    if brightest > 2:  # what a codec overshoots is far less
        must = "must be on the scale from 0 to 1"
        raise InvalidArgument.of("the brightest of images", brightest, must, "divide 8-bit numbers by 255")
    rows = list(dict.fromkeys(row for row, _ in images))
    columns = list(dict.fromkeys(column for _, column in images))
    side = next(iter(images.values())).shape[1]
    size = (0.9 + 0.36 * each * len(columns), 0.55 + 0.37 * len(rows))
    figure, axes = plt.subplots(
        len(rows), len(columns), figsize=size, squeeze=False,
        gridspec_kw={"hspace": 0.02, "wspace": 0.03},
    )  # fmt: skip
    for (i, j), axis in np.ndenumerate(axes):
        axis.set(xticks=[], yticks=[])
        axis.grid(False)
        for spine in axis.spines.values():
            spine.set_visible(False)
        if (found := images.get((rows[i], columns[j]))) is not None:
            strip = np.concatenate(list(np.asarray(found[:each], dtype=float).clip(0, 1)), axis=1)
            axis.imshow(strip, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set_xlim(-0.5, each * side - 0.5)
        if i == 0:
            axis.set_title(columns[j], fontsize="small")
        if j == 0:
            axis.set_ylabel(rows[i], rotation=0, ha="right", va="center", fontsize="small")
    figure.suptitle(stamp, fontsize="xx-small", wrap=True)
    return figure


def draw_families(
    families: Mapping[str, Mapping[str, Mapping[int, Sequence[float]]]],
    labels: Mapping[str, str],
    *,
    stamp: str,
    levels: Mapping[str, float] | None = None,
    logarithmic: Sequence[str] = (),
) -> Figure:
    """Draw measurements of several families of codecs over rate, one panel a measure.

    Points are means over seeds; bars reach from the least to the greatest.

    Parameters
    ----------
    families : mapping
        Name -> measure -> rate in bits -> one value a seed.
    labels : mapping
        Measure -> the panel's title; its keys are the panels.
    stamp : str
        What made it.
    levels : mapping, optional
        Measure -> a level to compare with, as a dotted line.
    logarithmic : sequence of str
        Measures with a logarithmic axis.
    """
    figure, axes = plt.subplots(
        1, len(labels), figsize=(0.4 + 2.7 * len(labels), 2.8), squeeze=False
    )
    colors = [COLORS[name] for name in ("blue", "vermillion", "green", "purple", "orange")]
    for axis, (measure, label) in zip(axes[0], labels.items(), strict=True):
        rates: set[int] = set()
        looks = zip(families.items(), colors, MARKERS, LINE_STYLES, strict=False)
        for (name, measured), color, marker, line in looks:
            table = measured[measure]
            if not table:
                continue
            rates |= set(table)
            mean = np.array([np.mean(values) for values in table.values()])
            bars = np.array([
                [m - np.min(values), np.max(values) - m]
                for m, values in zip(mean, table.values(), strict=True)
            ])  # fmt: skip
            axis.errorbar(
                list(table), mean, yerr=bars.T, color=color, marker=marker, ls=line, lw=1.4,
                capsize=3, ms=5, label=name,
            )  # fmt: skip
        if levels and measure in levels:
            axis.axhline(levels[measure], color=COLORS["black"], lw=1, ls=":")
        if measure in logarithmic:
            axis.set_yscale("log")
        axis.set(xlabel="rate cap (bits an image)", xticks=sorted(rates))
        axis.set_title(label, fontsize="small")
    axes[0, -1].legend(fontsize="x-small")
    figure.suptitle(stamp, fontsize="xx-small", wrap=True)
    return figure


def draw_plane(
    points: Mapping[str, Mapping[str, tuple[float, float]]],
    *,
    xlabel: str,
    ylabel: str,
    stamp: str,
    paths: Mapping[str, NDArray[Any]] | None = None,
) -> Figure:
    """Draw codecs as named points of a plane, one marker a family, and paths between them.

    Parameters
    ----------
    points : mapping
        Family -> name -> (x, y). Points of the same name in two families are joined by a thin
        line: the same target.
    xlabel, ylabel : str
    stamp : str
        What made it.
    paths : mapping, optional
        Name -> points of a path, shape (n, 2).
    """
    figure, axis = plt.subplots(figsize=(6.2, 3.9))
    colors = [COLORS[name] for name in ("blue", "vermillion", "green", "purple")]
    for (name, path), line in zip((paths or {}).items(), LINE_STYLES, strict=False):
        axis.plot(*np.asarray(path).T, color=COLORS["black"], lw=1.2, ls=line, label=name)
    families = list(points.values())
    for target in families[0]:
        ends = [family[target] for family in families if target in family]
        axis.plot(*zip(*ends, strict=True), color="0.6", lw=0.8, ls="-")
    for (family, named), color, marker in zip(points.items(), colors, MARKERS, strict=False):
        axis.plot(*zip(*named.values(), strict=True), ls="", marker=marker, color=color, label=family)
    for target, (x, y) in families[0].items():
        axis.annotate(target, (x, y), xytext=(5, 4), textcoords="offset points", fontsize="x-small")
    axis.set(xlabel=xlabel, ylabel=ylabel)
    axis.legend(fontsize="x-small")
    figure.suptitle(stamp, fontsize="x-small", wrap=True)
    return figure
