"""Figures of the chapter on the classification loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.information import conditional_entropy, h_b
from cdot_lib.plotting.style import COLORS, MARKERS
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory.bernoulli import class_bits_given_y
from cdot_lib.theory.bits import fano_bits
from cdot_lib.theory.class_loss import best_error, error_ceiling
from cdot_lib.theory.opposing import opposing_limit, opposing_turnover

if TYPE_CHECKING:  # only for an annotation: explorers import figures
    from cdot_lib.interactive.class_loss import Reading

__all__ = [
    "draw_confusions",
    "draw_judgements",
    "draw_opposing",
    "draw_reader",
    "draw_sandwich",
    "draw_scores",
    "draw_tables",
    "draw_tangents",
    "draw_wedge",
]

Array = NDArray[np.float64]


def draw_tangents(beliefs: Sequence[float], *, posterior: float) -> Figure:
    """Draw the binary entropy, and the log loss of fixed beliefs, which are its tangents."""
    grid = np.linspace(0.0, 1.0, 201)
    figure, axis = plt.subplots()
    axis.plot(grid, h_b(grid), color=COLORS["blue"], label=r"$H_b(\pi)$, belief $=\pi$")
    for belief, color in zip(beliefs, ("vermillion", "green", "purple"), strict=False):
        line = -grid * np.log2(belief) - (1 - grid) * np.log2(1 - belief)
        axis.plot(grid, line, ls="--", lw=1.4, color=COLORS[color], label=f"belief {belief:g}")
        axis.plot([belief], [h_b(belief)], "o", color=COLORS[color], ms=5)
    low = float(h_b(posterior))
    high = -posterior * np.log2(beliefs[0]) - (1 - posterior) * np.log2(1 - beliefs[0])
    arrow = {
        "arrowstyle": "<->",
        "color": COLORS["black"],
        "lw": 1.3,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    axis.annotate("", (posterior, low), (posterior, high), arrowprops=arrow)
    axis.text(posterior + 0.015, (low + high) / 2, "excess", va="center")
    axis.set(xlabel=r"posterior $\pi=P(S=1|y)$", ylabel="expected log loss (bits)")
    axis.set(xlim=(0, 1), ylim=(0, 2.2))
    axis.legend(loc="lower center", fontsize=9)
    return figure


def draw_wedge(axis: Axes, *, letters: int) -> None:
    """Fill, in the plane of class loss and error rate, what Fano and the ceiling leave."""
    # Many points even on straight lines, for they are bent on a logarithmic axis.
    errors = np.linspace(0.0, 1.0 - 1.0 / letters, 200)
    fano = fano_bits(errors, letters=letters)
    bits = np.linspace(0.0, np.log2(letters), 400)
    ceiling = error_ceiling(bits, letters=letters)
    floor = np.interp(bits, fano, errors)
    half = np.linspace(0.0, min(2.0, bits[-1]), 200)
    axis.plot(fano, errors, color=COLORS["blue"], label="Fano")
    axis.plot(bits, ceiling, color=COLORS["vermillion"], ls="--", label="ceiling")
    axis.plot(half, half / 2, color=COLORS["green"], ls=":", label="$H(S|Y)/2$")
    axis.fill_between(bits, floor, ceiling, color=COLORS["sky"], alpha=0.18)


def draw_sandwich(laws: Sequence[Array], extreme: Sequence[Array], *, letters: int) -> Figure:
    """Draw class loss and least error of joint laws between their bounds; `extreme` as stars."""
    figure, axis = plt.subplots()
    draw_wedge(axis, letters=letters)
    for shown, style in (
        (laws, {"marker": ".", "ms": 4}),
        (extreme, {"marker": "*", "ms": 11}),
    ):
        axis.plot(
            [float(conditional_entropy(law)) for law in shown],
            [float(best_error(law)) for law in shown],
            ls="",
            color=COLORS["black"],
            alpha=0.5 if shown is laws else 1.0,
            label="random laws" if shown is laws else "on the ceiling",
            **style,
        )
    axis.set(xlabel="class loss $H(S|Y)$ (bits)", ylabel="least error rate $P_e^{*}$")
    axis.set(xlim=(0, np.log2(letters) + 0.05), ylim=(0, 1.0 - 1.0 / letters + 0.06))
    axis.legend(loc="upper left", fontsize=9)
    return figure


def draw_tables(tables: Mapping[str, Array], notes: Sequence[str], *, row: str = "s") -> Figure:
    """Draw matrices over label and output as heat maps, numbers in the cells, a note below each."""
    figure, axes = plt.subplots(1, len(tables), figsize=(2.8 * len(tables), 2.9), sharey=True)
    for axis, (title, table), note in zip(np.ravel(axes), tables.items(), notes, strict=True):
        axis.imshow(table, cmap="cividis", vmin=0, vmax=1.0)
        for (i, j), value in np.ndenumerate(table):
            tone = "black" if value > 0.55 else "white"
            axis.text(j, i, f"{value:.2f}", ha="center", va="center", color=tone, fontsize=9)
        axis.set(xticks=range(table.shape[1]), yticks=range(table.shape[0]))
        axis.set_xlabel(f"output $y$\n{note}")
        axis.set_title(title, fontsize="medium")
        axis.grid(False)
    np.ravel(axes)[0].set_ylabel("label $s$")
    return figure


def draw_opposing(coin: BernoulliProblem, *, label_noise: float, points: int = 81) -> Figure:
    """Draw H(S|Y) over the tilt of one coin, and the turnover up to which opposing wins."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(9.2, 3.7), gridspec_kw={"width_ratios": [1, 1.1]}
    )
    limit = float(opposing_limit(coin))
    threshold = float(opposing_turnover(coin))
    top = float(min(coin.q_y / coin.q_x, (1 - coin.q_y) / (1 - coin.q_x)))
    for end, color, style, name in (
        (top, "blue", "-", "agrees"),
        (-limit, "vermillion", "--", "opposes"),
    ):
        tilts = np.linspace(0.0, end, 100)
        losses = class_bits_given_y(coin, tilt=tilts)
        left.plot(np.abs(tilts), losses, color=COLORS[color], ls=style, label=name)
    left.axvline(limit, color=COLORS["black"], lw=1, ls=":", label="opposing ends")
    left.axvline(threshold, color=COLORS["black"], lw=1, ls="-", label="agreeing overtakes")
    left.set(xlabel="size of the tilt $|e|$", ylabel="$H(S|Y)$ (bits)")
    left.legend(fontsize=9, loc="lower left")
    axis = np.linspace(0.005, 0.495, points)
    x, y = np.meshgrid(axis, axis)
    share = opposing_turnover(BernoulliProblem(x, y, label_noise))
    extent = (0.0, 0.5, 0.0, 0.5)
    shown = right.imshow(share, origin="lower", extent=extent, vmin=0, vmax=1, aspect="auto")
    lines = right.contour(axis, axis, share, [0.2, 0.4, 0.6, 0.8], colors="white", linewidths=1)
    right.clabel(lines, fontsize=8)
    right.set(xlabel="$p=P(X=1)$", ylabel="$q=P(Y=1)$")
    right.grid(False)
    figure.colorbar(shown, ax=right, label="turnover up to which opposing wins")
    return figure


def draw_confusions(matrices: Mapping[str, Array], *, stamp: str) -> Figure:
    """Draw what a classifier says (columns) of each class (rows), one heat map a set of images."""
    figure, axes = plt.subplots(1, len(matrices), figsize=(2.35 * len(matrices), 2.9), sharey=True)
    for axis, (name, matrix) in zip(np.ravel(axes), matrices.items(), strict=True):
        shown = axis.imshow(matrix, vmin=0, vmax=1)
        axis.set(xticks=range(0, 10, 3), yticks=range(0, 10, 3), xlabel="named")
        axis.set_title(name, fontsize="medium")
        axis.grid(False)
    np.ravel(axes)[0].set_ylabel("true class")
    figure.colorbar(shown, ax=axes, label="share of the class", shrink=0.8)
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_judgements(points: Mapping[str, tuple[float, float, float]], *, stamp: str) -> Figure:
    """Draw cross entropy (with error bars) and error rate of classifiers over the wedge of truth.

    Parameters
    ----------
    points : mapping
        For each name: cross entropy in bits, half-width of its interval, error rate.
    stamp : str
        What made the numbers.
    """
    figure, (near, far) = plt.subplots(1, 2, figsize=(9.2, 3.9))
    inside = [point for point in points.values() if point[0] <= np.log2(10)]
    for axis in (near, far):
        draw_wedge(axis, letters=10)
        for (name, (bits, wide, error)), marker in zip(points.items(), MARKERS, strict=False):
            color = COLORS["black"] if bits <= np.log2(10) else COLORS["purple"]
            axis.errorbar([bits], [error], xerr=[wide], fmt=marker, color=color, ms=6, label=name)
        axis.set(xlabel="cross entropy or class loss (bits)", ylabel="error rate")
    near.set(xlim=(0, 1.25 * max(point[0] for point in inside)))
    near.set(ylim=(0, 1.4 * max(point[2] for point in inside)))
    far.set_xscale("symlog", linthresh=1.0)
    far.set_xticks([0, 0.5, 1, 3.32, 10, 30], ["0", "0.5", "1", r"$\log_2 10$", "10", "30"])
    far.set(xlim=(0, 60), ylim=(0, 1.05))
    handles, names = far.get_legend_handles_labels()
    figure.legend(handles, names, fontsize=8, loc="outside lower center", ncols=3)
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_scores(rows: Mapping[str, Mapping[str, Any]], *, stamp: str) -> Figure:
    """Draw label-free score and cross entropy of each image set as paired bars.

    Parameters
    ----------
    rows : mapping
        For each set: ``"score"`` and ``"bits"``, and ``"known"``, what is known of H(S|Y).
    stamp : str
        What made the numbers.
    """
    names = list(rows)
    place = np.arange(len(names))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 3.6), sharey=True)
    left.barh(place, [rows[name]["score"] for name in names], color=COLORS["sky"], ec="black")
    left.axvline(np.log2(10), color=COLORS["black"], lw=1, ls=":")
    left.set(xlabel="label-free score (bits)", yticks=place)
    left.set_yticklabels(names)
    left.invert_yaxis()
    bars = right.barh(
        place,
        [rows[name]["bits"] for name in names],
        color=COLORS["orange"],
        ec="black",
        hatch="//",
    )
    right.bar_label(bars, [" " + rows[name]["known"] for name in names], fontsize=8)
    right.set_xscale("symlog", linthresh=1.0)
    right.axvline(np.log2(10), color=COLORS["black"], lw=1, ls=":")
    right.set_xticks([0, 0.5, 1, 3.32, 10, 30], ["0", "0.5", "1", r"$\log_2 10$", "10", "30"])
    right.set(
        xlabel="cross entropy (bits); beside it what is known of $H(S|Y)$",
        xlim=(0, 400),
    )
    for axis in (left, right):
        axis.grid(axis="y", visible=False)
    figure.suptitle(stamp, fontsize="x-small")
    return figure


def draw_reader(found: Reading) -> Figure:
    """Draw joint law, entropies as bars, and errors over the wedge, for the explorer."""
    figure, (table, bars, plane) = plt.subplots(
        1, 3, figsize=(10.5, 3.4), gridspec_kw={"width_ratios": [0.85, 1.05, 1.1]}
    )
    count = len(found.joint)
    table.imshow(found.joint, cmap="cividis", vmin=0, vmax=0.6)
    for (i, j), value in np.ndenumerate(found.joint):
        tone = "black" if value > 0.33 else "white"
        table.text(j, i, f"{value:.3f}", ha="center", va="center", color=tone)
    table.set(
        xticks=range(count),
        yticks=range(count),
        xlabel="output $y$",
        ylabel="label $s$",
    )
    table.set_title("$P(S=s,Y=y)$")
    table.grid(False)
    heights = {
        "$H(S)$": found.label,
        "$H(S|Y)$": found.loss,
        "cross entropy": found.paid,
        "mean entropy\nof beliefs": found.unsure,
        "score": found.score,
    }
    fills = [COLORS[name] for name in ("black", "blue", "orange", "green", "sky")]
    drawn = bars.barh(list(heights), list(heights.values()), color=fills, ec="black")
    bars.bar_label(drawn, fmt=" %.2f", fontsize=9)
    bars.invert_yaxis()
    bars.set(xlabel="bits", xlim=(0, max(2.0, 1.25 * found.paid)))
    bars.grid(axis="y", visible=False)
    draw_wedge(plane, letters=count)
    plane.plot([found.loss], [found.best], "o", color=COLORS["black"], ms=8, label="best guess")
    plane.plot(
        [found.paid],
        [found.own],
        "D",
        color=COLORS["orange"],
        mec="black",
        label="reader",
    )
    plane.set(xlabel="class loss, cross entropy (bits)", ylabel="error rate")
    plane.set(xlim=(0, max(2.0, 1.1 * found.paid)), ylim=(0, 1.02))
    plane.legend(fontsize=8, loc="upper left")
    return figure
